"""One wrong digit in any cell of any template: exactly the rules that contain the cell fail, by both engines."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gongkai.contracts.load import load_templates
from gongkai.quality.check import check
from gongkai.quality.model import Outcome
from gongkai.reports.model import Cell, State

FAMILIES = {
    "2021": {"row_sum", "column_balance", "resolved_sum", "review_sum", "carry_over", "stock"},
    "2019": {"row_sum", "column_balance", "resolved_sum", "review_sum", "carry_over"},
    "legacy": {"legacy_sum"},
}


def wrong_digit(cell: Cell) -> Cell:
    """The last digit one higher, 9 becoming 0: never negative, always whole."""
    value = int(cell.value)
    changed = value - 9 if value % 10 == 9 else value + 1
    return Cell(cell.table, cell.row, cell.column, State.NUMBER, Decimal(changed))


def rules_with(template: str, place, form, *, previous: bool) -> set[str]:
    """Ids of the sums that a cell is part of, as the contract says."""
    found = set()
    for rule in load_templates()[template].expanded_rules:
        judged = (rule.table, rule.row, rule.column)
        terms = {(rule.table, term.row, term.column) for term in rule.terms if term.previous is previous}
        if (
            rule.terms
            and not rule.tolerance
            and judged in form
            and (place in terms or (place == judged and not previous))
        ):
            found.add(rule.id)
    return found


@pytest.mark.parametrize(
    ("template", "single_other"), [("2021", False), ("2021", True), ("2019", False), ("legacy", False)]
)
def test_exactly_the_rules_that_contain_the_cell_fail(template, single_other, balanced, as_cells, as_links):
    before = balanced(template, 1)
    now = balanced(template, 2, single_other=single_other, after=before)
    forms, links, expected = {"before": (template, before)}, {}, set()
    for number, (place, cell) in enumerate(now.items()):
        key = f"now-{number:03d}"
        forms[key], links[key] = (template, now | {place: wrong_digit(cell)}), "before"
        expected |= {(key, rule) for rule in rules_with(template, place, now, previous=False)}
    carried = [place for place in before if rules_with(template, place, now, previous=True)]
    for number, place in enumerate(carried):
        key = f"next-{number:03d}"
        forms[key], links[key] = (template, now), f"before-{number:03d}"
        forms[links[key]] = (template, before | {place: wrong_digit(before[place])})
        expected |= {(key, rule) for rule in rules_with(template, place, now, previous=True)}

    result = check(as_cells(forms), as_links(links), subjects=list(links), engines="both")

    # a wrong last digit is no implausible change, but the two years of this test need not be alike
    found = [finding for finding in result.findings if finding.family != "year_change"]
    assert {(f.report_key, f.rule_id) for f in found} == expected
    assert {f.outcome for f in found} == {Outcome.FAIL}
    assert {f.family for f in found} == FAMILIES[template]
    assert result.engines_agree
    # off by the one digit: 1, or 9 where a 9 became a 0
    assert {abs(f.printed - f.expected) for f in found} <= {Decimal(1), Decimal(9)}
