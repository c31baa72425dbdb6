"""The verdicts on reports of one year: over what was read, and over what corrections reach once more."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from gongkai.lake.schema import arrow_schema, lake_tables
from gongkai.lake.snapshot import Snapshot
from gongkai.pipeline.check import Blames, cells_table, is_certain, links_table
from gongkai.pipeline.reviewed import Reviewed
from gongkai.pipeline.settle import Settled, report_id_of
from gongkai.pipeline.verdicts import Shown, shown, side_by_side
from gongkai.quality.check import check
from gongkai.quality.identities import Form
from gongkai.quality.model import CheckResult
from gongkai.quality.standing import Status
from gongkai.reports.model import Cell, Report, State

_REPORTS = ("report_id", "agency_id", "template", "status", "n_corrected")
_CELLS = (
    "report_id", "table_code", "row_code", "column_code", "state", "value", "corrected_state", "corrected_value",
)  # fmt: skip
"""What judging takes of reports and of cells that the lake holds."""


@dataclass(frozen=True, slots=True)
class Held:
    """Reports as the lake holds them: their rows by agency, and their cells."""

    reports: Mapping[str, Mapping[str, Any]]
    cells: pa.Table

    @classmethod
    def nothing(cls) -> Held:
        """No report."""
        return cls({}, arrow_schema(lake_tables()["cells"]).empty_table().select(_CELLS))

    def of(self, agencies: Collection[str]) -> Held:
        """Only those of some agencies."""
        reports = {agency: row for agency, row in self.reports.items() if agency in agencies}
        return Held(reports, _only(self.cells, (row["report_id"] for row in reports.values())))

    def prints(self) -> dict[str, str]:
        """Hash by agency all that a rule over two years may look at."""
        import duckdb

        cells = self.cells
        names = ", ".join(_CELLS)
        with duckdb.connect() as connection:
            connection.register("cells", cells)
            found = connection.execute(
                f"SELECT report_id, sum(hash({names}))::VARCHAR || ' of ' || count(*) FROM cells GROUP BY 1"  # noqa: S608
            ).fetchall()
        of_cells = dict(found)
        return {
            agency: hashlib.sha256(f"{sorted(row.items())}\0{of_cells.get(row['report_id'])}".encode()).hexdigest()[:16]
            for agency, row in self.reports.items()
        }


class HeldYear:
    """The reports in force of one year, by agency, as the lake held them at one moment; read where they are asked for.

    Args:
        snapshot: The lake.
        year: The report year; one that the lake does not hold has no reports.
    """

    def __init__(self, snapshot: Snapshot, year: int) -> None:
        self._snapshot, self._year = snapshot, year

    def of(self, agencies: Sequence[str]) -> Held:
        """Return the reports of some agencies, given in order; for none of them nothing is read."""
        if not agencies:
            return Held.nothing()
        wanted = set(agencies)
        first, last = (report_id_of(agency, self._year) for agency in (agencies[0], agencies[-1]))
        reports, cells = (
            self._snapshot.between(name, self._year, first, last, columns)
            for name, columns in (("reports", _REPORTS), ("cells", _CELLS))
        )
        rows = {row["agency_id"]: row for row in reports.to_pylist()}
        return Held(rows, cells).of(wanted)


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


def verdicts(settled: Sequence[Settled], reviewed: Reviewed, before: Held, beside: Held) -> Judgement:
    """Judge what was read, then what corrections reach once more.

    Args:
        settled: Reports that were settled anew.
        reviewed: What was decided of them.
        before: The reports in force of the year before, of their agencies and of those beside.
        beside: Reports of the year that stay as the lake holds them: they are counted, their findings stand.
    """
    reports = {one.report_id: one.report for one in settled}
    result, blames = _check(reports, settled, before, beside)
    result = replace(result, findings=result.findings.of(reports))
    corrected = {agency for agency, row in before.reports.items() if row["n_corrected"]}
    reached = [one for one in settled if one.agency_id in corrected or reviewed.of(one.report_id).corrections]
    found: dict[str, list[Shown]] = defaultdict(list)
    ids = {one.report_id for one in reached}
    for finding in result.findings.worth_showing():
        if finding.report_key not in ids:
            found[finding.report_key] += shown([finding], reviewed.of(finding.report_key))
    if not reached:
        return Judgement(result, blames, None, found)
    overlaid = {one.report_id: reviewed.of(one.report_id).overlay(one.report) for one in reached}
    again, blames_again = _check(overlaid, reached, before, Held.nothing(), corrected=True)
    for one in reached:
        key = [one.report_id]
        pair = result.findings.of(key), again.findings.of(key)
        found[one.report_id] += side_by_side(*pair, reviewed.of(one.report_id), one.report)
    return Judgement(result, blames, blames_again, found)


def _check(
    reports: Mapping[str, Report],
    settled: Sequence[Settled],
    before: Held,
    beside: Held,
    *,
    corrected: bool = False,
) -> tuple[CheckResult, Blames]:
    """Judge reports of a year, with the agencies' reports in force of the year before, as read or as corrected."""
    ids = {one.agency_id: one.report_id for one in settled}
    ids |= {agency: row["report_id"] for agency, row in beside.reports.items()}
    links = {ids[agency]: row["report_id"] for agency, row in before.reports.items() if agency in ids}
    certain = {key for key, report in reports.items() if is_certain(report)}
    certain |= {row["report_id"] for row in before.reports.values() if row["status"] != Status.QUARANTINED}
    earlier = _only(_cells_of(before, corrected=corrected), links.values(), "report_key")
    result = check(
        pa.concat_tables([cells_table(reports), _cells_of(beside), earlier]),
        links_table(links),
        subjects=list(ids.values()),
        certain=certain,
        engines="both",
    )
    wanted = {links[key] for key in result.findings.failing_reports() if key in links and key in reports}
    forms = _forms(earlier, wanted)
    blames = Blames(reports, links, lambda key: forms.get(key, {}), certain)
    return replace(result, findings=result.findings.blamed(blames.judge)), blames


def _only(table: pa.Table, report_ids: Iterable[str], column: str = "report_id") -> pa.Table:
    import pyarrow.compute as pc

    return table.filter(pc.is_in(table[column], pa.array(sorted(report_ids), pa.string())))


def _forms(cells: pa.Table, report_ids: set[str]) -> dict[str, Form]:
    """Cells by their key of some reports, as far as they serve to compare with."""
    forms: dict[str, dict[tuple[str, str, str], Cell]] = defaultdict(dict)
    for row in _only(cells, report_ids, "report_key").to_pylist():
        cell = Cell(row["table"], row["row"], row["column"], State(row["state"]), row["value"])
        forms[row["report_key"]][cell.key] = cell
    return dict(forms)


def _cells_of(held: Held, *, corrected: bool = False) -> pa.Table:
    """The cells as checking takes them, as read or as corrected."""
    import pyarrow.compute as pc

    from gongkai.quality.tables import cells_schema

    table = held.cells
    rows = held.reports.values()
    ids, templates = ([row[name] for row in rows] for name in ("report_id", "template"))
    known = pc.index_in(table["report_id"], pa.array(ids, pa.string()))
    template = pc.take(pa.array(templates, pa.string()), known)
    state, value = table["state"], table["value"]
    if corrected:
        state = pc.coalesce(table["corrected_state"], state)
        value = pc.if_else(pc.is_valid(table["corrected_state"]), table["corrected_value"], value)
    columns = [table["report_id"], template, table["table_code"], table["row_code"], table["column_code"]]
    return pa.table([*columns, state, value], names=cells_schema().names).cast(cells_schema())
