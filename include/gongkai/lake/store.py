"""The Parquet lake: one hive partition per table and report year, each year committed as a whole.

Parts are named by their content and written beside what is there; then one manifest a year, replaced atomically, says
which parts count. A crash leaves the manifest of before, and what it names.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from gongkai.contracts.tables import TableContract
from gongkai.lake.files import Files
from gongkai.lake.schema import LakeError, conform, in_order, lake_tables
from gongkai.lake.snapshot import FORMAT, ROW_GROUP, Part, PartMissingError, Snapshot

MANIFESTS = "_manifest"
VALIDATIONS = "_validations"
"""What Great Expectations gave, one file a year and template: no table, and no part of a release."""
ATTEMPTS = 5
"""How often a reader starts anew when a commit takes parts away from under it."""


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


class Lake:
    """Parquet datasets by report year.

    Args:
        location: Local folder or fsspec URL.
        tables: Contracts by name; default those of data_contracts/warehouse. Only partitioned tables are kept.
    """

    def __init__(self, location: str, tables: Mapping[str, TableContract] | None = None) -> None:
        self.location = location
        self.tables = lake_tables(tables)
        self._files = Files(location)

    def write_year(self, year: int, tables: Mapping[str, pa.Table]) -> Commit:
        """Replace a report year by these tables, all at once.

        Args:
            year: The report year; every row must be of it.
            tables: Every table of the lake; one without rows is given empty.

        Raises:
            LakeError: A table is missing or unknown, does not fit its contract, or holds rows of another year.
        """
        if set(tables) != set(self.tables):
            raise LakeError(
                "a year is written with all tables of the lake",
                where=f"report_year={year}",
                found=f"missing {sorted(set(self.tables) - set(tables))}, "
                f"unknown {sorted(set(tables) - set(self.tables))}",
                expected=", ".join(self.tables),
            )
        packed = {name: self._pack(year, table, self.tables[name]) for name, table in sorted(tables.items())}
        with self._files.lock(f"{MANIFESTS}/.report_year={year}.lock"):
            return self._commit(year, packed)

    def _pack(self, year: int, table: pa.Table, contract: TableContract) -> tuple[Part, bytes] | None:
        table = in_order(conform(table, contract), contract)
        strange = set(table.column("report_year").unique().to_pylist()) - {year}
        if strange:
            raise LakeError("rows of another year", where=f"{contract.name}/report_year={year}", found=sorted(strange))
        if not table.num_rows:
            return None
        data = _parquet(table)
        digest = hashlib.sha256(data).hexdigest()
        path = f"{_folder(contract.name, year)}/part-{digest[:16]}.parquet"
        return Part(path, digest, table.num_rows, len(data)), data

    def _commit(self, year: int, packed: Mapping[str, tuple[Part, bytes] | None]) -> Commit:
        parts = {name: (pack[0],) if pack else () for name, pack in packed.items()}
        rows = {name: sum(part.rows for part in found) for name, found in parts.items()}
        files = tuple(part.path for found in parts.values() for part in found)
        missing = [pack for pack in packed.values() if pack and self._files.size(pack[0].path) != pack[0].bytes]
        manifest = self._manifest_of(year, parts)
        changed = bool(missing) or self._files.read(_manifest(year)) != manifest
        if changed:
            for part, data in missing:
                self._files.put(part.path, data)
            self._files.put(_manifest(year), manifest)
        # Also where nothing changed: a run that died after its manifest left superseded parts behind.
        self._sweep(year, keep=set(files))
        return Commit(year, changed, files, rows)

    def _manifest_of(self, year: int, parts: Mapping[str, tuple[Part, ...]]) -> bytes:
        form = {
            "format": FORMAT,
            "report_year": year,
            "tables": {
                name: {
                    "version": self.tables[name].version,
                    "files": [asdict(part) for part in found],
                }
                for name, found in sorted(parts.items())
            },
        }
        return (json.dumps(form, indent=1, ensure_ascii=False) + "\n").encode()

    def _sweep(self, year: int, keep: set[str]) -> None:
        """Remove parts that the manifest no longer names, also those that a crash left behind."""
        for name in self.tables:
            folder = _folder(name, year)
            for found in self._files.names(folder):
                if f"{folder}/{found}" not in keep:
                    self._files.remove(f"{folder}/{found}")

    def keep_validations(self, year: int, validations: Mapping[str, Mapping[str, Any]]) -> None:
        """Keep what Great Expectations gave for a year, by template; what is there already is not written again."""
        folder = f"{VALIDATIONS}/report_year={year}"
        kept = {f"{template}.json": _packed(result) for template, result in validations.items()}
        for name in self._files.names(folder):
            if name not in kept:
                self._files.remove(f"{folder}/{name}")
        for name, data in kept.items():
            if self._files.read(f"{folder}/{name}") != data:
                self._files.put(f"{folder}/{name}", data)

    def validations(self) -> dict[tuple[int, str], dict[str, Any]]:
        """Return the validation results kept, by report year and template."""
        found = {}
        for folder in self._files.names(VALIDATIONS):
            for name in self._files.names(f"{VALIDATIONS}/{folder}"):
                data = self._files.read(f"{VALIDATIONS}/{folder}/{name}")
                if data is not None and name.endswith(".json"):
                    found[int(folder.removeprefix("report_year=")), name.removesuffix(".json")] = json.loads(data)
        return dict(sorted(found.items()))

    def state(self, year: int) -> str:
        """Hash what the lake holds of a report year; "" where that is nothing, or is not whole."""
        data = self._files.read(_manifest(year))
        if data is None:
            return ""
        snapshot = Snapshot(self._files, self.tables, {year: data})
        try:
            parts = [part for name in self.tables for part in snapshot.parts(name)]
        except LakeError:  # the manifest is damaged: writing the year again repairs it
            return ""
        whole = all(self._files.size(part.path) == part.bytes for part in parts)
        return hashlib.sha256(data).hexdigest() if whole else ""

    def settling(self) -> AbstractContextManager[None]:
        """Hold the lock under which years are settled: a year is judged against the one before, so one at a time."""
        return self._files.lock(f"{MANIFESTS}/.settling.lock")

    def snapshot(self) -> Snapshot:
        """Pin what the lake holds now: the tables of a snapshot fit together, whatever is committed meanwhile."""
        names = self._files.names(MANIFESTS)
        years = [int(name[12:-5]) for name in names if name.startswith("report_year=") and name.endswith(".json")]
        read = {year: self._files.read(_manifest(year)) for year in years}
        return Snapshot(self._files, self.tables, {year: data for year, data in read.items() if data is not None})

    def years(self) -> list[int]:
        """Return the report years that the lake holds, sorted."""
        return self.snapshot().years

    def paths(self, table: str) -> list[str]:
        """Return the full paths of a table's parts that count, by year, for any reader of Parquet."""
        return self.snapshot().paths(table)

    def fingerprint(self) -> str:
        """Hash what the lake holds: equal exactly when all tables of all years are."""
        return self.snapshot().fingerprint

    def read(self, table: str, years: Iterable[int] | None = None, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a table, of all years or some, ordered by year and key.

        Args:
            table: Its name.
            years: Report years; None for all.
            columns: Names of the columns wanted, in this order; None for all. Others are not read.

        Raises:
            LakeError: The table or a column is unknown, or its files are damaged, missing, or of another contract.
        """
        wanted = None if years is None else list(years)
        for attempt in range(ATTEMPTS):
            try:
                return self.snapshot().read(table, wanted, columns)
            except PartMissingError:
                # A commit replaced parts between reading the manifest and opening them: read it again.
                if attempt == ATTEMPTS - 1:
                    raise
        raise AssertionError("the loop returns or raises")


def _packed(result: Mapping[str, Any]) -> bytes:
    return (json.dumps(result, ensure_ascii=False, sort_keys=True) + "\n").encode()


def _folder(table: str, year: int) -> str:
    return f"{table}/report_year={year}"


def _manifest(year: int) -> str:
    return f"{MANIFESTS}/report_year={year}.json"


PACKED: dict[str, Any] = {"compression": "zstd", "use_dictionary": True}
"""How pyarrow packs tables: the bytes depend on the rows and the version of pyarrow alone."""


def _parquet(table: pa.Table) -> bytes:
    buffer = pa.BufferOutputStream()
    pq.write_table(table, buffer, row_group_size=ROW_GROUP, **PACKED)
    return bytes(buffer.getvalue())
