"""What rules answered over groups of reports is what they answered over all of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gongkai.quality.check import check
from gongkai.quality.coverage import coverage_over
from gongkai.quality.model import RuleCoverage
from gongkai.reports.model import Cell, State

ANSWERS = ("passed", "passed_if_blank_is_zero", "failed", "undecidable")


@st.composite
def coverages(draw):
    template, rule_id = draw(st.sampled_from(["2021", "2019"])), draw(st.sampled_from(["a:t/r/c", "b:t/r/c"]))
    answers = [draw(st.integers(0, 9)) for _ in ANSWERS]
    return RuleCoverage(template, rule_id, sum(answers), *answers)


@given(st.lists(st.lists(coverages())))
def test_each_count_is_the_sum_of_its_groups_in_order_of_appearance(groups):
    every = [one for group in groups for one in group]
    total = coverage_over(groups)
    assert [(one.template, one.rule_id) for one in total] == list(
        dict.fromkeys((one.template, one.rule_id) for one in every)
    )
    for one in total:
        same = [other for other in every if (other.template, other.rule_id) == (one.template, one.rule_id)]
        for name in ("applicable", *ANSWERS):
            assert getattr(one, name) == sum(getattr(other, name) for other in same)


def test_checks_of_groups_add_up_to_the_check_of_all(balanced, as_cells, as_links):
    total = ("review", "review", "total")
    forms = {f"r{n}": ("2021" if n % 3 else "2019", balanced("2021" if n % 3 else "2019", n)) for n in range(6)}
    forms["r4"] = ("2021", forms["r4"][1] | {total: Cell(*total, State.BLANK)})
    forms["r5"] = ("2021", forms["r5"][1] | {total: Cell(*total, State.TEXT)})
    cells, links = as_cells(forms), as_links({})
    whole = check(cells, links, engines="sql").coverage
    groups = [
        check(cells, links, subjects=keys, engines="sql").coverage
        for keys in (["r0", "r5"], ["r1"], ["r2", "r3", "r4"])
    ]
    assert coverage_over(groups) == whole
    assert coverage_over([whole]) == whole
    assert coverage_over([]) == ()
