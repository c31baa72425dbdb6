"""Check: reports to verdicts, across the years of an agency where several are given."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from gongkai.contracts.quality import attribution_policy
from gongkai.quality.blame import Blame
from gongkai.reports.agency import agency_key
from gongkai.reports.model import Identity, Report, State

if TYPE_CHECKING:
    import pyarrow as pa

    from gongkai.quality.copied import Overviews, Wrote
    from gongkai.quality.identities import Form
    from gongkai.quality.model import CheckResult, Finding
    from gongkai.quality.texts import TextResult

COLUMNS = (
    "file", "rule", "family", "table", "row", "column", "outcome", "severity", "printed", "expected", "attribution",
    "reason", "cells", "message",
)  # fmt: skip
EXACT_FORMATS = frozenset(["docx", "html", "odt", "doc", "rtf", "wps", "wordml", "md", "txt", "ofd", "pdf"])
"""Formats whose text the file itself states; what was printed there is read without guessing."""


def is_certain(report: Report) -> bool:
    """Tell whether the reading of a report is beyond doubt: an exact format, every cell found and readable."""
    sure = attribution_policy().sure
    return report.format in EXACT_FORMATS and all(
        cell.state not in (State.NOT_EXTRACTED, State.TEXT) and cell.confidence >= sure for cell in report.cells
    )


def cells_table(reports: Mapping[str, Report]) -> pa.Table:
    """Put the cells of reports, by key, into the table that checking takes; a number too long for the lake is text."""
    import pyarrow as pa

    from gongkai.lake.rows import fitting
    from gongkai.quality.tables import cells_schema

    columns: dict[str, list[Any]] = {name: [] for name in cells_schema().names}
    for key, report in reports.items():
        cells = [fitting(cell) for cell in report.cells]
        columns["report_key"] += [key] * len(cells)
        columns["template"] += [report.template] * len(cells)
        columns["table"] += [cell.table for cell in cells]
        columns["row"] += [cell.row for cell in cells]
        columns["column"] += [cell.column for cell in cells]
        columns["state"] += [cell.state.value for cell in cells]
        columns["value"] += [cell.value for cell in cells]
    return pa.table(columns, schema=cells_schema())


def links_table(links: Mapping[str, str]) -> pa.Table:
    """Put links from report key to the key of the year before into the table that checking takes."""
    import pyarrow as pa

    from gongkai.quality.tables import previous_schema

    return pa.table({"report_key": list(links), "previous_key": list(links.values())}, schema=previous_schema())


def links_between(reports: Mapping[str, Report]) -> dict[str, str]:
    """Link each report with the same agency's report of the year before, where that is among them.

    Of several readings of one report (the same report as docx and as txt) the first in order that was read most
    completely stands for the year.
    """
    best: dict[tuple[str, int], tuple[int, int, str]] = {}
    for position, (key, report) in enumerate(reports.items()):
        missing = sum(cell.state is State.NOT_EXTRACTED for cell in report.cells)
        who = (_agency(report.identity), report.identity.report_year)
        best[who] = min(best.get(who, (missing, position, key)), (missing, position, key))
    links = {}
    for key, report in reports.items():
        before = best.get((_agency(report.identity), report.identity.report_year - 1))
        if before and report.identity.agency:
            links[key] = before[2]
    return links


def _agency(identity: Identity) -> str:
    """What tells an agency from others: 临沂市兰山区科技局 is 兰山区科学技术局, 鼓楼区教育局 of two cities are two."""
    return agency_key(identity.agency, identity.region_code)


def check_reports(reports: Mapping[str, Report], engines: Literal["sql", "both"] = "sql") -> CheckResult:
    """Judge reports by all rules of their templates, across years where the agency's year before is among them.

    Args:
        reports: By key, e.g. the path of the file.
        engines: "sql", or "both" to have Great Expectations judge too and compare.
    """
    from gongkai.quality.check import check

    links = links_between(reports)
    certain = frozenset(key for key, report in reports.items() if is_certain(report))
    blames = Blames(reports, links, lambda key: form_of(reports[key]), certain)
    result = check(cells_table(reports), links_table(links), certain=certain, engines=engines)
    return replace(result, findings=result.findings.blamed(blames.judge))


def form_of(report: Report) -> Form:
    """Put the cells of a report by their key."""
    return {cell.key: cell for cell in report.cells}


class Blames:
    """Who is to blame in many reports: each is looked into when a finding of it is asked for.

    Args:
        reports: By key.
        links: From a report's key to that of the agency's report of the year before.
        previous: Gives the cells of a report of the year before, by key.
        certain: Keys of the reports, of both years, whose reading is beyond doubt.
    """

    def __init__(
        self,
        reports: Mapping[str, Report],
        links: Mapping[str, str],
        previous: Callable[[str], Form],
        certain: Collection[str],
    ) -> None:
        self._reports, self._links, self._previous, self._certain = reports, links, previous, certain
        self._last: tuple[str, Blame] | None = None

    def of(self, key: str) -> Blame:
        """Return what is known of one report; the last is kept, for findings come report by report."""
        if self._last is None or self._last[0] != key:
            before = self._links.get(key)
            blame = Blame(
                self._reports[key],
                self._previous(before) if before else None,
                certain=key in self._certain,
                previous_certain=before in self._certain,
            )
            self._last = (key, blame)
        return self._last[1]

    def judge(self, finding: Finding) -> Finding:
        """Add to a finding who is to blame."""
        return self.of(finding.report_key).on(finding)


def text_result(
    reports: Mapping[str, Report], others: Overviews | None = None, wrote: Mapping[str, Wrote] | None = None
) -> TextResult:
    """Judge reports, by key, by the rules over their text.

    Args:
        reports: The reports.
        others: Overviews that texts are compared with; those of these reports where None.
        wrote: Who wrote each, as `others` name them; what reports say of themselves where None.
    """
    from gongkai.quality.texts import judge_texts

    certain = {key for key, report in reports.items() if is_certain(report)}
    return judge_texts(reports, certain=certain, others=others, wrote=wrote)


def blamed_texts(findings: Iterable[Finding], blame: Blame) -> Iterator[Finding]:
    """Say who is to blame where text and tables differ; a rule that looks at no cell speaks of the text alone."""
    for finding in findings:
        yield blame.on(finding) if finding.cells else finding


def finding_rows(result: CheckResult, reports: Mapping[str, Report]) -> Iterator[dict[str, Any]]:
    """Yield one row a verdict other than pass, as `gongkai check` prints them, in the order of the files.

    `cells` are those to blame where that is beyond doubt, else all that the rule looked at.

    Those over the tables come first for each report, then those over its text.
    """
    position = {key: index for index, key in enumerate(reports)}
    told, findings = text_result(reports).findings, list(result.findings)
    for key, report in reports.items():
        findings += blamed_texts(told[key], Blame(report, certain=is_certain(report)))
    for finding in sorted(findings, key=lambda finding: position[finding.report_key]):
        yield {
            "file": finding.report_key,
            "rule": finding.rule_id,
            "family": finding.family,
            "table": finding.table,
            "row": finding.row,
            "column": finding.column,
            "outcome": finding.outcome.value,
            "severity": finding.severity,
            "printed": finding.printed,
            "expected": finding.expected,
            "attribution": finding.attribution,
            "reason": finding.reason.value,
            "cells": list(finding.guilty or finding.cells),
            "message": finding.message_zh,
        }


def error_row(file: str, code: str, reason: str) -> dict[str, Any]:
    """Return the row of a document that could not be checked because it could not be read."""
    empty: dict[str, Any] = dict.fromkeys(COLUMNS)
    return empty | {
        "file": file, "rule": f"document:{code}", "family": "document", "outcome": "undecidable",
        "severity": "error", "attribution": "unknown", "reason": code, "cells": [], "message": reason,
    }  # fmt: skip
