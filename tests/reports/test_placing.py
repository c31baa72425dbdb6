"""Pieces of tables: which column a value is in, where the row's own header does not say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gongkai.documents.model import Document, Grid, GridCell, TextBlock
from gongkai.reports.build import build_report
from gongkai.reports.model import State

TITLE = TextBlock("云岭县教育局2023年政府信息公开工作年度报告")
HEADER = ["", "自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]
UPPER = [
    ["一、本年新收政府信息公开申请数量", "12", "1", "0", "1", "1", "0", "15"],
    ["二、上年结转政府信息公开申请数量", "0", "2", "0", "0", "0", "1", "3"],
]
LOWER = [
    ["（一）予以公开", "5", "1", "0", "0", "0", "0", "6"],
    ["（二）部分公开", "2", "0", "0", "1", "0", "1", "4"],
    ["1.属于国家秘密", "0", "0", "0", "0", "0", "0", "0"],
    ["2.其他法律行政法规禁止公开", "3", "1", "0", "0", "1", "0", "5"],
]


def grid(*rows, start=0):
    cells = tuple(
        GridCell(r, start + c, 1, 1, text, f"row[{r + 1}]/cell[{c + 1}]")
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
    )
    return Grid(len(rows), start + max(len(row) for row in rows), cells)


def values(*grids):
    report = build_report(Document("docx", "0" * 64, (TITLE, *grids)))
    return {(c.row, c.column): c.value for c in report.cells if c.state is State.NUMBER}, report


def total_first(row):
    return [row[0], row[7], *row[1:7]]


def test_a_piece_below_a_page_break_is_read_by_the_header_above():
    found, _ = values(grid(HEADER, *UPPER), grid(*LOWER))
    assert found["granted", "natural_person"] == 5 and found["refused.law_prohibited", "total"] == 5


def test_a_piece_whose_rows_add_up_in_another_order_only_is_left_open():
    found, report = values(grid(HEADER, *UPPER), grid(*(total_first(row) for row in LOWER)))
    assert {row for row, _ in found} == {"received", "carried_in"}
    notes = {c.note for c in report.cells if c.row == "granted"}
    assert notes == {"the columns are in doubt: the rows do not add up in this order, but would in another"}


def test_a_whole_table_whose_rows_add_up_in_another_order_only_is_left_open():
    found, _ = values(grid(HEADER, *(total_first(row) for row in UPPER + LOWER)))
    assert not found


@pytest.mark.parametrize(
    "wrong",
    [["（一）予以公开", "5", "1", "0", "0", "0", "0", "9"], ["（一）予以公开", "3", "2", "1", "0", "0", "0", "0"]],
)
def test_a_wrong_sum_of_the_publisher_stays_as_printed(wrong):
    found, _ = values(grid(HEADER, *UPPER, wrong, *LOWER[1:]))
    assert [int(found["granted", code]) for code in ("natural_person", "business", "total")] == [
        int(wrong[1]), int(wrong[2]), int(wrong[7]),
    ]  # fmt: skip
    below, _ = values(grid(HEADER, *UPPER), grid(["（一）予以公开", "5", "1", "0", "0", "0", "0", "9"], *LOWER[1:]))
    assert below["granted", "total"] == 9


SWAPPED = ["（一）予以公开", "5", "1", "0", "0", "0", "6", "0"]


def on_paper(table, page, shift=0.0):
    """The table with a box for each cell, columns 50 points wide."""
    cells = (
        replace(cell, page=page, bbox=(50.0 * cell.col + shift, 20.0 * cell.row, 50.0 * (cell.col + 1) + shift, 20.0))
        for cell in table.cells
    )
    return replace(table, cells=tuple(cells))


def test_below_a_page_break_a_wrong_sum_stays_as_printed_where_the_row_stands_below_the_header():
    upper, lower = grid(HEADER, *UPPER), grid(SWAPPED, *LOWER[1:])
    found, _ = values(on_paper(upper, 1), on_paper(lower, 2, shift=1.0))
    assert (found["granted", "other_org"], found["granted", "total"]) == (6, 0)


@pytest.mark.parametrize("shift", [None, 50.0])
def test_below_a_page_break_it_is_left_open_where_its_place_says_nothing(shift):
    upper, lower = grid(HEADER, *UPPER), grid(SWAPPED, *LOWER[1:])
    pieces = (upper, lower) if shift is None else (on_paper(upper, 1), on_paper(lower, 2, shift=shift))
    found, _ = values(*pieces)
    assert ("granted", "total") not in found and found["partial", "total"] == 4


def test_rows_that_end_at_different_columns_and_end_blank_are_left_open():
    """One blank was lost and one was gained: the total stands one column further left (fuzz 6797)."""
    rows = [
        ["一、本年新收政府信息公开申请数量", "12", "1", "", "1", "", "14", ""],
        ["二、上年结转政府信息公开申请数量", "0", "", "", "0", ""],
        ["（一）予以公开", "5", "1", "", "", "", "", "6", ""],
    ]
    found, _ = values(grid(HEADER, *rows))
    assert {row for row, _ in found} <= {"granted"}


def test_a_header_whose_columns_begin_under_the_label_is_no_header_of_the_row():
    """The head of the table stood alone on its page, so that its columns are counted in another way."""
    head = Grid(1, 8, tuple(GridCell(0, c, 1, 1, text) for c, text in enumerate(HEADER) if text))
    rows = [
        GridCell(r, c, s, n, text, f"row[{r}]/cell[{c}]")
        for r, s, n, c, text in [(1, 1, 3, 0, LOWER[0][0]), (1, 1, 1, 3, "26"), (1, 1, 1, 4, ""), (1, 1, 1, 7, "26")]
    ]  # fmt: skip
    found, _ = values(grid(HEADER, *UPPER), Grid(2, 10, (*head.cells, *rows)), grid(*LOWER[1:]))
    assert ("granted", "research") not in found


def test_the_values_of_table_four_below_a_page_break_follow_the_header_above():
    outcomes = ["总计", "结果维持", "结果纠正", "其他结果", "尚未审结"]
    groups = [
        GridCell(0, 0, 1, 5, "行政复议"),
        GridCell(0, 5, 1, 5, "未经复议直接起诉"),
        GridCell(0, 10, 1, 5, "复议后起诉"),
    ]
    heads = [GridCell(1, c, 1, 1, outcomes[c % 5]) for c in range(15)]
    line = grid(["3", "1", "2", "0", "0", *"21100", *"00000"])
    found, _ = values(grid(HEADER, *UPPER, *LOWER), Grid(2, 15, (*groups, *heads)), line)
    assert [found["review", code] for code in ("upheld", "corrected", "other", "pending", "total")] == [1, 2, 0, 0, 3]
    assert found["litigation_direct", "total"] == 2
