"""What an explanation shows of a document: values with their labels, and the places they were read from.

Pure: a Document and a Report in, plain data for pictures and pages out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from gongkai.contracts.template import Layout, Table, TemplateContract
from gongkai.documents.model import BBox, Document
from gongkai.reports.model import Cell, Report, State

SURE = 0.9
"""A value read with less confidence is marked as doubtful."""

DOUBTFUL = frozenset(("doubt", "missing"))
"""Kinds of values that someone should look at."""

_SIGNS = {State.BLANK: "", State.NOT_APPLICABLE: "/", State.TEXT: "text", State.NOT_EXTRACTED: "—"}
_RANK = ("sure", "nothing", "doubt", "missing")
_DISAGREES = frozenset(("differ", "differs", "disagree", "disagrees", "disagreed", "conflict"))


@dataclass(frozen=True, slots=True)
class Mark:
    """One value as it is shown.

    Attributes:
        key: Position of its cell in the report; links value and place.
        cell: The cell itself.
        kind: "sure" (a number), "nothing" (blank, not applicable), "doubt" or "missing".
        shown: The number, or a sign for its state.
        labels: Printed labels of its row and column.
        details: Name and text of everything known of it.
    """

    key: int
    cell: Cell
    kind: str
    shown: str
    labels: str
    details: tuple[tuple[str, str], ...]

    @property
    def title(self) -> str:
        """Everything known of the value, one line a fact."""
        return "\n".join(f"{name}: {text}" for name, text in self.details)

    @property
    def code(self) -> str:
        """Row and column code in one."""
        return f"{self.cell.row}/{self.cell.column}"

    @property
    def raw(self) -> str:
        """The text as printed, where it says more than the number does."""
        return self.cell.raw.strip() if self.cell.raw and self.cell.raw.strip() != self.shown else ""


@dataclass(frozen=True, slots=True)
class Spot:
    """One place of the document with the values read from it: one, or several where a line of text holds them."""

    marks: tuple[Mark, ...]

    @property
    def keys(self) -> str:
        """Keys of its values, separated by blanks."""
        return " ".join(str(mark.key) for mark in self.marks)

    @property
    def kind(self) -> str:
        """The most doubtful kind of its values."""
        return max((mark.kind for mark in self.marks), key=_RANK.index)

    @property
    def title(self) -> str:
        """What is known of its values."""
        return "\n\n".join(mark.title for mark in self.marks)

    @property
    def row_code(self) -> str:
        """Codes of its values' rows."""
        return " ".join(dict.fromkeys(mark.cell.row for mark in self.marks))

    @property
    def code(self) -> str:
        """Code of its value's column, or how many values it holds."""
        return self.marks[0].cell.column if len(self.marks) == 1 else f"{len(self.marks)} values"


@dataclass(frozen=True, slots=True)
class Box:
    """A spot on a page, in points from the top left corner; `row_code` stands at the first box of a row."""

    bbox: BBox
    spot: Spot
    row_code: str = ""
    row_code_below: bool = False


@dataclass(frozen=True, slots=True)
class ValueRow:
    """A row of the table of values: for each column a mark, or None where the form has no such cell."""

    code: str
    label: str
    within: str
    marks: tuple[Mark | None, ...]


@dataclass(frozen=True, slots=True)
class ValueTable:
    """A table of values: codes and labels of its columns, and its rows."""

    code: str
    title: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[ValueRow, ...]


def marks_of(report: Report, contract: TemplateContract) -> tuple[Mark, ...]:
    """Return the values of a report with the labels of its template, in contract order."""
    tables = {table.code: table for table in contract.tables}
    return tuple(_mark(key, cell, tables[cell.table]) for key, cell in enumerate(report.cells))


