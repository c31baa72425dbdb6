"""The sums of a form as evidence of a reading: what the cells of one report prove of each other.

Quality judges a year of reports by the same rules in SQL; here one report is looked at, to tell whether a reading is in
doubt and which of two readings holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum, auto
from functools import cache
from itertools import product
from math import prod

from gongkai.contracts.load import load_templates
from gongkai.contracts.rules import Rule
from gongkai.reports.model import Cell, Report, State

Key = tuple[str, str, str]
"""Table, row and column code of a cell."""

Cells = Mapping[Key, Cell]

_MOST_WAYS = 512
"""More ways to choose among contested values than this are not tried: then too much is contested to prove anything."""

_LOST = frozenset((State.NOT_EXTRACTED, State.TEXT))


class Verdict(Enum):
    """What the cells say of a sum."""

    HOLDS = auto()
    FAILS = auto()
    OPEN = auto()
    """A cell was not extracted, or there is nothing to compare with."""


class Sum:
    """One sum of a template: the rule, and the keys of its cells."""

    __slots__ = ("keys", "rule", "target", "terms")

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.target: Key = (rule.table, rule.row, rule.column)
        self.terms = tuple(((rule.table, term.row, term.column), term.coefficient) for term in rule.terms)
        self.keys = (self.target, *(key for key, _ in self.terms))


@cache
def sums_of(template: str) -> tuple[Sum, ...]:
    """Return the sums that a report of a template must fulfil by itself: no warnings, no year before."""
    return tuple(
        Sum(rule)
        for rule in load_templates()[template].expanded_rules
        if rule.terms and rule.severity == "error" and not rule.crosses_years
    )


@cache
def sums_by_cell(template: str) -> Mapping[Key, tuple[Sum, ...]]:
    """Return for each cell the sums that it is in."""
    found: dict[Key, list[Sum]] = {}
    for one in sums_of(template):
        for key in dict.fromkeys(one.keys):
            found.setdefault(key, []).append(one)
    return {key: tuple(sums) for key, sums in found.items()}


def judge(one: Sum, cells: Cells) -> Verdict | None:
    """Tell whether a sum holds, as the rules of quality do.

    A cell that the form does not have is left out. A blank counts as 0 beside numbers, and where all that is printed
    adds up to 0; a blank total of parts that do not is open.

    Returns:
        None where the form has not the total, or none of the parts.
    """
    target = cells.get(one.target)
    parts = [(cell, factor) for key, factor in one.terms if (cell := cells.get(key)) is not None]
    if target is None or not parts:
        return None
    if target.state in _LOST or any(cell.state in _LOST for cell, _ in parts):
        return Verdict.OPEN
    expected = sum(factor * (cell.value or 0) for cell, factor in parts)
    if target.value is None:
        return Verdict.HOLDS if expected == 0 else Verdict.OPEN
    if all(cell.value is None for cell, _ in parts) and target.value != 0:
        return Verdict.OPEN
    return Verdict.HOLDS if target.value == expected else Verdict.FAILS


def proves(sums: Iterable[Sum], cells: Cells) -> bool:
    """Tell whether sums prove the cells they are of: there is one that applies, and every one that does holds."""
    verdicts = [verdict for one in sums if (verdict := judge(one, cells)) is not None]
    return bool(verdicts) and all(verdict is Verdict.HOLDS for verdict in verdicts)


def cells_by_key(report: Report) -> dict[Key, Cell]:
    """Return the cells of a report by key."""
    return {cell.key: cell for cell in report.cells}


def failing_cells(report: Report) -> frozenset[Key]:
    """Return the cells of every sum that fails, as far as the form has them."""
    cells = cells_by_key(report)
    return frozenset(
        key
        for one in sums_of(report.template)
        if judge(one, cells) is Verdict.FAILS
        for key in one.keys
        if key in cells
    )


def choose(
    contested: Mapping[Key, Sequence[Cell]], others: Mapping[Key, Cell], sums: Mapping[Key, Sequence[Sum]]
) -> dict[Key, Cell]:
    """Choose among several readings of cells by the sums that they are in.

    Args:
        contested: For each cell in question what readings say of it.
        others: The other cells of the form.
        sums: For each cell the sums that it is in.

    Returns:
        For each group of contested cells that share sums the one choice with which all of these hold; nothing for a
        group with several such choices, or none, or with a cell that is in no sum.
    """
    chosen: dict[Key, Cell] = {}
    for group in _groups(contested.keys(), sums):
        touched = [one for key in group for one in sums.get(key, ())]
        if not all(sums.get(key) for key in group) or prod(len(contested[key]) for key in group) > _MOST_WAYS:
            continue
        ways = [
            dict(zip(group, way, strict=True))
            for way in product(*(contested[key] for key in group))
            if proves(touched, dict(others) | dict(zip(group, way, strict=True)))
        ]
        if len(ways) == 1:
            chosen |= ways[0]
    return chosen


def _groups(keys: Iterable[Key], sums: Mapping[Key, Sequence[Sum]]) -> list[list[Key]]:
    """Keys in groups: two are of one where they share a sum, or each shares one with a third."""
    left, groups = dict.fromkeys(keys), []
    while left:
        group = [next(iter(left))]
        del left[group[0]]
        for key in group:  # grows on the way
            near = [other for other in left if other in _beside(key, sums)]
            for other in near:
                del left[other]
            group += near
        groups.append(group)
    return groups


def _beside(key: Key, sums: Mapping[Key, Sequence[Sum]]) -> set[Key]:
    return {other for one in sums.get(key, ()) for other in one.keys}
