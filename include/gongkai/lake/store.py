"""The Parquet lake: one hive partition per table and report year, each year committed as a whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import pyarrow as pa

from gongkai.contracts.tables import TableContract
from gongkai.lake.files import Files
from gongkai.lake.schema import LakeError, lake_tables
from gongkai.lake.snapshot import PartMissingError, Snapshot
from gongkai.lake.writing import MANIFESTS, Commit, YearWriter, manifest_path

VALIDATIONS = "_validations"
"""What Great Expectations gave, one file a year and template: no table, and no part of a release."""
ATTEMPTS = 5
"""How often a reader starts anew when a commit takes parts away from under it."""


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
        with self.writing(year) as writer:
            for name, table in sorted(tables.items()):
                writer.add(name, table)
            return writer.commit()

    def writing(self, year: int) -> YearWriter:
        """Replace a report year piece by piece, for years larger than memory: `with lake.writing(year) as writer`."""
        return YearWriter(self._files, self.tables, year)

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
        data = self._files.read(manifest_path(year))
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
        read = {year: self._files.read(manifest_path(year)) for year in years}
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
