"""One digit changed in one cell: exactly the rules that involve the cell fail, and the reader sees the change."""

from __future__ import annotations

import pytest

from gongkai.contracts.load import load_templates
from gongkai.documents.read import read
from gongkai.reports.build import build_report

from .mutate import failing, flip_digit, key, printed_as, sample_entries, with_cell

CLEAN_2021 = "suqian-government-2024.docx"
CLEAN_2019 = "yunling-government-2020.html"
CLEAN_LEGACY = "yunling-education-2018.html"

CASES = {
    "row_sum": (CLEAN_2021, "applications/received/total", {
        "row_sum:applications/received/total", "column_balance:applications/resolved_total/total",
    }),
    "row_sum and resolved_sum": (CLEAN_2021, "applications/refused.process/business", {
        "row_sum:applications/refused.process/total", "resolved_sum:applications/resolved_total/business",
    }),
    "column_balance": (CLEAN_2021, "applications/carried_out/other_org", {
        "row_sum:applications/carried_out/total", "column_balance:applications/resolved_total/other_org",
    }),
    "resolved_sum": (CLEAN_2019, "applications/other/total", {
        "row_sum:applications/other/total", "resolved_sum:applications/resolved_total/total",
    }),
    "resolved_total": (CLEAN_2021, "applications/resolved_total/natural_person", {
        "row_sum:applications/resolved_total/total", "column_balance:applications/resolved_total/natural_person",
        "resolved_sum:applications/resolved_total/natural_person",
    }),
    "review_sum": (CLEAN_2019, "review/litigation_direct/upheld", {"review_sum:review/litigation_direct/total"}),
    "carry_over": (CLEAN_2021, "applications/carried_in/natural_person", {
        "row_sum:applications/carried_in/total", "column_balance:applications/resolved_total/natural_person",
        "carry_over:applications/carried_in/natural_person",
    }),
    "stock": (CLEAN_2021, "proactive/regulations/repealed", {"stock:proactive/regulations/in_force"}),
    "legacy_sum": (CLEAN_LEGACY, "legacy/3.3.4/value", {
        "legacy_sum:legacy/3.3/value", "legacy_sum:legacy/3.3.4/value",
    }),
    "no rule": (CLEAN_2021, "proactive/penalties/decisions", set()),
}  # fmt: skip


@pytest.fixture(params=CASES, ids=lambda name: name.replace(" ", "_"))
def case(request):
    file, cell, expected = CASES[request.param]
    return sample_entries()[file], key(cell), expected


def test_exactly_the_named_rules_fail(case):
    entry, cell, expected = case
    assert failing(entry.paper, entry.before) == set()
    assert failing(flip_digit(entry.paper, cell), entry.before) == expected


@pytest.mark.parametrize("style", ["docx_official", "html_table"])
def test_the_reader_sees_the_changed_digit_and_no_other(case, style):
    entry, cell, _ = case
    changed = flip_digit(entry.paper, cell)
    file, data = printed_as(changed, style)
    report = build_report(read(data, file))
    values = {(one.table, one.row, one.column): one.value for one in report.cells}
    assert values == {where: printed.value for where, printed in changed.sheet.items()}
    assert values[cell] != entry.paper.sheet[cell].value


@pytest.mark.parametrize("file", [CLEAN_2021, CLEAN_2019, CLEAN_LEGACY, "yunling-health-2022.docx"])
def test_every_cell_breaks_the_rules_of_the_contract_that_name_it(file):
    """The evaluator of the samples and the contract's rules were written apart; here they must agree cell by cell."""
    entry = sample_entries()[file]
    already = failing(entry.paper, entry.before)
    # A change between years is no identity: one digit need not break it.
    rules = [one for one in load_templates()[entry.paper.template].expanded_rules if one.terms and not one.tolerance]
    for cell, printed in entry.paper.sheet.items():
        if printed.value is None:
            continue
        expected = {rule.id for rule in rules if _involves(rule, cell) and (entry.before or not rule.crosses_years)}
        changed = failing(flip_digit(entry.paper, cell), entry.before)
        assert changed == already | (expected - _not_judged(entry)), cell


def _involves(rule, cell):
    here = {(rule.table, term.row, term.column) for term in rule.terms if not term.previous}
    return cell in here | {(rule.table, rule.row, rule.column)}


def _not_judged(entry):
    """Rules across years for which the year before, of another template, has no cell."""
    before = entry.before or {}
    rules = load_templates()[entry.paper.template].expanded_rules
    return {
        rule.id
        for rule in rules
        for term in rule.terms
        if term.previous and (rule.table, term.row, term.column) not in before
    }


def test_a_change_in_one_year_breaks_the_carry_over_of_the_next():
    entry = sample_entries()[CLEAN_2021]
    before = sample_entries()["suqian-government-2023.html"].paper
    changed = flip_digit(before, key("applications/carried_out/business"))
    assert failing(entry.paper, changed.sheet) == {"carry_over:applications/carried_in/business"}


def test_a_blank_total_is_not_judged_but_a_blank_part_counts_as_zero():
    entry = sample_entries()[CLEAN_2021]
    total = key("review/review/total")
    assert failing(with_cell(entry.paper, total, ""), entry.before) == set()
    part = key("review/review/upheld")
    assert entry.paper.sheet[part].value
    assert failing(with_cell(entry.paper, part, ""), entry.before) == {"review_sum:review/review/total"}
