"""Numbers that lie in pieces over neighbouring cells: joined only where the identities prove one single joining."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice, pairwise, product

from gongkai.contracts.rules import Rule
from gongkai.contracts.template import TemplateContract
from gongkai.documents.model import BBox, GridCell
from gongkai.reports.assign import Placed
from gongkai.reports.balances import Balance, Key, balances_of, cells_of, holds, keyed, keys_of
from gongkai.reports.evidence import numbers_of
from gongkai.reports.labels import squeeze
from gongkai.reports.model import State
from gongkai.reports.numbers import parse_value
from gongkai.reports.targets import Target

JOINED_CONFIDENCE = 0.8
"""Confidence of a joined number: proved by the sums, but not printed as one; below what counts as sure."""
_MOST_STEPS, _MOST_STEPS_IN_ALL, _MOST_WAYS = 25_000, 150_000, 64
_MOST_COMBINATIONS = 512
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


def join_rows(contract: TemplateContract, rows: Sequence[Row], others: Iterable[tuple[Target, Placed]]) -> list[Placed]:
    """Join what the identities of rows and columns prove to be pieces of one number.

    A joining counts as proved when every identity that looks at a joined number can be judged and holds, no identity
    of the row fails, and no other joining does that. Seen in scans and in tables pasted from spreadsheets: 1 | 2 | 3.

    Args:
        contract: The template.
        rows: Rows whose cells are too many, or whose sum fails as printed.
        others: All other rows of the document, as placed.

    Returns:
        A placement for each row: joined, as printed, or open with a note that says why.
    """
    known: dict[Key, Decimal | None] = {}
    for target, placed in others:
        known |= keyed(target, numbers_of(target, placed.cells))
    found: list[list[Way] | None] = []
    steps = _MOST_STEPS_IN_ALL
    for row in rows:
        possible, taken = _ways(row, min(steps, _MOST_STEPS))
        steps -= taken
        found.append(possible)
    open_rows = [index for index, ways in enumerate(found) if ways]
    rules = balances_of(contract, [rows[index].target for index in open_rows], known) if open_rows else []
    proved: list[tuple[Way, ...]] = []
    combinations = product(*(found[index] or () for index in open_rows))
    tried = list(islice(combinations, _MOST_COMBINATIONS + 1)) if open_rows else []
    if len(tried) <= _MOST_COMBINATIONS:
        for ways in tried:
            numbers, joined = dict(known), set[Key]()
            for index, way in zip(open_rows, ways, strict=True):
                target = rows[index].target
                numbers |= _numbers(target, way)
                joined |= {key for key, group in zip(keys_of(target), way, strict=True) if len(group) != 1}
            if holds(rules, numbers, joined):
                proved.append(ways)
    chosen = dict(zip(open_rows, proved[0], strict=True)) if len(proved) == 1 else {}
    return [
        _placed(chosen[index])
        if index in chosen
        else _left(row, found[index], len(proved), as_printed=_stands(row, found[index] or (), rules, known))
        for index, row in enumerate(rows)
    ]


def _stands(row: Row, ways: Sequence[Way], rules: Sequence[Balance], known: Mapping[Key, Decimal | None]) -> bool:
    """Tell whether a row may be taken as printed although its sum fails and would hold for numbers put together.

    It may where the row prints no blank: then no digit took a blank's place. Else the columns decide whose cells would
    be put together: where they add up as printed, and fewer of them would with any joining, the sum is the
    publisher's slip.
    """
    if row.printed is None:
        return False
    if all(cell.text.strip() for cell in row.tail):
        return True
    printed = {**known, **keyed(row.target, numbers_of(row.target, row.printed.cells))}
    for way in ways:
        touched = {key for key, group in zip(keys_of(row.target), way, strict=True) if len(group) != 1}
        columns = [one for one in rules if one.is_across and not touched.isdisjoint(one.keys)]
        put_together = {**known, **_numbers(row.target, way)}
        if sum(one.holds(printed) is True for one in columns) <= sum(one.holds(put_together) is True for one in columns):
            return False
    return bool(ways)


def may_be_split(tail: Sequence[GridCell], wanted: int) -> bool:
    """Tell whether a tail can hold a number in pieces: enough cells, and digits side by side."""
    if not wanted <= len(tail) <= wanted + _MOST_PIECES:
        return False
    digits = [_is_digits(cell) for cell in tail]
    return any(one and two for one, two in pairwise(digits))


def _is_digits(cell: GridCell) -> bool:
    text = squeeze(cell.text)
    return text.isascii() and text.isdigit()


def _ways(row: Row, most: int) -> tuple[list[Way] | None, int]:
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


def _text(group: Group) -> str:
    return " ".join(cell.text.strip() for cell in group)


def _numbers(target: Target, way: Sequence[Group]) -> dict[Key, Decimal | None]:
    """The numbers of the columns that a way has filled so far."""
    cells = [GridCell(0, 0, 1, 1, _text(group)) for group in way]
    part = replace(target, cells=target.cells[: len(cells)])
    return keyed(part, numbers_of(part, cells))


def _placed(way: Sequence[Group]) -> Placed:
    cells: list[GridCell] = []
    remarks: dict[int, str] = {}
    for index, group in enumerate(way):
        if len(group) == 1:
            cells.append(group[0])
        elif group:
            cells.append(_joined(group))
            remarks[index] = f"joined from {len(group)} cells: the sums of its row and column hold for no other reading"
        else:
            beside = way[index - 1] if index and len(way[index - 1]) > 1 else way[index + 1]
            cells.append(replace(beside[0], text="", confidence=JOINED_CONFIDENCE * beside[0].confidence))
            remarks[index] = "its cell holds a digit of the number beside it"
    return Placed(tuple(cells), 0, "", remarks)


def _joined(group: Group) -> GridCell:
    boxes = [cell.bbox for cell in group if cell.bbox is not None and cell.page == group[0].page]
    box: BBox | None = None
    if len(boxes) == len(group):
        box = (
            min(one[0] for one in boxes), min(one[1] for one in boxes),
            max(one[2] for one in boxes), max(one[3] for one in boxes),
        )  # fmt: skip
    confidence = JOINED_CONFIDENCE * min(cell.confidence for cell in group)
    return replace(
        group[0], text=_text(group), bbox=box, confidence=confidence, col_span=sum(c.col_span for c in group)
    )


def _left(row: Row, ways: Sequence[Way] | None, n_proved: int, *, as_printed: bool) -> Placed:
    """The placement of a row that was not joined: as printed where no joining suits it, else open."""
    wanted = len(row.target.cells)
    if row.printed is not None and (as_printed or ways == []):
        return row.printed
    if ways is None:
        why = "there are too many ways to join them"
    elif n_proved > 1:
        why = f"{n_proved} ways to join them fit the sums"
    elif ways:
        why = "the sums of the columns do not prove how to join them"
    else:
        why = "no way to join them fits the sum of the row"
    seen = f"{len(row.tail)} cells ({' | '.join(squeeze(cell.text) or '-' for cell in row.tail)}) for {wanted} columns"
    return Placed((None,) * wanted, None, f"{seen}: perhaps a number in pieces, but {why}")
