"""A table whose rows should stand side by side on one line, printed otherwise: below each other, or turned over.

Table 四 is one line of 15 values on the form. Reports print it as three lines of five as well, as three small tables,
and with its columns as lines. Only what labels and header name in full is taken.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from rapidfuzz import fuzz

from gongkai.contracts.template import Column, Layout, Row, Table, TemplateContract
from gongkai.documents.model import GridCell
from gongkai.reports.assign import Placed, place
from gongkai.reports.evidence import Evidence, numbers_of, weigh_rule
from gongkai.reports.headers import Headers
from gongkai.reports.labels import split_numbering
from gongkai.reports.numbers import looks_like_value
from gongkai.reports.placing import MatchedRow
from gongkai.reports.stream import StreamRow
from gongkai.reports.targets import Target

_REACH, _FAR = 12, 36
"""Rows of the stream within which a label, or a header of the whole table, still speaks for a line of values."""
_SIMILAR, _MARGIN = 0.75, 0.15
_LONGEST_LABEL = 20
_OUTSIDE = -1
"""Position of a target that is not among the template's."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """A cell that names a row of the table, in a line without values."""

    index: int
    grid: int
    cell: GridCell
    code: str


def find_unfolded(
    contract: TemplateContract, stream: Sequence[StreamRow], headers: Headers, found: Sequence[MatchedRow]
) -> tuple[MatchedRow, ...]:
    """Find the tables of side-by-side rows that a document prints in another layout.

    Args:
        contract: The template.
        stream: The rows of the document.
        headers: Header cells of the template's columns.
        found: The rows found in the form's layout; tables among them are left alone.
    """
    seen = {row.target.table.code for row in found if any(row.placed.cells)}
    matched: list[MatchedRow] = []
    for table in contract.tables:
        if table.layout is Layout.SINGLE_ROW and table.code not in seen:
            rows = _Unfolded(table, stream, headers).rows()
            if rows and not _is_misplaced(contract, rows):
                matched += rows
    return tuple(matched)


def _is_misplaced(contract: TemplateContract, rows: Sequence[MatchedRow]) -> bool:
    """Tell whether the sums of a table speak for another order of its columns."""
    numbers = {key: number for row in rows for key, number in numbers_of(row.target, row.placed.cells).items()}
    table = rows[0].target.table.code
    said = [
        weigh_rule(rule, numbers)
        for rule in contract.expanded_rules
        if rule.table == table and rule.terms and not rule.crosses_years
    ]
    return said.count(Evidence.MISFITS) > said.count(Evidence.CONFIRMS)


