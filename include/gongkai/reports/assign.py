"""Which cell of a row's tail is which column: counted where the count is certain, else proved, else left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gongkai.documents.model import GridCell
from gongkai.reports.numbers import is_unit
from gongkai.reports.targets import Target


@dataclass(frozen=True, slots=True)
class Placed:
    """The cells of a target's values; None where it could not be told which cell it is.

    Attributes:
        cells: One for each (row, column) of the target.
        offset: Where the values start in the tail, None unless they stand side by side.
        note: Why cells are missing, "" where none is.
        remarks: What is to be said of single cells, by their place: that a number was joined from pieces.
    """

    cells: tuple[GridCell | None, ...]
    offset: int | None
    note: str = ""
    remarks: Mapping[int, str] = field(default_factory=dict)


def values_of(target: Target, tail: Sequence[GridCell]) -> list[GridCell]:
    """Drop from a tail the cells that hold only a unit (the second column of the legacy table)."""
    if len(tail) > len(target.cells) or (target.cells and target.cells[0][0].unit):
        return [cell for cell in tail if not is_unit(cell.text)]
    return list(tail)


def place(
    target: Target,
    tail: Sequence[GridCell],
    *,
    header: Mapping[str, GridCell],
    sibling_offset: int | None,
    order: Callable[[Sequence[GridCell]], tuple[int, ...] | None] = lambda cells: tuple(range(len(cells))),
    edge: int = 0,
    ragged: bool = False,
) -> Placed:
    """Place the cells of a tail into the columns of a target.

    As many cells as columns: in the header's order. More: the one window that holds everything printed; where blanks
    at both ends leave several, the offset of sibling rows or the header's position decides. Fewer: the header's
    position. A value is never shifted on a guess: what stays open is not extracted.

    Args:
        target: What the row is.
        tail: The cells behind its label, units dropped.
        header: Column code to header cell of the same grid, {} where unknown.
        sibling_offset: Offset that all rows of the same shape in the same grid have, None where unknown.
        edge: Column behind the longest row of the table in the grid; a shorter one that ends blank may lack a cell.
        ragged: The rows of the table that print something end at different columns: cells were lost or gained, so
            that even the longest may have lost one and gained another.
        order: Gives for as many cells as columns the place of each column's cell, None where that is unclear.
    """
    wanted = len(target.cells)
    if len(tail) < wanted:
        below = _by_header(target, tail, header)
        return Placed(below or (None,) * wanted, None, f"{len(tail)} cells for {wanted} columns")
    if len(tail) == wanted > 1 and _is_shortened(tail, edge, ragged=ragged):
        note = "the row ends blank, rows around it end at another column: a blank may be missing"
        return Placed((None,) * wanted, None, note)
    offsets = windows(tail, wanted) if len(tail) > wanted else [0]
    if not offsets:
        below = _by_header(target, tail, header)
        return Placed(below or (None,) * wanted, None, "" if below else f"{len(tail)} cells for {wanted} columns")
    if len(offsets) > 1 and any(cell.text.strip() for cell in tail):
        if sibling_offset in offsets:
            offsets = [sibling_offset]
        else:
            below = _by_header(target, tail, header)
            if below is not None:
                return Placed(below, None)
            return Placed((None,) * wanted, None, "blank cells leave it open which column a value is in")
    cells = tail[offsets[0] : offsets[0] + wanted]
    places = order(cells)
    if places is None:
        return Placed((None,) * wanted, offsets[0], "the header has other columns or another order than the form")
    return Placed(tuple(cells[place] for place in places), offsets[0])


def _is_shortened(tail: Sequence[GridCell], edge: int, *, ragged: bool) -> bool:
    last = tail[-1]
    shorter = ragged or last.col + last.col_span < edge
    return shorter and not last.text.strip() and any(cell.text.strip() for cell in tail)


def windows(tail: Sequence[GridCell], wanted: int) -> list[int]:
    """Offsets at which `wanted` neighbouring cells hold everything that the tail prints."""
    printed = [index for index, cell in enumerate(tail) if cell.text.strip()]
    if not printed:
        return [0]
    first, last = printed[0], printed[-1]
    return [start for start in range(len(tail) - wanted + 1) if start <= first and last < start + wanted]


def _by_header(
    target: Target, tail: Sequence[GridCell], header: Mapping[str, GridCell]
) -> tuple[GridCell | None, ...] | None:
    """Cells that stand in the very columns of their headers, None unless all printed values do.

    A row that ends before its header does has lost cells, and nothing says where: those behind may have moved up.
    """
    codes = [column.code for _, column in target.cells]
    if not all(code in header for code in codes) or len(set(codes)) < len(codes):
        return None
    if len({header[code].col for code in codes}) < len(codes):
        return None  # the header lost cells itself, or its lines do not stand above each other (sample/00011.txt)
    edge = max((header[code].col + header[code].col_span for code in codes), default=0)
    if not tail or tail[-1].col + tail[-1].col_span < edge:
        return None
    found: list[GridCell | None] = []
    for code in codes:
        head = header[code]
        match = [cell for cell in tail if cell.col == head.col and cell.col_span == head.col_span]
        found.append(match[0] if len(match) == 1 else None)
    placed = sum(1 for cell in found if cell is not None and cell.text.strip())
    if placed < sum(1 for cell in tail if cell.text.strip()):
        return None
    return tuple(found)
