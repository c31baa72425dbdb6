"""The verdicts of a report year: over what was read, and over what corrections reach once more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from gongkai.lake.store import Lake
from gongkai.pipeline.check import agreements_of, cells_table, is_certain, links_table, narrative_findings
from gongkai.pipeline.reviewed import Review, Reviewed
from gongkai.pipeline.settle import Settled, Status
from gongkai.pipeline.verdicts import Shown, shown, side_by_side
from gongkai.quality.check import check
from gongkai.quality.model import CheckResult
from gongkai.reports.model import Report

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Before:
    """The reports in force of the year before as the lake holds them: rows of reports, and their cells."""

    reports: Rows
    cells: pa.Table | None


def year_before(year: int, lake: Lake) -> Before:
    """Read what the lake holds of the year before."""
    if year - 1 not in lake.years():
        return Before([], None)
    names = ["report_id", "agency_id", "template", "status", "n_corrected"]
    return Before(lake.read("reports", [year - 1]).select(names).to_pylist(), lake.read("cells", [year - 1]))


def verdicts(
    settled: Sequence[Settled], reviewed: Reviewed, before: Before
) -> tuple[CheckResult, dict[str, list[Shown]]]:
    """Judge what was read, then what corrections reach once more; return the findings by report."""
    result = _check({one.report_id: one.report for one in settled}, settled, before)
    corrected = {row["agency_id"] for row in before.reports if row["n_corrected"]}
    reached = [one for one in settled if one.agency_id in corrected or reviewed.of(one.report_id).corrections]
    found: dict[str, list[Shown]] = defaultdict(list)
    ids = {one.report_id for one in reached}
    for finding in result.findings.worth_showing():
        if finding.report_key not in ids:
            found[finding.report_key] += shown([finding], reviewed.of(finding.report_key))
    if reached:
        overlaid = {one.report_id: reviewed.of(one.report_id).overlay(one.report) for one in reached}
        again = _check(overlaid, reached, before, corrected=True)
        for one in reached:
            key = [one.report_id]
            pair = result.findings.of(key), again.findings.of(key)
            found[one.report_id] += side_by_side(*pair, reviewed.of(one.report_id), one.report)
    return result, found


def _check(
    reports: Mapping[str, Report], settled: Sequence[Settled], before: Before, *, corrected: bool = False
) -> CheckResult:
    """Judge reports of a year, with the agencies' reports in force of the year before, as read or as corrected."""
    certain = [key for key, report in reports.items() if is_certain(report)]
    cells = cells_table(reports)
    links: dict[str, str] = {}
    if before.cells is not None:
        by_agency = {row["agency_id"]: row["report_id"] for row in before.reports}
        links = {one.report_id: by_agency[one.agency_id] for one in settled if one.agency_id in by_agency}
        certain += [row["report_id"] for row in before.reports if row["status"] != Status.QUARANTINED]
        templates = {row["report_id"]: row["template"] for row in before.reports}
        earlier = _cells_of(before.cells, set(links.values()), templates, corrected=corrected)
        cells = pa.concat_tables([cells, earlier])
    return check(
        cells,
        links_table(links),
        subjects=list(reports),
        certain=certain,
        agreements=agreements_of(reports),
        engines="both",
    )


def _cells_of(table: pa.Table, report_ids: set[str], templates: Mapping[str, str], *, corrected: bool) -> pa.Table:
    import pyarrow.compute as pc

    from gongkai.quality.tables import cells_schema

    table = table.filter(pc.is_in(table["report_id"], pa.array(sorted(report_ids), pa.string())))
    template = pa.array([templates[one] for one in table["report_id"].to_pylist()], pa.string())
    state, value = table["state"], table["value"]
    if corrected:
        state = pc.coalesce(table["corrected_state"], state)
        value = pc.if_else(pc.is_valid(table["corrected_state"]), table["corrected_value"], value)
    columns = [table["report_id"], template, table["table_code"], table["row_code"], table["column_code"]]
    return pa.table([*columns, state, value], names=cells_schema().names).cast(cells_schema())


def told(one: Settled, review: Review) -> list[Shown]:
    """Return where the text states other figures than the tables."""
    read = list(narrative_findings({one.report_id: one.report}))
    if not review.corrections:
        return shown(read, review)
    after = narrative_findings({one.report_id: review.overlay(one.report)})
    return list(side_by_side(read, after, review, one.report))
