"""All rows of a document as one stream: rows of its grids, and pseudo-rows of flattened tables.

Page-split, merged and separate tables then need no special case: whatever the layout, a row is its label cells and
its tail of values, in reading order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gongkai.documents.model import Document, Grid, GridCell, TextBlock
from gongkai.reports.lines import Line, is_short, split_line, wordings
from gongkai.reports.numbers import is_unit, looks_like_value


@dataclass(frozen=True, slots=True)
class StreamRow:
    """One row of the stream.

    Attributes:
        cells: The cells that start in the row, left to right; for flattened text one cell a paragraph.
        grid: Number of the grid in the document, -1 for flattened text.
        edge: "first", "last", "only" row of its grid or "" (inner row, or flattened text).
        way: How the row was made: "grid", "flat", "line" (a row kept as one line of text), "joined".
        aliases: Other wordings of its label: a line holds only a part of a label that wraps, the lines around the rest.
    """

    cells: tuple[GridCell, ...]
    grid: int
    edge: str = ""
    way: str = "grid"
    aliases: tuple[str, ...] = ()

    @property
    def is_flat(self) -> bool:
        """Made of text outside grids."""
        return self.grid < 0

    @property
    def has_values(self) -> bool:
        """Not a line of text alone."""
        return self.way != "flat" or len(self.cells) > 1


def stream_rows(document: Document) -> list[StreamRow]:
    """Return all rows of a document in reading order."""
    rows: list[StreamRow] = []
    flat: list[TextBlock] = []
    number = 0
    for block in document.blocks:
        if isinstance(block, Grid):
            rows += _flat_rows(flat)
            flat = []
            rows += _grid_rows(block, number)
            number += 1
        elif block.role != "furniture":
            flat.append(block)
    rows += _flat_rows(flat)
    return _with_joined_halves(rows)


def has_value(cells: Sequence[GridCell]) -> bool:
    """Tell whether any cell prints something."""
    return any(cell.text and not cell.text.isspace() for cell in cells)


def _grid_rows(grid: Grid, number: int) -> list[StreamRow]:
    lines = [tuple(line) for line in grid.rows() if line]
    last = len(lines) - 1
    return [
        StreamRow(
            line,
            number,
            "only" if not last else "first" if not index else "last" if index == last else "",
        )
        for index, line in enumerate(lines)
    ]


def _flat_rows(blocks: list[TextBlock]) -> list[StreamRow]:
    """Build a pseudo-row for each label paragraph that is followed by value paragraphs.

    A unit paragraph (条, 件: the legacy table flattened) belongs to the row before it.
    """
    rows: list[StreamRow] = []
    current: list[GridCell] = []
    way = "flat"

    def close() -> None:
        if len(current) > 1 or (current and is_short(current[0].text)):
            rows.append(StreamRow(tuple(current), -1, way=way))

    for block in blocks:
        pieces = split_line(block.text)
        if len(pieces) > 1:
            close()
            current, way = [_cell(block, position, piece) for position, piece in enumerate(pieces)], "line"
        elif looks_like_value(block.text) or (current and is_unit(block.text)):
            current.append(_cell(block, len(current), block.text))
        else:
            close()
            current, way = [_cell(block, 0, block.text)], "flat"
    close()
    return _with_aliases(rows)


def _cell(block: TextBlock, position: int, text: str) -> GridCell:
    return GridCell(0, position, 1, 1, text, block.path, block.page, block.bbox, block.confidence)


def _with_aliases(rows: list[StreamRow]) -> list[StreamRow]:
    """Give rows that are lines of text the wordings that the lines around them add to their labels."""
    if not any(row.way == "line" for row in rows):
        return rows
    lines = [Line(_words(row), row.has_values) for row in rows]
    return [
        replace(row, aliases=aliases) if row.way == "line" else row
        for row, aliases in zip(rows, wordings(lines), strict=True)
    ]


def _words(row: StreamRow) -> str:
    """The words that a line begins with, "" where it begins with a unit or a value."""
    text = row.cells[0].text
    return "" if looks_like_value(text) or is_unit(text) else text


def _with_joined_halves(rows: list[StreamRow]) -> list[StreamRow]:
    """Insert, where a page break may have cut a row in two, the row made of both halves.

    The halves stay in the stream; the alignment takes whichever fits best. Seen in PDFs: "（四）无 / -4- / 法提供".
    """
    joined: list[StreamRow] = []
    for index, row in enumerate(rows):
        joined.append(row)
        after = rows[index + 1] if index + 1 < len(rows) else None
        if after is None or row.grid < 0 or after.grid != row.grid + 1:
            continue
        if row.edge in ("last", "only") and after.edge in ("first", "only"):
            whole = _join(row, after)
            if whole is not None:
                joined.append(whole)
    return joined


def _join(upper: StreamRow, lower: StreamRow) -> StreamRow | None:
    upper_label, upper_tail = _split(upper)
    lower_label, lower_tail = _split(lower)
    upper_has, lower_has = has_value(upper_tail), has_value(lower_tail)
    if upper_label is None or (upper_has and lower_has):
        return None
    tail = lower_tail if lower_has else upper_tail
    text = upper_label.text + (lower_label.text if lower_label else "")
    if lower_label is None and not lower_has:
        return None
    return StreamRow((replace(upper_label, text=text), *tail), upper.grid, way="joined")


def _split(row: StreamRow) -> tuple[GridCell | None, tuple[GridCell, ...]]:
    """Last label cell of a row, and the cells behind it."""
    for index in range(len(row.cells) - 1, -1, -1):
        if not looks_like_value(row.cells[index].text):
            return row.cells[index], row.cells[index + 1 :]
    return None, row.cells
