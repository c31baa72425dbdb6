"""The violations that the shared corpus lists are found from its true cells, and nothing else fails."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from gongkai.quality.check import check
from gongkai.quality.model import Outcome
from gongkai.reports.model import Cell, State

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
JUDGED = {"row_sum", "column_balance", "resolved_sum", "review_sum", "legacy_sum", "carry_over"}
NOTHING_PRINTED = {"", "\u00a0", "\u3000"}


def truths(folder: str) -> dict[str, dict]:
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((CORPUS / folder).glob("*.json"))}


def form(truth: dict) -> dict:
    cells = {}
    for table, row, column, value, raw in truth["cells"]:
        if value is not None:
            cell = Cell(table, row, column, State.NUMBER, Decimal(str(value)))
        else:
            cell = Cell(table, row, column, State.BLANK if raw in NOTHING_PRINTED else State.NOT_APPLICABLE)
        cells[table, row, column] = cell
    return cells


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not beside the checkout")
@pytest.mark.parametrize(("folder", "at_least"), [("seeds", 12), ("sample", 52), ("real", 1)])
def test_exactly_the_listed_violations_fail(folder, at_least, as_cells, as_links):
    reports = truths(folder)
    assert len(reports) >= at_least
    by_year = {}
    for name, truth in reports.items():
        by_year.setdefault((truth["agency"], truth["report_year"]), name)
    links = {
        name: by_year[truth["agency"], truth["report_year"] - 1]
        for name, truth in reports.items()
        if (truth["agency"], truth["report_year"] - 1) in by_year
    }
    cells = as_cells({name: (truth["template"], form(truth)) for name, truth in reports.items()})

    result = check(cells, as_links(links), certain=set(reports), engines="both")

    failing = {
        (f.report_key, f.rule_id): (f.printed, f.expected, f.attribution)
        for f in result.findings
        if f.outcome is Outcome.FAIL and f.family in JUDGED
    }
    listed = {
        (name, violation["id"]): (violation["printed"], violation["expected"], "publisher")
        for name, truth in reports.items()
        for violation in truth["violations"]
        if violation["id"].split(":")[0] in JUDGED
    }
    assert failing == listed
    if folder == "sample":
        assert {rule_id.split(":")[0] for _, rule_id in listed} >= {"row_sum", "column_balance", "carry_over"}
