"""Documents without pages, shown again: their paragraphs and grids, with the places that values were read from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from gongkai.documents.model import Document, Grid, GridCell
from gongkai.pipeline.explain_view import Spot


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell of a table shown again.

    A gap is a position that the file has no cell for. The label before the first value of a row carries its code.
    """

    text: str
    row_span: int = 1
    col_span: int = 1
    spot: Spot | None = None
    row_code: str = ""
    is_gap: bool = False


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """A block of the document shown again: a paragraph with its role, or the rows of a table (role "grid")."""

    role: str
    path: str
    text: str = ""
    spot: Spot | None = None
    rows: tuple[tuple[ShownCell, ...], ...] = ()
    left_out: int = 0


def shown_blocks(document: Document, spots: Mapping[str, Spot], most_cells: int, most_chars: int) -> list[ShownBlock]:
    """Return the blocks of a document without pages in reading order.

    Rows and paragraphs that values were read from are always shown, others while the bounds allow.

    Args:
        document: The document.
        spots: Values by path.
        most_cells: Bound of cells that hold no value.
        most_chars: Bound of characters of paragraphs.
    """
    blocks = []
    for block in document.blocks:
        if isinstance(block, Grid):
            shown = _shown_grid(block, spots, most_cells)
            most_cells -= sum(len(row) for row in shown.rows)
            blocks.append(shown)
            continue
        spot = spots.get(block.path)
        if not block.text.strip() and spot is None:
            continue
        if spot is not None or most_chars > 0:
            blocks.append(ShownBlock(block.role, block.path, block.text, spot))
        most_chars -= len(block.text)
    return blocks


def _shown_grid(grid: Grid, spots: Mapping[str, Spot], most_cells: int) -> ShownBlock:
    rows: list[tuple[ShownCell, ...]] = []
    left_out = used = 0
    covered_until: dict[int, int] = {}
    for number, cells in enumerate(grid.rows()):
        taken = {column for column, end in covered_until.items() if end > number}
        own = {cell.col: cell for cell in cells}
        if used > most_cells and not any(cell.path in spots for cell in cells):
            left_out += 1
            continue
        line = []
        for column in _columns(grid.n_cols, own, taken):
            cell = own.get(column)
            if cell is None:
                line.append(ShownCell("", is_gap=True))
                continue
            down, right = min(cell.row_span, grid.n_rows - number), min(cell.col_span, grid.n_cols - column)
            if down > 1:
                covered_until.update(dict.fromkeys(range(column, column + right), number + down))
            line.append(ShownCell(cell.text, down, right, spots.get(cell.path)))
        rows.append(tuple(_with_row_codes(line)))
        used += len(line)
    return ShownBlock("grid", grid.path, rows=tuple(rows), left_out=left_out)


def _with_row_codes(line: list[ShownCell]) -> list[ShownCell]:
    """Name each row once: at its label, or at its first value where another value stands before it (table 四)."""
    code = ""
    for place, cell in enumerate(line):
        if cell.spot is None or cell.spot.row_code == code:
            continue
        code = cell.spot.row_code
        at = place - 1 if place and line[place - 1].spot is None and not line[place - 1].is_gap else place
        line[at] = replace(line[at], row_code=code)
    return line


def _columns(n_cols: int, own: Mapping[int, GridCell], taken: Collection[int]) -> Iterator[int]:
    """Yield the columns of a row where something starts: a cell, or a gap that neither it nor a span covers."""
    column = 0
    while column < n_cols:
        if column in own or column not in taken:
            yield column
        column += max(1, own[column].col_span) if column in own else 1
