"""The Parquet of a release: every table beside its DuckDB file, in a folder of its own.

    releases/gongkai-<release_id>.parquet/<table>/report_year=<year>/part-<content>.parquet
    releases/gongkai-<release_id>.parquet/<table>/<table>.parquet        tables without report years

Parts of the lake never change, so those on the same disk are hard links: a year that did not change costs nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from gongkai.contracts.tables import TableContract
from gongkai.lake.files import sync_folder
from gongkai.lake.snapshot import Part, Snapshot
from gongkai.warehouse.sql import quoted

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Parquet:
    """The folder of a release, and the parts in it by table and report year."""

    root: Path
    parts: Mapping[str, Mapping[int, tuple[Part, ...]]]

    def files(self, table: str, years: Iterable[int] | None = None) -> list[Path]:
        """Return the files of a table, of all years or some, by year."""
        known = self.parts.get(table, {})
        wanted = sorted(known) if years is None else [year for year in sorted(years) if year in known]
        return [self.root / part.path for year in wanted for part in known[year]]

    def rows(self, table: str) -> dict[int, int]:
        """Return the rows of a table by year."""
        return {year: sum(part.rows for part in parts) for year, parts in self.parts.get(table, {}).items()}

    def refusing_null(self) -> dict[str, set[str]]:
        """Return the columns by table of which no file can hold a NULL, by the schema that it was written with."""
        found = {}
        for table in self.parts:
            closed = [{one.name for one in pq.read_schema(file) if not one.nullable} for file in self.files(table)]
            found[table] = set[str]().union(*closed[:1]).intersection(*closed)
        return found


def gather(
    snapshot: Snapshot, root: Path, tables: Mapping[str, TableContract], before: Parquet | None = None
) -> Parquet:
    """Put the parts of a snapshot under the folder of a release.

    Args:
        snapshot: What the lake held at one moment.
        root: The folder; made new.
        tables: Contracts of all tables; those with report years are gathered.
        before: An older release, whose parts were read and checked already.

    Raises:
        PartMissingError: A commit took a part away.
        LakeError: A part is damaged or of another contract.
    """
    parts = {name: snapshot.years_of(name) for name, contract in tables.items() if contract.partitioned}
    known = {}
    if before is not None:
        known = {part: before.root for years in before.parts.values() for found in years.values() for part in found}
    for years in parts.values():
        for part in (one for found in years.values() for one in found):
            target = root / part.path
            target.parent.mkdir(parents=True, exist_ok=True)
            if part in known and (known[part] / part.path).exists():
                os.link(known[part] / part.path, target)
            else:
                snapshot.fetch(part, target)
    root.mkdir(parents=True, exist_ok=True)
    for folder in {root, root.parent, *(path for path in root.rglob("*") if path.is_dir())}:
        sync_folder(folder)
    return Parquet(root, parts)


def export_around(con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableContract], root: Path) -> None:
    """Write the tables without report years of a new release as Parquet beside the parts of the others."""
    for name, contract in tables.items():
        if contract.partitioned:
            continue
        target = root / name / f"{name}.parquet"
        target.parent.mkdir(parents=True, exist_ok=True)
        order = ", ".join(f'"{column}"' for column in contract.key)
        rows = f'FROM main."{name}" ORDER BY {order}'
        con.execute(f"COPY ({rows}) TO '{quoted(str(target))}' (FORMAT parquet, COMPRESSION zstd)")
        with target.open("rb") as file:
            os.fsync(file.fileno())
