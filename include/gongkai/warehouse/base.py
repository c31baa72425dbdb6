"""Building a release upon the one in force: only the report years that changed are written anew."""

# ruff: noqa: S608 - names come from contracts, which allow plain identifiers only

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from gongkai.contracts.tables import TableContract
from gongkai.errors import GateError
from gongkai.lake.files import sha256_of
from gongkai.warehouse import build, manifest, release
from gongkai.warehouse.manifest import Manifest, TableEntry
from gongkai.warehouse.marts import Mart
from gongkai.warehouse.parquet import Parquet
from gongkai.warehouse.portions import portions

if TYPE_CHECKING:
    import duckdb

_log = structlog.get_logger(__name__)

_SHARED = ("agencies", "regions", "rules")
"""Tables without report years that stored answers are computed with."""
_ROWS_AT_ONCE = 2_000_000
"""Rows of a table that are written in one go: DuckDB stores 122,880 together, and groups not full are written again."""
_UNHASHED = "releases"
"""The table that says when a release was built: no two builds have the same."""


@dataclass(frozen=True, slots=True)
class Base:
    """A release that another can be built upon."""

    path: Path
    manifest: Manifest
    parquet: Parquet


@dataclass
class Content:
    """What the tables by report year hold.

    Attributes:
        parquet: The parts that they were filled from.
        hashes: Hash of the rows by table and year.
        renewed: Report years of which some table was written anew.
    """

    parquet: Parquet
    hashes: dict[str, dict[int, str]] = field(default_factory=dict)
    renewed: set[int] = field(default_factory=set)

    def years_to_answer(self, con: duckdb.DuckDBPyConnection, base: Base | None) -> set[int] | None:
        """Return the years whose stored answers are out of date; None for all: their agencies or regions changed."""
        if base is None or any(_whole(con, f'main."{name}"') != base.manifest.tables[name] for name in _SHARED):
            return None
        return self.renewed

    def entries(
        self, con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableContract], marts: Iterable[Mart]
    ) -> dict[str, TableEntry]:
        """Tell of each table its rows, content and parts, for the manifest."""
        found = {}
        for name, contract in tables.items():
            parts = dict(self.parquet.parts.get(name, {}))
            if contract.partitioned:
                content = {str(year): told for year, told in sorted(self.hashes[name].items())}
                found[name] = TableEntry(rows=sum(self.parquet.rows(name).values()), content=content, parts=parts)
            elif name != _UNHASHED:
                found[name] = _whole(con, f'main."{name}"')
        return found | {f"mart.{mart.name}": _whole(con, f'mart."{mart.name}"') for mart in marts if mart.stored}


def find_base(folder: Path, built_by: Mapping[str, str]) -> Base | None:
    """Return the release in force if the same program made it by the same contracts, and it is whole; else None."""
    release_id = release.current_id(folder)
    if release_id is None:
        return None
    path = release.release_path(folder, release_id)
    file = path.with_suffix(release.MANIFEST)
    found = manifest.read(file) if file.exists() else None
    if found is None or found.built_by != built_by:
        return None
    if sha256_of(path) != found.sha256:
        _log.warning("the release in force is damaged: the next is built from nothing", where=str(path))
        return None
    parts = {name: entry.parts for name, entry in found.tables.items() if entry.parts}
    return Base(path, found, Parquet(path.with_suffix(release.PARQUET), parts))


def renew(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableContract], parquet: Parquet, base: Base | None
) -> Content:
    """Fill the tables by report year: all of them in an empty file, what changed in one that is a copy of the base.

    Raises:
        LakeError: A part holds what its table cannot.
        GateError: A table does not hold the rows of its parts.
    """
    if base is None:
        build.create_tables(con, tables)
    made, stale = Content(parquet), dict[str, set[int]]()
    for name, contract in tables.items():
        if not contract.partitioned:
            continue
        now = parquet.parts.get(name, {})
        before = base.parquet.parts.get(name, {}) if base else {}
        changed = {year for year in {*now, *before} if now.get(year) != before.get(year)}
        made.renewed |= changed
        if contract.parquet_only:
            made.hashes[name] = {year: _digest(*(part.sha256 for part in parts)) for year, parts in now.items()}
            continue
        stale[name] = changed
        kept = base.manifest.tables[name].content if base else {}
        made.hashes[name] = {int(year): told for year, told in kept.items() if int(year) not in changed}

    if base is not None:
        build.drop_years(con, stale)

    to_fill = _to_fill(parquet, stale)
    with build.one_thread(con) as threads, ThreadPoolExecutor(threads) as pool:
        told = pool.map(lambda one: _refill(con, tables[one[0]], parquet, one[1]), to_fill)
        for (name, _), contents in zip(to_fill, told, strict=True):
            made.hashes[name] |= contents
    return made


def _to_fill(parquet: Parquet, stale: Mapping[str, Collection[int]]) -> list[tuple[str, list[int]]]:
    """Divide what is to be filled into tables and years that are written in one go, the largest first."""
    found = []
    for name, changed in stale.items():
        rows = {year: n for year, n in parquet.rows(name).items() if year in changed}
        found += [(sum(rows[year] for year in years), name, years) for years in portions(rows, _ROWS_AT_ONCE)]
    return [(name, years) for _, name, years in sorted(found, reverse=True)]


def _refill(
    con: duckdb.DuckDBPyConnection, contract: TableContract, parquet: Parquet, years: list[int]
) -> dict[int, str]:
    """Fill years of a table on a connection of its own, and return the hash of what each holds now."""
    with con.cursor() as cursor:
        cursor.execute("USE release")
        build.fill_years(cursor, contract, parquet, years)
        counted = {year: _content(cursor, contract, year) for year in years}
    rows = parquet.rows(contract.name)
    found, wanted = {year: n for year, (n, _) in counted.items()}, {year: rows[year] for year in years}
    if found != wanted:
        raise GateError(
            "gate rows_of_lake failed", where=contract.name, found=str(found),
            expected=f"the rows of its parts: {wanted}", do="the release before stays in force; publish again",
        )  # fmt: skip
    return {year: told for year, (_, told) in counted.items()}


def _content(con: duckdb.DuckDBPyConnection, contract: TableContract, year: int) -> tuple[int, str]:
    """Rows and content of a table for a year, which is a range of the file."""
    columns = ", ".join(f'"{column.name}"' for column in contract.columns)
    n, total = con.execute(
        f'SELECT count(*), sum(hash({columns})) FROM main."{contract.name}" WHERE report_year = {year}'
    ).fetchall()[0]
    return n, _digest(n, total)


def _whole(con: duckdb.DuckDBPyConnection, relation: str) -> TableEntry:
    names = [row[0] for row in con.execute(f"DESCRIBE {relation}").fetchall()]
    columns = ", ".join(f'"{name}"' for name in names)
    n, total = con.execute(f"SELECT count(*), sum(hash({columns})) FROM {relation}").fetchall()[0]
    return TableEntry(rows=n, content={"": _digest(n, total)})


def _digest(*values: object) -> str:
    return hashlib.sha256(" ".join(map(str, values)).encode()).hexdigest()
