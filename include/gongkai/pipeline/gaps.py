"""Why expected reports are not there: what became of their links, of their documents, and of their lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from gongkai.archive.log import Fate
from gongkai.errors import BlockedError
from gongkai.lake.store import Lake
from gongkai.pipeline.agencies import Directory, dims_of
from gongkai.reports.identity import parse_title
from gongkai.sources import failures
from gongkai.sources.model import Source
from gongkai.warehouse.collected import GAP
from gongkai.warehouse.dims import Expected

Row = Mapping[str, Any]
_CHINA = timedelta(hours=8)
_BLOCKED = frozenset(
    kind.code for kind in (BlockedError, *vars(failures).values())
    if isinstance(kind, type) and issubclass(kind, BlockedError)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Cause:
    """Why a report is not there; of several the one of the lowest `rank` tells most."""

    rank: int
    outcome: str
    reason: str
    source: str
    url: str | None = None


def find_gaps(sources: Sequence[Source], listings: Iterable[Row], last_runs: Mapping[str, Row], lake: Lake) -> pa.Table:
    """Say of each expected report that the lake does not hold what became of it, and why.

    Args:
        sources: What they expect.
        listings: Every listed link with its latest fate.
        last_runs: The last run of each source.
        lake: The reports that are there, and the documents that gave none.
    """
    dims = dims_of(sources)
    held = lake.read("reports", columns=["agency_id", "report_year"]).to_pylist()
    there = {(row["agency_id"], row["report_year"]) for row in held}
    missing = [one for one in dims.expected if (one.agency_id, one.report_year) not in there]
    names = _Names(sources)
    causes: dict[tuple[str, int], _Cause] = {}
    wanted = {(one.agency_id, one.report_year) for one in missing}
    for key, cause in (*_of_listings(listings, names), *_of_documents(lake, names)):
        if key in wanted and (key not in causes or cause.rank < causes[key].rank):
            causes[key] = cause
    rows = []
    for one in missing:
        cause = causes.get((one.agency_id, one.report_year)) or _of_list(one, last_runs.get(one.source or ""))
        rows.append(
            {
                "agency_id": one.agency_id,
                "report_year": one.report_year,
                "outcome": cause.outcome,
                "reason": cause.reason,
                "source": cause.source,
                "url": cause.url,
            }
        )
    rows.sort(key=lambda row: (row["agency_id"], row["report_year"]))
    return pa.Table.from_pylist(rows, schema=GAP)


class _Names:
    """Which expected agency a listed title speaks of."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._directory = Directory(sources)
        self._alone = {one.name: one.expect.agencies[0].name for one in sources if len(one.expect.agencies) == 1}

    def agency_id(self, source: str, title: str) -> str | None:
        """Return the id of the agency, None where the title names none that its source expects."""
        read = parse_title(title)
        name = (read.agency if read else "") or self._alone.get(source, "")
        known = self._directory.expected(source, name) if name else None
        return known.agency_id if known else None


def _of_listings(listings: Iterable[Row], names: _Names) -> Iterable[tuple[tuple[str, int], _Cause]]:
    for row in listings:
        year = row["listed_year"] or (row["listed_date"].year - 1 if row["listed_date"] else None)
        if row["fate"] == Fate.SKIPPED or row["parent_url"] is not None or year is None:
            continue
        agency_id = names.agency_id(row["source"], row["title"])
        if agency_id is None:
            continue
        fate, reason = row["fate"], row["reason"]
        if row["removed_on"] is not None:
            cause = _Cause(3, "removed", f"removed: listed until {row['removed_on']}", row["source"], row["url"])
        elif fate in (Fate.BLOCKED, Fate.FAILED, Fate.NOT_A_REPORT):
            cause = _Cause(1, fate, reason, row["source"], row["url"])
        else:
            why = "not_read: it is archived, and gave no report of this agency and year"
            cause = _Cause(2, "missing", why, row["source"], row["url"])
        yield (agency_id, year), cause


def _of_documents(lake: Lake, names: _Names) -> Iterable[tuple[tuple[str, int], _Cause]]:
    """Documents that were archived and could not be read, or are no reports."""
    columns = ["report_year", "source", "url", "listed_title", "fate", "error_code", "reason"]
    for row in lake.read("documents", columns=columns).to_pylist():
        if row["fate"] not in ("failed", "not_a_report"):
            continue
        agency_id = names.agency_id(row["source"], row["listed_title"] or "")
        if agency_id is not None:
            reason = f"{row['error_code']}: {row['reason']}"
            yield (agency_id, row["report_year"]), _Cause(0, row["fate"], reason, row["source"], row["url"])


def _of_list(expected: Expected, run: Row | None) -> _Cause:
    """What the last run of its source says of a report that no link stands for."""
    source = expected.source or ""
    if run is None:
        return _Cause(9, "missing", "not_collected: no run has asked its source yet", source)
    looked: date = (run["ended"] + _CHINA).date()
    if expected.due_on is not None and looked <= expected.due_on:
        return _Cause(9, "not_due", f"not_due: it may be published until {expected.due_on}", source)
    if run["error"] and not run["is_complete"]:
        if run["error"] == "short_list":
            return _Cause(9, "missing", run["why"], source)
        return _Cause(9, "blocked" if run["error"] in _BLOCKED else "failed", run["why"], source)
    if not run["is_complete"]:
        return _Cause(9, "missing", f"list_incomplete: {run['why'] or 'nothing was listed'}", source)
    return _Cause(9, "missing", "not_listed: its source was walked to the end and does not list it", source)
