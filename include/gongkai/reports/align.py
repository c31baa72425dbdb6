"""One monotone alignment of the document's rows with the template's rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

_NONE = float("-inf")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stream row that may be a target.

    Attributes:
        row: Index in the stream.
        target: Position of the target.
        weight: How well they fit, about 1 for a perfect fit.
        likeness: Likeness of the labels alone, 0 to 1.
        label: Index of the label cell in the row, -1 where the row has no label.
    """

    row: int
    target: int
    weight: float
    likeness: float
    label: int


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
    if not candidates:
        return []
    best = [_NONE] * n_targets
    chains: list[_Link | None] = [None] * n_targets
    for _, of_row in groupby(candidates, key=lambda candidate: candidate.row):
        updates: dict[int, tuple[float, _Link]] = {}
        for candidate in of_row:
            total, before = candidate.weight, None
            for target in range(candidate.target):
                if best[target] + candidate.weight > total:
                    total, before = best[target] + candidate.weight, chains[target]
            if candidate.target not in updates or total > updates[candidate.target][0]:
                updates[candidate.target] = (total, _Link(candidate, before))
        for target, (total, chain) in updates.items():
            if total > best[target]:
                best[target], chains[target] = total, chain
    link = chains[max(range(n_targets), key=best.__getitem__)]
    chosen: list[Candidate] = []
    while link is not None:
        chosen.append(link.candidate)
        link = link.before
    return chosen[::-1]
