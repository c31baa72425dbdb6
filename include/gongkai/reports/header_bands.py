"""One header of a table: its cells from left to right, and what they say of the order of the columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from gongkai.documents.model import GridCell

REACH_OF_BAND = 12
"""Rows of the stream over which one header spreads at most, flattened ones included."""
_FEW = 3
"""A flattened header of so few columns must be read whole: what is left of it says nothing of the lost one's place."""
_SPANNED = 5
"""From so many columns on a header has spanning cells."""


@dataclass(frozen=True, slots=True)
class Head:
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
class Band:
    """A header: its cells by column code, the codes in printed order, and what that says of the order of columns.

    `is_settled` where the order holds whatever row stands below; else the row's cells must stand below the header's.
    """

    heads: Mapping[str, Head]
    printed: Sequence[str]
    is_settled: bool
    order: tuple[int, ...] | None


def band_of(codes: Sequence[str], heads: Mapping[str, Head], grid: int) -> Band:
    """What a header says of the order of the columns `codes`."""
    printed = sorted(heads, key=lambda code: heads[code].place)
    same = tuple(range(len(codes)))
    if len({head.place for head in heads.values()}) < len(printed):
        return Band(heads, printed, True, same)
    if 0 < 2 * len(printed) <= len(codes):
        return Band(heads, printed, True, None)  # most of it is lost: the columns behind may stand in any order
    if grid < 0:
        known = not printed or len(codes) > _FEW or len(printed) == len(codes)
        lines = by_line(heads[code] for code in printed)
        fits = _fits_flattened(codes, printed) or fits_by_line(codes, lines)
        return Band(heads, printed, True, same if known and fits else None)
    if len(printed) == len(codes):
        moved = tuple(printed.index(code) for code in codes)
        return Band(heads, printed, moved == same, moved)
    if not printed:
        return Band(heads, printed, True, same)
    return Band(heads, printed, printed != [code for code in codes if code in heads], None)


def stand_below(tail: Sequence[GridCell], heads: Sequence[Head], grid: int) -> bool:
    """Tell whether the cells of a row stand in the very columns of a header of their grid."""
    return all(
        head.grid != grid or cell.col == head.cell.col or cell.col_span != head.cell.col_span
        for cell, head in zip(tail, heads, strict=True)
    )


def whole_header(heads: Sequence[Head], wanted: int) -> Sequence[Head]:
    """The last header among heads that names most of the columns, else the one that names the most.

    A lone 其他 further down is no header: a broken group label, 其他 / 处理, prints it as well (seeds/002.txt).
    """
    headers: list[list[Head]] = []
    for head in heads:
        if not headers or head.index >= headers[-1][-1].index + REACH_OF_BAND:
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


def by_line(heads: Iterable[Head]) -> list[list[str]]:
    """The columns that each line of flattened text names, left to right."""
    ordered = sorted(heads, key=lambda head: head.place)
    return [[head.code for head in line] for _, line in groupby(ordered, key=lambda head: head.index)]


def fits_by_line(codes: Sequence[str], lines: Sequence[Sequence[str]]) -> bool:
    """Tell whether every line of a header that wraps has the template's order, and one names most of the columns."""
    most = max((len(line) for line in lines), default=0)
    return 2 * most > len(set(codes)) and all(is_within(line, codes) for line in lines)


def is_within(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Tell whether a sequence is left of another when some of its members are taken out."""
    rest = iter(whole)
    return all(one in rest for one in part)
