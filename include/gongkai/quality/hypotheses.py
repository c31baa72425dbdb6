"""What may have happened to the cells of a report: changes of cells that would make identities hold again.

A hypothesis is a change of one cell, or of neighbouring cells that one slip explains. Each is only offered where it
touches every identity that it must repair; whether it repairs them is for the caller to see.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from gongkai.quality.fault_kinds import FaultKind
from gongkai.quality.identities import Key, Number, Residuals
from gongkai.reports.model import State

Change = dict[Key, Number | None]
"""New number by cell; None for a cell that should be blank (or 0)."""

_MOST_DIGITS = 9
"""A longer number is no count of a report: two that make one are no split number."""


def of_one_cell(of: Residuals, residuals: dict[int, Number], number: int) -> Iterator[Change]:
    """Yield for each cell of an identity the change of it alone that makes this identity hold.

    Args:
        of: The report.
        residuals: Residual by identity as it stands now.
        number: The identity.
    """
    for key in of.matrix.cells(number):
        if key in of.values:
            coefficient = next(factor for one, factor in of.matrix.coefficients[key] if one == number)
            value = of.values[key] - coefficient * residuals[number]
            if of.matrix.admits(key, value):
                yield {key: value}


def of_neighbours(of: Residuals, must: int) -> Iterator[tuple[FaultKind, Change]]:
    """Yield the slips between neighbouring cells that touch all of some identities.

    Args:
        of: The report.
        must: Those identities as bits.
    """
    yield from of_two_cells(of, must)
    for line in _touching(of, of.matrix.lines, must):
        yield from _shifts(of, line, must)


def of_two_cells(of: Residuals, must: int) -> Iterator[tuple[FaultKind, Change]]:
    """Yield those of two neighbours alone."""
    for line in _touching(of, of.matrix.lines, must):
        yield from _pairs(of, line, must, is_line=True)
    for stack in _touching(of, of.matrix.stacks, must):
        yield from _pairs(of, stack, must, is_line=False)


def _touching(of: Residuals, lines: Sequence[Sequence[Key]], must: int) -> Iterator[list[Key]]:
    """The cells of the form in each line that touches all of some identities."""
    for line in lines:
        touched = 0
        for key in line:
            touched |= of.matrix.masks.get(key, 0)
        if not must & ~touched:
            yield [key for key in line if key in of.form]


def _pairs(of: Residuals, cells: Sequence[Key], must: int, *, is_line: bool) -> Iterator[tuple[FaultKind, Change]]:
    masks, values = of.matrix.masks, of.values
    for one, other in pairwise(cells):
        if must & ~(masks.get(one, 0) | masks.get(other, 0)) or one not in values or other not in values:
            continue
        if values[one] != values[other]:
            change: Change = {one: _stated(of, other), other: _stated(of, one)}
            yield FaultKind.MOVED_NUMBER if None in change.values() else FaultKind.SWAPPED_CELLS, change
        if is_line and (whole := _joined(of, one, other)) is not None:
            yield FaultKind.SPLIT_NUMBER, {one: whole, other: None}
            yield FaultKind.SPLIT_NUMBER, {one: None, other: whole}


def _shifts(of: Residuals, cells: Sequence[Key], must: int) -> Iterator[tuple[FaultKind, Change]]:
    """Runs of three cells and more that moved by one place; the place they left is blank or 0."""
    masks, values = of.matrix.masks, of.values
    for start in range(len(cells) - 2):
        touched = 0
        for end in range(start, len(cells)):
            if cells[end] not in values:
                break
            touched |= masks.get(cells[end], 0)
            run = cells[start : end + 1]
            if len(run) < 3 or must & ~touched:
                continue
            if not values[run[0]]:
                yield from _moved(of, [*run[1:], run[0]], run)
            if not values[run[-1]]:
                yield from _moved(of, [run[-1], *run[:-1]], run)


def _moved(of: Residuals, source: Sequence[Key], run: Sequence[Key]) -> Iterator[tuple[FaultKind, Change]]:
    change: Change = {
        key: _stated(of, origin) for key, origin in zip(run, source, strict=True) if of.values[key] != of.values[origin]
    }
    if len(change) > 1:
        yield FaultKind.SHIFTED_CELLS, change


def _joined(of: Residuals, one: Key, other: Key) -> Number | None:
    """The number whose digits two cells hold, None where they hold no plain digits."""
    if of.form[one].state is not State.NUMBER or of.form[other].state is not State.NUMBER:
        return None
    digits = _digits(of, one) + _digits(of, other)
    if not digits.isdecimal() or digits[0] == "0" or len(digits) > _MOST_DIGITS:
        return None
    return int(digits)


def _digits(of: Residuals, key: Key) -> str:
    """The digits of a cell as printed: the second half of 105 is 05, not 5."""
    raw = (of.form[key].raw or "").strip()
    return raw if raw.isdecimal() and int(raw) == of.values[key] else str(of.values[key])


def _stated(of: Residuals, key: Key) -> Number | None:
    return of.values[key] if of.form[key].state is State.NUMBER else None
