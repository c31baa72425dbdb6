"""Typed rows in append-only JSON lines files of the archive."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Generic, Self, TypeVar

import structlog
from pydantic import TypeAdapter, ValidationError

from gongkai.archive.store import Archive, safe_name

_ROWS_AT_ONCE = 200

Row = TypeVar("Row")
_log = structlog.get_logger(__name__)


class LineWriter(Generic[Row]):
    """Appends rows to `<folder>/<run_id>/<source>.jsonl`, the file of one writer.

    Rows reach a local archive at once, so that a killed run leaves them; an object store gets them in parts and on
    close, because each append there copies the object.
    """

    def __init__(self, archive: Archive, folder: str, kind: type[Row], *, run_id: str, source: str) -> None:
        self._archive, self._name = archive, line_file(folder, run_id, source)
        self._adapter = TypeAdapter(kind)
        self._at_once = 1 if archive.is_local else _ROWS_AT_ONCE
        self._waiting: list[bytes] = []
        self._lock = threading.Lock()
        self._started = False

    def add(self, row: Row) -> None:
        """Append one row."""
        with self._lock:
            self._waiting.append(self._adapter.dump_json(row, exclude_none=True))
            if len(self._waiting) >= self._at_once:
                self._flush()

    def close(self) -> None:
        """Write what waits."""
        with self._lock:
            self._flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _flush(self) -> None:
        if not self._waiting:
            return
        data = b"".join(line + b"\n" for line in self._waiting)
        if not self._started:
            # A run that was killed in the middle of a line and is repeated under its name starts a new line.
            before = self._archive.read(self._name)
            data = b"\n" + data if before and not before.endswith(b"\n") else data
            self._started = True
        self._archive.append(self._name, data)
        self._waiting.clear()


def read_lines(archive: Archive, folder: str, kind: type[Row], *, source: str = "") -> Iterator[Row]:
    """Yield the rows of all files of a folder, in order of file name and line; of one source where it is given.

    A line that a killed run left unfinished is passed over and named in the log.
    """
    adapter = TypeAdapter(kind)
    for name in archive.names(folder):
        if not name.endswith(f"/{safe_name(source)}.jsonl" if source else ".jsonl"):
            continue
        for number, line in enumerate(archive.read(name).splitlines(), start=1):
            if not line.strip():
                continue
            try:
                yield adapter.validate_json(line)
            except ValidationError:
                _log.warning("a broken line was passed over", file=name, line=number)


def line_file(folder: str, run_id: str, source: str) -> str:
    """Name of the file that one run writes for one source."""
    return f"{folder}/{safe_name(run_id)}/{safe_name(source)}.jsonl"
