"""Header lines of the template's tables: where they stand, and which column each of their cells heads."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from gongkai.contracts.template import Layout
from gongkai.documents.model import GridCell
from gongkai.reports.header_bands import (
    REACH_OF_BAND,
    Band,
    Head,
    band_of,
    by_line,
    fits_by_line,
    is_within,
    stand_below,
    whole_header,
)
from gongkai.reports.labels import normalise
from gongkai.reports.targets import Target
from gongkai.reports.vocabulary import HeaderCell, Vocabulary

_REACH = 24
"""Rows of the stream within which a header still heads a line of values (a flattened header is 18 rows of one cell)."""
_SAME_EDGE = 3.0
"""So many points apart two ruling lines are one line of the table on two pages."""


class Headers:
    """The header cells of a document, found by the labels of a template's columns.

    Attributes:
        n_labels: Number of different column labels seen; evidence for the template.
    """

    def __init__(self, vocabulary: Vocabulary, cells: Sequence[HeaderCell]) -> None:
        self._vocabulary = vocabulary
        self._cells: dict[str, list[Head]] = {code: [] for code in vocabulary.columns}
        self._marks: dict[str, list[int]] = {code: [] for code in vocabulary.own}
        self._groups: dict[str, list[Head]] = {code: [] for code in vocabulary.own}
        self._edges: dict[int, int] = {}
        seen: set[str] = set()
        for header in cells:
            for table, code in vocabulary.heads(header.label):
                if header.label in vocabulary.columns[table]:
                    seen.add(header.label)
                self._cells[table].append(Head(header.row, header.grid, code, header.cell))
                self._edges[header.row] = header.edge
            for table, names in vocabulary.own.items():
                if header.label in names:
                    self._marks[table].append(header.row)
                    self._groups[table].append(Head(header.row, header.grid, str(names[header.label]), header.cell))
        self._rows = {table: [head.index for head in heads] for table, heads in self._cells.items()}
        self._bands: dict[tuple[str, int, int, tuple[str, ...]], Band] = {}
        self._aboves: dict[tuple[str, int, int], dict[str, GridCell]] = {}
        self.n_labels = len(seen)

    def near(self, table: str, row: int) -> bool:
        """Tell whether a header line of a single-row table stands shortly above a row of the stream."""
        marks = self._marks[table]
        place = bisect_left(marks, row)
        return place > 0 and row - marks[place - 1] <= _REACH

    def names(self, table: str, text: str) -> bool:
        """Tell whether a printed label is one of the header labels of a single-row table, perhaps damaged."""
        label = normalise(text)
        return label in self._vocabulary.own[table] or any(code == table for code, _ in self._vocabulary.heads(label))

    def edge(self, target: Target, row: int, grid: int) -> int:
        """The column behind the rows that hold the header of a single-row table, 0 for other tables."""
        if target.table.layout is not Layout.SINGLE_ROW:
            return 0
        heads = self._cells[target.table.code]
        return max(
            (self._edges[h.index] for h in heads if h.grid == grid and row - REACH_OF_BAND < h.index < row), default=0
        )

    def above(self, table: str, row: int, grid: int) -> Mapping[str, GridCell]:
        """Return column code to the nearest header cell above a row in the same grid; {} for flattened text."""
        if grid < 0:
            return {}
        above = bisect_left(self._rows[table], row)
        key = (table, grid, above)
        found = self._aboves.get(key)
        if found is None:
            heads = self._cells[table][:above]
            found = self._aboves[key] = {head.code: head.cell for head in heads if head.grid == grid}
        return found

    def n_heads(self, target: Target, row: int, grid: int) -> int:
        """Number of a target's columns that the header of its row names."""
        return len(self._band(target, row, grid).printed)

    def is_above(self, target: Target, row: int, grid: int, cells: Sequence[GridCell | None]) -> bool:
        """Tell whether a target's cells stand on paper right below the columns of a header, that of a page before too.

        Only formats with positions can tell.
        """
        heads = self._band(target, row, grid).heads
        return all(
            cell is not None and column.code in heads and _is_below(cell, heads[column.code].cell)
            for (_, column), cell in zip(target.cells, cells, strict=True)
        )

    def order(
        self, target: Target, row: int, grid: int, tail: Sequence[GridCell], label: str = ""
    ) -> tuple[int, ...] | None:
        """Tell in which order the columns of a target are printed.

        Args:
            target: What the row is.
            row: Its index in the stream.
            grid: Its grid, -1 for flattened text.
            tail: Its value cells, as many as the target has.
            label: What is printed before them; in flattened text that is the last header of a single-row table.

        Returns:
            For each value of the target its place in the tail; None where the header is in another order than the
            template and does not say in which.
        """
        if target.table.layout is Layout.SINGLE_ROW:
            return self._order_side_by_side(target, row, grid, tail, label)
        if len(target.cells) < 2:
            return tuple(range(len(target.cells)))
        band = self._band(target, row, grid)
        if band.is_settled:
            return band.order
        codes = [column.code for _, column in target.cells]
        heads, printed = band.heads, band.printed
        if band.order is not None:
            return band.order if stand_below(tail, [heads[code] for code in printed], grid) else None
        here = {code: heads[code].cell for code in printed if heads[code].grid == grid}
        stands = all(
            tail[place].col == here[code].col or tail[place].col_span != here[code].col_span
            for place, code in enumerate(codes)
            if code in here
        )
        return tuple(range(len(codes))) if stands else None

    def _band(self, target: Target, row: int, grid: int) -> Band:
        """The nearest header above a row.

        It stands in the row's own grid, else in the grid before: the table goes on over a page. Where no header stands
        above at all, the first one below counts: the pieces of the table changed places.
        """
        table = target.table.code
        above = bisect_left(self._rows[table], row)
        key = (table, grid, above, target.cells[0][0].columns)
        found = self._bands.get(key)
        if found is None:
            codes = {column.code for _, column in target.cells}
            heads = [head for head in self._cells[table][:above] if head.code in codes]
            own = [head for head in heads if head.grid == grid]
            if not own and grid >= 0:
                own = [head for head in heads if head.grid == heads[-1].grid >= 0]
            if not heads and grid >= 0:
                below = [head for head in self._cells[table][above:] if head.code in codes]
                own = [head for head in below if head.grid == below[0].grid >= 0]
            header = whole_header(own, len(codes))
            # In flattened text the pieces of a label follow each other: the first of them says where it stands.
            nearest = {head.code: head for head in (header if grid >= 0 else reversed(header))}
            found = self._bands[key] = band_of([column.code for _, column in target.cells], nearest, grid)
        return found

    def _without_pieces(self, table: str, heads: Sequence[Head]) -> list[Head]:
        """Count a label once that lies in pieces, 尚未 / 审结 (seeds/002.txt)."""
        known = self._vocabulary.columns[table]
        kept: list[Head] = []
        for head in heads:
            repeats = kept and kept[-1].code == head.code
            if not (repeats and normalise(head.cell.text) not in known):
                kept.append(head)
        return kept

    def _order_side_by_side(
        self, target: Target, row: int, grid: int, tail: Sequence[GridCell], label: str
    ) -> tuple[int, ...] | None:
        """The order where all rows of a table stand side by side: its columns recur under each of its rows."""
        table = target.table.code
        codes = [column.code for _, column in target.cells]
        same, width = tuple(range(len(codes))), len(target.table.columns)
        groups = sorted(_above(self._groups[table], row, grid), key=lambda head: head.place)
        numbers = [int(head.code) for head in groups]
        if numbers != sorted(numbers) and len(set(numbers)) == len(numbers):
            return None
        heads = _above(self._cells[table], row, grid)
        if grid < 0 and groups:  # a 总计 above the header is another table's
            heads = [head for head in heads if head.index > groups[0].index]
        if grid >= 0:
            heads = sorted({head.cell.col: head for head in heads}.values(), key=lambda head: head.cell.col)
        printed = [head.code for head in self._without_pieces(table, heads)]
        if grid < 0 and normalise(label) in self._vocabulary.columns[table]:
            printed.append(self._vocabulary.columns[table][normalise(label)])
        if len(printed) == len(codes):
            order: list[int] = []
            for start in range(0, len(codes), width):
                wanted, chunk = codes[start : start + width], printed[start : start + width]
                if sorted(chunk) != sorted(wanted):
                    return None
                order += [start + chunk.index(code) for code in wanted]
            return tuple(order) if grid >= 0 or tuple(order) == same else None
        if grid < 0:
            is_so = is_within(printed, codes) or fits_by_line(codes, by_line(heads))
            return same if is_so else None
        at = {cell.col: code for cell, code in zip(tail, codes, strict=False)}
        return same if all(at.get(head.cell.col, head.code) == head.code for head in heads) else None


def _is_below(cell: GridCell, head: GridCell) -> bool:
    """Tell whether a cell has the left and right edge of a header cell."""
    if cell.bbox is None or head.bbox is None:
        return False
    return all(abs(cell.bbox[side] - head.bbox[side]) <= _SAME_EDGE for side in (0, 2))


def _above(heads: Sequence[Head], row: int, grid: int) -> list[Head]:
    """The heads shortly above a row in its own grid, else in the grid before: the table goes on over a page."""
    near = [head for head in heads if row - _REACH <= head.index < row]
    own = [head for head in near if head.grid == grid]
    if own or grid < 0:
        return own
    return [head for head in near if head.grid == near[-1].grid >= 0]
