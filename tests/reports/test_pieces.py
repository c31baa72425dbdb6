from __future__ import annotations

from gongkai.contracts.load import load_templates
from gongkai.documents.model import GridCell
from gongkai.reports.doubts import row_rules
from gongkai.reports.pieces import Row, may_be_split, ways_of
from gongkai.reports.targets import Targets

CONTRACT = load_templates()["2021"]
TARGETS = Targets(CONTRACT)
TARGET = next(t for t in TARGETS.items if t.cells and t.cells[0][0].code == "received")
RULES = row_rules(CONTRACT, TARGETS)[TARGET.position]


def cells(texts):
    return [GridCell(0, place, 1, 1, text) for place, text in enumerate(texts)]


def ways(texts):
    found, _ = ways_of(Row(TARGET, cells(texts), RULES, None), 25_000)
    return found and [[" ".join(cell.text for cell in group) for group in way] for way in found]


def test_only_digits_side_by_side_may_be_a_number():
    assert may_be_split(cells(["1", "2", "", "", "", "", "", "12"]), 7)
    assert not may_be_split(cells(["1", "", "2", "", "", "", "", "12"]), 7)
    assert not may_be_split(cells("1" * 40), 7)


def test_the_ways_are_those_that_satisfy_the_sum_of_the_row():
    assert ways("12300000123") == [["1 2 3", *"00000", "1 2 3"]]
    assert ways("12300000124") == []


def test_a_digit_may_have_taken_the_blank_beside_its_number():
    """36 + 4 + 31 = 71: either column may hold the 31."""
    found = ways(["36", "4", "", "", "3", "1", "71"])
    assert found == [["36", "4", "", "", "3 1", "", "71"], ["36", "4", "", "", "", "3 1", "71"]]


def test_too_many_ways_are_not_told_apart():
    found, steps = ways_of(Row(TARGET, cells("1" * 19), RULES, None), 1000)
    assert found is None and steps > 1000
