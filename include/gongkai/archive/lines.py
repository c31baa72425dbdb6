"""Typed rows of runs: JSON lines while a run goes on, so that a kill loses none; Parquet where it has ended.

`<folder>/<run_id>/<source>.jsonl` grows row by row. An object store cannot append, so there each part is an object of
its own, `<source>~<number>.jsonl`. When the run ends they become `<source>.parquet` (or, for the catalog, one
`.jsonl`); what a killed run left is compacted by the next one. A row that stands in both is read once.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from types import TracebackType
from typing import Generic, Self, TypeVar

import structlog
from pydantic import TypeAdapter, ValidationError

from gongkai.archive.line_files import Lines, LocalLines, RemoteLines, claim
from gongkai.archive.store import Archive, safe_name
from gongkai.archive.tables import read_table, write_table

Row = TypeVar("Row")
_log = structlog.get_logger(__name__)


class LineWriter(Generic[Row]):
    """Appends rows of one run and source; safe to use from several threads.

    Rows reach a local archive at once. An object store gets them in parts of some seconds, or one by one where they
    are `precious`.

    Args:
        archive: Where to.
        folder: "requests", "listings" or "catalog".
        kind: Class of the rows.
        run_id: The run.
        source: The source.
        as_table: Rows become Parquet on close.
        precious: Each row is written at once everywhere: what is lost would be fetched again.
    """

    def __init__(
        self,
        archive: Archive,
        folder: str,
        kind: type[Row],
        *,
        run_id: str,
        source: str,
        as_table: bool = False,
        precious: bool = False,
    ) -> None:
        self._archive, self._kind, self._as_table = archive, kind, as_table
        self._stem = f"{folder}/{safe_name(run_id)}/{safe_name(source)}"
        self._adapter = TypeAdapter(kind)
        self._lines: Lines = (
            LocalLines(archive, self._stem)
            if archive.is_local
            else RemoteLines(archive, self._stem, is_precious=precious)
        )
        self._lock = threading.Lock()

    def add(self, row: Row) -> None:
        """Append one row."""
        data = self._adapter.dump_json(row, exclude_none=True) + b"\n"
        with self._lock:
            self._lines.append(data)

    def close(self) -> None:
        """Write what waits, and leave one file."""
        with self._lock:
            if self._lines.close():
                compact(self._archive, self._stem, self._kind, as_table=self._as_table, is_own=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def compact(archive: Archive, stem: str, kind: type[Row], *, as_table: bool, is_own: bool = False) -> None:
    """Make one file of all that was written for one run and source, unless somebody still writes.

    Whatever moment this is killed at, no row is lost: the new file is there as a whole before others are removed.

    Args:
        archive: The archive.
        stem: "<folder>/<run>/<source>".
        kind: Class of the rows.
        as_table: Make a Parquet file.
        is_own: The caller wrote the files and has ended.
    """
    with claim(archive, stem, is_own=is_own) as names:
        parts = [name for name in names if name.endswith(".jsonl")]
        table = f"{stem}.parquet"
        whole = table if as_table else f"{stem}.jsonl"
        if not parts or parts == [whole]:
            return
        rows = _rows_of(archive, sorted(parts), table if table in names else "", kind)
        if as_table:
            write_table(archive, table, kind, rows)
        else:
            adapter = TypeAdapter(kind)
            archive.write(whole, b"".join(adapter.dump_json(row, exclude_none=True) + b"\n" for row in rows))
        for name in parts:
            if name != whole:
                archive.delete(name)


def compact_leftovers(archive: Archive, folder: str, kind: type[Row], *, source: str, but: str) -> None:
    """Make Parquet of what killed runs left for a source.

    Args:
        archive: The archive.
        folder: "requests" or "listings".
        kind: Class of the rows.
        source: The source.
        but: The run that is about to write.
    """
    for stem, names in _files(archive, folder, source).items():
        if stem.split("/")[1] != safe_name(but) and any(name.endswith(".jsonl") for name in names):
            compact(archive, stem, kind, as_table=True)


def read_lines(archive: Archive, folder: str, kind: type[Row], *, source: str = "", run_id: str = "") -> Iterator[Row]:
    """Yield the rows of all files of a folder, in order of run, source and line.

    A line that a killed run left unfinished is passed over and named in the log.

    Args:
        archive: The archive.
        folder: "requests", "listings" or "catalog".
        kind: Class of the rows.
        source: Only those of this source.
        run_id: Only those of this run.
    """
    for stem, names in sorted(_files(archive, folder, source, run_id).items()):
        parts = sorted(name for name in names if name.endswith(".jsonl"))
        table = f"{stem}.parquet"
        yield from _rows_of(archive, parts, table if table in names else "", kind)


def _files(archive: Archive, folder: str, source: str = "", run_id: str = "") -> dict[str, list[str]]:
    """Return the names of files by "<folder>/<run>/<source>"."""
    found: dict[str, list[str]] = defaultdict(list)
    if source and archive.is_local:  # there may be a million files of other sources
        runs = [safe_name(run_id)] if run_id else archive.folders(folder)
        stems = [f"{folder}/{run}/{safe_name(source)}" for run in runs]
        names = [f"{stem}{end}" for stem in stems for end in (".jsonl", ".parquet")]
        names = [name for name in names if archive.local_path(name).is_file()]
    else:
        names = archive.names(f"{folder}/{safe_name(run_id)}" if run_id else folder)
    for name in names:
        run, _, file = name.rpartition("/")
        stem, _, end = file.rpartition(".")
        stem = stem.partition("~")[0]
        if end in {"jsonl", "parquet"} and (not source or stem == safe_name(source)):
            found[f"{run}/{stem}"].append(name)
    return found


def _rows_of(archive: Archive, parts: list[str], table: str, kind: type[Row]) -> Iterator[Row]:
    known = set()
    if table:
        for row in read_table(archive, table, kind):
            if parts:
                known.add(row)
            yield row
    adapter = TypeAdapter(kind)
    for name in parts:
        for number, line in enumerate(archive.lines(name), start=1):
            if not line.strip():
                continue
            try:
                row = adapter.validate_json(line)
            except ValidationError:
                _log.warning("a broken line was passed over", file=name, line=number)
                continue
            if row not in known:
                yield row
