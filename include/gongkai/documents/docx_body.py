"""Walks the body of a docx once and makes blocks of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from gongkai.documents import docx_names as n
from gongkai.documents.budget import Budget
from gongkai.documents.docx_shown import UNSURE
from gongkai.documents.docx_styles import outline_role
from gongkai.documents.docx_text import (
    FRAMES,
    Piece,
    cell_content,
    children,
    number_of,
    paragraph_piece,
    span_of,
    val_of,
)
from gongkai.documents.layout import LONG_TEXT, MANY_LINES, is_layout, segments
from gongkai.documents.model import Block, Grid, TextBlock
from gongkai.documents.placing import MOST_COLUMNS, Draft, make_grid

_Row = tuple[int, list[etree._Element], int]
"""Number of a row in its table, its cells, the columns that it leaves out on the left."""


class BodyReader:
    """Collects the blocks of a w:body.

    Paths count paragraphs outside tables and tables at any depth, each from 1 in the order of the file.

    Attributes:
        styles_used: Ids of paragraph styles in use, to be resolved to roles.
        pictures: Number of pictures seen.
        images: (number of blocks before it, path, relationship) of those stored in the file.
        chunks: The same of documents of other formats that Word shows in their places (altChunk).
    """

    def __init__(self, budget: Budget) -> None:
        self.styles_used: set[str] = set()
        self.pictures = 0
        self.images: list[tuple[int, str, str]] = []
        self._budget = budget
        self._blocks: list[Block] = []
        self._styles: dict[int, str] = {}
        self.chunks: list[tuple[int, str, str]] = []
        self._objects: list[str] = []
        self._paragraphs = self._tables = self._hidden_cells = 0

    def read(self, body: etree._Element) -> None:
        """Read everything under `body`."""
        self._flow(body)

    def blocks(self, roles: dict[str, str]) -> tuple[Block, ...]:
        """Return the blocks, with the role of each paragraph by its style.

        Blank paragraphs are kept only where there is no table: there each may be a blank cell of a flattened one.
        """
        keep_blank = not self._tables
        out: list[Block] = []
        kept: list[int] = []
        for number, block in enumerate(self._blocks):
            kept.append(len(out))
            if isinstance(block, Grid):
                out.append(block)
            elif role := roles.get(self._styles.get(number, "")):
                out.append(replace(block, role=role))
            elif block.text or keep_blank:
                out.append(block)
        kept.append(len(out))
        has_text = any(isinstance(block, Grid) or block.text for block in out)
        self.images = [(kept[index] if has_text else 0, path, name) for index, path, name in self.images]
        self.chunks = [(kept[index] if has_text else 0, path, name) for index, path, name in self.chunks]
        return tuple(out) if has_text else ()

    def warnings(self) -> Iterator[str]:
        """Yield what was noticed."""
        if self.pictures:
            yield f"{self.pictures} pictures, whose text is not read"
        if self._objects:
            named = ", ".join(sorted(set(filter(None, self._objects)))) or "of unknown kind"
            yield f"{len(self._objects)} embedded objects ({named}), which are not read"
        if self._hidden_cells:
            yield f"{self._hidden_cells} cells covered by a vertical merge hold text, which Word does not show"

    def _flow(self, container: etree._Element) -> None:
        for child in children(container):
            if child.tag == n.P:
                self._paragraphs += 1
                self._budget.take_cells(1)
                piece = paragraph_piece(child)
                self._emit(piece, f"p[{self._paragraphs}]", child)
            elif child.tag == n.TBL:
                self._table(child, nested=False)
            elif child.tag == n.ALT_CHUNK:
                relation = next(filter(None, (child.get(name) for name in n.IMAGE_IDS)), "")
                self.chunks.append((len(self._blocks), f"altChunk[{len(self.chunks) + 1}]", relation))

    def _emit(self, piece: Piece, path: str, paragraph: etree._Element) -> None:
        self.pictures += piece.pictures
        self._objects += piece.objects
        text = self._budget.take_text(piece.text)
        if text.strip():
            self._blocks.append(TextBlock(text, path, role=self._role(paragraph)))
        elif not piece.pictures and not piece.boxes:
            self._blocks.append(TextBlock("", path))
        self._place(piece.images, path)
        for box in piece.boxes:
            self._flow(box)

    def _place(self, images: list[str], path: str) -> None:
        """Note pictures that follow the last block."""
        self.images += [(len(self._blocks), f"{path}/image[{number}]", name) for number, name in enumerate(images, 1)]

    def _role(self, paragraph: etree._Element) -> str:
        """Role as far as the paragraph itself says; its style is noted for later."""
        properties = next(paragraph.iterchildren(n.PPR), None)
        if properties is None:
            return "paragraph"
        style = properties.find(n.P_STYLE)
        if style is not None:
            self._styles[len(self._blocks)] = val_of(style)
            self.styles_used.add(val_of(style))
        return outline_role(properties) or "paragraph"

    def _table(self, table: etree._Element, *, nested: bool) -> None:
        self._tables += 1
        path = f"table[{self._tables}]"
        rows: list[_Row] = []
        for number, row in enumerate((row for row in children(table) if row.tag == n.TR), 1):
            properties = next(row.iterchildren(n.TRPR), None)
            if properties is None or properties.find(n.DEL) is None:
                rows.append((number, [cell for cell in children(row) if cell.tag == n.TC], _columns_before(properties)))
        count = sum(len(cells) for _, cells, _ in rows)
        inner = FRAMES.inner_cells(table, max(count, 1))
        if inner:
            if is_layout(count, inner):
                self._dissolve(rows, path)
                return
        elif any((len(cells) == 1 and _is_long(cells[0])) or _holds_page(cells) for _, cells, _ in rows):
            self._dissolve(rows, path)
            return
        self._grid(rows, path, nested=nested)

    def _dissolve(self, rows: list[_Row], path: str) -> None:
        shape = [
            (
                len(cells),
                _holds_page(cells) or any(FRAMES.inner_cells(cell, 1) for cell in cells),
            )
            for _, cells, _ in rows
        ]
        for is_grid, run in segments(shape):
            part = [rows[index] for index in run]
            if is_grid:
                self._grid(part, path, nested=False)
            else:
                self._flow_rows(part)

    def _flow_rows(self, rows: list[_Row]) -> None:
        for _, cells, _ in rows:
            for cell in cells:
                self._flow(cell)

    def _grid(self, rows: list[_Row], path: str, *, nested: bool) -> None:
        """Emit a grid, then the tables inside its cells."""
        drafts: list[list[Draft]] = []
        open_merges: dict[int, tuple[Draft, int]] = {}
        inner: list[etree._Element] = []
        images: list[tuple[str, list[str]]] = []
        n_cols = 0
        for number, (printed, cells, before) in enumerate(rows):
            line: list[Draft] = []
            drafts.append(line)
            col = before
            for position, cell in enumerate(cells, 1):
                span = span_of(cell)
                if span.deleted:
                    continue
                self._budget.take_cells(span.columns)
                above, row_above = open_merges.get(col, (None, -1)) if span.vertical == "continue" else (None, -1)
                if span.continues_left and line:
                    line[-1].col_span += span.columns
                elif above is not None and row_above == number - 1:
                    above.row_span += 1
                    open_merges[col] = (above, number)
                    self._hidden_cells += bool(next(filter(None, cell.itertext(n.T)), None))
                else:
                    draft = self._draft(cell, f"{path}/row[{printed}]/cell[{position}]", inner, images)
                    draft.col, draft.col_span = col, span.columns
                    line.append(draft)
                    if span.vertical:
                        open_merges[col] = (draft, number)
                col += span.columns
            n_cols = max(n_cols, col)
        if any(drafts):
            self._blocks.append(make_grid(drafts, n_cols, path, nested=nested))
        for place, names in images:
            self._place(names, place)
        for table in inner:
            self._table(table, nested=True)

    def _draft(
        self, cell: etree._Element, path: str, inner: list[etree._Element], images: list[tuple[str, list[str]]]
    ) -> Draft:
        texts, pictures, holds_table = [], 0, False
        for item in cell_content(cell):
            if isinstance(item, Piece):
                texts.append(item.text)
                pictures += item.pictures
                self._objects += item.objects
                if item.images:
                    images.append((path, item.images))
            else:
                inner.append(item)
                holds_table = True
        self.pictures += pictures
        shown = [text for text in texts if text.strip()]
        text = self._budget.take_text("\n".join(shown) if shown else "".join(texts))
        is_unsure = ((pictures or holds_table) and not shown) or cell.get(UNSURE) is not None
        return Draft(text, path, confidence=0.0 if is_unsure else 1.0)


def _holds_page(cells: list[etree._Element]) -> bool:
    """Tell whether one of these cells has more paragraphs than any label or value."""
    return any(len(cell) > MANY_LINES for cell in cells)


def _is_long(cell: etree._Element) -> bool:
    """Tell whether the only cell of a row holds running text rather than a label."""
    return sum(map(len, cell.itertext(n.T))) > LONG_TEXT


def _columns_before(properties: etree._Element | None) -> int:
    """Columns that a row leaves out on the left (w:gridBefore), by its w:trPr."""
    before = properties.find(n.GRID_BEFORE) if properties is not None else None
    return min(number_of(before), MOST_COLUMNS) if before is not None else 0
