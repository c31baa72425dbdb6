"""The gates of the publish protocol: what a release must satisfy, by the contracts of its tables."""

# ruff: noqa: S608 - names come from contracts, which allow plain identifiers only

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gongkai.contracts.tables import TableContract
from gongkai.errors import GateError
from gongkai.warehouse.build import reading, row_counts
from gongkai.warehouse.marts import Mart
from gongkai.warehouse.parquet import Parquet
from gongkai.warehouse.portions import portions
from gongkai.warehouse.sql import of_years, quoted
from gongkai.warehouse.uniqueness import is_unique

if TYPE_CHECKING:
    import duckdb


_ROWS_AT_ONCE = 50_000_000
"""Rows of all tables that are looked at together: they fit into memory."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What a gate found: which gate, on what (table or table.column), found and expected in words."""

    gate: str
    where: str
    found: str
    expected: str


def demand(
    con: duckdb.DuckDBPyConnection,
    tables: Mapping[str, TableContract],
    marts: Iterable[Mart],
    before: Mapping[str, int] | None,
    years: Collection[int] | None = None,
    parquet: Parquet | None = None,
) -> None:
    """Run all gates over a new release.

    Args:
        con: Connection that uses it.
        tables: Contracts of all its tables.
        marts: Its views.
        before: Rows by table of the release before; None where it does not count (none before, or forced).
        years: Report years to look at, where the others are those of a release that passed; None for all.
        parquet: The Parquet of the release: what stands there alone is read from the files of those years, at half the
            cost of the view over all. None to ask the tables of the connection.

    Raises:
        GateError: Names gate, table, found and expected of the first failure, and how many more there are.
    """
    found = failures(con, tables, marts, before, years, parquet)
    if found:
        first, more = found[0], found[1:]
        others = f" ({len(more)} more: {'; '.join(f'{one.gate} {one.where}' for one in more[:5])})" if more else ""
        raise GateError(
            f"gate {first.gate} failed{others}",
            where=first.where,
            found=first.found,
            expected=first.expected,
            do="the release before stays in force; correct the lake, or force the gate row_count if rows had to go",
        )


def failures(
    con: duckdb.DuckDBPyConnection,
    tables: Mapping[str, TableContract],
    marts: Iterable[Mart],
    before: Mapping[str, int] | None,
    years: Collection[int] | None = None,
    parquet: Parquet | None = None,
) -> list[Failure]:
    """Run all gates and return what failed; where columns differ, nothing else can be asked."""
    found = list(_columns(con, tables))
    if found:
        return found
    found += _rows(con, tables, before or {})
    by_year = {name: contract for name, contract in tables.items() if contract.partitioned}
    rest = {name: contract for name, contract in tables.items() if not contract.partitioned}
    refused = parquet.refusing_null() if parquet else {}
    found += _contents(con, rest, refused)
    for some in portions(_rows_by_year(con, by_year, years), _ROWS_AT_ONCE):  # what contracts check holds within years
        with _years_only(con, by_year, some, parquet):
            found += _contents(con, by_year, refused)
    # a failure of several years is told once
    return [*{(one.gate, one.where): one for one in reversed(found)}.values()][::-1] + list(_views(con, marts))


def _contents(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableContract], refused: Mapping[str, Collection[str]]
) -> Iterator[Failure]:
    yield from _required(con, tables, refused)
    for gate in (_keys, _values, _references, _checks):
        yield from gate(con, tables)


def _rows_by_year(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableContract], years: Collection[int] | None
) -> dict[int, int]:
    counts = " UNION ALL ".join(f'SELECT report_year, count(*) AS n FROM main."{name}" GROUP BY ALL' for name in tables)
    rows = f"SELECT report_year, sum(n)::BIGINT FROM ({counts}) WHERE report_year IS NOT NULL GROUP BY ALL"
    return {year: n for year, n in con.execute(rows).fetchall() if years is None or year in years}


@contextmanager
def _years_only(
    con: duckdb.DuckDBPyConnection,
    tables: Mapping[str, TableContract],
    years: Collection[int],
    parquet: Parquet | None,
) -> Iterator[None]:
    """Let the plain names of tables stand for their rows of some years."""
    (catalog,) = con.execute("SELECT current_catalog()").fetchall()[0]
    try:
        for name, contract in tables.items():
            files = parquet.files(name, years) if parquet and contract.parquet_only else []
            rows = f'{catalog}.main."{name}" WHERE {of_years(years)}'
            if files:  # with all that stands in them, also what should be elsewhere
                rows = reading(quoted(str(file)) for file in files)
            con.execute(f'CREATE TEMP VIEW "{name}" AS FROM {rows}')
        yield
    finally:
        for name in tables:
            con.execute(f'DROP VIEW IF EXISTS temp."{name}"')


