"""The labels of a template's columns, and the cells of a document that may print them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from gongkai.contracts.template import Layout, TemplateContract
from gongkai.documents.model import GridCell
from gongkai.reports.labels import normalise, split_numbering
from gongkai.reports.lines import words_of
from gongkai.reports.numbers import looks_like_value
from gongkai.reports.stream import StreamRow

_LONGEST_LINE = 60
_SIMILAR, _MARGIN = 0.6, 0.15
_MOST_KNOWN = 20_000


@dataclass(frozen=True, slots=True)
class HeaderCell:
    """A cell that may be a column's header.

    Attributes:
        label: Its label normalised.
        row: The row of the stream it stands in.
        grid: The grid of that row.
        cell: The cell.
        edge: Column behind the row.
    """

    label: str
    row: int
    grid: int
    cell: GridCell
    edge: int


def header_cells(rows: Sequence[StreamRow]) -> list[HeaderCell]:
    """Return the cells that may be headers, whatever the template.

    A line with values is no header, though "3.其他" and 总计 are labels of columns too.
    """
    found: list[HeaderCell] = []
    for index, row in enumerate(rows):
        if any(cell.text and looks_like_value(cell.text) and not cell.text.isspace() for cell in reversed(row.cells)):
            continue  # values stand last: most rows are told by one look
        edge = row.cells[-1].col + row.cells[-1].col_span if row.cells else 0
        for cell in _header_cells(row):
            number, text = split_numbering(cell.text)
            if not number:
                found.append(HeaderCell(text, index, row.grid, cell, edge))
    return found


class Vocabulary:
    """The column labels of a template, and what was learnt of damaged ones (labels recur from document to document).

    Attributes:
        columns: Table code to normalised label to column code.
        own: Table code to normalised label to number of its rows, for tables that print them as headers.
    """

    def __init__(self, contract: TemplateContract) -> None:
        self.columns = {
            table.code: {normalise(label): c.code for c in table.columns for label in (c.label, *c.aliases)}
            for table in contract.tables
        }
        self.own = {
            table.code: {normalise(row.label): number for number, row in enumerate(table.rows)}
            for table in contract.tables
            if table.layout is Layout.SINGLE_ROW
        }
        self._memory: dict[str, tuple[tuple[str, str], ...]] = {}

    def heads(self, text: str) -> tuple[tuple[str, str], ...]:
        """Return (table, column) of what a normalised header text names, exactly or with a slip; () for other text."""
        found = self._memory.get(text)
        if found is None:
            if len(self._memory) > _MOST_KNOWN:  # untrusted text must not fill the memory
                self._memory.clear()
            codes = ((table, self._code(labels, text)) for table, labels in self.columns.items())
            found = self._memory[text] = tuple((table, code) for table, code in codes if code is not None)
        return found

    def _code(self, labels: Mapping[str, str], text: str) -> str | None:
        if text in labels:
            return labels[text]
        if not 2 <= len(text) <= 16:
            return None
        begun = {code for label, code in labels.items() if label.startswith(text)}
        if len(begun) == 1:  # the first line of a label that wraps: 社会 / 公益 / 组织
            return begun.pop()
        best: dict[str, float] = {}
        for label, code in labels.items():
            best[code] = max(best.get(code, 0.0), fuzz.ratio(label, text) / 100)
        ranked = sorted(best.items(), key=lambda item: -item[1])
        if ranked[0][1] < _SIMILAR or (len(ranked) > 1 and ranked[1][1] > ranked[0][1] - _MARGIN):
            return None
        return ranked[0][0]


def _header_cells(row: StreamRow) -> Sequence[GridCell]:
    """The cells of a row that may be headers; a header kept as one line of text falls into its words."""
    if not row.is_flat or len(row.cells) != 1:
        return row.cells
    words = words_of(row.cells[0].text)
    if len(words) < 2 or sum(map(len, words)) > _LONGEST_LINE:
        return row.cells
    return [replace(row.cells[0], col=place, text=word) for place, word in enumerate(words)]
