"""One monotone alignment of the document's rows with the template's rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice, permutations
from operator import attrgetter

_row = attrgetter("row")

_REORDERING = 1.5
"""What another order of the tables must gain before it is believed."""
_MOST_ORDERS = 24


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stream row that may be a target.

    Attributes:
        row: Index in the stream.
        target: Position of the target.
        weight: How well they fit, about 1 for a perfect fit.
        likeness: Likeness of the labels alone, 0 to 1.
        label: Index of the label cell in the row, -1 where the row has no label.
        wording: The label as compared: the cell's text, or more of it where it wraps over lines of text.
    """

    row: int
    target: int
    weight: float
    likeness: float
    label: int
    wording: str = ""


@dataclass(frozen=True, slots=True)
class _Link:
    """The last candidate of a chain, and the chain before it."""

    candidate: Candidate
    before: _Link | None


def align(candidates: Sequence[Candidate], n_targets: int) -> list[Candidate]:
    """Choose the candidates of greatest total weight such that rows and targets both ascend.

    The template's order is fixed while labels recur (其他, 总计): order decides what a label alone cannot.

    Args:
        candidates: Ordered by row.
        n_targets: Number of targets of the template.

    Returns:
        The chosen candidates, ordered by row; at most one a row and one a target.
    """
    # reach[t]: greatest weight of a chain that ends before target t; it never falls from one target to the next.
    reach = [0.0] * (n_targets + 1)
    chains: list[_Link | None] = [None] * (n_targets + 1)
    for _, of_row in groupby(candidates, key=_row):
        updates = [
            (reach[one.target] + one.weight, one.target + 1, _Link(one, chains[one.target]))
            for one in of_row
            if one.weight > 0
        ]
        for total, behind, link in updates:
            for target in range(behind, n_targets + 1):
                if reach[target] >= total:
                    break
                reach[target], chains[target] = total, link
    chosen: list[Candidate] = []
    last = chains[n_targets]
    while last is not None:
        chosen.append(last.candidate)
        last = last.before
    return chosen[::-1]


def align_tables(candidates: Sequence[Candidate], tables: Sequence[str]) -> list[Candidate]:
    """Align with the template's order of tables, or with another order where only that finds all of them.

    Inside a table the order is always the template's.

    Args:
        candidates: Ordered by row.
        tables: The table of each target.

    Returns:
        As `align`.
    """
    plain = align(candidates, len(tables))
    most: dict[int, float] = {}
    for candidate in candidates:
        most[candidate.target] = max(most.get(candidate.target, 0.0), candidate.weight)
    best, reached = plain, _total(plain) + _REORDERING
    names = list(dict.fromkeys(tables))
    if len(names) < 2 or sum(most.values()) <= reached:
        return plain
    alone = sum(_total(align([one for one in candidates if tables[one.target] == name], len(tables))) for name in names)
    if alone <= reached:
        return plain
    for order in islice(permutations(names), 1, _MOST_ORDERS):
        ranked = sorted(range(len(tables)), key=lambda target: (order.index(tables[target]), target))
        place = {target: rank for rank, target in enumerate(ranked)}
        found = align([replace(one, target=place[one.target]) for one in candidates], len(tables))
        if _total(found) > reached:
            reached = _total(found)
            best = [replace(one, target=ranked[one.target]) for one in found]
    return best


def _total(chain: Sequence[Candidate]) -> float:
    return sum(one.weight for one in chain)
