"""Writing a report year piece by piece, and taking it over as a whole.

Parts grow aside, a row group at a time; then they are named by their content and put beside what is there; then one
manifest a year, replaced atomically, says which parts count. A crash leaves the manifest of before, and what it names.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from gongkai.contracts.tables import TableContract
from gongkai.lake.files import Files, sha256_of
from gongkai.lake.schema import LakeError, arrow_schema, conform, in_order
from gongkai.lake.snapshot import FORMAT, ROW_GROUP, Part

MANIFESTS = "_manifest"
WRITING = "_writing"
"""Where the parts of a year grow that is being written: no table, and nothing that readers look at."""
PACKED: dict[str, Any] = {"compression": "zstd", "use_dictionary": True}
"""How pyarrow packs tables: the bytes depend on the rows and the version of pyarrow alone."""
_PIECES = 1000
"""So many pieces that wait become one: a table of a single row takes a hundred times the memory of its values."""


@dataclass(frozen=True, slots=True)
class Commit:
    """What writing a year did.

    Attributes:
        year: The report year.
        changed: False when the lake held exactly this already and nothing was touched.
        files: Paths of the year's parts below the lake's location.
        rows: Rows by table.
    """

    year: int
    changed: bool
    files: tuple[str, ...]
    rows: dict[str, int]


class YearWriter:
    """Replaces a report year, piece by piece: `with lake.writing(year) as writer`.

    What was added counts once `commit` has returned; leaving the block before discards it. Until the block is left no
    other writer of the year gets on, so one inside another never ends. The bytes are the same however a year is cut.

    Args:
        files: The lake's files.
        tables: Contracts of all its tables.
        year: The report year.
    """

    def __init__(self, files: Files, tables: Mapping[str, TableContract], year: int) -> None:
        self.year = year
        self._files = files
        self._tables = tables
        self._growing: dict[str, _Growing] = {}
        self._held = contextlib.ExitStack()
        self._aside = Path()
        self._open = False

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as held:
            held.enter_context(self._files.lock(f"{MANIFESTS}/.report_year={self.year}.lock"))
            self._aside = held.enter_context(self._files.aside(f"{WRITING}/report_year={self.year}"))
            held.callback(self._abandon)
            self._held = held.pop_all()
        self._open = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        self._held.close()

    def add(self, name: str, table: pa.Table) -> None:
        """Add rows of a table; after an error nothing more is taken.

        Args:
            name: The table.
            table: Rows in any order, whose keys are all greater than those that the table got before.

        Raises:
            LakeError: The table is unknown, the rows do not fit its contract, are of another year, have a key twice,
                or do not follow those before.
        """
        self._demand_open()
        self._open = False
        if name not in self._tables:
            raise LakeError("no such table in the lake", found=name, expected=", ".join(self._tables))
        contract = self._tables[name]
        table = in_order(conform(table, contract), contract)
        strange = set(table.column("report_year").unique().to_pylist()) - {self.year}
        if strange:
            raise LakeError("rows of another year", where=f"{name}/report_year={self.year}", found=sorted(strange))
        if table.num_rows:
            if name not in self._growing:
                self._growing[name] = _Growing(contract, self.year, self._aside / name)
            self._growing[name].add(table)
        self._open = True

    def commit(self) -> Commit:
        """Make what was added the report year; tables that got no row are empty. It ends the writing."""
        self._demand_open()
        self._open = False
        made = {name: one.finish() for name, one in sorted(self._growing.items())}
        parts = {name: (made[name],) if name in made else () for name in sorted(self._tables)}
        rows = {name: sum(part.rows for part in found) for name, found in parts.items()}
        missing = {name: self._files.size(part.path) for name, part in made.items()}
        missing = {name: size for name, size in missing.items() if size != made[name].bytes}
        manifest = self._manifest_of(parts)
        changed = bool(missing) or self._files.read(manifest_path(self.year)) != manifest
        if changed:
            self._take_over(made, missing, manifest)
        # Also where nothing changed: a run that died after its manifest left superseded parts behind.
        files = tuple(part.path for part in made.values())
        self._sweep(keep=set(files))
        return Commit(self.year, changed, files, rows)

    def _take_over(self, made: Mapping[str, Part], missing: Mapping[str, int | None], manifest: bytes) -> None:
        """Put the parts that are missing, given with the size of what stands there, and the manifest."""
        new = []
        try:
            for name, size in missing.items():
                if size is None:
                    new.append(made[name].path)
                self._files.take(self._aside / name, made[name].path)
            if not self._files.is_local:
                new.clear()  # nobody knows whether a PUT that failed was done all the same; the next commit sweeps
            self._files.put(manifest_path(self.year), manifest)
        except BaseException:
            # A manifest that is there came into force, though making it last failed: its parts must stay.
            if self._files.read(manifest_path(self.year)) != manifest:
                for path in new:
                    self._files.remove(path)
            raise

    def _manifest_of(self, parts: Mapping[str, tuple[Part, ...]]) -> bytes:
        form = {
            "format": FORMAT,
            "report_year": self.year,
            "tables": {
                name: {
                    "version": self._tables[name].version,
                    "files": [asdict(part) for part in found],
                }
                for name, found in sorted(parts.items())
            },
        }
        return (json.dumps(form, indent=1, ensure_ascii=False) + "\n").encode()

    def _sweep(self, keep: set[str]) -> None:
        """Remove parts that the manifest no longer names, also those that a crash left behind."""
        for name in self._tables:
            folder = _folder(name, self.year)
            for found in self._files.names(folder):
                if f"{folder}/{found}" not in keep:
                    self._files.remove(f"{folder}/{found}")

    def _demand_open(self) -> None:
        if not self._open:
            raise LakeError(
                "the writer takes nothing any more", where=f"report_year={self.year}",
                expected="a writer in its block, not committed yet, that refused no piece",
            )  # fmt: skip

    def _abandon(self) -> None:
        for one in self._growing.values():
            one.abandon()
        self._growing = {}


class _Growing:
    """A part that grows aside: full row groups are written, the rows of the next one wait.

    Args:
        contract: The table.
        year: The report year.
        aside: The local file.
    """

    def __init__(self, contract: TableContract, year: int, aside: Path) -> None:
        self._contract, self._year, self._aside = contract, year, aside
        self._sink = pa.OSFile(str(aside), "wb")
        self._writer = pq.ParquetWriter(self._sink, arrow_schema(contract), **PACKED)
        self._waiting: list[pa.Table] = []
        self._n_waiting = self._n_rows = 0
        self._last: tuple[Any, ...] | None = None

    def add(self, table: pa.Table) -> None:
        """Take rows that stand in order; there is at least one."""
        first, last = self._key(table, 0), self._key(table, table.num_rows - 1)
        if self._last is not None and first <= self._last:
            raise LakeError(
                "a piece does not follow the one before",
                where=_folder(self._contract.name, self._year),
                found=f"first key {first} after {self._last}",
                expected=f"pieces in ascending order of {', '.join(self._contract.key)}",
            )
        self._last = last
        self._waiting.append(table)
        self._n_waiting += table.num_rows
        self._n_rows += table.num_rows
        if self._n_waiting >= ROW_GROUP:
            self._write_full()
        elif len(self._waiting) >= _PIECES:
            self._waiting = [pa.concat_tables(self._waiting).combine_chunks()]

    def finish(self) -> Part:
        """Write what waits and return the part, under the path that its content gives it."""
        if self._n_waiting:
            self._write(pa.concat_tables(self._waiting))
            self._waiting, self._n_waiting = [], 0
        self._writer.close()
        self._sink.close()
        digest = sha256_of(self._aside)
        path = f"{_folder(self._contract.name, self._year)}/part-{digest[:16]}.parquet"
        return Part(path, digest, self._n_rows, self._aside.stat().st_size)

    def abandon(self) -> None:
        """Close the file; whatever fails in that no longer matters."""
        for one in (self._writer, self._sink):
            with contextlib.suppress(OSError, ValueError, pa.ArrowException):
                one.close()

    def _key(self, table: pa.Table, row: int) -> tuple[Any, ...]:
        return tuple(table.column(name)[row].as_py() for name in self._contract.key)

    def _write_full(self) -> None:
        table = pa.concat_tables(self._waiting)
        full = table.num_rows - table.num_rows % ROW_GROUP
        for start in range(0, full, ROW_GROUP):
            self._write(table.slice(start, ROW_GROUP))
        # Taken and not sliced: a slice keeps all of the piece in memory.
        rest = table.slice(full).take(pa.array(range(table.num_rows - full), pa.int64()))
        self._waiting, self._n_waiting = [rest], rest.num_rows

    def _write(self, table: pa.Table) -> None:
        """Write a row group; pages end where chunks do, so it must be one chunk."""
        self._writer.write_table(table.combine_chunks(), row_group_size=ROW_GROUP)


def manifest_path(year: int) -> str:
    """Return where the manifest of a year stands in the lake."""
    return f"{MANIFESTS}/report_year={year}.json"


def _folder(table: str, year: int) -> str:
    return f"{table}/report_year={year}"
