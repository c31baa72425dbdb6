"""Numbers that lie in pieces over neighbouring cells: joined only where the identities prove one single joining."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import islice, product

from gongkai.contracts.template import TemplateContract
from gongkai.documents.model import BBox, GridCell
from gongkai.reports.assign import Placed
from gongkai.reports.balances import Balance, Key, balances_of, holds, keyed, keys_of
from gongkai.reports.evidence import numbers_of
from gongkai.reports.labels import squeeze
from gongkai.reports.pieces import Group, Row, Way, ways_of
from gongkai.reports.targets import Target

JOINED_CONFIDENCE = 0.8
"""Confidence of a joined number: proved by the sums, but not printed as one; below what counts as sure."""
_MOST_STEPS, _MOST_STEPS_IN_ALL = 25_000, 150_000
_MOST_COMBINATIONS = 512


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
        possible, taken = ways_of(row, min(steps, _MOST_STEPS))
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
        n_printed, n_joined = (sum(one.holds(of) is True for one in columns) for of in (printed, put_together))
        if n_printed <= n_joined:
            return False
    return bool(ways)


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
