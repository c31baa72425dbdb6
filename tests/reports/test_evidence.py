from __future__ import annotations

from decimal import Decimal

import pytest

from gongkai.contracts.load import load_templates
from gongkai.reports.evidence import Evidence, weigh_rule

CODES = ("natural_person", "business", "research", "nonprofit", "legal_service", "other_org", "total")


@pytest.fixture(scope="module")
def rule():
    return next(r for r in load_templates()["2021"].expanded_rules if r.id == "row_sum:applications/received/total")


def numbers(*values):
    return {
        ("received", code): None if value is None else Decimal(value) for code, value in zip(CODES, values, strict=True)
    }


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((2, 1, 0, 0, 0, 0, 3), Evidence.CONFIRMS),
        ((3, 0, 0, 0, 0, 0, 3), Evidence.SILENT),  # would hold with the total in the first place as well
        ((0, 0, 0, 0, 0, 0, 0), Evidence.SILENT),
        ((3, 1, 2, 0, 0, 0, 0), Evidence.MISFITS),  # the total stands first
        ((61, 0, 0, 0, 0, 0, 60), Evidence.FAILS),  # a wrong sum in any order: the publisher's
        ((2, None, 0, 0, 0, 0, 2), Evidence.SILENT),
    ],
)
def test_what_a_sum_says_of_the_places_of_its_cells(rule, values, said):
    assert weigh_rule(rule, numbers(*values)) is said


def test_a_cell_that_was_not_extracted_lets_no_sum_speak(rule):
    found = numbers(2, 1, 0, 0, 0, 0, 3)
    del found["received", "business"]
    assert weigh_rule(rule, found) is Evidence.SILENT
