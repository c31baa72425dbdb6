"""The verdicts of a report year: over what was read, and over what corrections reach once more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from gongkai.lake.store import Lake
from gongkai.pipeline.check import Blames, cells_table, is_certain, links_table
from gongkai.pipeline.reviewed import Reviewed
from gongkai.pipeline.settle import Settled
from gongkai.pipeline.verdicts import Shown, shown, side_by_side
from gongkai.quality.check import check
from gongkai.quality.identities import Form
from gongkai.quality.model import CheckResult
from gongkai.quality.standing import Status
from gongkai.reports.model import Cell, Report, State

Rows = list[dict[str, Any]]


_CELLS = (
    "report_id", "table_code", "row_code", "column_code", "state", "value", "corrected_state", "corrected_value",
)  # fmt: skip


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
    return Before(lake.read("reports", [year - 1], names).to_pylist(), lake.read("cells", [year - 1], _CELLS))


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say of the reports of a year.

    Attributes:
        result: The verdicts over what was read.
        blames: Who is to blame in each report as read.
        corrected: The same over what reviewers corrected, of the reports that corrections reach.
        shown: Findings by report, of both.
    """

    result: CheckResult
    blames: Blames
    corrected: Blames | None
    shown: dict[str, list[Shown]]


def verdicts(settled: Sequence[Settled], reviewed: Reviewed, before: Before) -> Judgement:
    """Judge what was read, then what corrections reach once more."""
    result, blames = _check({one.report_id: one.report for one in settled}, settled, before)
    corrected = {row["agency_id"] for row in before.reports if row["n_corrected"]}
    reached = [one for one in settled if one.agency_id in corrected or reviewed.of(one.report_id).corrections]
    found: dict[str, list[Shown]] = defaultdict(list)
    ids = {one.report_id for one in reached}
    for finding in result.findings.worth_showing():
        if finding.report_key not in ids:
            found[finding.report_key] += shown([finding], reviewed.of(finding.report_key))
    if not reached:
        return Judgement(result, blames, None, found)
    overlaid = {one.report_id: reviewed.of(one.report_id).overlay(one.report) for one in reached}
    again, blames_again = _check(overlaid, reached, before, corrected=True)
    for one in reached:
        key = [one.report_id]
        pair = result.findings.of(key), again.findings.of(key)
        found[one.report_id] += side_by_side(*pair, reviewed.of(one.report_id), one.report)
    return Judgement(result, blames, blames_again, found)


def _check(
    reports: Mapping[str, Report], settled: Sequence[Settled], before: Before, *, corrected: bool = False
) -> tuple[CheckResult, Blames]:
    """Judge reports of a year, with the agencies' reports in force of the year before, as read or as corrected."""
    certain = {key for key, report in reports.items() if is_certain(report)}
    cells = cells_table(reports)
    links: dict[str, str] = {}
    earlier = cells.slice(0, 0)
    if before.cells is not None:
        by_agency = {row["agency_id"]: row["report_id"] for row in before.reports}
        links = {one.report_id: by_agency[one.agency_id] for one in settled if one.agency_id in by_agency}
        certain |= {row["report_id"] for row in before.reports if row["status"] != Status.QUARANTINED}
        templates = {row["report_id"]: row["template"] for row in before.reports}
        earlier = _cells_of(before.cells, set(links.values()), templates, corrected=corrected)
    result = check(
        pa.concat_tables([cells, earlier]), links_table(links), subjects=list(reports), certain=certain, engines="both"
    )
    wanted = {links[key] for key in result.findings.failing_reports() if key in links}
    forms = _forms(earlier, wanted)
    blames = Blames(reports, links, lambda key: forms.get(key, {}), certain)
    return replace(result, findings=result.findings.blamed(blames.judge)), blames


def _forms(cells: pa.Table, report_ids: set[str]) -> dict[str, Form]:
    """Cells by their key of some reports, as far as they serve to compare with."""
    import pyarrow.compute as pc

    kept = cells.filter(pc.is_in(cells["report_key"], pa.array(sorted(report_ids), pa.string())))
    forms: dict[str, dict[tuple[str, str, str], Cell]] = defaultdict(dict)
    for row in kept.to_pylist():
        cell = Cell(row["table"], row["row"], row["column"], State(row["state"]), row["value"])
        forms[row["report_key"]][cell.key] = cell
    return dict(forms)


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
