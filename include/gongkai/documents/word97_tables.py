"""Tables of a Word 97 file: rows of cells, put on a grid by the borders that each row states."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from gongkai.documents.budget import Budget
from gongkai.documents.placing import Draft
from gongkai.documents.word97_props import CellShape, RowShape

_LONGEST_IN_FRAME = 60
_TOLERANCES = (60, 15, 0)
"""Twips that borders of different rows may differ by and still be one: tables edited by hand are never exact."""


@dataclass(slots=True)
class TableCell:
    """Content of a cell in order: texts of paragraphs, and tables.

    `shows_more` says that it shows something that is not read: a picture, a text box, text struck out.
    """

    content: list[str | Table] = field(default_factory=list)
    shows_more: bool = False

    @property
    def text(self) -> str:
        """Its text without that of inner tables, paragraphs as lines, blank ones left out."""
        texts = [item for item in self.content if isinstance(item, str)]
        shown = [text for text in texts if text.strip()]
        return "\n".join(shown) if shown else "".join(texts)

    @property
    def is_unsure(self) -> bool:
        """Whether its text is not what it says."""
        return self.shows_more or (not self.text.strip() and any(isinstance(item, Table) for item in self.content))


@dataclass(slots=True)
class TableRow:
    """Cells as their marks delimit them, and the shape that the mark of the row states."""

    cells: list[TableCell] = field(default_factory=list)
    shape: RowShape | None = None


@dataclass(slots=True)
class Table:
    """Rows in order; `path` names the table."""

    path: str
    rows: list[TableRow] = field(default_factory=list)
    open_row: TableRow = field(default_factory=TableRow)
    open_cell: TableCell | None = None

    def add(self, item: str | Table, *, shows_more: bool = False) -> None:
        """Add a paragraph or an inner table to the cell that is open."""
        if self.open_cell is None:
            self.open_cell = TableCell()
        self.open_cell.content.append(item)
        self.open_cell.shows_more |= shows_more

    def end_cell(self) -> None:
        """Close the open cell."""
        self.open_row.cells.append(self.open_cell or TableCell())
        self.open_cell = None

    def end_row(self, shape: RowShape | None) -> None:
        """Close the open row; text behind its last cell mark (a damaged file) becomes a cell."""
        if self.open_cell is not None and any(self.open_cell.content):
            self.end_cell()
        if self.open_row.cells:
            self.open_row.shape = shape
            self.rows.append(self.open_row)
        self.open_row, self.open_cell = TableRow(), None

    def frames_only(self) -> bool:
        """Tell whether it is only a frame around one value or label."""
        if len(self.rows) != 1 or len(self.rows[0].cells) != 1:
            return False
        cell = self.rows[0].cells[0]
        return len(cell.text) <= _LONGEST_IN_FRAME and all(isinstance(item, str) for item in cell.content)

    def count(self) -> tuple[int, int]:
        """Return the number of its own cells, and of those of inner tables at any depth."""
        own = inner = 0
        waiting = list(self.tables())
        own = sum(len(row.cells) for row in self.rows)
        while waiting:
            table = waiting.pop()
            inner += sum(len(row.cells) for row in table.rows)
            waiting.extend(table.tables())
        return own, inner

    def tables(self) -> list[Table]:
        """Return the tables inside its cells, in order."""
        return [item for row in self.rows for cell in row.cells for item in cell.content if isinstance(item, Table)]


def place_rows(rows: Sequence[tuple[int, TableRow]], path: str, budget: Budget) -> tuple[int, list[list[Draft]], int]:
    """Place cells on a grid, merged ones joined.

    Where a row does not state the borders of all its cells, or states impossible ones, the whole table is placed by
    counting cells: columns then mean little, and no cell spans any.

    Args:
        rows: Each row with its number in the table.
        path: Path of the table.
        budget: Counts cells and text.

    Returns:
        Number of columns, the rows, and how many cells covered by a merge hold text (which Word does not show).

    Raises:
        LimitError: More cells or text than the limits allow.
    """
    borders = _borders([row for _, row in rows])
    out: list[list[Draft]] = []
    merges: dict[int, tuple[Draft, int]] = {}
    n_cols = hidden = 0
    for number, (printed, row) in enumerate(rows):
        line: list[Draft] = []
        out.append(line)
        shape = row.shape if borders else None
        first_of_set = 0
        for index, cell in enumerate(row.cells):
            merge = shape.cells[index] if shape else CellShape()
            left = _column(borders, shape.borders[index]) if shape else index
            right = _column(borders, shape.borders[index + 1]) if shape else index + 1
            budget.take_cells(right - left)
            n_cols = max(n_cols, right)
            # 1 and 2 say "first" and "further" in one description of the format and the reverse in another
            is_covered = bool(line and merge.horizontal and first_of_set and merge.horizontal != first_of_set)
            first_of_set = first_of_set if is_covered else merge.horizontal
            above, row_above = merges.get(left, (None, -1)) if merge.vertical == 1 else (None, -1)
            if is_covered:
                line[-1].col_span += right - left
                hidden += bool(cell.text.strip())
            elif above is not None and row_above == number - 1:
                above.row_span += 1
                merges[left] = (above, number)
                hidden += bool(cell.text.strip())
            else:
                text = budget.take_text(cell.text)
                draft = Draft(
                    text,
                    f"{path}/row[{printed}]/cell[{index + 1}]",
                    col_span=right - left,
                    col=left,
                    confidence=0.0 if cell.is_unsure else 1.0,
                )
                line.append(draft)
                if merge.vertical:
                    merges[left] = (draft, number)
    return n_cols, out, hidden


def _borders(rows: list[TableRow]) -> list[int]:
    """Return the column borders of a table in twips from left to right; empty where a row states none or wrong ones."""
    for row in rows:
        if row.shape is None or len(row.shape.cells) != len(row.cells):
            return []
    lines = {row.shape.borders for row in rows if row.shape}
    stated = sorted({border for line in lines for border in line})
    for tolerance in _TOLERANCES:
        borders: list[int] = []
        for border in stated:
            if not borders or border - borders[-1] > tolerance:
                borders.append(border)
        if all(_column(borders, left) < _column(borders, right) for line in lines for left, right in pairwise(line)):
            return borders
    return []


def _column(borders: list[int], border: int) -> int:
    """Return which border of the grid stands for this one: the last that is not to its right."""
    return max(0, bisect_right(borders, border) - 1)
