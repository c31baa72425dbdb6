"""Walks the body of a web page once and makes blocks of it."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice

from lxml import etree

from gongkai.documents.budget import Budget
from gongkai.documents.html_names import (
    BREAK_MARK,
    CELL_LIKE,
    FEWEST_SPANS,
    HEADINGS,
    PICTURE_ADDRESSES,
    VALUE,
    Kind,
    clean,
    field_text,
    is_hidden,
    kind_of,
    span_cells,
)
from gongkai.documents.html_tables import TableRows, table_rows
from gongkai.documents.layout import LONG_TEXT, is_layout, segments
from gongkai.documents.model import Block, TextBlock
from gongkai.documents.page_rules import PageRules
from gongkai.documents.placing import Draft, make_grid, place
from gongkai.documents.properties import is_property_table

_NONE: frozenset[etree._Element] = frozenset()
_MANY_LINES = 6
_LONGEST_PROPERTY = 500


class FlowReader:
    """Collects the blocks of a page.

    Paths count text blocks and tables (at any depth), each from 1 in the order of the page.

    Args:
        containers: The elements that hold the article; everything outside is furniture.
        furniture: Elements that are furniture even inside.
        around: Ancestors of the containers: tables among them only serve the layout.
        rules: To know a property table.
        budget: What the page may still take.

    Attributes:
        pictures: Pictures and embedded frames in the article.
        images: (number of blocks before it, address) of pictures in the article.
        properties: Texts of the furniture and of property tables, in reading order.
    """

    def __init__(
        self,
        containers: Collection[etree._Element],
        furniture: Collection[etree._Element],
        around: Collection[etree._Element],
        rules: PageRules,
        budget: Budget,
    ) -> None:
        self.blocks: list[Block] = []
        self.properties: list[str] = []
        self.pictures = 0
        self.images: list[tuple[int, str]] = []
        self._pending: list[str] = []
        self._containers, self._furniture, self._around = containers, furniture, around
        self._rules, self._budget = rules, budget
        self._role = "furniture"
        self._parts: list[str] = []
        self._texts = self._tables = 0

    def read(self, body: etree._Element) -> None:
        """Read everything under `body`."""
        self._block(body, 0)

    def _flow(self, element: etree._Element, depth: int) -> None:
        """Read what stands in an element into the running paragraph, or into blocks of its own."""
        self._budget.check_depth(depth)
        if element.text:
            self._parts.append(element.text.replace("\n", BREAK_MARK) if element.tag == "pre" else element.text)
        cells = span_cells(element) if len(element) >= FEWEST_SPANS else _NONE
        for child in element:
            kind = kind_of(child)
            if kind is Kind.BREAK:
                self._parts.append(BREAK_MARK)
            elif is_hidden(child) and not self._leads_to_article(child):
                pass
            elif kind is Kind.DROP:
                if self._role != "furniture" and (text := field_text(child)) and VALUE.fullmatch(text):
                    self._parts.append(text)
            elif kind is None:
                if cells and child in cells:
                    self._flush()
                    self._flow(child, depth + 1)
                    self._flush("paragraph", keep_blank=True)
                else:
                    self._flow(child, depth + 1)
            elif kind is Kind.TABLE:
                self._flush()
                self._table(child, depth + 1, nested=False)
            elif kind is Kind.PICTURE:
                self.pictures += self._role != "furniture"
                if self._role != "furniture":
                    self._pending += _address(child)
                self._parts.append("\ufffc")
            else:
                self._block(child, depth + 1)
            if child.tail:
                self._parts.append(child.tail.replace("\n", BREAK_MARK) if element.tag == "pre" else child.tail)

    def _leads_to_article(self, element: etree._Element) -> bool:
        """Tell whether an element is or holds the article, which scripts show even if the source hides it."""
        return element in self._containers or element in self._around

    def _block(self, element: etree._Element, depth: int) -> None:
        self._flush()
        role_outside = self._role
        if element in self._containers:
            self._role = "paragraph"
        if element in self._furniture:
            self._role = "furniture"
        before = len(self.blocks)
        self._flow(element, depth)
        own_role = "heading" if element.tag in HEADINGS else "paragraph"
        self._flush(own_role, keep_blank=len(self.blocks) == before and _may_be_cell(element))
        self._role = role_outside

    def _flush(self, own_role: str = "paragraph", *, keep_blank: bool = False) -> None:
        """End the running paragraph."""
        if not self._parts:
            text, has_picture = "", False
        else:
            text = clean(self._parts)
            has_picture = "\ufffc" in text
            if has_picture:
                text = text.replace("\ufffc", "")
            self._parts.clear()
        if text and not text.isspace():
            lines = text.split("\n")
            if len(lines) < _MANY_LINES:
                self._emit(text, own_role)
            else:
                for line in lines:
                    if line.strip():
                        self._emit(line, own_role)
        elif keep_blank and not has_picture and self._role != "furniture":
            self._emit("", "paragraph")
        if self._pending:
            self._place()

    def _place(self) -> None:
        """Note pictures that follow the last block."""
        self.images += [(len(self.blocks), address) for address in self._pending]
        self._pending.clear()

    def _emit(self, text: str, role: str) -> None:
        self._texts += 1
        self._budget.take_cells(1)
        if self._role == "furniture":
            if len(text) <= _LONGEST_PROPERTY:
                self.properties.append(text)
            role = "title" if role == "heading" else "furniture"
        self.blocks.append(TextBlock(self._budget.take_text(text), f"p[{self._texts}]", role=role))

    def _table(self, table: etree._Element, depth: int, *, nested: bool) -> None:
        self._budget.check_depth(depth)
        self._tables += 1
        path = f"table[{self._tables}]"
        if table in self._around or table in self._containers:
            self._block(table, depth)
            return
        rows = table_rows(table, path, self._budget)
        for stray in rows.strays:
            self._block(stray, depth + 1)
        texts = [draft.text for line in rows.drafts for draft in line]
        if is_property_table(texts, self._rules) and not rows.inner:
            self._furnish(texts, rows)
        elif self._role == "furniture" and not rows.inner:
            self._furnish([], rows)
        elif (rows.inner and is_layout(rows.cells, rows.cells_inside)) or self._role == "furniture" or _is_frame(rows):
            self._dissolve(rows, path, depth)
        else:
            self._grid(rows.drafts, path, nested=nested)
            self.pictures += rows.pictures
            if rows.pictures:
                for image in table.iterdescendants("img"):
                    if next(image.iterancestors("table"), None) is table:
                        self._pending += _address(image)
                self._place()
            for inner in rows.inner:
                self._table(inner, depth + 1, nested=True)

    def _grid(self, drafts: list[list[Draft]], path: str, *, nested: bool) -> None:
        if any(drafts):
            n_cols, placed = place(drafts, self._budget)
            self.blocks.append(make_grid(placed, n_cols, path, nested=nested))

    def _furnish(self, properties: list[str], rows: TableRows) -> None:
        """Emit a table that is no data as lines of furniture."""
        self.properties += properties
        for line in rows.drafts:
            text = "\t".join(draft.text.strip() for draft in line)
            if text.strip():
                self._texts += 1
                self.blocks.append(TextBlock(text, f"p[{self._texts}]", role="furniture"))

    def _dissolve(self, rows: TableRows, path: str, depth: int) -> None:
        """Emit a layout table in reading order: runs of rows that are a grid, and single cells as flow."""
        for is_grid, run in segments(rows.shape()):
            if is_grid and self._role != "furniture":
                drafts = [rows.drafts[index] for index in run]
                for offset, line in enumerate(drafts):
                    for draft in line:
                        draft.row_span = min(draft.row_span, len(run) - offset) if draft.row_span else 0
                self._grid(drafts, path, nested=False)
                continue
            for index in run:
                for cell in rows.elements[index]:
                    self._block(cell, depth + 1)


def _address(element: etree._Element) -> list[str]:
    """Return the address of a picture; scripts show those of `data-...` when the page is scrolled to them."""
    if element.tag != "img":
        return []
    addresses = (element.get(name, "").strip() for name in PICTURE_ADDRESSES)
    return list(islice(filter(None, addresses), 1))


def _is_frame(rows: TableRows) -> bool:
    """Tell whether a cell holds a whole page, or is alone in its row and holds running text."""
    if not rows.inner and any(rows.flows):
        return True
    long = [number for number, line in enumerate(rows.drafts) if len(line) == 1 and len(line[0].text) > LONG_TEXT]
    if not long:
        return False
    shape = rows.shape()
    return any(shape[number][0] == 1 for number in long)


def _may_be_cell(element: etree._Element) -> bool:
    """Tell whether an element without text may be a blank cell of a flattened table.

    A <div> without content is mostly there for the layout: it counts only among its like.
    """
    if element.tag in CELL_LIKE or "table-cell" in element.get("style", ""):
        return True
    if element.tag != "div" or "clear" in (element.get("class", "") + element.get("style", "")).lower():
        return False
    like = element.get("class")
    near = (element.getprevious(), element.getnext())
    return any(other is not None and other.tag == "div" and other.get("class") == like for other in near)