def _columns(con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableContract]) -> Iterator[Failure]:
    for name, contract in tables.items():
        found = [(row[0], row[1].replace(" ", "")) for row in con.execute(f'DESCRIBE main."{name}"').fetchall()]
        expected = [(column.name, column.type.replace(" ", "")) for column in contract.columns]
        if found != expected:
            yield Failure("columns", name, str(found), str(expected))


def _rows(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableContract], before: Mapping[str, int]
) -> Iterator[Failure]:
    for name, found in row_counts(con, tables).items():
        contract = tables[name]
        if found < contract.min_rows:
            yield Failure("row_count", name, f"{found} rows", f"at least {contract.min_rows}")
        elif contract.shrink is not None and found < before.get(name, 0) * (1 - contract.shrink):
            yield Failure(
                "row_count",
                name,
                f"{found} rows",
                f"at most {contract.shrink:.0%} fewer than the {before[name]} of the release before",
            )


def _required(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableContract], refused: Mapping[str, Collection[str]]
) -> Iterator[Failure]:
    for name, contract in tables.items():
        # a table of the file refuses NULL by itself where it was made to
        described = con.execute(f'DESCRIBE main."{name}"').fetchall()
        closed = {*refused.get(name, ()), *(row[0] for row in described if row[2] == "NO")}
        open_ = [column.name for column in contract.columns if column.required and column.name not in closed]
        if not open_:
            continue
        counts = ", ".join(f'count(*) FILTER ("{column}" IS NULL)' for column in open_)
        found = con.execute(f'SELECT {counts} FROM "{name}"').fetchall()[0]
        for column, nulls in zip(open_, found, strict=True):
            if nulls:
                yield Failure("required", f"{name}.{column}", f"{nulls} NULL", "a value in every row")


def _keys(con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableContract]) -> Iterator[Failure]:
    for name, contract in tables.items():
        if is_unique(con, name, contract.key):
            continue
        key = ", ".join(f'"{column}"' for column in contract.key)
        twice = f'SELECT {key} FROM "{name}" GROUP BY ALL HAVING count(*) > 1'
        example = con.execute(f"{twice} LIMIT 1").fetchall()
        if example:
            (number,) = con.execute(f"SELECT count(*) FROM ({twice})").fetchall()[0]
            yield Failure("unique", name, f"{number} keys more than once, such as {example[0]}", f"one row per {key}")


def _values(con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableContract]) -> Iterator[Failure]:
    for name, contract in tables.items():
        for column in contract.columns:
            if not column.values:
                continue
            known = ", ".join(f"'{quoted(value)}'" for value in column.values)
            strange = con.execute(
                f'SELECT DISTINCT "{column.name}" FROM "{name}" WHERE "{column.name}" NOT IN ({known}) LIMIT 5'
            ).fetchall()
            if strange:
                yield Failure("values", f"{name}.{column.name}", str([row[0] for row in strange]), f"one of {known}")


def _references(con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableContract]) -> Iterator[Failure]:
    for name, contract in tables.items():
        for column in contract.columns:
            if column.references is None:
                continue
            table, target = column.references
            lost = con.execute(
                f'FROM (SELECT DISTINCT "{column.name}" AS value FROM "{name}") AS used '
                f'ANTI JOIN "{table}" AS known ON used.value = known."{target}" '
                "WHERE used.value IS NOT NULL ORDER BY ALL LIMIT 5"
            ).fetchall()
            if lost:
                yield Failure(
                    "references", f"{name}.{column.name}", str([row[0] for row in lost]), f"values of {table}.{target}"
                )


def _checks(con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableContract]) -> Iterator[Failure]:
    import duckdb

    for name, contract in tables.items():
        for check in contract.checks:
            try:
                (found,) = con.execute(check.query).fetchall()[0]
            except duckdb.Error as error:
                found = f"a broken check: {error}"
            if found != check.must_be:
                yield Failure(check.name, name, str(found), f"{check.must_be} ({check.text})")


def _views(con: duckdb.DuckDBPyConnection, marts: Iterable[Mart]) -> Iterator[Failure]:
    (year,) = con.execute("SELECT max(report_year) FROM main.reports").fetchall()[0]  # each is computed for one year
    for mart in marts:
        found = [row[0] for row in con.execute(f'DESCRIBE mart."{mart.name}"').fetchall()]
        if found != list(mart.columns):
            yield Failure(
                "view_columns", f"mart.{mart.name}", str(found), f"the columns commented: {list(mart.columns)}"
            )
        newest = f"WHERE report_year = {year}" if year and "report_year" in found else ""
        con.execute(f'FROM mart."{mart.name}" {newest} LIMIT 1').fetchall()
