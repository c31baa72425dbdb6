"""Header lines of the template's tables: where they stand, and which column each of their cells heads."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from gongkai.contracts.template import Layout
from gongkai.documents.model import GridCell
from gongkai.reports.labels import normalise
from gongkai.reports.targets import Target
from gongkai.reports.vocabulary import HeaderCell, Vocabulary

_REACH = 24
"""Rows of the stream within which a header still heads a line of values (a flattened header is 18 rows of one cell)."""
_BAND = 12
"""Rows of the stream over which one header spreads at most, flattened ones included."""
_FEW = 3
"""A flattened header of so few columns must be read whole: what is left of it says nothing of the lost one's place."""
_SPANNED = 5
"""From so many columns on a header has spanning cells."""


@dataclass(frozen=True, slots=True)
class _Head:
    """A header cell: its row in the stream, its grid, what it names, the cell."""

    index: int
    grid: int
    code: str
    cell: GridCell

    @property
    def place(self) -> tuple[int, int]:
        """Left to right; flattened headers in the order of the text."""
        return (0, self.cell.col) if self.grid >= 0 else (self.index, self.cell.col)


@dataclass(frozen=True, slots=True)
class _Band:
    """A header: its cells by column code, the codes in printed order, and what that says of the order of columns.

    `is_settled` where the order holds whatever row stands below; else the row's cells must stand below the header's.
    """

    heads: Mapping[str, _Head]
    printed: Sequence[str]
    is_settled: bool
    order: tuple[int, ...] | None


class Headers:
    """The header cells of a document, found by the labels of a template's columns.

    Attributes:
        n_labels: Number of different column labels seen; evidence for the template.
    """

    def __init__(self, vocabulary: Vocabulary, cells: Sequence[HeaderCell]) -> None:
        self._vocabulary = vocabulary
        self._cells: dict[str, list[_Head]] = {code: [] for code in vocabulary.columns}
        self._marks: dict[str, list[int]] = {code: [] for code in vocabulary.own}
        self._groups: dict[str, list[_Head]] = {code: [] for code in vocabulary.own}
        self._edges: dict[int, int] = {}
        seen: set[str] = set()
        for header in cells:
            for table, code in vocabulary.heads(header.label):
                if header.label in vocabulary.columns[table]:
                    seen.add(header.label)
                self._cells[table].append(_Head(header.row, header.grid, code, header.cell))
                self._edges[header.row] = header.edge
            for table, names in vocabulary.own.items():
                if header.label in names:
                    self._marks[table].append(header.row)
                    self._groups[table].append(_Head(header.row, header.grid, str(names[header.label]), header.cell))
        self._rows = {table: [head.index for head in heads] for table, heads in self._cells.items()}
        self._bands: dict[tuple[str, int, int, tuple[str, ...]], _Band] = {}
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
        return max((self._edges[h.index] for h in heads if h.grid == grid and row - _BAND < h.index < row), default=0)

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
            return band.order if _stand_below(tail, [heads[code] for code in printed], grid) else None
        here = {code: heads[code].cell for code in printed if heads[code].grid == grid}
        stands = all(
            tail[place].col == here[code].col or tail[place].col_span != here[code].col_span
            for place, code in enumerate(codes)
            if code in here
        )
        return tuple(range(len(codes))) if stands else None

    def _band(self, target: Target, row: int, grid: int) -> _Band:
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
            header = _whole_header(own, len(codes))
            # In flattened text the pieces of a label follow each other: the first of them says where it stands.
            nearest = {head.code: head for head in (header if grid >= 0 else reversed(header))}
            found = self._bands[key] = _band_of([column.code for _, column in target.cells], nearest, grid)
        return found

    def _without_pieces(self, table: str, heads: Sequence[_Head]) -> list[_Head]:
        """Count a label once that lies in pieces, 尚未 / 审结 (seeds/002.txt)."""
        known = self._vocabulary.columns[table]
        kept: list[_Head] = []
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
            is_so = _is_within(printed, codes) or _fits_by_line(codes, _by_line(heads))
            return same if is_so else None
        at = {cell.col: code for cell, code in zip(tail, codes, strict=False)}
        return same if all(at.get(head.cell.col, head.code) == head.code for head in heads) else None


