"""What one header says of the order of the columns."""

from __future__ import annotations

import pytest

from gongkai.documents.model import GridCell
from gongkai.reports.header_bands import REACH_OF_BAND, Head, band_of, fits_by_line, stand_below, whole_header

CODES = ("upheld", "corrected", "other", "pending", "total")
SAME = tuple(range(len(CODES)))


def heads(codes, grid=0, start=0):
    """The cells of a header, side by side in a grid or one under another in flattened text."""
    return {
        code: Head(start if grid >= 0 else start + place, grid, code, GridCell(start, place, 1, 1, code))
        for place, code in enumerate(codes)
    }


@pytest.mark.parametrize("grid", [0, -1])
def test_a_header_in_the_order_of_the_form_settles_it(grid):
    band = band_of(CODES, heads(CODES, grid), grid)
    assert (band.order, band.is_settled) == (SAME, True)


def test_a_header_in_another_order_says_which_where_cells_have_columns():
    moved = ("total", *CODES[:-1])
    in_grid, flat = band_of(CODES, heads(moved), 0), band_of(CODES, heads(moved, -1), -1)
    assert (in_grid.order, in_grid.is_settled) == ((1, 2, 3, 4, 0), False)
    assert (flat.order, flat.is_settled) == (None, True)


def test_a_header_that_lost_most_of_its_cells_says_nothing():
    band = band_of(CODES, heads(CODES[:2]), 0)
    assert (band.order, band.is_settled) == (None, True)


def test_a_header_that_lost_one_cell_holds_where_the_rest_stands_in_order():
    assert not band_of(CODES, heads(CODES[:-1]), 0).is_settled
    assert band_of(CODES, heads(CODES[:-1], -1), -1).order == SAME


def test_the_last_column_of_a_flattened_header_may_come_second():
    assert band_of(CODES, heads((CODES[0], CODES[-1], *CODES[1:-1]), -1), -1).order == SAME


def test_cells_stand_below_the_header_of_their_grid_only():
    header = list(heads(CODES).values())
    row = [GridCell(1, place, 1, 1, "1") for place in SAME]
    moved = [GridCell(1, place + 1, 1, 1, "1") for place in SAME]
    assert stand_below(row, header, 0)
    assert not stand_below(moved, header, 0)
    assert stand_below(moved, header, 1)


def test_a_lone_label_further_down_is_no_header():
    header = list(heads(CODES).values())
    lone = list(heads(["other"], start=2 * REACH_OF_BAND).values())
    assert list(whole_header(header + lone, len(CODES))) == header
    assert list(whole_header(lone, len(CODES))) == lone
    assert list(whole_header([], len(CODES))) == []


def test_a_header_that_wraps_fits_line_by_line():
    assert fits_by_line(CODES, [CODES[:4], ("other", "total")])
    assert not fits_by_line(CODES, [CODES[:4], ("total", "other")])
    assert not fits_by_line(CODES, [CODES[:2], CODES[2:4]])
