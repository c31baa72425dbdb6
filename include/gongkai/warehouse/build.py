"""Builds the DuckDB file of a release by the contracts: DDL, rows, views, comments."""

# ruff: noqa: S608 - names come from contracts, which allow plain identifiers only

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from gongkai.contracts.tables import TableContract
from gongkai.lake.schema import LakeError, table_of
from gongkai.settings import get_settings
from gongkai.warehouse import names
from gongkai.warehouse.collected import Collected
from gongkai.warehouse.dims import Dims
from gongkai.warehouse.marts import Mart
from gongkai.warehouse.parquet import Parquet
from gongkai.warehouse.sql import quoted

if TYPE_CHECKING:
    import duckdb

STORAGE_VERSION = "v1.2.0"
"""What duckdb 1.2 and later read: BI drivers of today are 1.4 and 1.5, and duckdb 2 would write what they refuse."""


def create(path: Path, base: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Make a DuckDB file that older DuckDBs can read, and return a connection that uses it.

    Nothing is installed or loaded from the network; sorting spills beside the file, not into the working folder.

    Args:
        path: The new file.
        base: A release to build upon: the new file begins as its copy. None for an empty one.
    """
    import duckdb

    if base is not None:
        shutil.copyfile(base, path)
        path.chmod(0o644)
    con = duckdb.connect(":memory:", config={"autoinstall_known_extensions": False})
    con.execute("SET temp_directory = ?", [f"{path}.tmp"])
    con.execute("SET memory_limit = ?", [f"{get_settings().build_memory // 2**20}MB"])
    con.execute(f"ATTACH '{quoted(str(path))}' AS release (STORAGE_VERSION '{STORAGE_VERSION}')")
    con.execute("USE release")
    return con


def create_tables(con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableContract]) -> None:
    """Create the tables that stand in the file, empty."""
    con.execute("BEGIN")
    for contract in tables.values():
        if not contract.parquet_only:
            con.execute(ddl(contract))
    con.execute("COMMIT")


def fill_years(
    con: duckdb.DuckDBPyConnection, contract: TableContract, parquet: Parquet, years: Collection[int]
) -> None:
    """Replace report years of a table by what their parts hold.

    Raises:
        LakeError: A part holds what the table cannot.
    """
    import duckdb

    if not years:
        return
    con.execute("BEGIN")
    con.execute(f"DELETE FROM {contract.name} WHERE report_year IN ({_listed(years)})")
    for file in parquet.files(contract.name, years):
        try:
            con.execute(f"INSERT INTO {contract.name} BY NAME FROM {_read([quoted(str(file))])}")
        except duckdb.DataError as error:
            raise LakeError(
                f"a part does not fit its table: {error}",
                where=str(file),
                do="load the year again: gongkai load --year",
            ) from error
    con.execute("COMMIT")


def add_parquet_views(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableContract], parquet: Parquet, folder: Path
) -> None:
    """Make the tables that stand in Parquet alone readable from the file.

    Their files are named in full. Who moved the warehouse, or sees it under another path, says where it is:
    SET VARIABLE gongkai_warehouse = '<folder>'.

    Args:
        con: Connection that uses the new file.
        tables: Contracts of all tables.
        parquet: The Parquet of the release.
        folder: The warehouse.
    """
    home = f"coalesce(getvariable('gongkai_warehouse'), '{quoted(str(folder.resolve()))}')"
    for contract in tables.values():
        if not contract.parquet_only:
            continue
        names = ", ".join(f'"{column.name}"' for column in contract.columns)
        files = [quoted(str(file.relative_to(folder))) for file in parquet.files(contract.name)]
        if files:
            source = _read(files, home)
            select = f"SELECT {names} FROM {source}"
        else:
            nothing = ", ".join(f'NULL::{column.type} AS "{column.name}"' for column in contract.columns)
            select = f"SELECT {nothing} WHERE false"
        con.execute(f'CREATE OR REPLACE VIEW main."{contract.name}" AS {select}')


def fill_around(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableContract], dims: Dims, collected: Collected
) -> None:
    """Fill the tables without report years anew, all but `releases`.

    Args:
        con: Connection that uses the new file; the tables by report year are filled.
        tables: Contracts of all tables.
        dims: Agencies, regions, expectations, rules.
        collected: What collecting found.
    """
    con.execute("BEGIN")
    for contract in tables.values():
        if not contract.partitioned:
            con.execute(f"DELETE FROM {contract.name}")
    insert(con, tables["rules"], table_of(map(asdict, dims.rules), tables["rules"]))
    insert(con, tables["regions"], table_of(map(asdict, dims.regions), tables["regions"]))
    for name, rows in collected.tables().items():
        insert(con, tables[name], rows)
    con.register("given_gaps", collected.gaps)
    con.register("given_agencies", _plain(dims.agencies, _AGENCY))
    con.register("given_expected", _plain(dims.expected, _EXPECTED))
    con.execute(_AGENCIES)
    con.execute(_COVERAGE)
    names.fill(con, dims.region_names)
    con.execute("COMMIT")
    con.unregister("given_gaps")
    con.unregister("given_agencies")
    con.unregister("given_expected")


def insert(con: duckdb.DuckDBPyConnection, contract: TableContract, rows: pa.Table) -> None:
    """Append rows to a table of the release."""
    con.register("incoming", rows)
    con.execute(f"INSERT INTO {contract.name} BY NAME FROM incoming")
    con.unregister("incoming")


def ddl(contract: TableContract) -> str:
    """Write CREATE TABLE of a contract.

    Keys are checked by the gates instead of indexes, which would double the file and slow loading down.
    """
    lines = [f'  "{column.name}" {column.type}{" NOT NULL" if column.required else ""}' for column in contract.columns]
    return f'CREATE TABLE main."{contract.name}" (\n' + ",\n".join(lines) + "\n)"


def add_views(con: duckdb.DuckDBPyConnection, marts: Iterable[Mart]) -> None:
    """Create schema mart anew: its views, and as tables those that are stored."""
    con.execute("DROP SCHEMA IF EXISTS mart CASCADE")
    con.execute("CREATE SCHEMA mart")
    for mart in marts:
        con.execute(f'CREATE {mart.relation} mart."{mart.name}" AS\n{mart.select}')


def add_comments(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableContract], marts: Iterable[Mart], *, stored: bool = False
) -> None:
    """Say in the file what everything is, in Chinese and English.

    Args:
        con: Connection that uses it.
        tables: Contracts of its tables.
        marts: Its views.
        stored: True where no table stands in Parquet alone.
    """
    con.execute("BEGIN")  # one write to disk instead of three hundred
    for contract in tables.values():
        relation = "VIEW" if contract.parquet_only and not stored else "TABLE"
        con.execute(f"COMMENT ON {relation} main.\"{contract.name}\" IS '{quoted(contract.comment)}'")
        for column in contract.columns:
            con.execute(f'COMMENT ON COLUMN main."{contract.name}"."{column.name}" IS \'{quoted(column.comment)}\'')
    for mart in marts:
        con.execute(f"COMMENT ON {mart.relation} mart.\"{mart.name}\" IS '{quoted(mart.comment)}'")
        for name, text in mart.columns.items():
            con.execute(f'COMMENT ON COLUMN mart."{mart.name}"."{name}" IS \'{quoted(text)}\'')
    con.execute("COMMIT")


def row_counts(con: duckdb.DuckDBPyConnection, names: Iterable[str]) -> dict[str, int]:
    """Count the rows of tables."""
    counts = {}
    for name in names:
        (counts[name],) = con.execute(f'SELECT count(*) FROM main."{name}"').fetchall()[0]
    return counts


def _read(files: Iterable[str], home: str | None = None) -> str:
    """Name files as DuckDB reads them; below a folder that is an expression where one is given."""
    names = ", ".join(f"{home} || '/{file}'" if home else f"'{file}'" for file in files)
    return f"read_parquet([{names}], hive_partitioning = false)"


def _listed(years: Iterable[int]) -> str:
    return ", ".join(str(int(year)) for year in sorted(years))


def _plain(rows: Sequence[Any], schema: pa.Schema) -> pa.Table:
    """Make a table of objects by their attributes: there may be millions."""
    return pa.table([pa.array([getattr(row, field.name) for row in rows], field.type) for field in schema], schema)


_AGENCY = pa.schema(
    [
        ("agency_id", pa.string()),
        ("agency_name", pa.string()),
        ("aliases", pa.list_(pa.string())),
        ("region_code", pa.string()),
        ("level", pa.string()),
        ("kind", pa.string()),
    ]
)
_EXPECTED = pa.schema(
    [("agency_id", pa.string()), ("report_year", pa.int32()), ("source", pa.string()), ("due_on", pa.date32())]
)

# An agency that reports without being known still gets its row: facts never point at nothing.
_AGENCIES = """
INSERT INTO agencies BY NAME
WITH seen AS (
  SELECT agency_id,
         arg_max(agency_name, report_year) AS agency_name,
         min(report_year) AS first_year,
         max(report_year) AS last_year,
         count(*) AS n_reports
  FROM reports
  GROUP BY agency_id
)
SELECT agency_id,
       coalesce(known.agency_name, seen.agency_name) AS agency_name,
       coalesce(known.aliases, []) AS aliases,
       known.region_code,
       regions.region_name,
       known.level,
       known.kind,
       seen.first_year,
       seen.last_year,
       coalesce(seen.n_reports, 0) AS n_reports
FROM given_agencies AS known
FULL JOIN seen USING (agency_id)
LEFT JOIN regions ON regions.region_code = known.region_code
ORDER BY agency_id
"""

# A report is removed from its portal where none of its documents' addresses is listed any more.
_COVERAGE = """
INSERT INTO coverage BY NAME
WITH wanted AS (
  SELECT agency_id, report_year, min(source) AS source, min(due_on) AS due_on FROM given_expected GROUP BY ALL
), removed AS (
  SELECT report_id, max(removed_on) AS removed_on
  FROM revisions
  JOIN addresses USING (document_sha256)
  GROUP BY report_id
  HAVING bool_and(removed_on IS NOT NULL)
)
SELECT agency_id,
       coalesce(agencies.agency_name, agency_id) AS agency_name,
       report_year,
       wanted.agency_id IS NOT NULL AS expected,
       reports.agency_id IS NOT NULL AS found,
       coalesce(reports.status, 'missing') AS status,
       CASE WHEN found THEN 'found' ELSE coalesce(gaps.outcome, 'missing') END AS outcome,
       CASE WHEN NOT found THEN coalesce(gaps.reason, 'not_collected: no run has asked its source yet') END AS reason,
       coalesce(reports.due_on, wanted.due_on) AS due_on,
       reports.first_published_on AS published_on,
       reports.published_from,
       reports.days_late,
       coalesce(reports.n_revisions > 1, false) AS changed,
       removed.removed_on,
       coalesce(reports.source, gaps.source, wanted.source) AS source,
       coalesce(reports.url, gaps.url) AS url
FROM wanted
FULL JOIN reports USING (agency_id, report_year)
LEFT JOIN given_gaps AS gaps USING (agency_id, report_year)
LEFT JOIN removed ON removed.report_id = reports.report_id
LEFT JOIN agencies USING (agency_id)
ORDER BY agency_id, report_year
"""
