"""The rows and cells of one HTML table, before they are placed on a grid."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from gongkai.documents.budget import Budget
from gongkai.documents.html_names import BREAK_MARK, SECTIONS, TRANSPARENT, Kind, clean, is_hidden, kind_of
from gongkai.documents.layout import MANY_LINES
from gongkai.documents.placing import Draft

_MOST_DIGITS = 9


@dataclass(slots=True)
class TableRows:
    """A table taken apart.

    Attributes:
        drafts: The cells of each row.
        elements: The element of each cell.
        flows: For each row, whether a cell of it holds a table or a whole page.
        inner: The tables inside its cells.
        strays: Elements between rows or cells that belong to no cell.
        cells: Number of its own cells.
        cells_inside: Number of cells of the tables inside.
        pictures: Number of pictures in its cells.
    """

    drafts: list[list[Draft]] = field(default_factory=list)
    elements: list[list[etree._Element]] = field(default_factory=list)
    flows: list[bool] = field(default_factory=list)
    inner: list[etree._Element] = field(default_factory=list)
    strays: list[etree._Element] = field(default_factory=list)
    cells: int = 0
    cells_inside: int = 0
    pictures: int = 0

    def shape(self) -> list[tuple[int, bool]]:
        """For each row the number of cells it shows, those reaching in from above included, and `flows`."""
        counts = [0] * (len(self.drafts) + 1)
        for number, line in enumerate(self.drafts):
            for draft in line:
                counts[number] += 1
                last = number + draft.row_span if draft.row_span else len(self.drafts)
                counts[min(last, len(self.drafts))] -= 1
        total, shape = 0, []
        for count, flows in zip(counts, self.flows, strict=False):
            total += count
            shape.append((total, flows))
        return shape


@dataclass(slots=True)
class _Cell:
    parts: list[str] = field(default_factory=list)
    inner: list[etree._Element] = field(default_factory=list)
    pictures: int = 0


def table_rows(table: etree._Element, path: str, budget: Budget) -> TableRows:
    """Take a table apart.

    Raises:
        LimitError: Too much text, or nested too deep.
    """
    rows = TableRows()
    for row in _rows(table, rows):
        if is_hidden(row):
            continue
        number = len(rows.drafts) + 1
        line: list[Draft] = []
        elements = [cell for cell in _cells(row, rows) if not is_hidden(cell)]
        inner_before = len(rows.inner)
        for position, element in enumerate(elements, 1):
            line.append(_draft(element, f"{path}/row[{number}]/cell[{position}]", rows, budget))
        rows.drafts.append(line)
        rows.elements.append(elements)
        holds_page = any(draft.text.count("\n") > MANY_LINES for draft in line)
        rows.flows.append(holds_page or len(rows.inner) > inner_before)
        rows.cells += len(line)
    if rows.inner:
        inside = sum(1 for _ in table.iterdescendants("td", "th"))
        rows.cells_inside = max(0, inside - rows.cells)
    return rows


def _rows(table: etree._Element, rows: TableRows) -> list[etree._Element]:
    found: list[etree._Element] = []
    for child in table:
        if child.tag == "tr":
            found.append(child)
        elif child.tag in SECTIONS or (child.tag in TRANSPARENT and child.find(".//tr") is not None):
            if not is_hidden(child):
                found += _rows(child, rows)
        elif kind_of(child) is not Kind.DROP:
            rows.strays.append(child)
    return found


def _cells(row: etree._Element, rows: TableRows) -> list[etree._Element]:
    found: list[etree._Element] = []
    for child in row:
        if child.tag in ("td", "th"):
            found.append(child)
        elif child.tag in TRANSPARENT and child.find(".//td") is not None:
            found += _cells(child, rows)
        elif kind_of(child) is not Kind.DROP:
            rows.strays.append(child)
    return found


def _draft(element: etree._Element, path: str, rows: TableRows, budget: Budget) -> Draft:
    if len(element):
        cell = _Cell()
        _gather(element, cell, budget, 1)
        text = clean(cell.parts)
        lines = text.split("\n")
        if len(lines) > 1:
            shown = [line for line in lines if line and not line.isspace()]
            text = "\n".join(shown) if shown else "".join(lines)
        rows.inner += cell.inner
        rows.pictures += cell.pictures
        confidence = 0.0 if cell.pictures and not text.strip() else 1.0
    else:
        text, confidence = clean([element.text or ""]), 1.0
    return Draft(
        budget.take_text(text), path, _span(element, "rowspan"), _span(element, "colspan"), confidence=confidence
    )


def _gather(element: etree._Element, cell: _Cell, budget: Budget, depth: int) -> None:
    """Collect the text of a cell without that of the tables inside it."""
    budget.check_depth(depth)
    if element.text:
        cell.parts.append(element.text)
    for child in element:
        kind = kind_of(child)
        if kind is Kind.BREAK:
            cell.parts.append(BREAK_MARK)
        elif kind is Kind.DROP or is_hidden(child):
            pass
        elif kind is None:
            _gather(child, cell, budget, depth + 1)
        elif kind is Kind.TABLE:
            cell.parts.append(BREAK_MARK)
            cell.inner.append(child)
        elif kind is Kind.PICTURE:
            cell.pictures += 1
        else:
            cell.parts.append(BREAK_MARK)
            _gather(child, cell, budget, depth + 1)
            cell.parts.append(BREAK_MARK)
        if child.tail:
            cell.parts.append(child.tail)


def _span(element: etree._Element, name: str) -> int:
    """A span as stated; 1 where it is no number. rowspan="0" means down to the end of the table."""
    stated = element.get(name)
    if not stated:
        return 1
    value = stated.strip().strip("\"'")
    digits = value[:_MOST_DIGITS]
    return int(digits) if digits.isascii() and digits.isdigit() else 1
