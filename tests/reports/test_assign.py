from __future__ import annotations

import pytest

from gongkai.contracts.load import load_templates
from gongkai.documents.model import GridCell
from gongkai.reports.assign import place, windows
from gongkai.reports.targets import Targets


@pytest.fixture(scope="module")
def received():
    targets = Targets(load_templates()["2021"])
    return next(t for t in targets.items if t.cells and t.cells[0][0].code == "received")


def cells(*texts, start=2):
    return [GridCell(0, start + index, 1, 1, text) for index, text in enumerate(texts)]


def values(placed):
    return [cell.text if cell else None for cell in placed.cells]


def test_as_many_cells_as_columns_are_taken_in_order(received):
    assert values(place(received, cells(*"3000041"), header={}, sibling_offset=None)) == list("3000041")


def test_extra_blank_cells_are_dropped_where_only_one_window_fits(received):
    tail = cells("", "3", "", "", "", "", "", "3", "")
    assert values(place(received, tail, header={}, sibling_offset=None)) == ["3", "", "", "", "", "", "3"]


def test_a_value_is_never_shifted_on_a_guess(received):
    tail = cells("", "3", "", "", "", "", "4", "")  # 自然人 or 商业企业?
    assert values(place(received, tail, header={}, sibling_offset=None)) == [None] * 7


def test_siblings_decide_what_blanks_leave_open(received):
    tail = cells("", "3", "", "", "", "", "4", "")
    assert values(place(received, tail, header={}, sibling_offset=0)) == ["", "3", "", "", "", "", "4"]


def test_header_positions_decide_what_blanks_leave_open(received):
    codes = ("natural_person", "business", "research", "nonprofit", "legal_service", "other_org", "total")
    header = {code: GridCell(0, 3 + index, 1, 1, code) for index, code in enumerate(codes)}
    tail = cells("", "3", "", "", "", "", "4", "")
    assert values(place(received, tail, header=header, sibling_offset=None)) == ["3", "", "", "", "", "4", ""]


def test_blanks_left_out_leave_the_row_open(received):
    assert values(place(received, cells("3", "3"), header={}, sibling_offset=None)) == [None] * 7


def test_more_values_than_columns_are_not_taken(received):
    placed = place(received, cells(*"30000412"), header={}, sibling_offset=None)
    assert values(placed) == [None] * 7
    assert "8 cells for 7 columns" in placed.note


def test_columns_printed_in_another_order_follow_their_header(received):
    placed = place(received, cells(*"7123000"), header={}, sibling_offset=None, order=lambda _: (1, 2, 3, 4, 5, 6, 0))
    assert values(placed) == list("1230007")


def test_an_order_that_is_not_told_is_not_guessed(received):
    placed = place(received, cells(*"7123000"), header={}, sibling_offset=None, order=lambda _: None)
    assert values(placed) == [None] * 7 and "order" in placed.note


def test_windows():
    assert windows(cells("", "1", "2", ""), 3) == [0, 1]
    assert windows(cells("", "", ""), 2) == [0]
    assert windows(cells("1", "", "2"), 2) == []
