"""The rows and cells of one HTML table, before they are placed on a grid."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from gongkai.documents.budget import Budget
from gongkai.documents.html_names import (
    BREAK_MARK,
    SECTIONS,
    TRANSPARENT,
    Kind,
    clean,
    field_text,
    is_hidden,
    kind_of,
)
from gongkai.documents.html_shown import UNSURE
from gongkai.documents.layout import MANY_LINES
from gongkai.documents.placing import Draft

_MOST_DIGITS = 9
_LONGEST_IN_FRAME = 60


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
    sections: list[etree._Element] = []
    for row, section in _rows(table, rows):
        if is_hidden(row):
            continue
        number = len(rows.drafts) + 1
        sections.append(section)
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
    if sections and sections[0] is not sections[-1]:
        _end_spans_with_sections(rows, sections)
    rows.cells_inside = sum(1 for inner in rows.inner for _ in inner.iterdescendants("td", "th"))
    return rows


def _rows(table: etree._Element, rows: TableRows) -> list[tuple[etree._Element, etree._Element]]:
    """Return the rows in the order in which a browser shows them, each with its section.

    The first thead stands above, the first tfoot below, wherever the source has them (HTML 4 wanted tfoot first).
    """
    found = _rows_below(table, table, rows)
    for name, to_end in (("thead", False), ("tfoot", True)):
        section = next(table.iterchildren(name), None)
        if section is not None and found and found[-1 if to_end else 0][1] is not section:
            moved = [one for one in found if one[1] is section]
            rest = [one for one in found if one[1] is not section]
            found = rest + moved if to_end else moved + rest
    return found


def _rows_below(
    element: etree._Element, section: etree._Element, rows: TableRows
) -> list[tuple[etree._Element, etree._Element]]:
    found: list[tuple[etree._Element, etree._Element]] = []
    for child in element:
        tag = child.tag
        if tag == "tr":
            found.append((child, section))
        elif tag in SECTIONS or (tag in TRANSPARENT and child.find(".//tr") is not None):
            if not is_hidden(child):
                found += _rows_below(child, child if tag in SECTIONS else section, rows)
        elif kind_of(child) is not Kind.DROP:
            rows.strays.append(child)
    return found


def _end_spans_with_sections(rows: TableRows, sections: list[etree._Element]) -> None:
    """Cut row spans that reach the end of the table at the end of their thead, tbody or tfoot, as browsers do.

    A shorter span is kept even across: editors that make a thead of the first row alone leave the spans of a head of
    several rows as they were.
    """
    end = count = len(sections)
    for number in range(count - 1, -1, -1):
        if number + 1 < count and sections[number + 1] is not sections[number]:
            end = number + 1
        for draft in rows.drafts[number]:
            if draft.row_span == 0 or number + draft.row_span >= count:
                draft.row_span = end - number


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
    else:
        cell, text = None, clean([element.text or ""])
    is_unsure = _says_otherwise(element, cell) if not text or text.isspace() else element.get(UNSURE) is not None
    return Draft(
        budget.take_text(text),
        path,
        _span(element, "rowspan"),
        _span(element, "colspan"),
        confidence=0.0 if is_unsure else 1.0,
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
        elif is_hidden(child):
            pass
        elif kind is Kind.DROP:
            cell.parts.append(field_text(child))
        elif kind is None:
            _gather(child, cell, budget, depth + 1)
        elif kind is Kind.TABLE:
            cell.parts.append(BREAK_MARK)
            if (only := _only_cell(child)) is not None:
                _gather(only, cell, budget, depth + 1)
                cell.parts.append(BREAK_MARK)
            else:
                cell.inner.append(child)
        elif kind is Kind.PICTURE:
            cell.pictures += 1
        else:
            cell.parts.append(BREAK_MARK)
            _gather(child, cell, budget, depth + 1)
            cell.parts.append(BREAK_MARK)
        if child.tail:
            cell.parts.append(child.tail)


def _only_cell(table: etree._Element) -> etree._Element | None:
    """Return the cell of a table that is only a frame around one value or label."""
    cells = list(table.iterdescendants("td", "th", "table", "img"))
    if len(cells) != 1 or cells[0].tag not in ("td", "th"):
        return None
    return cells[0] if sum(map(len, table.itertext())) <= _LONGEST_IN_FRAME else None


def _says_otherwise(element: etree._Element, cell: _Cell | None) -> bool:
    """Tell whether a cell without text shows something all the same: a picture, a table, a tip on pointing at it."""
    if element.get("title"):
        return True
    if cell is None:
        return False
    return bool(cell.pictures or cell.inner) or any(inner.get("title") for inner in element.iterdescendants())


def _span(element: etree._Element, name: str) -> int:
    """A span as stated; 1 where it is no number. rowspan="0" means down to the end of the table."""
    stated = element.get(name)
    if not stated:
        return 1
    value = stated.strip().strip("\"'")
    digits = value[:_MOST_DIGITS]
    return int(digits) if digits.isascii() and digits.isdigit() else 1
