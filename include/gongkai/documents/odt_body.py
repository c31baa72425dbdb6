"""Walks the body of an odt once and makes blocks of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from gongkai.documents import odt_names as n
from gongkai.documents.budget import Budget
from gongkai.documents.docx_text import Piece
from gongkai.documents.frames import Frames
from gongkai.documents.layout import LONG_TEXT, MANY_LINES, is_layout, segments
from gongkai.documents.model import Block, Grid, TextBlock
from gongkai.documents.odt_shown import UNSURE
from gongkai.documents.placing import MOST_COLUMNS, Draft, make_grid

_STOPS = frozenset({n.P, n.H, n.TABLE})
_FRAMES = Frames(n.TABLE, n.CELL)
_MOST_SPACES = 200
_WHITE = re.compile(r"[ \t\r\n]+")


@dataclass(slots=True)
class _Cell:
    """A cell of a table before its text is read."""

    element: etree._Element
    col: int
    col_span: int
    row_span: int
    order: int


@dataclass(slots=True)
class _Row:
    """A row of a table: its number in the file from 1, its cells, its width in columns."""

    number: int
    cells: list[_Cell] = field(default_factory=list)
    width: int = 0


class OdtBody:
    """Collects the blocks of an office:text.

    Paths count paragraphs outside tables and tables at any depth, each from 1 in the order of the file.

    Args:
        budget: What the document may still take.
        hidden: Names of styles whose text is not shown.
        titles: Names of styles of titles.

    Attributes:
        pictures: Number of pictures seen.
    """

    def __init__(self, budget: Budget, hidden: frozenset[str], titles: frozenset[str]) -> None:
        self.pictures = 0
        self._budget, self._hidden, self._titles = budget, hidden, titles
        self._blocks: list[Block] = []
        self._paragraphs = self._tables = 0

    def read(self, body: etree._Element) -> None:
        """Read everything under `body`."""
        self._flow(body)

    def blocks(self) -> tuple[Block, ...]:
        """Return the blocks; blank paragraphs only where there is no table, whose cells they may be."""
        keep_blank = not self._tables
        out = [block for block in self._blocks if isinstance(block, Grid) or block.text or keep_blank]
        has_text = any(isinstance(block, Grid) or block.text for block in out)
        return tuple(out) if has_text else ()

    def warnings(self) -> Iterator[str]:
        """Yield what was noticed."""
        if self.pictures:
            yield f"{self.pictures} pictures, whose text is not read"

    def _flow(self, container: etree._Element) -> None:
        for child in self._children(container):
            if child.tag == n.TABLE:
                self._table(child, nested=False)
            else:
                self._paragraph(child)

    def _children(self, element: etree._Element) -> Iterator[etree._Element]:
        """Yield the paragraphs and tables below an element, through lists, sections and frames."""
        for child in element:
            tag = child.tag
            if tag in _STOPS:
                yield child
            elif tag == n.IMAGE:
                self.pictures += 1
            elif tag not in n.SKIPPED and child.get(n.DISPLAY) != "none":
                yield from self._children(child)

    def _paragraph(self, element: etree._Element) -> None:
        self._paragraphs += 1
        self._budget.take_cells(1)
        piece = self._piece(element)
        text = self._budget.take_text(piece.text)
        if text.strip():
            self._blocks.append(TextBlock(text, f"p[{self._paragraphs}]", role=self._role(element)))
        elif not piece.pictures and not piece.boxes:
            self._blocks.append(TextBlock("", f"p[{self._paragraphs}]"))
        for box in piece.boxes:
            self._flow(box)

    def _role(self, element: etree._Element) -> str:
        if element.get(n.STYLE_NAME, "") in self._titles:
            return "title"
        return "heading" if element.tag == n.H else "paragraph"

    def _piece(self, element: etree._Element) -> Piece:
        piece = Piece()
        out: list[str] = []
        if element.get(n.STYLE_NAME, "") not in self._hidden:
            self._inline(element, out, piece)
        piece.text = "".join(out)
        self.pictures += piece.pictures
        return piece

    def _inline(self, element: etree._Element, out: list[str], piece: Piece) -> None:
        """Collect the text of an element; white space is shown as the file means it (one blank for any run)."""
        _add(element.text, out)
        for child in element:
            tag = child.tag
            if tag == n.SPACES:
                count = child.get(n.COUNT, "1")
                out.append(" " * min(int(count) if count.isascii() and count.isdigit() else 1, _MOST_SPACES))
            elif tag == n.TAB:
                out.append("\t")
            elif tag == n.BREAK:
                out.append("\n")
            elif tag == n.TEXT_BOX or tag in n.SHAPES:
                piece.boxes.append(child)
            elif tag == n.IMAGE:
                piece.pictures += 1
            elif tag not in n.SKIPPED and not (tag == n.SPAN and child.get(n.STYLE_NAME, "") in self._hidden):
                self._inline(child, out, piece)
            _add(child.tail, out)

    def _table(self, table: etree._Element, *, nested: bool) -> None:
        self._tables += 1
        path = f"table[{self._tables}]"
        rows = self._rows(table)
        count = sum(len(row.cells) for row in rows)
        inner = _FRAMES.inner_cells(table, max(count, 1))
        if inner:
            is_flow = is_layout(count, inner)
        else:
            is_flow = any((len(row.cells) == 1 and _is_long(row.cells[0])) or _holds_page(row) for row in rows)
        if not is_flow:
            self._grid(rows, path, nested=nested)
            return
        shape = [(len(row.cells), _holds_page(row) or any(map(_holds_table, row.cells))) for row in rows]
        for is_grid, run in segments(shape):
            part = [rows[index] for index in run]
            if is_grid:
                self._grid(part, path, nested=False)
            else:
                for cell in (cell for row in part for cell in row.cells):
                    self._flow(cell.element)

    def _rows(self, table: etree._Element) -> list[_Row]:
        """Give each cell its column. Covered cells take up a column each, so that no span needs to be followed.

        Raises:
            LimitError: Repeated rows and columns make more cells than the limits allow.
        """
        rows: list[_Row] = []
        for number, element in enumerate(_row_elements(table), 1):
            row = _Row(number)
            order = 0
            for cell in element:
                if cell.tag not in (n.CELL, n.COVERED):
                    continue
                order += 1
                repeat = min(_number(cell, n.COLUMNS_REPEATED), MOST_COLUMNS)
                self._budget.take_cells(repeat)
                if cell.tag == n.CELL:
                    spans = min(_number(cell, n.COLUMNS_SPANNED), MOST_COLUMNS), _number(cell, n.ROWS_SPANNED)
                    row.cells += [_Cell(cell, row.width + more, *spans, order) for more in range(repeat)]
                row.width += repeat
            repeat = _number(element, n.ROWS_REPEATED)
            self._budget.take_cells((repeat - 1) * max(row.width, 1))
            rows += [_Row(number, list(row.cells), row.width) for _ in range(repeat)]
        return rows

    def _grid(self, rows: list[_Row], path: str, *, nested: bool) -> None:
        """Emit a grid, then the tables inside its cells."""
        inner: list[etree._Element] = []
        n_cols = max((row.width for row in rows), default=0)
        starts = [{cell.col for cell in row.cells} for row in rows]
        drafts: list[list[Draft]] = []
        for number, row in enumerate(rows):
            line: list[Draft] = []
            for cell in row.cells:
                right = min(cell.col + cell.col_span, n_cols)
                right = min((col for col in starts[number] if cell.col < col < right), default=right)
                bottom = number + 1
                covers = range(cell.col, right)
                while bottom < min(number + cell.row_span, len(rows)) and starts[bottom].isdisjoint(covers):
                    bottom += 1
                draft = self._draft(cell.element, f"{path}/row[{row.number}]/cell[{cell.order}]", inner)
                draft.col, draft.col_span, draft.row_span = cell.col, right - cell.col, bottom - number
                line.append(draft)
            drafts.append(line)
        if any(drafts):
            self._blocks.append(make_grid(drafts, n_cols, path, nested=nested))
        for table in inner:
            self._table(table, nested=True)

    def _draft(self, cell: etree._Element, path: str, inner: list[etree._Element]) -> Draft:
        before = self.pictures
        tables = len(inner)
        texts = list(self._cell_texts(cell, inner))
        shown = [text for text in texts if text.strip()]
        text = self._budget.take_text("\n".join(shown) if shown else "".join(texts))
        shows_more = self.pictures > before or len(inner) > tables
        is_unsure = (shows_more and not shown) or cell.get(UNSURE) is not None
        return Draft(text, path, confidence=0.0 if is_unsure else 1.0)

    def _cell_texts(self, cell: etree._Element, inner: list[etree._Element]) -> Iterator[str]:
        for child in self._children(cell):
            if child.tag == n.TABLE:
                only = _FRAMES.only_cell(child)
                if only is None:
                    inner.append(child)
                else:
                    yield from self._cell_texts(only, inner)
                continue
            piece = self._piece(child)
            yield piece.text
            for box in piece.boxes:
                yield from self._cell_texts(box, inner)


def _add(text: str | None, out: list[str]) -> None:
    """Add characters of the file: white space is one blank, none at the beginning or after another."""
    if text:
        words = _WHITE.sub(" ", text)
        is_open = not out or out[-1].endswith((" ", "\n", "\t"))
        out.append(words.removeprefix(" ") if is_open else words)


def _row_elements(table: etree._Element) -> Iterator[etree._Element]:
    for child in table:
        if child.tag == n.ROW:
            yield child
        elif child.tag in n.ROW_GROUPS:
            yield from _row_elements(child)


def _number(element: etree._Element, name: str) -> int:
    """A count of 1 or more; what is none counts as 1."""
    value = element.get(name, "1")
    return max(1, int(value)) if value.isascii() and value.isdigit() and len(value) < 10 else 1


def _holds_table(cell: _Cell) -> bool:
    return _FRAMES.inner_cells(cell.element, 1) > 0


def _holds_page(row: _Row) -> bool:
    """Tell whether a cell of this row has more paragraphs than any label or value."""
    return any(len(cell.element) > MANY_LINES for cell in row.cells)


def _is_long(cell: _Cell) -> bool:
    """Tell whether the only cell of a row holds running text rather than a label."""
    return sum(map(len, cell.element.itertext(n.P, n.SPAN))) > LONG_TEXT