def _mark(key: int, cell: Cell, table: Table) -> Mark:
    row, column = table.row_by_code[cell.row], table.column_by_code[cell.column]
    labels = f"{''.join((row.number, row.label))} · {column.label}"
    facts = {field.name: getattr(cell, field.name) for field in fields(cell)}
    place = f"{facts.pop('table')} / {facts.pop('row')} / {facts.pop('column')}"
    details = (("cell", place), ("label", labels), *((name, _say(value)) for name, value in facts.items()))
    shown = f"{cell.value:f}" if cell.state is State.NUMBER and cell.value is not None else _SIGNS.get(cell.state, "")
    return Mark(key, cell, kind_of(cell), shown, labels, tuple((name, text) for name, text in details if text))


def _say(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ", ".join(f"{part:.1f}" if isinstance(part, float) else str(part) for part in value)
    return str(value)


def kind_of(cell: Cell) -> str:
    """Tell how a value is coloured: "sure", "nothing", "doubt" or "missing"."""
    if cell.state is State.NOT_EXTRACTED:
        return "missing"
    disagrees = str(getattr(cell, "agreement", "") or "").lower() in _DISAGREES
    if cell.state is State.TEXT or cell.confidence < SURE or disagrees:
        return "doubt"
    return "sure" if cell.state is State.NUMBER else "nothing"


def value_tables(marks: Iterable[Mark], contract: TemplateContract) -> tuple[ValueTable, ...]:
    """Return the values as the template's tables, rows that the printed form does not have left out."""
    by_place = {(mark.cell.table, mark.cell.row, mark.cell.column): mark for mark in marks}
    tables = []
    for table in contract.tables:
        rows = []
        for row in table.rows:
            line = tuple(by_place.get((table.code, row.code, column.code)) for column in table.columns)
            if row.heading or any(line):
                rows.append(ValueRow(row.code, row.number + row.label, " › ".join(row.within), line))
        if any(any(row.marks) for row in rows):
            columns = tuple((column.code, column.label) for column in table.columns)
            tables.append(ValueTable(table.code, table.title, columns, tuple(rows)))
    return tuple(tables)


def spots_by_path(marks: Iterable[Mark], prefix: str = "") -> dict[str, Spot]:
    """Return the spots of a document without pages, by path, less the prefix that all paths have in an archive."""
    grouped: dict[str, list[Mark]] = {}
    for mark in marks:
        if mark.cell.path:
            grouped.setdefault(mark.cell.path.removeprefix(prefix), []).append(mark)
    return {path: Spot(tuple(group)) for path, group in grouped.items()}


def boxes_by_page(marks: Iterable[Mark], contract: TemplateContract) -> dict[int, tuple[Box, ...]]:
    """Return the boxes to draw on each page, from 1; the first box of each row carries the row's code."""
    single = {table.code for table in contract.tables if table.layout is Layout.SINGLE_ROW}
    grouped: dict[tuple[int, BBox], list[Mark]] = {}
    for mark in marks:
        if mark.cell.page is not None and mark.cell.bbox is not None:
            grouped.setdefault((mark.cell.page, mark.cell.bbox), []).append(mark)
    pages: dict[int, list[Box]] = {}
    named: set[tuple[int, str, str]] = set()
    for (page, bbox), group in sorted(grouped.items(), key=lambda item: (item[0][0], item[0][1][0])):
        cell = group[0].cell
        row = (page, cell.table, cell.row)
        code = "" if row in named else cell.row
        named.add(row)
        pages.setdefault(page, []).append(Box(bbox, Spot(tuple(group)), code, cell.table in single))
    return {page: tuple(boxes) for page, boxes in pages.items()}


def outlines_by_page(document: Document) -> dict[int, tuple[BBox, ...]]:
    """Return the boxes of all grid cells of each page, from 1: the grid as it was read."""
    pages: dict[int, list[BBox]] = {}
    for grid in document.grids():
        for cell in grid.cells:
            if cell.page is not None and cell.bbox is not None:
                pages.setdefault(cell.page, []).append(cell.bbox)
    return {page: tuple(boxes) for page, boxes in pages.items()}