def _band_of(codes: Sequence[str], heads: Mapping[str, _Head], grid: int) -> _Band:
    """What a header says of the order of the columns `codes`."""
    printed = sorted(heads, key=lambda code: heads[code].place)
    same = tuple(range(len(codes)))
    if len({head.place for head in heads.values()}) < len(printed):
        return _Band(heads, printed, True, same)
    if 0 < 2 * len(printed) <= len(codes):
        return _Band(heads, printed, True, None)  # most of it is lost: the columns behind may stand in any order
    if grid < 0:
        known = not printed or len(codes) > _FEW or len(printed) == len(codes)
        lines = _by_line(heads[code] for code in printed)
        fits = _fits_flattened(codes, printed) or _fits_by_line(codes, lines)
        return _Band(heads, printed, True, same if known and fits else None)
    if len(printed) == len(codes):
        moved = tuple(printed.index(code) for code in codes)
        return _Band(heads, printed, moved == same, moved)
    if not printed:
        return _Band(heads, printed, True, same)
    return _Band(heads, printed, printed != [code for code in codes if code in heads], None)


def _stand_below(tail: Sequence[GridCell], heads: Sequence[_Head], grid: int) -> bool:
    """Tell whether the cells of a row stand in the very columns of a header of their grid."""
    return all(
        head.grid != grid or cell.col == head.cell.col or cell.col_span != head.cell.col_span
        for cell, head in zip(tail, heads, strict=True)
    )


def _above(heads: Sequence[_Head], row: int, grid: int) -> list[_Head]:
    """The heads shortly above a row in its own grid, else in the grid before: the table goes on over a page."""
    near = [head for head in heads if row - _REACH <= head.index < row]
    own = [head for head in near if head.grid == grid]
    if own or grid < 0:
        return own
    return [head for head in near if head.grid == near[-1].grid >= 0]


def _whole_header(heads: Sequence[_Head], wanted: int) -> Sequence[_Head]:
    """The last header among heads that names most of the columns, else the one that names the most.

    A lone 其他 further down is no header: a broken group label, 其他 / 处理, prints it as well (seeds/002.txt).
    """
    headers: list[list[_Head]] = []
    for head in heads:
        if not headers or head.index >= headers[-1][-1].index + _BAND:
            headers.append([])
        headers[-1].append(head)
    named = [len({head.code for head in header}) for header in headers]
    for number in range(len(headers) - 1, -1, -1):
        if 2 * named[number] > wanted:
            return headers[number]
    return headers[named.index(max(named))] if headers else ()


def _fits_flattened(codes: Sequence[str], printed: Sequence[str]) -> bool:
    """Tell whether a flattened header has the template's order.

    Its last column may come second: the header of the applicants spans two lines at both ends, so that flattening
    gives 自然人, 总计 and then the organisations.
    """
    known = set(printed)
    orders = [codes]
    if len(codes) >= _SPANNED:
        orders.append([codes[0], codes[-1], *codes[1:-1]])
    return any(list(printed) == [code for code in order if code in known] for order in orders)


def _by_line(heads: Iterable[_Head]) -> list[list[str]]:
    """The columns that each line of flattened text names, left to right."""
    ordered = sorted(heads, key=lambda head: head.place)
    return [[head.code for head in line] for _, line in groupby(ordered, key=lambda head: head.index)]


def _fits_by_line(codes: Sequence[str], lines: Sequence[Sequence[str]]) -> bool:
    """Tell whether every line of a header that wraps has the template's order, and one names most of the columns."""
    most = max((len(line) for line in lines), default=0)
    return 2 * most > len(set(codes)) and all(_is_within(line, codes) for line in lines)


def _is_within(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Tell whether a sequence is left of another when some of its members are taken out."""
    rest = iter(whole)
    return all(one in rest for one in part)
