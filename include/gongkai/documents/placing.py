"""Places cells with spans on a grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gongkai.documents.budget import Budget
from gongkai.documents.model import Grid, GridCell

MOST_COLUMNS = 1000
"""Largest column span that the HTML standard allows; browsers cut larger ones to it."""


@dataclass(slots=True)
class Draft:
    """A cell before it has its place.

    Attributes:
        text: Text as printed.
        path: Where it stands in the file.
        row_span: As stated; 0 means down to the last row.
        col_span: As stated.
        confidence: 0.0 where a picture stands for the text.
        col: First column, once placed.
    """

    text: str
    path: str
    row_span: int = 1
    col_span: int = 1
    confidence: float = 1.0
    col: int = -1


def place(rows: Sequence[Sequence[Draft]], budget: Budget) -> tuple[int, list[list[Draft]]]:
    """Give each cell its column as a browser does, cutting spans that leave the table.

    Rows are cut at the last row of the table. Columns beyond the last one in which a cell begins are cut: nothing can
    stand there (seen as colspan="100" for "all of them").

    Returns:
        Number of columns, and the rows.

    Raises:
        LimitError: More grid positions than the limits allow.
    """
    covered_until: dict[int, int] = {}
    last_start = -1
    for number, row in enumerate(rows):
        col = plain = 0
        for cell in row:
            start = col
            while covered_until.get(col, 0) > number:
                col += 1
            rows_left = len(rows) - number
            cell.row_span = rows_left if cell.row_span < 1 else min(cell.row_span, rows_left)
            cell.col_span = min(max(cell.col_span, 1), MOST_COLUMNS)
            cell.col = col
            last_start = max(last_start, col)
            plain += col - start + cell.col_span
            if cell.row_span > 1:
                budget.take_cells(plain)  # before so many positions are noted
                plain = 0
                covered_until.update(dict.fromkeys(range(col, col + cell.col_span), number + cell.row_span))
            col += cell.col_span
        budget.take_cells(plain)
    n_cols = 0
    for row in rows:
        for cell in row:
            cell.col_span = min(cell.col_span, max(1, last_start + 1 - cell.col))
            n_cols = max(n_cols, cell.col + cell.col_span)
    return n_cols, [list(row) for row in rows]


def make_grid(rows: Sequence[Sequence[Draft]], n_cols: int, path: str, *, nested: bool) -> Grid:
    """Build a grid of placed cells."""
    cells = tuple(
        GridCell(number, cell.col, cell.row_span, cell.col_span, cell.text, cell.path, None, None, cell.confidence)
        for number, row in enumerate(rows)
        for cell in row
    )
    return Grid(len(rows), n_cols, cells, path, nested=nested)
