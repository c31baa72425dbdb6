"""Header lines of the template's tables: where they stand, and which column each of their cells heads."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from gongkai.contracts.template import Layout, TemplateContract
from gongkai.documents.model import GridCell
from gongkai.reports.labels import normalise, split_numbering
from gongkai.reports.numbers import looks_like_value
from gongkai.reports.stream import StreamRow

_REACH = 24
"""Rows of the stream within which a header still heads a line of values (a flattened header is 18 rows of one cell)."""


class Headers:
    """The header cells of a document, found by the labels of a template's columns.

    Attributes:
        n_labels: Number of different column labels seen; evidence for the template.
    """

    def __init__(self, contract: TemplateContract, rows: Sequence[StreamRow]) -> None:
        vocabulary = {
            table.code: {normalise(label): c.code for c in table.columns for label in (c.label, *c.aliases)}
            for table in contract.tables
        }
        own = {
            table.code: {normalise(row.label) for row in table.rows}
            for table in contract.tables
            if table.layout is Layout.SINGLE_ROW
        }
        self._cells: dict[str, list[tuple[int, int, str, GridCell]]] = {code: [] for code in vocabulary}
        self._marks: dict[str, list[int]] = {code: [] for code in own}
        seen: set[str] = set()
        for index, row in enumerate(rows):
            if any(cell.text.strip() and looks_like_value(cell.text) for cell in row.cells):
                continue  # a line with values is no header, though "3.其他" and 总计 are labels of columns too
            for cell in row.cells:
                number, text = split_numbering(cell.text)
                if number:
                    continue
                for table, labels in vocabulary.items():
                    code = labels.get(text)
                    if code is not None:
                        seen.add(text)
                        self._cells[table].append((index, row.grid, code, cell))
                for table, names in own.items():
                    if text in names:
                        self._marks[table].append(index)
        self.n_labels = len(seen)

    def near(self, table: str, row: int) -> bool:
        """Tell whether a header line of a single-row table stands shortly above a row of the stream."""
        marks = self._marks[table]
        place = bisect_left(marks, row)
        return place > 0 and row - marks[place - 1] <= _REACH

    def above(self, table: str, row: int, grid: int) -> Mapping[str, GridCell]:
        """Return column code to the nearest header cell above a row in the same grid; {} for flattened text."""
        if grid < 0:
            return {}
        return {code: cell for index, number, code, cell in self._cells[table] if index < row and number == grid}
