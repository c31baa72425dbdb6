"""The archive: raw documents named by their sha256, beside the append-only files that say how they came here."""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from pathlib import Path
from typing import IO, cast

import fsspec

from gongkai.errors import DamagedDocumentError, RunError

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Archive:
    """A content-addressed store on any fsspec location, local folder or object store.

    Layout: `documents/ab/<sha256>` (written once), `requests/`, `listings/` and `catalog/` (JSON lines, appended).

    Args:
        location: Local path or fsspec URL, e.g. "/srv/gongkai/archive" or "s3://bucket/archive".
    """

    def __init__(self, location: str) -> None:
        self.location = location
        self._fs, self._root = fsspec.core.url_to_fs(location)
        self._root = self._root.rstrip("/")
        protocols = self._fs.protocol if isinstance(self._fs.protocol, tuple) else (self._fs.protocol,)
        self.is_local = "file" in protocols

    def put(self, data: bytes) -> str:
        """Keep bytes and return their sha256; bytes already kept are not written again.

        A reader never sees half a document: locally it is written beside and renamed, elsewhere an object appears
        only when its upload is complete.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._document(sha256)
        if self._fs.exists(path):
            return sha256
        if not self.is_local:
            self._fs.pipe_file(path, data)
            return sha256
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f".{sha256}.{uuid.uuid4().hex}")
        try:
            with aside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(target)  # two writers of one name carry the same bytes
        finally:
            aside.unlink(missing_ok=True)
        return sha256

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
            raise DamagedDocumentError(
                "an archived document is not what its name says",
                where=self._document(sha256),
                found=f"sha256 {found}",
                expected=f"sha256 {sha256}",
                do="delete the file and collect its source again",
            )
        return data

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

    def append(self, name: str, data: bytes) -> None:
        """Append bytes to a file of the archive; each file has one writer at a time.

        Args:
            name: Path below the archive, made of safe parts (see `safe_name`).
            data: Whole lines.
        """
        path = f"{self._root}/{name}"
        if self.is_local:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        with self._fs.open(path, "ab") as file:
            file.write(data)

    def read(self, name: str) -> bytes:
        """Return a file of the archive, empty where there is none."""
        try:
            return cast("bytes", self._fs.cat_file(f"{self._root}/{name}"))
        except FileNotFoundError:
            return b""

    def names(self, folder: str) -> list[str]:
        """Return the names of all files below a folder of the archive, sorted."""
        self._fs.invalidate_cache()
        root = self._root + "/"
        return sorted(path[path.index(root) + len(root) :] for path in self._fs.find(f"{root}{folder}"))

    def _document(self, sha256: str) -> str:
        if not _SHA256.fullmatch(sha256):
            raise RunError("not a sha256", found=repr(sha256)[:80], expected="64 hexadecimal digits")
        return f"{self._root}/documents/{sha256[:2]}/{sha256}"


def safe_name(text: str) -> str:
    """Make a run id or source name fit for a file name: letters, digits, point, dash and underscore."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", text).lstrip(".") or "_"
