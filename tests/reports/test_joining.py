from __future__ import annotations

import pytest
from tests.work import work_of_at_most

from gongkai.contracts.load import load_templates
from gongkai.documents.model import GridCell
from gongkai.reports.assign import Placed
from gongkai.reports.doubts import row_rules
from gongkai.reports.joining import join_rows
from gongkai.reports.pieces import Row
from gongkai.reports.targets import Targets

CONTRACT = load_templates()["2021"]
TARGETS = Targets(CONTRACT)
RULES = row_rules(CONTRACT, TARGETS)
BALANCE = {"carried_in": "2000002", "resolved_total": ["123", *"00000", "123"], "carried_out": ["2", *"00000", "2"]}


def target(code):
    return next(t for t in TARGETS.items if t.cells and t.cells[0][0].code == code)


def cells(texts):
    return [GridCell(0, place, 1, 1, text, f"cell[{place}]") for place, text in enumerate(texts)]


def joined(texts, others=BALANCE):
    row = Row(target("received"), cells(texts), RULES[target("received").position], None)
    granted = {"granted": BALANCE["resolved_total"]}
    zeros = {
        t.cells[0][0].code: "0000000"
        for t in TARGETS.items
        if t.table.code == "applications" and t.cells[0][0].code.count(".")
    }
    rows = {**zeros, "partial": "0000000", **granted, **others}
    placed = [(target(code), Placed(tuple(cells(values)), 0)) for code, values in rows.items()]
    return join_rows(CONTRACT, [row], placed)[0]


def texts(placed):
    return [cell.text if cell else None for cell in placed.cells]


def test_digits_are_joined_where_the_balance_of_the_columns_holds():
    placed = joined("12300000123")
    assert texts(placed) == ["1 2 3", *"00000", "1 2 3"]
    assert set(placed.remarks) == {0, 6}
    assert [cell.confidence for cell in placed.cells] == [0.8, 1, 1, 1, 1, 1, 0.8]


@pytest.mark.parametrize("missing", ["carried_in", "resolved_total", "carried_out"])
def test_without_the_rows_of_the_balance_nothing_is_proved(missing):
    others = {code: row for code, row in BALANCE.items() if code != missing}
    placed = joined("12300000123", others)
    assert texts(placed) == [None] * 7
    assert "1 | 2 | 3 | 0 | 0 | 0 | 0 | 0 | 1 | 2 | 3" in placed.note and "for 7 columns" in placed.note


def test_a_row_that_no_joining_makes_add_up_says_so():
    assert "no way to join them fits the sum of the row" in joined("12300000124").note


def in_place(texts, resolved):
    """The row of applications received, with as many cells as columns, above what was made of them."""
    printed = Placed(tuple(cells(texts)), 0)
    row = Row(target("received"), printed.cells, RULES[target("received").position], printed)
    codes = {t.cells[0][0].code for t in TARGETS.items if t.table.code == "applications" and t.cells}
    zeros = dict.fromkeys(codes - {"received", "other"}, "0000000")
    rows = {**zeros, "granted": resolved, "resolved_total": resolved}
    return join_rows(CONTRACT, [row], [(target(code), Placed(tuple(cells(v)), 0)) for code, v in rows.items()])[0]


@pytest.mark.parametrize(
    "resolved",
    [["63", "4", "", "", "3", "1", "71"], ["36", "4", "", "", "3", "1", "44"], ["63", "4", "", "", "2", "1", "70"]],
    ids=["another number is wrong", "the total is wrong", "one column holds, none would"],
)
def test_a_row_stands_as_printed_where_the_columns_of_its_digits_do(resolved):
    """36 + 4 + 31 = 71, and 3 | 1 are two numbers: 63 was meant."""
    assert texts(in_place(["36", "4", "", "", "3", "1", "71"], resolved=resolved)) == [
        "36", "4", "", "", "3", "1", "71",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "resolved",
    [["36", "4", "", "", "32", "2", "74"], ["36", "4", "", "", "31", "2", "73"], ["36", "4", "", "", "3", "", "43"]],
    ids=["no column holds", "a column holds with the number", "one column each way"],
)
def test_a_row_is_left_open_where_the_columns_of_its_digits_do_not_hold(resolved):
    placed = in_place(["36", "4", "", "", "3", "1", "71"], resolved=resolved)
    assert texts(placed) == [None] * 7 and "do not prove" in placed.note


def test_the_search_is_bounded():
    with work_of_at_most(3):
        for text in ("1" * 19, "123456789" * 2 + "1", "9" * 18):
            assert texts(joined(text)) == [None] * 7
