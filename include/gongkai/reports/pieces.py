"""Rows whose numbers may lie in pieces over neighbouring cells, and the ways to put these together again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from gongkai.contracts.rules import Rule
from gongkai.documents.model import GridCell
from gongkai.reports.assign import Placed
from gongkai.reports.balances import cells_of, keys_of
from gongkai.reports.labels import squeeze
from gongkai.reports.model import State
from gongkai.reports.numbers import parse_value
from gongkai.reports.targets import Target

_MOST_WAYS = 64
_MOST_DIGITS = 9
_MOST_EMPTY = 2
_MOST_PIECES = 12

Group = tuple[GridCell, ...]
Way = tuple[Group, ...]
"""The cells of each column: one, several that are joined, or none where a digit of a neighbour took its place."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row that may hold numbers in pieces.

    Attributes:
        target: What the row is.
        tail: Its value cells.
        rules: The identities that look at this row alone.
        printed: Its placement as printed, None where the cells do not fit the columns.
    """

    target: Target
    tail: Sequence[GridCell]
    rules: tuple[Rule, ...]
    printed: Placed | None


def may_be_split(tail: Sequence[GridCell], wanted: int) -> bool:
    """Tell whether a tail can hold a number in pieces: enough cells, and digits side by side."""
    if not wanted <= len(tail) <= wanted + _MOST_PIECES:
        return False
    digits = [_is_digits(cell) for cell in tail]
    return any(one and two for one, two in pairwise(digits))


def ways_of(row: Row, most: int) -> tuple[list[Way] | None, int]:
    """Return the ways to join a row's cells that satisfy its own identities, None where they are too many to see.

    At most so many steps are taken; their number is returned as well.

    Each column takes one cell, or several cells of digits; a column beside a joined number may be left without a
    cell, where its blank was taken by a digit. Blank cells at both ends may be left over. Where cells are as many as
    columns, one number at most is in pieces.
    """
    tail, keys = row.tail, keys_of(row.target)
    sums: dict[int, list[tuple[int, list[tuple[int, int]]]]] = defaultdict(list)
    for rule in row.rules:
        whole, *parts = (keys.index(key) for key in cells_of(rule))
        factors = [term.coefficient for term in rule.terms]
        sums[max(whole, *parts)].append((whole, list(zip(parts, factors, strict=True))))
    texts = [squeeze(cell.text) for cell in tail]
    alone = [_number(cell, row.target) for cell in tail]
    run = [0] * (len(tail) + 1)  # cells of digits from here on
    for index in range(len(tail) - 1, -1, -1):
        run[index] = run[index + 1] + 1 if _is_digits(tail[index]) else 0
    printed = [index for index, text in enumerate(texts) if text]
    if len(tail) == len(keys):
        return [
            _groups(tail, 0, sizes)
            for sizes, values in _in_place(texts, alone, run)
            if all(_adds_up(whole, parts, values) for of_place in sums.values() for whole, parts in of_place)
        ], 0
    found: list[Way] = []
    sizes: list[int] = []
    values: list[Decimal | None] = []
    steps = 0

    def walk(start: int, place: int, empty: int) -> None:
        nonlocal steps
        steps += 1
        left = len(keys) - len(sizes)
        if steps > most or len(found) > _MOST_WAYS or len(tail) - place < left - (_MOST_EMPTY - empty):
            return
        if not left:
            if place > printed[-1] and max(sizes) > 1 and _empty_beside_joined(sizes):
                found.append(_groups(tail, start, sizes))
            return
        hungry = sizes and not sizes[-1] and not (len(sizes) > 1 and sizes[-2] > 1)  # next must be a joined number
        longest = (
            1
            if place < len(tail) and texts[place][:1] == "0"
            else min(_MOST_DIGITS, max(run[place], 1), len(tail) - place)
        )
        least = 2 if hungry else 0 if empty < _MOST_EMPTY else 1
        if left == 1:
            least = max(least, printed[-1] + 1 - place)  # the last column takes what is left
        for size in range(least, longest + 1):
            sizes.append(size)
            values.append(
                Decimal(0) if not size else alone[place] if size == 1 else Decimal("".join(texts[place : place + size]))
            )
            if all(_adds_up(whole, parts, values) for whole, parts in sums.get(len(sizes) - 1, ())):
                walk(start, place + size, empty + (not size))
            sizes.pop()
            values.pop()

    for start in range(printed[0] + 1):
        walk(start, start, 0)
    return found if steps <= most and len(found) <= _MOST_WAYS else None, steps


def _in_place(
    texts: Sequence[str], alone: Sequence[Decimal | None], run: Sequence[int]
) -> Iterator[tuple[list[int], list[Decimal | None]]]:
    """Yield the ways to join where cells are as many as columns: one number, whose digits took the blanks beside it."""
    for first, cells in enumerate(run[:-1]):
        if texts[first][:1] == "0":
            continue
        for size in range(2, min(cells, _MOST_EMPTY + 1) + 1):
            number = Decimal("".join(texts[first : first + size]))
            for at in range(size):
                sizes = [1] * len(alone)
                values = list(alone)
                sizes[first : first + size] = [0] * size
                values[first : first + size] = [Decimal(0)] * size
                sizes[first + at], values[first + at] = size, number
                yield sizes, values


def _number(cell: GridCell, target: Target) -> Decimal | None:
    row, column = target.cells[0]
    value = parse_value(cell.text, column.unit or row.unit)
    return None if value.state is State.TEXT else value.number or Decimal(0)


def _adds_up(whole: int, parts: Sequence[tuple[int, int]], values: Sequence[Decimal | None]) -> bool:
    """Tell whether a sum holds, blanks counted as 0; words in place of a number contradict nothing."""
    total = values[whole]
    if total is None:
        return True
    for part, factor in parts:
        number = values[part]
        if number is None:
            return True
        total -= factor * number
    return not total


def _groups(tail: Sequence[GridCell], start: int, sizes: Sequence[int]) -> Way:
    groups: list[Group] = []
    for size in sizes:
        groups.append(tuple(tail[start : start + size]))
        start += size
    return tuple(groups)


def _empty_beside_joined(sizes: Sequence[int]) -> bool:
    """Tell whether each column without a cell stands beside a number that took it."""
    beside = [max(sizes[max(index - 1, 0) : index + 2]) > 1 for index, size in enumerate(sizes) if not size]
    return all(beside) and len(beside) <= sum(size - 1 for size in sizes if size > 1)


def _is_digits(cell: GridCell) -> bool:
    text = squeeze(cell.text)
    return text.isascii() and text.isdigit()
