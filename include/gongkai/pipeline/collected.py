"""What a release tells of collecting, made of the archive: addresses, listings, runs, requests, gaps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from gongkai.archive.catalog import ATTACHMENT, PAGE, PICTURE, Catalog, Entry
from gongkai.archive.runs import FOLDER as RUNS
from gongkai.archive.store import Archive, safe_name
from gongkai.contracts.tables import load_tables
from gongkai.lake.schema import conform, in_order
from gongkai.lake.store import Lake
from gongkai.pipeline.gaps import find_gaps
from gongkai.pipeline.seen import Seen, read_log, seen
from gongkai.sources.model import Source
from gongkai.warehouse.collected import Collected

if TYPE_CHECKING:
    import duckdb

__all__ = ["RUNS", "collected", "last_runs"]

_ENTRY = pa.schema(
    [
        *((name, pa.string()) for name in ("source", "url", "document_sha256", "kind", "title", "parent_url")),
        *(("listed_date", pa.date32()), ("listed_year", pa.int32()), ("revision_no", pa.int32())),
        *((name, pa.timestamp("us")) for name in ("first_seen", "unlinked")),
        ("is_current", pa.bool_()),
    ]
)
_REQUEST = pa.schema(
    [
        *(
            (name, pa.string())
            for name in ("run_id", "source", "method", "url", "error", "why", "address", "tls", "answer")
        ),
        *((name, pa.int64()) for name in ("status", "bytes", "ms", "waited_ms", "attempt")),
        *(("at", pa.timestamp("us")), ("content_type", pa.string()), ("sha256", pa.string())),
    ]
)


def collected(archive: Archive, lake: Lake, sources: Sequence[Source], *, runs: int) -> Collected:
    """Say what all runs that ended saw.

    Args:
        archive: Where their logs are.
        lake: Beside which what was read of them is kept; its reports are those that are no gaps.
        sources: Whose expected reports are gaps where the lake holds none.
        runs: So many of the last runs are told with their requests.
    """
    import duckdb

    known = seen(archive, lake.location)
    with duckdb.connect(":memory:", config={"autoinstall_known_extensions": False}) as con:
        con.register("listed", known.listed)
        con.register("contents", known.contents)
        con.register("runs", known.runs)
        con.register("entries", _entries(Catalog.load(archive).entries()))
        con.execute(_REMOVED)
        listings = _table(con, "listings", _LISTINGS)
        addresses = _table(con, "addresses", _ADDRESSES)
        told = _table(con, "collect_runs", "SELECT * FROM runs")
    gaps = find_gaps(sources, listings.to_pylist(), last_runs(known), lake)
    return Collected(addresses, listings, told, gaps, lambda: _requests(archive, known, runs))


def last_runs(known: Seen) -> dict[str, dict[str, Any]]:
    """Return the last run of each source, by its name."""
    return {row["source"]: row for row in known.runs.sort_by("started").to_pylist()}


def _entries(entries: Iterable[Entry]) -> pa.Table:
    rows = [
        {
            "source": one.source,
            "url": one.url,
            "document_sha256": one.sha256,
            "kind": PICTURE if one.is_picture else ATTACHMENT if one.parent_url is not None else PAGE,
            "title": one.title,
            "listed_date": one.listed_date,
            "listed_year": one.listed_year,
            "parent_url": one.parent_url,
            "revision_no": one.revision_no,
            "first_seen": one.first_seen.replace(tzinfo=None),
            "unlinked": one.unlinked and one.unlinked.replace(tzinfo=None),
            "is_current": one.is_current,
        }
        for one in entries
    ]
    return pa.Table.from_pylist(rows, schema=_ENTRY)


def _table(con: duckdb.DuckDBPyConnection, name: str, sql: str) -> pa.Table:
    contract = load_tables()[name]
    columns = ", ".join(column.name for column in contract.columns)
    made = con.sql(f"SELECT {columns} FROM ({sql})").to_arrow_table()  # noqa: S608 - names of a contract
    return in_order(conform(made, contract), contract)


def _requests(archive: Archive, known: Seen, runs: int) -> pa.Table:
    """Read the request log of the last runs."""
    import duckdb

    last: Mapping[str, Any] = {row["run_id"]: row["started"] for row in known.runs.sort_by("started").to_pylist()}
    wanted = sorted(last, key=lambda run_id: (last[run_id], run_id), reverse=True)[:runs]
    names = [
        name
        for run_id in wanted
        for name in archive.sizes(f"requests/{safe_name(run_id)}")
        if name.endswith(".parquet")
    ]
    tables = [read_log(archive, name, _REQUEST) for name in names]
    with duckdb.connect(":memory:", config={"autoinstall_known_extensions": False}) as con:
        con.register("log", pa.concat_tables([_REQUEST.empty_table(), *tables]))
        return _table(con, "requests", _REQUESTS)


# A link is removed where a complete walk of all years, of at least the lists that the last run before walked, did not
# list it; the first such walk since it was listed last says when. A walk of other lists says nothing of it.
_REMOVED = """
CREATE TABLE removed AS
WITH walks AS (
  SELECT source, started, ended, string_split(lists, chr(10)) AS lists
  FROM runs
  WHERE is_complete AND years = ''
), gone AS (
  SELECT listed.source, listed.url, listed.last_listed
  FROM listed
  JOIN (SELECT source, max(started) AS latest FROM walks GROUP BY source) AS last USING (source)
  WHERE listed.last_listed < last.latest
), walked AS (
  SELECT gone.*, string_split(runs.lists, chr(10)) AS lists
  FROM gone
  ASOF JOIN runs ON gone.source = runs.source AND gone.last_listed >= runs.started
)
SELECT walked.source, walked.url, (min(walks.ended) + INTERVAL 8 HOUR)::DATE AS removed_on
FROM walked
JOIN walks ON walks.source = walked.source
          AND walks.started > walked.last_listed
          AND list_has_all(walks.lists, walked.lists)
GROUP BY ALL
"""
_LISTINGS = """
SELECT listed.*, sha256 AS document_sha256, fate_run AS run_id,
       CASE WHEN parent_url IS NULL THEN removed_on END AS removed_on
FROM listed
LEFT JOIN removed USING (source, url)
"""
_ADDRESSES = """
SELECT entries.* REPLACE (entries.is_current AND gone_on IS NULL AS is_current),
       greatest(entries.first_seen, contents.last_seen) AS last_seen,
       CASE WHEN kind = 'page' THEN listed.last_listed END AS last_listed,
       gone_on AS removed_on
FROM entries
LEFT JOIN contents
  ON contents.source = entries.source AND contents.url = entries.url AND contents.sha256 = document_sha256
LEFT JOIN listed ON listed.source = entries.source AND listed.url = entries.url
LEFT JOIN removed ON removed.source = entries.source AND removed.url = entries.url
LEFT JOIN removed AS parent ON parent.source = entries.source AND parent.url = entries.parent_url
CROSS JOIN LATERAL (
  SELECT CASE WHEN kind = 'page' THEN removed.removed_on
              ELSE coalesce((unlinked + INTERVAL 8 HOUR)::DATE, parent.removed_on) END AS gone_on
)
"""
_REQUESTS = """
SELECT *, "at" AS sent, sha256 AS document_sha256,
       row_number() OVER (PARTITION BY run_id, source ORDER BY "at", url, attempt, ms)::INTEGER AS request_no
FROM log
"""
