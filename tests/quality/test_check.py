"""Each family, each outcome, the variants of the form, the year before, and bad input."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from decimal import Decimal

import pyarrow as pa
import pytest

from gongkai.contracts.load import load_templates
from gongkai.errors import RunError
from gongkai.quality.check import check
from gongkai.quality.model import Outcome, Reason
from gongkai.reports.model import Cell, State

RECEIVED = ("applications", "received", "total")
ROW_SUM = "row_sum:applications/received/total"
DIRECT = ("review", "litigation_direct", "total")
REVIEW_SUM = "review_sum:review/litigation_direct/total"
PARTS = [("review", "litigation_direct", column) for column in ("upheld", "corrected", "other", "pending")]


def put(form, *cells):
    return form | {(cell.table, cell.row, cell.column): cell for cell in cells}


def blank(place, state=State.BLANK):
    return Cell(*place, state)


def num(place, value):
    return Cell(*place, State.NUMBER, Decimal(value))


@pytest.fixture
def year_before(balanced):
    return balanced("2021", 1)


@pytest.fixture
def form(balanced, year_before):
    return balanced("2021", 2, after=year_before)


def test_a_report_that_satisfies_everything_has_no_findings(judge_one, form, year_before):
    assert judge_one(form, year_before) == {}


def test_parts_that_sum_to_11_with_a_printed_total_of_0_fail(judge_one, form, year_before):
    """A district government's table 四, as printed."""
    spoilt = put(form, *(num(p, v) for p, v in zip(PARTS, (5, 3, 2, 1), strict=True)), num(DIRECT, 0))
    found = judge_one(spoilt, year_before)
    assert list(found) == [REVIEW_SUM]
    finding = found[REVIEW_SUM]
    assert (finding.outcome, finding.printed, finding.expected) == (Outcome.FAIL, Decimal(0), Decimal(11))
    assert (finding.family, finding.table, finding.row, finding.column) == ("review_sum", *DIRECT)
    assert finding.cells == tuple("/".join(place) for place in (DIRECT, *PARTS))
    assert finding.severity == "error"
    assert "未经复议直接起诉" in finding.message_zh
    assert "印为 0，应为 11" in finding.message_zh
    assert "printed 0, expected 11" in finding.message_en
    assert finding.is_worth_showing


def test_columns_that_do_not_balance_are_found_though_the_total_column_does(judge_one, form, year_before):
    """洋河新区 2025: 自然人 61 against 60 and 其他 0 against 1."""
    person, other = (("applications", "granted", column) for column in ("natural_person", "other_org"))
    spoilt = put(form, num(person, form[person].value + 1), num(other, form[other].value - 1))
    found = judge_one(spoilt, year_before)
    assert set(found) == {f"resolved_sum:applications/resolved_total/{c}" for c in ("natural_person", "other_org")}


def test_blank_parts_count_as_zero_but_are_told(judge_one, form, year_before):
    zeros = put(form, *(num(place, 0) for place in PARTS), num(DIRECT, 0))
    half = put(zeros, blank(PARTS[0]), blank(PARTS[1], State.NOT_APPLICABLE))
    finding = judge_one(half, year_before)[REVIEW_SUM]
    assert (finding.outcome, finding.reason) == (Outcome.PASS_IF_BLANK_IS_ZERO, Reason.BLANK_PARTS)
    assert not finding.is_worth_showing
    wrong = judge_one(put(half, num(DIRECT, 7)), year_before)[REVIEW_SUM]
    assert (wrong.outcome, wrong.reason, wrong.expected) == (Outcome.FAIL, Reason.BLANK_PARTS, Decimal(0))


@pytest.mark.parametrize("state", [State.BLANK, State.NOT_APPLICABLE])
def test_a_blank_total_passes_only_over_parts_of_zero(judge_one, form, year_before, state):
    spoilt = put(form, *(num(place, 0) for place in PARTS), blank(DIRECT, state))
    assert judge_one(spoilt, year_before)[REVIEW_SUM].outcome is Outcome.PASS_IF_BLANK_IS_ZERO
    finding = judge_one(put(spoilt, num(PARTS[0], 3)), year_before)[REVIEW_SUM]
    assert (finding.outcome, finding.reason) == (Outcome.UNDECIDABLE, Reason.BLANK_TOTAL)
    assert (finding.printed, finding.expected) == (None, Decimal(3))
    assert finding.is_worth_showing


