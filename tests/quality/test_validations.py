"""Results of Great Expectations over groups of reports become the result of one run over all of them."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.quality import gx
from gongkai.quality.rulebook import rule_book
from gongkai.quality.validations import merged
from gongkai.reports.model import Cell, State

TOTAL = ("review", "review", "total")
DECISIONS = ("proactive", "licensing", "decisions")
RECEIVED = ("applications", "received", "total")
TOTAL_SUM = "review_sum:review/review/total"
N = 450


def spoil(form, n):
    """Each report of its own kind: passing, breaking sums by amounts that recur, without numbers, with several."""
    return (
        form
        | {
            0: {},
            1: {TOTAL: Cell(*TOTAL, State.NUMBER, Decimal(-(n * n % 61)))},
            2: {DECISIONS: Cell(*DECISIONS, State.TEXT), TOTAL: Cell(*TOTAL, State.NOT_EXTRACTED)},
            3: {TOTAL: Cell(*TOTAL, State.NUMBER, Decimal(n * n) / 8), RECEIVED: Cell(*RECEIVED, State.BLANK)},
        }[kind(n)]
    )


def kind(n):
    """Runs of one kind long enough for lists to be cut, then a few reports of each in turn."""
    return 0 if n < 10 else 1 if n < 220 else 2 if n < 430 else n % 4


@pytest.fixture(scope="module")
def run(balanced, as_cells, as_links):
    """Judge some of the reports by their numbers: the result that lasts."""
    forms = [balanced("2021", seed) for seed in range(5)]
    cells = as_cells({f"r{n:03d}": ("2021", spoil(forms[n * n % 5], n)) for n in range(N)})
    links = as_links({f"r{n:03d}": f"r{n - 1:03d}" for n in range(430, N)})

    def judge(chosen):
        keys = [f"r{n:03d}" for n in chosen]
        known = pa.array([*keys, *(f"r{n - 1:03d}" for n in chosen)])
        needed = cells.filter(pc.is_in(cells["report_key"], known))
        return gx.judge(rule_book(), needed, links, subjects=keys).validations["2021"]

    return judge


@pytest.fixture(scope="module")
def whole(run):
    return run(range(N))


@pytest.fixture(scope="module")
def singles(run):
    """Results of one report each."""
    return {n: run([n]) for n in (0, 10, 11, 220, 221, 431)}


@pytest.fixture(scope="module")
def run_over_singles(run, singles):
    return run(singles)


def as_text(result):
    """To the byte, with the order of names."""
    return json.dumps(result)


def test_the_reports_reach_what_merging_must_get_right(whole):
    by_column = {one["expectation_config"]["kwargs"]["column"]: one for one in whole["results"]}
    broken, incomplete = by_column[TOTAL_SUM]["result"], by_column["complete:non_negative:proactive"]["result"]
    assert len(broken["unexpected_index_list"]) == broken["unexpected_count"] > len(broken["unexpected_list"]) == 200
    assert len(set(broken["unexpected_list"])) > 20
    assert broken["partial_unexpected_counts"][0]["count"] > broken["partial_unexpected_counts"][-1]["count"]
    assert 0 < broken["missing_count"] < broken["element_count"]
    assert len(incomplete["unexpected_index_list"]) > len(incomplete["unexpected_list"]) == 200
    assert 0 < whole["statistics"]["successful_expectations"] < whole["statistics"]["evaluated_expectations"]


@pytest.mark.parametrize(
    "cuts",
    [
        (10, 220, 430),  # all pass; all break a rule; all are NULL there
        pytest.param((1, 225, N - 1), marks=pytest.mark.slow),
        pytest.param((5, 60, 300, 301), marks=pytest.mark.slow),
    ],
)
def test_groups_merged_are_one_run_over_all(run, whole, cuts):
    groups = [run(range(start, end)) for start, end in pairwise((0, *cuts, N))]
    before = copy.deepcopy(groups)
    assert merged(groups) == whole
    assert as_text(merged(groups)) == as_text(whole)
    assert groups == before
    assert as_text(merged([merged(groups[:2]), *groups[2:]])) == as_text(whole)


@pytest.mark.slow
def test_groups_that_lie_across_each_other_are_one_run_over_all(run, whole):
    groups = [run(range(start, N, 3)) for start in range(3)]
    assert as_text(merged(groups)) == as_text(merged(groups[::-1])) == as_text(whole)


def test_groups_where_everything_passes_or_nothing_is_there(run):
    passing, empty = run(range(10)), run(range(220, 430))
    by_column = {one["expectation_config"]["kwargs"]["column"]: one["result"] for one in empty["results"]}
    assert by_column[TOTAL_SUM]["unexpected_percent"] is None
    assert passing["success"] and not empty["success"]
    assert as_text(merged([run(range(4)), run(range(4, 10))])) == as_text(passing)
    assert as_text(merged([run(range(220, 221)), run(range(221, 430))])) == as_text(empty)


@pytest.mark.slow
def test_one_result_is_itself(whole, singles):
    for one in (whole, *singles.values()):
        assert as_text(merged([one])) == as_text(one)


@pytest.mark.slow
@given(st.data())
def test_reports_judged_one_by_one_merge_in_any_order_and_by_any_steps(singles, run_over_singles, data):
    order = data.draw(st.permutations(sorted(singles)))
    group_of = {n: data.draw(st.integers(0, 3)) for n in order}
    groups = [[singles[n] for n in order if group_of[n] == group] for group in range(4)]
    assert as_text(merged([merged(group) for group in groups if group])) == as_text(run_over_singles)


@pytest.mark.slow
def test_results_of_another_template_merge_too(balanced, as_cells, as_links):
    template = "legacy"
    forms = {f"r{n}": (template, balanced(template, n)) for n in range(6)}
    for key in ("r1", "r4"):
        form = forms[key][1]
        place = next(iter(form))
        forms[key] = (template, form | {place: Cell(*place, State.NUMBER, Decimal("-0.5"))})
    cells, links = as_cells(forms), as_links({})
    result = {
        keys: gx.judge(rule_book(), cells, links, subjects=keys.split()).validations[template]
        for keys in ("r0 r1 r2 r3 r4 r5", "r0 r2", "r1", "r3 r4 r5")
    }
    expected, *groups = result.values()
    assert not expected["success"]
    assert as_text(merged(groups)) == as_text(expected)


def test_what_is_not_of_one_suite_is_refused(whole, balanced, as_cells, as_links):
    other = gx.judge(rule_book(), as_cells({"a": ("2019", balanced("2019"))}), as_links({})).validations["2019"]
    older = whole | {"meta": {"great_expectations_version": "1.0.0"}}
    fewer = whole | {"results": whole["results"][1:]}
    for foreign in (other, older, fewer):
        with pytest.raises(ValueError, match="not of the same suite"):
            merged([whole, foreign])
    with pytest.raises(ValueError, match="no validation results"):
        merged([])
