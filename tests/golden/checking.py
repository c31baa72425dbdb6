"""Puts sample papers before the project's checker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gongkai.quality.check import check
from gongkai.quality.tables import cells_schema, previous_schema
from samples.making.paper import Paper

if TYPE_CHECKING:
    from gongkai.quality.model import CheckResult


def check_papers(papers: Mapping[str, Paper], before: Mapping[str, str], engines: str = "sql") -> CheckResult:
    """Check papers by report key; `before` links a key to that of the year before."""
    import pyarrow as pa

    cells = [
        (report_key, paper.template, *where, cell.state, cell.value)
        for report_key, paper in papers.items()
        for where, cell in paper.sheet.items()
    ]
    columns = [
        pa.array(column, field.type) for column, field in zip(zip(*cells, strict=True), cells_schema(), strict=True)
    ]
    links = [pa.array(column, pa.string()) for column in (list(before), list(before.values()))]
    return check(pa.table(columns, schema=cells_schema()), pa.table(links, schema=previous_schema()), engines=engines)


def failures(result: CheckResult, report_key: str) -> dict[str, tuple[object, object]]:
    """Rule id to (printed, expected) of the failing rules of one report."""
    return {
        finding.rule_id: (finding.printed, finding.expected)
        for finding in result.findings
        if finding.report_key == report_key and finding.outcome == "fail"
    }
