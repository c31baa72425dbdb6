"""Findings as a sequence made on reading, and the words they are told in."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gongkai.contracts.load import load_templates
from gongkai.contracts.template import TemplateContract
from gongkai.errors import RunError
from gongkai.quality.check import check
from gongkai.quality.messages import plain, tell
from gongkai.quality.model import Outcome, Reason
from gongkai.quality.rulebook import RuleBook
from gongkai.reports.model import Cell, State

TOTAL = ("review", "review", "total")


@pytest.fixture
def findings(balanced, as_cells, as_links):
    form = balanced("2021")
    wrong = form | {TOTAL: Cell(*TOTAL, State.NUMBER, Decimal(0))}
    blank = form | {("review", "review", "other"): Cell("review", "review", "other", State.BLANK)}
    blank[TOTAL] = Cell(*TOTAL, State.NUMBER, form[TOTAL].value - form["review", "review", "other"].value)
    return check(as_cells({"b": ("2021", wrong), "a": ("2021", blank)}), as_links({}), engines="sql").findings


def test_they_can_be_counted_indexed_sliced_and_read_again(findings):
    told = list(findings)
    assert list(findings) == told
    assert len(findings) == len(told) > 10
    assert findings[0] == told[0]
    assert findings[-1] == told[-1]
    assert list(findings[2:7:2]) == told[2:7:2]
    assert told[3] in findings
    with pytest.raises(IndexError):
        findings[len(told)]


def test_only_those_worth_showing(findings):
    shown = list(findings.worth_showing())
    assert shown == [finding for finding in findings if finding.is_worth_showing]
    assert [(finding.report_key, finding.rule_id) for finding in shown] == [("b", "review_sum:review/review/total")]
    assert {finding.outcome for finding in findings} == {
        Outcome.FAIL,
        Outcome.UNDECIDABLE,
        Outcome.PASS_IF_BLANK_IS_ZERO,
    }


def test_numbers_come_without_the_zeros_of_their_column(findings):
    (finding,) = findings.worth_showing()
    assert str(finding.printed) == "0"
    assert "." not in str(finding.expected)
    assert "E" not in str(finding.expected)


@pytest.mark.parametrize(
    ("number", "text"),
    [(None, ""), ("43.000000", "43"), ("1E+2", "100"), ("96171.60", "96171.6"), ("0.000000", "0"), ("-1.5", "-1.5")],
)
def test_plain_numbers(number, text):
    assert plain(None if number is None else Decimal(number)) == text


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_its_words(reason):
    contract = load_templates()["2021"]
    rule = next(rule for rule in contract.expanded_rules if rule.id == "row_sum:applications/received/total")
    zh, en = tell(contract, rule, Outcome.UNDECIDABLE, reason, Decimal("12.50"), Decimal("100"))
    assert zh.startswith("收到和处理政府信息公开申请情况，本年新收政府信息公开申请数量／总计：")
    assert "各类申请人之和应等于总计" in zh
    assert "the six kinds of applicants add up to the total" in en
    assert "{" not in zh + en
    told = tell(contract, rule, Outcome.PASS_IF_BLANK_IS_ZERO, reason, Decimal(0), Decimal(0))
    assert "空白按 0 计则相符" in told[0]


def test_a_rule_of_too_many_terms_is_refused():
    fields = load_templates()["2021"].model_dump()
    table = next(table for table in fields["tables"] if table["code"] == "applications")
    rule = next(rule for rule in fields["rules"] if rule["family"] == "row_sum")
    kinds = [table["columns"][0] | {"code": f"kind_{number}"} for number in range(62)]
    table["columns"] = [*kinds, table["columns"][-1]]
    rule["sums"] = [{"target": "total", "terms": {kind["code"]: 1 for kind in kinds}}]
    contract = TemplateContract.model_validate(fields | {"tables": [table], "rules": [rule]})
    with pytest.raises(RunError, match="too many terms"):
        RuleBook({"2021": contract})
