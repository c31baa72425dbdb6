"""Tables that hold tables: which of them are data, and what a layout table is dissolved into."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

LONG_TEXT = 200
"""More characters than this in the only cell of a table are paragraphs in a frame, not a table cell."""

MANY_LINES = 30
"""A cell of more lines or paragraphs than this holds a whole page, not a value."""


def is_layout(cells: int, nested_cells: int) -> bool:
    """Tell whether a table that holds others only serves the layout.

    A frame around a report has a handful of cells of its own (title, date, body) and hundreds inside; a data table with
    a small table in one of its cells has it the other way round.

    Args:
        cells: Cells of the table itself.
        nested_cells: Cells of the tables inside its cells.
    """
    return nested_cells >= cells


def segments(rows: Sequence[tuple[int, bool]]) -> Iterable[tuple[bool, list[int]]]:
    """Split the rows of a layout table into runs that are still a grid and runs that are plain flow.

    Args:
        rows: For each row its number of cells, and whether a cell of it holds a table or a whole page.

    Yields:
        Whether the run is a grid (at least two cells in a row, no table inside), and its row numbers from 0.
    """
    for is_grid, run in groupby(range(len(rows)), lambda row: rows[row][0] > 1 and not rows[row][1]):
        yield is_grid, list(run)
