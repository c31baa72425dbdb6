"""The tables of a release without report years, filled anew each time: agencies, names, regions, rules, coverage."""

# ruff: noqa: S608 - names come from contracts, which allow plain identifiers only

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from gongkai.contracts.tables import TableContract
from gongkai.lake.schema import table_of
from gongkai.warehouse import names
from gongkai.warehouse.build import insert
from gongkai.warehouse.collected import Collected
from gongkai.warehouse.dims import Dims

if TYPE_CHECKING:
    import duckdb


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