class _Unfolded:
    """One table, looked for in a stream."""

    def __init__(self, table: Table, stream: Sequence[StreamRow], headers: Headers) -> None:
        # Its lines are rows of a table like any other: the header decides the order of their cells.
        self._table = table.model_copy(update={"layout": Layout.ROWS})
        self._stream, self._headers = stream, headers
        self._row_labels = {row.code: _names(row) for row in table.rows}
        self._column_labels = {column.code: _names(column) for column in table.columns}
        self._marks = list(self._find_marks())
        self._marked_rows = [mark.index for mark in self._marks]

    def rows(self) -> list[MatchedRow]:
        """Return its lines, those below each other or else those of the table turned over; [] where it has neither."""
        below = list(self._lines())
        if below:
            return _once(below)
        turned = list(self._turned())
        return _once(turned) if 2 * len(turned) > len(self._table.columns) else []

    def _find_marks(self) -> Iterator[_Mark]:
        for index, row in enumerate(self._stream):
            if row.way == "joined" or any(cell.text.strip() and looks_like_value(cell.text) for cell in row.cells):
                continue
            for cell in row.cells:
                code = _named(self._row_labels, cell.text)
                if code:
                    yield _Mark(index, row.grid, cell, code)

    def _lines(self) -> Iterator[MatchedRow]:
        """Lines of one row's values: with its label before them, or below it and the header."""
        width = len(self._table.columns)
        for index, row in enumerate(self._stream):
            label, tail = _split(row)
            if row.way == "joined" or not width <= len(tail) <= 2 * width:
                continue
            code = _named(self._row_labels, label)
            if not code and (not label or (row.way == "flat" and _named(self._column_labels, label))):
                code = self._marked(index)
            if not code:
                continue
            line = self._table.row_by_code[code]
            target = Target(_OUTSIDE, self._table, tuple((line, column) for column in self._table.columns), (), "")
            if self._headers.n_heads(target, index, row.grid) < width - (row.way == "flat"):
                continue
            header = self._headers.above(self._table.code, index, row.grid)
            order = partial(self._headers.order, target, index, row.grid)
            yield MatchedRow(target, row, place(target, tail, header=header, sibling_offset=None, order=order), 1.0)

    def _above(self, index: int, reach: int) -> list[_Mark]:
        """The marks shortly above a row of the stream."""
        first, behind = (bisect_left(self._marked_rows, place) for place in (index - reach, index))
        return self._marks[first:behind]

    def _marked(self, index: int) -> str:
        """The row whose label stands alone shortly above a line, with no other line of values between."""
        above = self._above(index, _REACH)
        if not above or (len(above) > 1 and above[-2].index == above[-1].index):
            return ""
        between = self._stream[above[-1].index + 1 : index]
        return "" if any(any(cell.text.strip() for cell in _split(row)[1]) for row in between) else above[-1].code

    def _turned(self) -> Iterator[MatchedRow]:
        """Lines of one column's values, under a header that names the rows."""
        wanted = [row.code for row in self._table.rows]
        for index, row in enumerate(self._stream):
            label, tail = _split(row)
            code = _named(self._column_labels, label)
            if row.way == "joined" or not code or not len(wanted) <= len(tail) <= 2 * len(wanted):
                continue
            marks = {mark.code: mark for mark in self._above(index, _FAR) if mark.grid == row.grid}
            if len(marks) < len(wanted):
                continue
            printed = sorted(marks, key=lambda one: (0 if row.grid >= 0 else marks[one].index, marks[one].cell.col))
            places = tuple(printed.index(one) for one in wanted)
            column = self._table.column_by_code[code]
            target = Target(_OUTSIDE, self._table, tuple((line, column) for line in self._table.rows), (), "")
            yield MatchedRow(target, row, _put(target, tail, places), 1.0)


def _put(target: Target, tail: Sequence[GridCell], places: tuple[int, ...]) -> Placed:
    return place(target, tail, header={}, sibling_offset=None, order=lambda _: places)


def _names(one: Row | Column) -> tuple[str, ...]:
    return tuple(split_numbering(label)[1] for label in (one.label, *one.aliases))


def _named(labels: Mapping[str, Sequence[str]], text: str) -> str:
    """The code whose label a text is, perhaps with a slip; "" for none or for two that are about as near."""
    if not text.strip() or len(text) > 2 * _LONGEST_LABEL:
        return ""
    label = split_numbering(text)[1]
    if len(label) > _LONGEST_LABEL:
        return ""
    ranked = sorted(
        ((max(fuzz.ratio(label, one) / 100 for one in names), code) for code, names in labels.items()), reverse=True
    )
    best, code = ranked[0]
    return code if best >= _SIMILAR and (best == 1 or best - ranked[1][0] >= _MARGIN) else ""


def _split(row: StreamRow) -> tuple[str, tuple[GridCell, ...]]:
    """The last label of a row and the cells behind it."""
    for index in range(len(row.cells) - 1, -1, -1):
        if not looks_like_value(row.cells[index].text):
            return row.cells[index].text, row.cells[index + 1 :]
    return "", row.cells


def _once(rows: Sequence[MatchedRow]) -> list[MatchedRow]:
    """The lines, each once; one that is printed again with other values is left open."""
    found: dict[tuple[str, str], MatchedRow] = {}
    for row in rows:
        first, second = row.target.cells[0], row.target.cells[-1]
        key = (first[0].code + "/" + second[0].code, first[1].code + "/" + second[1].code)
        other = found.setdefault(key, row)
        if [cell and cell.text.strip() for cell in other.placed.cells] != [
            cell and cell.text.strip() for cell in row.placed.cells
        ]:
            note = "the line is printed twice with different values"
            found[key] = MatchedRow(row.target, row.row, Placed((None,) * len(row.target.cells), None, note), 1.0)
    return list(found.values())