def test_a_total_over_nothing_but_blanks_passes_only_as_zero(judge_one, form, year_before):
    spoilt = put(form, *(blank(place) for place in PARTS), num(DIRECT, 0))
    assert judge_one(spoilt, year_before)[REVIEW_SUM].outcome is Outcome.PASS_IF_BLANK_IS_ZERO
    finding = judge_one(put(spoilt, num(DIRECT, 4)), year_before)[REVIEW_SUM]
    assert (finding.outcome, finding.reason) == (Outcome.UNDECIDABLE, Reason.PARTS_ALL_BLANK)


@pytest.mark.parametrize("place", [DIRECT, PARTS[2]])
@pytest.mark.parametrize("state", [State.TEXT, State.NOT_EXTRACTED])
def test_a_cell_without_a_reading_leaves_its_rules_undecidable(judge_one, form, year_before, place, state):
    found = judge_one(put(form, blank(place, state)), year_before)
    own = {f"{family}:{'/'.join(place)}" for family in ("non_negative", "integer")}
    assert set(found) == {REVIEW_SUM} | own
    assert {(f.outcome, f.reason.value) for f in found.values()} == {(Outcome.UNDECIDABLE, state.value)}
    lost = state is State.NOT_EXTRACTED
    assert {f.attribution for f in found.values()} == {"extraction" if lost else "unknown"}
    assert all(f.expected is None for f in found.values())


def test_the_single_row_of_other_outcomes_stands_for_the_three(judge_one, balanced, year_before):
    form = balanced("2021", 3, single_other=True, after=year_before)
    assert ("applications", "other", "total") in form
    assert judge_one(form, year_before) == {}
    place = ("applications", "other", "research")
    found = judge_one(put(form, num(place, form[place].value + 1)), year_before)
    resolved = found["resolved_sum:applications/resolved_total/research"]
    assert set(found) == {resolved.rule_id, "row_sum:applications/other/total"}
    assert "applications/other/research" in resolved.cells
    assert not any("applications/other." in cell for cell in resolved.cells)


def test_carry_over_needs_the_year_before(judge_one, form):
    found = judge_one(form)
    assert {f.family for f in found.values()} == {"carry_over", "stock"}
    assert {(f.outcome, f.reason) for f in found.values()} == {(Outcome.UNDECIDABLE, Reason.NO_PREVIOUS_REPORT)}
    assert not any(f.is_worth_showing for f in found.values())


def test_carry_over_names_the_cell_of_the_year_before(judge_one, form, year_before):
    place = ("applications", "carried_out", "total")
    found = judge_one(form, put(year_before, num(place, 999)))
    assert list(found) == ["carry_over:applications/carried_in/total"]
    (finding,) = found.values()
    assert finding.cells == ("applications/carried_in/total", "previous:applications/carried_out/total")
    assert finding.expected == Decimal(999)


def test_stock_is_a_warning(judge_one, form, year_before):
    place = ("proactive", "normative_documents", "in_force")
    (finding,) = judge_one(put(form, num(place, form[place].value + 2)), year_before).values()
    assert (finding.rule_id, finding.severity) == ("stock:proactive/normative_documents/in_force", "warning")


def test_a_year_before_of_another_template_answers_what_it_has(balanced, as_cells, as_links):
    before = balanced("2019", 4)
    now = balanced("2021", 5, after=before)
    wrong = ("applications", "carried_in", "business")
    forms = {"2021": ("2021", now), "2020": ("2019", before), "2019": ("legacy", balanced("legacy", 6))}
    result = check(as_cells(forms), as_links({"2021": "2020", "2020": "2019"}), engines="sql")
    told = {(f.report_key, f.family, f.reason) for f in result.findings}
    assert told == {
        ("2020", "carry_over", Reason.NO_PREVIOUS_REPORT),
        ("2021", "stock", Reason.NO_PREVIOUS_REPORT),
        *((year, "year_change", Reason.NO_PREVIOUS_REPORT) for year in ("2019", "2020", "2021")),
    }
    spoilt = forms | {"2021": ("2021", put(now, num(wrong, now[wrong].value + 1)))}
    result = check(as_cells(spoilt), as_links({"2021": "2020"}), subjects=["2021"], engines="sql")
    assert "carry_over:applications/carried_in/business" in {
        f.rule_id for f in result.findings if f.outcome is Outcome.FAIL
    }


