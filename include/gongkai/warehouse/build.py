"""Builds a DuckDB file from a snapshot of the lake, by the contracts: DDL, rows, views, comments."""

# ruff: noqa: S608 - names come from contracts, which allow plain identifiers only

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from gongkai.contracts.tables import TableContract
from gongkai.lake.schema import table_of
from gongkai.lake.snapshot import Snapshot
from gongkai.warehouse import names
from gongkai.warehouse.collected import Collected
from gongkai.warehouse.dims import Dims
from gongkai.warehouse.marts import Mart

if TYPE_CHECKING:
    import duckdb

STORAGE_VERSION = "v1.2.0"
"""What duckdb 1.2 and later read: BI drivers of today are 1.4 and 1.5, and duckdb 2 would write what they refuse."""


def create(path: Path) -> duckdb.DuckDBPyConnection:
    """Make an empty DuckDB file that older DuckDBs can read, and return a connection that uses it.

    Nothing is installed or loaded from the network, and sorting spills beside the file, not into the working folder.
    """
    import duckdb

    con = duckdb.connect(":memory:", config={"autoinstall_known_extensions": False})
    con.execute("SET temp_directory = ?", [f"{path}.tmp"])
    con.execute(f"ATTACH '{quoted(str(path))}' AS release (STORAGE_VERSION '{STORAGE_VERSION}')")
    con.execute("USE release")
    return con


def fill(
    con: duckdb.DuckDBPyConnection,
    tables: Mapping[str, TableContract],
    lake: Snapshot,
    dims: Dims,
    collected: Collected,
) -> None:
    """Create all tables and fill all but `releases`.

    Args:
        con: Connection that uses the new file.
        tables: Contracts of all tables.
        lake: What the lake held at one moment.
        dims: Agencies, regions, expectations, rules.
        collected: What collecting found.

    Raises:
        PartMissingError: A commit took a part of the snapshot away; build again from a new one.
        LakeError: A part is damaged or of another contract.
    """
    con.execute("BEGIN")
    for contract in tables.values():
        con.execute(ddl(contract))
    con.execute("COMMIT")
    for contract in tables.values():
        if contract.partitioned:
            # Piece by piece rather than as one stream, from which DuckDB would hand on errors in its own type.
            con.execute("BEGIN")
            for batch in lake.batches(contract.name):
                insert(con, contract, pa.Table.from_batches([batch]))
            con.execute("COMMIT")
    insert(con, tables["rules"], table_of(map(asdict, dims.rules), tables["rules"]))
    insert(con, tables["regions"], table_of(map(asdict, dims.regions), tables["regions"]))
    for name, rows in collected.tables().items():
        insert(con, tables[name], rows)
    con.register("given_gaps", collected.gaps)
    con.register("given_agencies", _plain(map(asdict, dims.agencies), _AGENCY))
    con.register("given_expected", _plain(map(asdict, dims.expected), _EXPECTED))
    con.execute(_AGENCIES)
    con.execute(_COVERAGE)
    names.fill(con, dims.region_names)
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
    """Create schema mart and its views."""
    con.execute("CREATE SCHEMA mart")
    for mart in marts:
        con.execute(f'CREATE VIEW mart."{mart.name}" AS\n{mart.select}')


def add_comments(con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableContract], marts: Iterable[Mart]) -> None:
    """Say in the file what everything is, in Chinese and English."""
    con.execute("BEGIN")  # one write to disk instead of three hundred
    for contract in tables.values():
        con.execute(f"COMMENT ON TABLE main.\"{contract.name}\" IS '{quoted(contract.comment)}'")
        for column in contract.columns:
            con.execute(f'COMMENT ON COLUMN main."{contract.name}"."{column.name}" IS \'{quoted(column.comment)}\'')
    for mart in marts:
        con.execute(f"COMMENT ON VIEW mart.\"{mart.name}\" IS '{quoted(mart.comment)}'")
        for name, text in mart.columns.items():
            con.execute(f'COMMENT ON COLUMN mart."{mart.name}"."{name}" IS \'{quoted(text)}\'')
    con.execute("COMMIT")


def row_counts(con: duckdb.DuckDBPyConnection, names: Iterable[str]) -> dict[str, int]:
    """Count the rows of tables."""
    counts = {}
    for name in names:
        (counts[name],) = con.execute(f'SELECT count(*) FROM main."{name}"').fetchall()[0]
    return counts


def quoted(text: str) -> str:
    """Return a text as it stands inside an SQL string."""
    return text.replace("'", "''")


def _plain(rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=schema)


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
