"""The archive: raw documents named by their sha256, beside the files that say how they came here."""

from __future__ import annotations

import hashlib
import io
import os
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, cast

import fsspec

from gongkai.errors import DamagedDocumentError, RunError

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PIECE = 2**20
_SMALL = 8 * 2**20
"""Bytes up to which an object is sent in one request instead of in parts."""
_INCOMING = ".incoming"
"""Folder of a local archive in which files are written before they get their names."""
_LEFT = 86_400.0


class Archive:
    """A content-addressed store on any fsspec location, local folder or object store.

    Layout: `documents/ab/<sha256>` (written once), each with `<sha256>.<key>.json` for every address it came from (see
    archive/provenance.py); `requests/`, `listings/`, `runs/` and `catalog/` (see archive/lines.py).

    Args:
        location: Local path or fsspec URL, e.g. "/srv/gongkai/archive" or "s3://bucket/archive".
    """

    def __init__(self, location: str) -> None:
        self.location = location
        self._fs, self._root = fsspec.core.url_to_fs(location)
        self._root = self._root.rstrip("/")
        protocols = self._fs.protocol if isinstance(self._fs.protocol, tuple) else (self._fs.protocol,)
        self.is_local = "file" in protocols
        self._shows_unfinished = "memory" in protocols  # an object is there as soon as it is opened

    def put(self, data: bytes) -> str:
        """Keep bytes and return their sha256; bytes already kept are not written again.

        A reader never sees half a document: locally it is written aside and renamed, elsewhere an object appears
        only when its upload is complete.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        self._put(sha256, io.BytesIO(data), len(data))
        return sha256

    def put_file(self, file: IO[bytes]) -> str:
        """Keep the content of an open file, from its start, in pieces; otherwise as `put`."""
        file.seek(0)
        digest, size = hashlib.sha256(), 0
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
        sha256 = digest.hexdigest()
        file.seek(0)
        self._put(sha256, file, size)
        return sha256

    def _put(self, sha256: str, file: IO[bytes], size: int) -> None:
        path = self._document(sha256)
        try:
            if self._fs.size(path) == size:
                return
        except FileNotFoundError:
            pass  # another size is damage that is repaired by writing it again
        self._write(path, file, size, sha256)

    def _write(self, path: str, file: IO[bytes], size: int, sha256: str = "") -> None:
        if self.is_local:
            with _aside(Path(self._root), Path(path), is_durable=bool(sha256)) as target:
                _copy(file, target.write, sha256, path)
        elif size <= _SMALL or self._shows_unfinished:
            data = io.BytesIO()
            _copy(file, data.write, sha256, path)
            self._fs.pipe_file(path, data.getvalue())
        else:
            # Not as a context, and without autocommit: fsspec completes the object when an error leaves the block.
            target = self._fs.open(path, "wb", autocommit=False)
            try:
                _copy(file, target.write, sha256, path)
                target.close()
            except BaseException:
                target.discard()
                raise
            target.commit()

    def has(self, sha256: str) -> bool:
        """Say whether the content is kept."""
        return bool(self._fs.exists(self._document(sha256)))

    def get(self, sha256: str) -> bytes:
        """Return a content, compared with its name.

        Raises:
            RunError: It is not kept.
            DamagedDocumentError: The bytes on disk are not those that were put.
        """
        with self.open(sha256) as file:
            data = file.read()
        found = hashlib.sha256(data).hexdigest()
        if found != sha256:
            raise _damaged(self._document(sha256), found, sha256)
        return data

    def head(self, sha256: str, size: int) -> bytes:
        """Return the first bytes of a content, at most `size`; not compared with its name.

        Raises:
            RunError: It is not kept.
        """
        with self.open(sha256) as file:
            return file.read(size)

    def open(self, sha256: str) -> IO[bytes]:
        """Open a content for reading, not compared with its name.

        Raises:
            RunError: It is not kept.
        """
        path = self._document(sha256)
        try:
            return cast("IO[bytes]", self._fs.open(path, "rb"))
        except FileNotFoundError as error:
            raise RunError(
                "the archive does not hold this document", where=path, do="collect its source again"
            ) from error

    def write(self, name: str, data: bytes) -> None:
        """Write a file of the archive as a whole: readers see the old or the new one.

        Args:
            name: Path below the archive, made of safe parts (see `safe_name`).
            data: Its content.
        """
        self._write(f"{self._root}/{name}", io.BytesIO(data), len(data))

    def delete(self, name: str) -> None:
        """Remove a file of the archive; no document is ever removed."""
        if name.startswith("documents/"):
            raise RunError("documents are not removed from the archive", where=name)
        self._fs.rm_file(f"{self._root}/{name}")

    def read(self, name: str) -> bytes:
        """Return a file of the archive, empty where there is none."""
        try:
            return cast("bytes", self._fs.cat_file(f"{self._root}/{name}"))
        except FileNotFoundError:
            return b""

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield the lines of a file of the archive, none where there is no file."""
        try:
            with self._fs.open(f"{self._root}/{name}", "rb") as file:
                yield from file
        except FileNotFoundError:
            return

    def exists(self, name: str) -> bool:
        """Say whether there is such a file of the archive."""
        return bool(self._fs.exists(f"{self._root}/{name}"))

    def modified(self, name: str) -> float:
        """When a file of the archive was last written, in seconds since 1970."""
        return float(self._fs.modified(f"{self._root}/{name}").timestamp())

    def names(self, folder: str) -> list[str]:
        """Return the names of all files below a folder of the archive, sorted."""
        self._fs.invalidate_cache()
        root = self._root + "/"
        found = (path[path.index(root) + len(root) :] for path in self._fs.find(f"{root}{folder}"))
        return sorted(name for name in found if not name.startswith(f"{_INCOMING}/"))

    def sizes(self, folder: str) -> dict[str, int]:
        """Return the names of all files below a folder of the archive with their sizes in bytes, sorted."""
        self._fs.invalidate_cache()
        root = self._root + "/"
        found = self._fs.find(f"{root}{folder}", detail=True).items()
        sizes = {path[path.index(root) + len(root) :]: int(about["size"]) for path, about in found}
        return dict(sorted(sizes.items()))

    def folders(self, folder: str) -> list[str]:
        """Return the names of the folders right below a folder of the archive, sorted."""
        self._fs.invalidate_cache()
        try:
            found = self._fs.ls(f"{self._root}/{folder}", detail=True)
        except FileNotFoundError:
            return []
        return sorted(one["name"].rstrip("/").rpartition("/")[2] for one in found if one["type"] == "directory")

    def sweep(self) -> None:
        """Remove what killed writers left aside a day ago or longer; a local archive only has such files."""
        old = time.time() - _LEFT
        if self.is_local:
            for path in (Path(self._root) / _INCOMING).glob("*"):
                with suppress(FileNotFoundError):
                    if path.stat().st_mtime < old:
                        path.unlink()

    def local_path(self, name: str) -> Path:
        """Path of a file of a local archive."""
        return Path(self._root) / name

    def _document(self, sha256: str) -> str:
        return f"{self._root}/{document_name(sha256)}"