@pytest.mark.parametrize(
    ("before", "now", "outcome"),
    [(5, 104, None), (0, 99, None), (0, 100, "fail"), (11, 110, None), (11, 111, "fail"), (5000, 450, "fail"),
     (200, 1999, None), (200, 2000, "fail")],
)  # fmt: skip
def test_a_change_is_implausible_where_it_is_both_great_and_manifold(
    balanced, as_cells, as_links, before, now, outcome
):
    place = ("review", "review", "total")
    forms = {
        key: ("2021", put(balanced("2021", 1), num(place, value))) for key, value in (("before", before), ("now", now))
    }
    result = check(as_cells(forms), as_links({"now": "before"}), subjects=["now"], engines="sql")
    (found,) = [f for f in result.findings if f.rule_id == "year_change:review/review/total"] or [None]
    assert (found and found.outcome) == outcome
    if found:
        assert (found.printed, found.expected, found.severity) == (now, before, "warning")
        assert found.cells == ("review/review/total", "previous:review/review/total")


def test_numbers_that_are_negative_or_not_whole(judge_one, form, year_before):
    fees = ("proactive", "fees", "amount_10k_cny")
    licensing = ("proactive", "licensing", "decisions")
    found = judge_one(put(form, num(fees, "96171.6"), num(licensing, "-1.5")), year_before)
    told = {rule_id: (f.outcome, f.reason, f.printed, f.expected) for rule_id, f in found.items()}
    value = Decimal("-1.5")
    assert told == {
        "non_negative:proactive/licensing/decisions": (Outcome.FAIL, Reason.NEGATIVE, value, None),
        "integer:proactive/licensing/decisions": (Outcome.FAIL, Reason.NOT_WHOLE, value, None),
    }


def test_a_change_may_be_negative(judge_one, balanced):
    before = balanced("2019", 8)
    form = put(balanced("2019", 9, after=before), num(("proactive", "licensing", "change"), -1))
    assert judge_one(form, before, template="2019") == {}


def test_legacy_parts_as_printed_in_jining_2018(judge_one, balanced):
    """申请答复数 1 with parts 1 + 1; 工作人员数 4 with parts 0 + 2."""
    form = balanced("legacy", 7)
    spoilt = put(form, *(num(place, 0) for place in form if place[1].startswith("3.3")))
    values = {"3.3": 1, "3.3.1": 1, "3.3.6": 1, "8.3": 4, "8.3.1": 0, "8.3.2": 2}
    spoilt = put(spoilt, *(num(("legacy", row, "value"), value) for row, value in values.items()))
    found = judge_one(spoilt, template="legacy")
    assert {rule_id: (f.printed, f.expected) for rule_id, f in found.items()} == {
        "legacy_sum:legacy/3.3/value": (1, 2),
        "legacy_sum:legacy/8.3/value": (4, 2),
    }


def test_a_failing_rule_is_the_publishers_only_where_the_reading_is_certain(judge_one, form, year_before):
    spoilt = put(form, num(("applications", "carried_in", "total"), 999))
    carry, row = "carry_over:applications/carried_in/total", "row_sum:applications/carried_in/total"
    told = {
        certain: {rule: judge_one(spoilt, year_before, certain=certain)[rule].attribution for rule in (carry, row)}
        for certain in ((), ("now",), ("now", "before"))
    }
    assert told == {
        (): {carry: "unknown", row: "unknown"},
        ("now",): {carry: "unknown", row: "publisher"},
        ("now", "before"): {carry: "publisher", row: "publisher"},
    }


def test_coverage_counts_every_rule_of_every_template(balanced, as_cells, as_links):
    form = balanced("2021", 3, single_other=True)
    result = check(as_cells({"a": ("2021", put(form, blank(RECEIVED)))}), as_links({}), engines="sql")
    by_rule = {(c.template, c.rule_id): c for c in result.coverage}
    assert len(by_rule) == sum(len(c.expanded_rules) for c in load_templates().values())
    assert by_rule["2021", ROW_SUM].undecidable == 1
    assert by_rule["2021", "row_sum:applications/other/total"].passed == 1
    assert by_rule["2021", "row_sum:applications/other.other/total"].applicable == 0
    assert by_rule["2021", "integer:applications/received/total"].applicable == 0
    assert by_rule["2021", "integer:applications/granted/total"].passed == 1
    assert by_rule["2021", "carry_over:applications/carried_in/total"].undecidable == 1
    assert all(c.applicable == 0 for c in result.coverage if c.template != "2021")
    for c in result.coverage:
        assert c.applicable == c.passed + c.passed_if_blank_is_zero + c.failed + c.undecidable


