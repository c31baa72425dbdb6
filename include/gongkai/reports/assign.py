"""Which cell of a row's tail is which column: counted where the count is certain, else proved, else left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
    """

    cells: tuple[GridCell | None, ...]
    offset: int | None
    note: str = ""


def values_of(target: Target, tail: Sequence[GridCell]) -> list[GridCell]:
    """Drop from a tail the cells that hold only a unit (the second column of the legacy table)."""
    if len(tail) > len(target.cells) or (target.cells and target.cells[0][0].unit):
        return [cell for cell in tail if not is_unit(cell.text)]
    return list(tail)


def place(
    target: Target, tail: Sequence[GridCell], *, header: Mapping[str, GridCell], sibling_offset: int | None
) -> Placed:
    """Place the cells of a tail into the columns of a target.

    As many cells as columns: in order. More: the one window that holds everything printed; where blanks at both ends
    leave several, the offset of sibling rows or the header's position decides. Fewer: the header's position.
    A value is never shifted on a guess: what stays open is not extracted.

    Args:
        target: What the row is.
        tail: The cells behind its label, units dropped.
        header: Column code to header cell of the same grid, {} where unknown.
        sibling_offset: Offset that all rows of the same shape in the same grid have, None where unknown.
    """
    wanted = len(target.cells)
    if len(tail) == wanted:
        return Placed(_in_header_order(target, tail, header), 0)
    if len(tail) > wanted:
        offsets = windows(tail, wanted)
        if not offsets:
            return Placed((None,) * wanted, None, f"{len(tail)} cells for {wanted} columns")
        if len(offsets) > 1 and any(cell.text.strip() for cell in tail):
            if sibling_offset in offsets:
                offsets = [sibling_offset]
            else:
                below = _by_header(target, tail, header)
                if below is not None:
                    return Placed(below, None)
                return Placed((None,) * wanted, None, "blank cells leave it open which column a value is in")
        start = offsets[0]
        return Placed(_in_header_order(target, tail[start : start + wanted], header), start)
    below = _by_header(target, tail, header)
    if below is not None:
        return Placed(below, None, f"{len(tail)} cells for {wanted} columns")
    return Placed((None,) * wanted, None, f"{len(tail)} cells for {wanted} columns")


def windows(tail: Sequence[GridCell], wanted: int) -> list[int]:
    """Offsets at which `wanted` neighbouring cells hold everything that the tail prints."""
    printed = [index for index, cell in enumerate(tail) if cell.text.strip()]
    if not printed:
        return [0]
    first, last = printed[0], printed[-1]
    return [start for start in range(len(tail) - wanted + 1) if start <= first and last < start + wanted]


def _in_header_order(
    target: Target, cells: Sequence[GridCell], header: Mapping[str, GridCell]
) -> tuple[GridCell | None, ...]:
    """Cells in the template's order of columns, where the printed header has another order."""
    codes = [column.code for _, column in target.cells]
    if len(set(codes)) < len(codes) or not all(code in header for code in codes):
        return tuple(cells)
    printed = sorted(codes, key=lambda code: (header[code].col, codes.index(code)))
    if printed == codes or len({header[code].col for code in codes}) < len(codes):
        return tuple(cells)
    by_code = dict(zip(printed, cells, strict=True))
    return tuple(by_code[code] for code in codes)


def _by_header(
    target: Target, tail: Sequence[GridCell], header: Mapping[str, GridCell]
) -> tuple[GridCell | None, ...] | None:
    """Cells that stand in the very columns of their headers, None unless all printed values do."""
    codes = [column.code for _, column in target.cells]
    if not all(code in header for code in codes) or len(set(codes)) < len(codes):
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
