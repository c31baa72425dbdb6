"""Who is to blame for a failing rule, where its cells were read twice."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gongkai.quality.model import Outcome
from gongkai.reports.model import Agreement, Cell, State

RULE = "row_sum:applications/received/total"
TOTAL, CARRIED = "applications/received/total", "applications/carried_out/total"


@pytest.fixture
def spoilt(balanced):
    """A form with a wrong total and, over the years, a wrong carry-over."""
    form = balanced("2021", 2)
    places = [("applications", "received", "total"), ("applications", "carried_in", "total")]
    return form | {place: Cell(*place, State.NUMBER, Decimal(9999)) for place in places}


@pytest.mark.parametrize(
    ("said", "once", "surely"),
    [
        ({}, "unknown", "publisher"),
        ({TOTAL: Agreement.AGREE}, "unknown", "publisher"),  # the parts were read once
        ({TOTAL: Agreement.DIFFER}, "extraction", "extraction"),
        ({TOTAL: Agreement.ONLY_FIRST}, "unknown", "unknown"),
        ({TOTAL: Agreement.ONLY_SECOND}, "unknown", "unknown"),
        ({CARRIED: Agreement.DIFFER}, "unknown", "publisher"),  # no cell of the rule
    ],
)
def test_two_readings_tell_who_is_to_blame(judge_one, spoilt, said, once, surely):
    for certain, attribution in (((), once), (("now",), surely)):
        found = judge_one(spoilt, certain=certain, agreements={"now": said})[RULE]
        assert (found.outcome, found.attribution) == (Outcome.FAIL, attribution)


def test_a_rule_whose_cells_were_all_read_alike_twice_is_the_publishers(judge_one, spoilt, balanced):
    agreed = {"now": dict.fromkeys(map("/".join, spoilt), Agreement.AGREE)}
    found = judge_one(spoilt, balanced("2021", 1), agreements=agreed)
    assert found[RULE].attribution == "publisher"
    # it says nothing of the year before
    assert found["carry_over:applications/carried_in/total"].attribution == "unknown"
