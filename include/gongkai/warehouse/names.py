"""Names over time, as tables of a release: under which names agencies reported, which codes and names regions had."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

import pyarrow as pa

from gongkai.warehouse.dims import RegionName

if TYPE_CHECKING:
    import duckdb

# The name in force is that of the newest report; of an agency without reports, the one that its source gives it.
_AGENCY_NAMES = """
INSERT INTO agency_names BY NAME
WITH reported AS (
  SELECT agency_id,
         agency_name AS name,
         min(report_year) AS first_year,
         max(report_year) AS last_year,
         count(*) AS n_reports
  FROM reports
  GROUP BY agency_id, agency_name
), given AS (
  SELECT DISTINCT agency_id, unnest(list_prepend(agency_name, aliases)) AS name FROM agencies
)
SELECT agency_id,
       name,
       first_year,
       last_year,
       coalesce(n_reports, 0) AS n_reports,
       row_number() OVER (
         PARTITION BY agency_id ORDER BY last_year DESC NULLS LAST, name = known.agency_name DESC, name
       ) = 1 AS is_current,
       CASE WHEN n_reports IS NULL THEN 'source' ELSE 'report' END AS origin
FROM reported
FULL JOIN given USING (agency_id, name)
JOIN (SELECT agency_id, agency_name FROM agencies) AS known USING (agency_id)
ORDER BY agency_id, first_year NULLS LAST, name
"""

# Regions that only a source knows have the name that it gives them.
_REGION_NAMES = """
INSERT INTO region_names BY NAME
SELECT *, last_year IS NULL AS is_current
FROM (
  FROM given_region_names
  UNION ALL BY NAME
  SELECT region_code, region_name, level
  FROM regions
  WHERE region_code NOT IN (SELECT region_code FROM given_region_names)
)
ORDER BY region_code, last_year DESC NULLS FIRST, region_name
"""

_GIVEN = pa.schema(
    [
        ("region_code", pa.string()),
        ("region_name", pa.string()),
        ("level", pa.string()),
        ("first_year", pa.int32()),
        ("last_year", pa.int32()),
        ("successor_code", pa.string()),
        ("successor_basis", pa.string()),
    ]
)


def fill(con: duckdb.DuckDBPyConnection, region_names: Iterable[RegionName]) -> None:
    """Fill `agency_names` and `region_names`.

    Args:
        con: Connection that uses the release, whose reports, agencies and regions are there.
        region_names: Codes and names of regions over the years.
    """
    rows: list[Mapping[str, object]] = [asdict(one) for one in region_names]
    con.register("given_region_names", pa.Table.from_pylist(rows, schema=_GIVEN))
    con.execute(_REGION_NAMES)
    con.unregister("given_region_names")
    con.execute(_AGENCY_NAMES)