def document_name(sha256: str) -> str:
    """Name of a document below the archive.

    Raises:
        RunError: It is no sha256.
    """
    if not _SHA256.fullmatch(sha256):
        raise RunError("not a sha256", found=repr(sha256)[:80], expected="64 hexadecimal digits")
    return f"documents/{sha256[:2]}/{sha256}"


def safe_name(text: str) -> str:
    """Make a run id or source name fit for a file name: letters, digits, point, dash and underscore."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", text).lstrip(".") or "_"


@contextmanager
def _aside(root: Path, target: Path, *, is_durable: bool) -> Iterator[IO[bytes]]:
    """Write a local file aside and rename it: two writers of one name carry the same bytes."""
    for folder in (root / _INCOMING, target.parent):
        folder.mkdir(parents=True, exist_ok=True)
    aside = root / _INCOMING / uuid.uuid4().hex
    try:
        with aside.open("wb") as file:
            yield file
            file.flush()
            if is_durable:
                os.fsync(file.fileno())
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


def _copy(file: IO[bytes], write: Callable[[bytes], object], sha256: str, path: str) -> None:
    """Copy in pieces; compare with the digest, where there is one: a disk may give other bytes than it took."""
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
        write(piece)
    if sha256 and digest.hexdigest() != sha256:
        raise _damaged(path, digest.hexdigest(), sha256)


def _damaged(path: str, found: str, expected: str) -> DamagedDocumentError:
    return DamagedDocumentError(
        "an archived document is not what its name says",
        where=path,
        found=f"sha256 {found}",
        expected=f"sha256 {expected}",
        do="delete the file and collect its source again",
    )
