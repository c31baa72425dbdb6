"""Settles the alignment: rows told by order alone are taken, rows that could be others are left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from gongkai.reports.align import Candidate
from gongkai.reports.assign import values_of
from gongkai.reports.labels import normalise
from gongkai.reports.numbers import looks_like_value
from gongkai.reports.stream import StreamRow
from gongkai.reports.targets import Target, Targets

_GAP_LIKENESS = 0.4
_SURE_LABEL, _CLOSE = 0.97, 0.15


def settle(
    targets: Targets, rows: Sequence[StreamRow], aligned: Sequence[Candidate], candidates: Sequence[Candidate]
) -> list[Candidate]:
    """Return the alignment without the rows that other rows contradict, and with those that order alone tells.

    Args:
        targets: The targets of the template.
        rows: The stream.
        aligned: The alignment, ordered by row.
        candidates: All candidates, ordered by row.
    """
    sure = _without_close(rows, aligned, candidates, targets.items)
    pinned = _without_loose(targets, rows, _fill_gaps(targets, rows, sure), candidates)
    return _without_swallowed(targets, rows, pinned)


def _without_loose(
    targets: Targets, rows: Sequence[StreamRow], chosen: list[Candidate], candidates: Sequence[Candidate]
) -> list[Candidate]:
    """Leave out rows whose label names several targets, unless their neighbours say which.

    The legacy table prints （二）被依法纠错数 under 四, 五 and 六: where rows around it are damaged, order alone
    could take one for the other. A matched row next to it, as far away as the template says, pins it; where the
    document prints the label less often than the template, rows at both sides have to.
    """
    recurring = targets.recurring
    if not any(one.target in recurring for one in chosen):
        return list(chosen)
    printed: dict[int, set[int]] = defaultdict(set)
    for candidate in candidates:
        if candidate.target in recurring:
            printed[candidate.target].add(candidate.row)

    def pinned(index: int) -> bool:
        one = chosen[index]
        alike = recurring.get(one.target)
        if alike is None:
            return True
        beside = [chosen[place] for place in (index - 1, index + 1) if 0 <= place < len(chosen)]
        pins = sum(_is_as_far(targets, rows, one, other) for other in beside)
        found = set[int]().union(*(printed[target] for target in alike))
        return pins == len(beside) if len(found) < len(alike) else pins > 0

    return [one for index, one in enumerate(chosen) if pinned(index)]


def _is_as_far(targets: Targets, rows: Sequence[StreamRow], one: Candidate, other: Candidate) -> bool:
    """Tell whether two rows stand as far apart as the template says; in lines of text only rows of values count."""
    first, last = sorted((one, other), key=lambda candidate: candidate.row)
    if rows[one.row].way != "line" or rows[other.row].way != "line":
        return last.row - first.row == last.target - first.target
    between = targets.items[first.target : last.target]
    return sum(row.has_values for row in rows[first.row : last.row]) == sum(1 for target in between if target.cells)


def _without_swallowed(targets: Targets, rows: Sequence[StreamRow], chosen: list[Candidate]) -> list[Candidate]:
    """Leave out rows whose label wraps over lines of text and whose next row was not found.

    The end of its label and its values may be those of that row: what stood between them may be lost.
    """
    if not any(rows[one.row].aliases for one in chosen):
        return chosen
    seen: dict[str, set[str]] = defaultdict(set)
    for one in chosen:
        target = targets.items[one.target]
        seen[target.table.code].update(row.code for row, _ in target.cells)
    ends_open = {
        (table, row.code)
        for table, codes in seen.items()
        for row, after in pairwise(targets.contract.form(frozenset(codes), table))
        if not after.heading and after.code not in codes
    }

    def may_be_another(one: Candidate) -> bool:
        target = targets.items[one.target]
        return one.wording in rows[one.row].aliases and any(
            (target.table.code, row.code) in ends_open for row, _ in target.cells
        )

    return [one for one in chosen if not may_be_another(one)]


def _fill_gaps(targets: Targets, rows: Sequence[StreamRow], chosen: list[Candidate]) -> list[Candidate]:
    """Take rows whose label is damaged, where order leaves no doubt which rows they are.

    Between two neighbours of the alignment there must be exactly as many unmatched rows of the right shape as
    the template misses there, and each label must still resemble its row's (or carry its numbering).
    """
    filled: list[Candidate] = []
    for before, after in pairwise(chosen):
        filled.append(before)
        wanted = targets.items[before.target + 1 : after.target]
        if not wanted or any(not target.cells or not target.labels for target in wanted):
            continue
        open_rows = _open_rows(rows, before, after, wanted[0])
        if len(open_rows) != len(wanted):
            continue
        likenesses = [
            targets.resemblance(target, rows[index].cells[label].text)
            for target, (index, label) in zip(wanted, open_rows, strict=True)
        ]
        if any(
            (named := targets.compare(rows[index].cells[label].text))
            and target.position not in [position for position, _ in named]
            for target, (index, label) in zip(wanted, open_rows, strict=True)
        ):
            continue  # a row that names another target is that row once more, not a damaged label
        if min(likenesses) >= _GAP_LIKENESS:
            filled += [
                Candidate(index, target.position, likeness, likeness, label)
                for target, (index, label), likeness in zip(wanted, open_rows, likenesses, strict=True)
            ]
    return filled + chosen[-1:]


def _without_close(
    rows: Sequence[StreamRow],
    chosen: Sequence[Candidate],
    candidates: Sequence[Candidate],
    items: Sequence[Target],
) -> list[Candidate]:
    """Leave out rows with a damaged label where another row may be what they were taken for.

    Another row's label is about as close to the same target: 行政处 and 行政处处罚曰 are both near 行政处罚, and one of
    them was 行政强制. Or a row at one side has no target while a target at the other side has no row.
    """
    taken = {one.row for one in chosen}
    damaged = {one.target: one for one in chosen if one.likeness < _SURE_LABEL and one.label >= 0}
    if not damaged:
        return list(chosen)
    close: set[int] = set()
    for other in candidates:
        one = damaged.get(other.target)
        if one is None or other.row in taken or other.likeness < one.likeness - _CLOSE or other.label < 0:
            continue
        if rows[other.row].way != "joined" and _label(rows, other) != _label(rows, one):
            close.add(other.target)
    for before, one, after in zip(chosen, chosen[1:], chosen[2:], strict=False):
        if one.target in damaged and items[one.target].cells:
            above = len(_open_rows(rows, before, one, items[one.target])) - _n_missing(items, before, one)
            below = len(_open_rows(rows, one, after, items[one.target])) - _n_missing(items, one, after)
            if above * below < 0:
                close.add(one.target)
    return [one for one in chosen if one.target not in close]


def _n_missing(items: Sequence[Target], before: Candidate, after: Candidate) -> int:
    """Number of rows of values that the template has between two rows of the alignment."""
    return sum(1 for target in items[before.target + 1 : after.target] if target.cells)


def _open_rows(rows: Sequence[StreamRow], before: Candidate, after: Candidate, target: Target) -> list[tuple[int, int]]:
    """Rows between two rows of the alignment that are shaped like a target, with the place of their label."""
    return [
        (index, label)
        for index in range(before.row + 1, after.row)
        if rows[index].way != "joined"
        and (label := _last_label(rows[index])) >= 0
        and len(values_of(target, rows[index].cells[label + 1 :])) == len(target.cells)
    ]


def _label(rows: Sequence[StreamRow], candidate: Candidate) -> str:
    return normalise(rows[candidate.row].cells[candidate.label].text)


def _last_label(row: StreamRow) -> int:
    """Index of the last cell that is a label, -1 where there is none."""
    for index in range(len(row.cells) - 1, -1, -1):
        if not looks_like_value(row.cells[index].text):
            return index
    return -1
