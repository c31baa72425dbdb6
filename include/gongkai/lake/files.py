"""The file systems under the lake: atomic writes on local disks and object stores, one lock a year."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import fsspec
from fsspec.implementations.local import LocalFileSystem


class Files:
    """Paths below one location, a local folder or an fsspec URL.

    Args:
        location: e.g. "data/lake", "s3://bucket/lake", "memory://lake".
    """

    def __init__(self, location: str) -> None:
        self.fs, root = fsspec.core.url_to_fs(location)
        self.root = root.rstrip("/")
        self.is_local = isinstance(self.fs, LocalFileSystem)

    def full(self, path: str) -> str:
        """Return the path as the file system knows it."""
        return f"{self.root}/{path}"

    def read(self, path: str) -> bytes | None:
        """Return the content, None where there is no such file."""
        try:
            return cast("bytes", self.fs.cat_file(self.full(path)))
        except FileNotFoundError:
            return None

    def open(self, path: str) -> Any:
        """Open a file for random reads.

        Raises:
            FileNotFoundError: There is none.
        """
        return self.fs.open(self.full(path), "rb")

    def size(self, path: str) -> int | None:
        """Return the size in bytes, None where there is no such file."""
        try:
            return int(self.fs.info(self.full(path))["size"])
        except FileNotFoundError:
            return None

    def names(self, folder: str) -> list[str]:
        """Return the names in a folder, sorted; none where it does not exist."""
        self.fs.invalidate_cache()
        try:
            return sorted(str(found).rsplit("/", 1)[-1] for found in self.fs.ls(self.full(folder), detail=False))
        except FileNotFoundError:
            return []

    def put(self, path: str, data: bytes) -> None:
        """Write a file so that readers see the old content or the new, never a part; and so that it lasts.

        An object store's PUT is such a write. A local disk needs a temporary file, fsync and rename.
        """
        if not self.is_local:
            self.fs.pipe_file(self.full(path), data)
            return
        target = Path(self.full(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}")
        try:
            with aside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)
        sync_folder(target.parent)

    @contextlib.contextmanager
    def aside(self, folder: str) -> Iterator[Path]:
        """Lend an empty local folder for files that `take` takes over; it goes with all that is left in it.

        Args:
            folder: Where it stands on a local lake, so that taking a file over is a rename. What a process that was
                killed left there is removed: a folder must have one user at a time.
        """
        if not self.is_local:
            with tempfile.TemporaryDirectory(prefix="gongkai-lake-") as name:
                yield Path(name)
            return
        path = Path(self.full(folder))
        if path.exists():
            shutil.rmtree(path)
        path.mkdir(parents=True)
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def take(self, aside: Path, path: str) -> None:
        """Take a finished local file over, as `put` does with bytes; on a local lake it is moved."""
        if not self.is_local:
            self.fs.put_file(str(aside), self.full(path))
            return
        target = Path(self.full(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("rb") as file:
            os.fsync(file.fileno())
        aside.replace(target)
        sync_folder(target.parent)

    def fetch(self, path: str, target: Path) -> None:
        """Put a file that is never written again at a local path: linked on the same disk, else copied and synced.

        Raises:
            FileNotFoundError: There is none.
        """
        if self.is_local:
            try:
                os.link(self.full(path), target)
            except OSError as error:
                if error.errno not in {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP}:
                    raise
            else:
                return
        self.fs.get_file(self.full(path), str(target))
        with target.open("rb") as file:
            os.fsync(file.fileno())

    def remove(self, path: str) -> None:
        """Remove a file; one that is gone already is fine."""
        with contextlib.suppress(FileNotFoundError):
            self.fs.rm_file(self.full(path))

    @contextlib.contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold a lock among the processes of this machine; object stores have none, there Airflow's pool serves."""
        if not self.is_local:
            yield
            return
        path = Path(self.full(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def sha256_of(path: Path) -> str:
    """Hash a local file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Make renames in a folder last over a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:  # some network file systems cannot sync folders
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(handle)
