"""Lays the tables of a template out as grids of printed cells, spans and all, for every renderer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import cast

from ruamel.yaml import YAML

from gongkai.contracts.load import load_templates
from gongkai.contracts.template import Row, Table, TemplateContract
from samples.making.paper import Key, Printed

LABELS = cast("Mapping[str, object]", YAML(typ="safe").load(Path(__file__).with_name("forms.yml")))


@dataclass(frozen=True, slots=True)
class FormCell:
    """A printed cell; `key` names the value it holds, None for labels. `vertical` text runs downwards."""

    row: int
    col: int
    row_span: int
    col_span: int
    text: str
    key: Key | None = None
    vertical: bool = False


@dataclass(frozen=True, slots=True)
class FormTable:
    """A table ready to print.

    Attributes:
        code: Table code.
        widths: Relative width of each column.
        n_rows: Number of rows.
        header_rows: Rows that a renderer may repeat on each page.
        cells: In reading order.
    """

    code: str
    widths: tuple[float, ...]
    n_rows: int
    header_rows: int
    cells: tuple[FormCell, ...]


def lay_out(template: str, table: str, sheet: Mapping[Key, Printed]) -> FormTable:
    """Lay out one table of a template with the values of a sheet, in the variant whose rows the sheet has."""
    contract = load_templates()[template]
    rows = _printed_rows(contract, table, sheet)
    layout = {"proactive": _proactive, "applications": _applications, "review": _review, "legacy": _legacy}[table]
    return layout(contract.table_by_code[table], rows, sheet)


def _printed_rows(contract: TemplateContract, table: str, sheet: Mapping[Key, Printed]) -> list[Row]:
    printed = {row for where, row, _ in sheet if where == table}
    return [row for row in contract.table_by_code[table].rows if row.heading or row.code in printed]


class _Grid:
    """Collects cells row by row."""

    def __init__(self, sheet: Mapping[Key, Printed]) -> None:
        self.sheet, self.cells = sheet, list[FormCell]()

    def label(self, row: int, col: int, rows: int, cols: int, text: str, *, vertical: bool = False) -> None:
        self.cells.append(FormCell(row, col, rows, cols, text, None, vertical))

    def value(self, row: int, col: int, key: Key, cols: int = 1) -> None:
        self.cells.append(FormCell(row, col, 1, cols, self.sheet[key].raw, key))

    def done(self, code: str, widths: tuple[float, ...], header_rows: int = 1) -> FormTable:
        cells = tuple(sorted(self.cells, key=lambda cell: (cell.row, cell.col)))
        return FormTable(code, widths, max(cell.row + cell.row_span for cell in cells), header_rows, cells)


def _proactive(table: Table, rows: list[Row], sheet: Mapping[Key, Printed]) -> FormTable:
    grid, at = _Grid(sheet), 0
    for clause, group in groupby(rows, key=lambda row: row.within[0]):
        members = list(group)
        columns = table.columns_of(members[0])
        spans = {1: (3,), 2: (1, 2), 3: (1, 1, 1)}[len(columns)]
        starts = [1 + sum(spans[:index]) for index in range(len(spans))]
        grid.label(at, 0, 1, 4, clause)
        grid.label(at + 1, 0, 1, 1, str(LABELS["content"]))
        for column, start, span in zip(columns, starts, spans, strict=True):
            grid.label(at + 1, start, 1, span, column.label)
        at += 2
        for row in members:
            grid.label(at, 0, 1, 1, row.label)
            for column, start, span in zip(columns, starts, spans, strict=True):
                grid.value(at, start, (table.code, row.code, column.code), span)
            at += 1
    return grid.done(table.code, (1.3, 1, 1, 1), 0)


def _applications(table: Table, rows: list[Row], sheet: Mapping[Key, Printed]) -> FormTable:
    grid, names = _Grid(sheet), [column.label for column in table.columns]
    groups = cast("Mapping[str, str]", LABELS["groups"])
    grid.label(0, 0, 3, 3, str(LABELS["remark"]))
    grid.label(0, 3, 1, 7, str(LABELS["applicants"]))
    grid.label(1, 3, 2, 1, names[0])
    grid.label(1, 4, 1, 5, str(LABELS["organisations"]))
    grid.label(1, 9, 2, 1, names[6])
    for index, name in enumerate(names[1:6]):
        grid.label(2, 4 + index, 1, 1, name)
    at, open_groups = 3, set[tuple[str, ...]]()
    for row in rows:
        for depth in range(1, len(row.within) + 1):
            prefix = row.within[:depth]
            if prefix not in open_groups:
                open_groups.add(prefix)
                height = sum(other.within[:depth] == prefix for other in rows)
                grid.label(at, depth - 1, height, 1, groups[prefix[-1]], vertical=depth == 1)
        depth = len(row.within)
        grid.label(at, depth, 1, 3 - depth, row.number + row.label)
        for index, column in enumerate(table.columns):
            grid.value(at, 3 + index, (table.code, row.code, column.code))
        at += 1
    return grid.done(table.code, (0.7, 1.1, 3.0, 1, 1, 1, 1, 1, 1, 1), 3)


def _review(table: Table, rows: list[Row], sheet: Mapping[Key, Printed]) -> FormTable:
    grid, width = _Grid(sheet), len(table.columns)
    grid.label(0, 0, 1, width, str(LABELS["review"]))
    grid.label(0, width, 1, 2 * width, str(LABELS["litigation"]))
    for index, row in enumerate(rows):
        if index:
            grid.label(1, index * width, 1, width, row.label)
        for offset, column in enumerate(table.columns):
            col = index * width + offset
            grid.label(2 if index else 1, col, 1 if index else 2, 1, column.label)
            grid.value(3, col, (table.code, row.code, column.code))
    return grid.done(table.code, (1.0,) * (3 * width), 3)


def _legacy(table: Table, rows: list[Row], sheet: Mapping[Key, Printed]) -> FormTable:
    grid = _Grid(sheet)
    for col, text in enumerate(cast("list[str]", LABELS["legacy"])):
        grid.label(0, col, 1, 1, text)
    for at, row in enumerate(rows, start=1):
        grid.label(at, 0, 1, 1, "\u3000" * row.code.count(".") + row.number + row.label)
        grid.label(at, 1, 1, 1, row.unit)
        if row.heading:
            grid.label(at, 2, 1, 1, "")
        else:
            grid.value(at, 2, (table.code, row.code, "value"))
    return grid.done(table.code, (6, 1, 1.4))
