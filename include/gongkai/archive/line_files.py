"""Files of JSON lines that grow while a run goes on, on local disks and on object stores."""

from __future__ import annotations

import fcntl
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from gongkai.archive.store import Archive

_ROWS_AT_ONCE = 200
_SECONDS_AT_ONCE = 5.0
_ABANDONED = 86_400.0
"""Seconds after which parts on an object store, which knows no locks, count as left by a killed run."""


class Lines(Protocol):
    """Where lines go."""

    def append(self, data: bytes) -> None:
        """Append whole lines."""

    def close(self) -> bool:
        """Write what waits; return whether anything was written."""


class LocalLines:
    """A local file, locked (shared) while it is written, so that nobody takes it for a leftover."""

    def __init__(self, archive: Archive, stem: str) -> None:
        self._path = archive.local_path(f"{stem}.jsonl")
        self._file = -1

    def append(self, data: bytes) -> None:
        """Append whole lines: by one call of the system, so that a kill leaves all or nothing of them."""
        if self._file < 0:
            self._file = self._open()
            size = os.fstat(self._file).st_size
            if size and os.pread(self._file, 1, size - 1) != b"\n":
                data = b"\n" + data  # a run that was killed in the middle of a line is repeated under its name
        while data:  # a full disk may take a part only; the next call says why
            data = data[os.write(self._file, data) :]

    def _open(self) -> int:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
            with suppress(OSError):  # a disk without locks: then nobody compacts
                fcntl.flock(file, fcntl.LOCK_SH)
            if os.fstat(file).st_nlink:
                return file
            os.close(file)  # compacted between opening and locking

    def close(self) -> bool:
        """Let go of the file."""
        if self._file < 0:
            return False
        os.close(self._file)
        self._file = -1
        return True


class RemoteLines:
    """Parts on an object store: an object cannot be appended to without copying it."""

    def __init__(self, archive: Archive, stem: str, *, is_precious: bool) -> None:
        self._archive = archive
        self._stem = f"{stem}~{time.time_ns():020d}{uuid.uuid4().hex[:8]}"
        self._at_once = 1 if is_precious else _ROWS_AT_ONCE
        self._waiting: list[bytes] = []
        self._since = 0.0
        self._parts = 0

    def append(self, data: bytes) -> None:
        """Append lines to the part that waits; send it when it is large or old enough."""
        if not self._waiting:
            self._since = time.monotonic()
        self._waiting.append(data)
        if len(self._waiting) >= self._at_once or time.monotonic() - self._since > _SECONDS_AT_ONCE:
            self._send()

    def close(self) -> bool:
        """Send the part that waits."""
        if self._waiting:
            self._send()
        return self._parts > 0

    def _send(self) -> None:
        self._parts += 1
        self._archive.write(f"{self._stem}-{self._parts:06d}.jsonl", b"".join(self._waiting))
        self._waiting.clear()


@contextmanager
def claim(archive: Archive, stem: str, *, is_own: bool = False) -> Iterator[list[str]]:
    """Yield the names of the files of a run and source that may be rewritten, none while somebody writes them.

    Args:
        archive: The archive.
        stem: "<folder>/<run>/<source>".
        is_own: The caller wrote them and has ended: on an object store nothing else tells.
    """
    if not archive.is_local:
        folder, _, source = stem.rpartition("/")
        names = [name for name in archive.names(folder) if name.startswith((f"{folder}/{source}~", f"{stem}."))]
        fresh = time.time() - _ABANDONED
        yield names if is_own or all(archive.modified(name) < fresh for name in names) else []
        return
    names = [f"{stem}{end}" for end in (".jsonl", ".parquet")]
    names = [name for name in names if archive.local_path(name).is_file()]
    try:
        file = os.open(archive.local_path(f"{stem}.jsonl"), os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        yield []
        return
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            may = os.fstat(file).st_nlink > 0
        except OSError:  # somebody writes it, or the disk knows no locks
            may = False
        yield names if may else []
    finally:
        os.close(file)