def test_reports_that_only_serve_as_the_year_before_are_not_judged(form, year_before, as_cells, as_links):
    spoilt = put(year_before, num(RECEIVED, 0))
    cells = as_cells({"now": ("2021", form), "before": ("2021", spoilt)})
    result = check(cells, as_links({"now": "before"}), subjects=["now"], engines="sql")
    assert {(f.report_key, f.family) for f in result.findings} <= {("now", "year_change")}
    assert check(cells, as_links({}), engines="sql").findings[0].report_key == "before"


def test_numbers_of_many_digits_are_summed_exactly(judge_one, form, year_before):
    """Digits of several cells run together make such numbers; floats would swallow the difference of 1."""
    great = Decimal("123456789012345678")
    spoilt = put(form, num(PARTS[0], great), *(num(place, 0) for place in PARTS[1:]), num(DIRECT, great - 1))
    found = judge_one(spoilt, year_before)
    assert {k: (f.printed, f.expected) for k, f in found.items()} == {REVIEW_SUM: (great - 1, great)}
    assert judge_one(put(spoilt, num(DIRECT, great)), year_before) == {}


def test_findings_are_ordered_whatever_the_order_of_the_cells(balanced, as_cells, as_links):
    forms = {
        key: ("2021", put(balanced("2021", seed), num(DIRECT, 0), num(RECEIVED, 0))) for seed, key in enumerate("cab")
    }
    cells = as_cells(forms)
    first = list(check(cells, as_links({}), engines="sql").findings)
    backwards = cells.take(list(range(cells.num_rows))[::-1])
    assert list(check(backwards, as_links({}), engines="sql").findings) == first
    assert [f.report_key for f in first] == sorted(f.report_key for f in first)


def test_strings_may_be_dictionaries(form, as_cells, as_links):
    cells = as_cells({"now": ("2021", put(form, num(RECEIVED, 0)))})
    encoded = cells.set_column(0, "report_key", cells["report_key"].dictionary_encode())
    plain = check(cells, as_links({}), engines="sql")
    assert list(check(encoded, as_links({}), engines="sql").findings) == list(plain.findings)


def test_no_reports_is_no_findings(as_cells, as_links):
    result = check(as_cells({}), as_links({}), engines="both")
    assert list(result.findings) == []
    assert all(c.applicable == 0 for c in result.coverage)


def test_bad_input_is_refused(form, as_cells, as_links):
    cells, no_links = as_cells({"a": ("2021", form)}), as_links({})
    other = as_cells({"a": ("2019", {RECEIVED: form[RECEIVED]})})
    first = form[RECEIVED]
    licensing = ("proactive", "licensing", "decisions")
    cases = {
        "has cells of two templates": (pa.concat_tables([cells, other]), no_links, {}),
        "has no contract": (as_cells({"a": ("1999", form)}), no_links, {}),
        "has a cell twice": (pa.concat_tables([cells, as_cells({"a": ("2021", {RECEIVED: first})})]), no_links, {}),
        "a cell twice": (
            pa.concat_tables([cells, as_cells({"a": ("2021", {licensing: form[licensing]})})]),
            no_links,
            {},
        ),
        "state and value": (as_cells({"a": ("2021", {RECEIVED: replace(first, value=None)})}), no_links, {}),
        "in no contract of its template": (
            as_cells({"a": ("2019", {("applications", "other.other", "total"): first})}),
            no_links,
            {},
        ),
        "no cells": (cells, no_links, {"subjects": ["a", "b"]}),
        "as the year before": (cells, as_links({"a": "a"}), {}),
        "several of the year before": (cells, pa.concat_tables([as_links({"a": "b"}), as_links({"a": "c"})]), {}),
        "lacks columns": (cells.drop_columns(["value"]), no_links, {}),
        "does not fit": (cells.set_column(6, "value", pa.array(["x"] * cells.num_rows)), no_links, {}),
    }
    for message, (table, links, options) in cases.items():
        with pytest.raises(RunError, match=message):
            check(table, links, engines="sql", **options)


def test_sql_alone_imports_no_great_expectations():
    script = (
        "import sys, pyarrow as pa\n"
        "from gongkai.quality.check import check\n"
        "from gongkai.quality.tables import cells_schema, previous_schema\n"
        "assert 'duckdb' not in sys.modules\n"
        "check(cells_schema().empty_table(), previous_schema().empty_table(), engines='sql')\n"
        "print(sorted({'great_expectations', 'airflow'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
