"""What makes a matched row doubtful: a label too common to trust, a second row that says otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from gongkai.contracts.rules import Rule
from gongkai.contracts.template import Layout, TemplateContract
from gongkai.reports.align import Candidate, align
from gongkai.reports.assign import Placed, values_of
from gongkai.reports.headers import Headers
from gongkai.reports.labels import split_numbering
from gongkai.reports.numbers import parse_value
from gongkai.reports.stream import StreamRow
from gongkai.reports.targets import Target, Targets

_SURE = 0.97
_COPY = 3
"""So many rows of a table outside its place are a second copy of it."""
_COMMON = 2
"""A label of so few characters stands in tables of every kind."""


def row_rules(contract: TemplateContract, targets: Targets) -> Mapping[int, tuple[Rule, ...]]:
    """Return for each target's position the rules that look at the cells of its row alone."""
    found: dict[int, tuple[Rule, ...]] = {}
    for target in targets.items:
        own = {(row.code, column.code) for row, column in target.cells}
        found[target.position] = tuple(
            rule
            for rule in contract.expanded_rules
            if rule.table == target.table.code
            and rule.terms
            and not rule.crosses_years
            and {(term.row, term.column) for term in rule.terms} | {(rule.row, rule.column)} <= own
        )
    return found


def is_weak(target: Target, candidate: Candidate) -> bool:
    """Tell whether a label says little: 合计 without its number stands in every other table as well."""
    if not candidate.wording or not target.number:
        return False
    number, label = split_numbering(candidate.wording)
    return not number and len(label) <= _COMMON


def adds_up(rules: Sequence[Rule], target: Target, placed: Placed) -> bool:
    """Check the rules that look at one row alone; a row that none of them can judge passes."""
    if None in placed.cells:
        return True
    values = {
        (row.code, column.code): parse_value(cell.text if cell else "", column.unit or row.unit)
        for (row, column), cell in zip(target.cells, placed.cells, strict=True)
    }
    for rule in rules:
        terms = [(term.coefficient, values[(term.row, term.column)]) for term in rule.terms]
        total = values[(rule.row, rule.column)].number
        if total is not None and total != sum(factor * (value.number or 0) for factor, value in terms):
            return False
    return True


def find_rivals(
    targets: Targets, rows: Sequence[StreamRow], candidates: list[Candidate], chosen: list[Candidate]
) -> tuple[Candidate, ...]:
    """Find rows that print once more what a chosen row prints: a row doubled in its table, or a second copy of a table.

    Args:
        targets: The targets of the template.
        rows: The stream.
        candidates: All candidates, ordered by row.
        chosen: The alignment.
    """
    if len(candidates) == len(chosen):
        return ()
    taken = {candidate.row for candidate in chosen}
    spans: dict[str, tuple[int, int]] = {}
    for candidate in chosen:
        table = targets.items[candidate.target].table.code
        first, last = spans.get(table, (candidate.row, candidate.row))
        spans[table] = (min(first, candidate.row), max(last, candidate.row))
    found = {candidate.target: candidate for candidate in chosen}
    inside: list[Candidate] = []
    outside: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        target = targets.items[candidate.target]
        if (
            candidate.row in taken
            or candidate.target not in found
            or candidate.target in targets.recurring
            or candidate.likeness < _SURE
            or rows[candidate.row].way == "joined"
            or rows[found[candidate.target].row].way == "joined"
            or not target.cells
            or is_weak(target, candidate)
            or len(values_of(target, rows[candidate.row].cells[candidate.label + 1 :])) != len(target.cells)
        ):
            continue
        first, last = spans[target.table.code]
        if first <= candidate.row <= last:
            inside.append(candidate)
        else:
            outside[target.table.code].append(candidate)
    for copies in outside.values():
        again = align(copies, len(targets.items))
        single = targets.items[again[0].target].table.layout is Layout.SINGLE_ROW
        if len(again) >= (1 if single else _COPY):
            inside += again
    return tuple(inside)


def without_contradicted(
    stream: Sequence[StreamRow], headers: Headers, target: Target, placed: Placed, rivals: Sequence[Candidate]
) -> Placed:
    """Leave out the values for which the document prints another number elsewhere: it does not say which holds."""
    cells = list(placed.cells)
    note = placed.note
    for rival in rivals:
        row = stream[rival.row]
        tail = values_of(target, row.cells[rival.label + 1 :])
        order = headers.order(target, rival.row, row.grid, tail)
        for index, (_, column) in enumerate(target.cells):
            cell, other = cells[index], tail[order[index]] if order else None
            if cell is None or other is None:
                continue
            one, two = parse_value(cell.text, column.unit), parse_value(other.text, column.unit)
            if one.number is not None and two.number is not None and one.number != two.number:
                cells[index] = None
                note = f"printed twice with different values: {cell.text.strip()} and {other.text.strip()}"
        if target.table.layout is Layout.SINGLE_ROW and 2 * cells.count(None) > len(cells):
            return Placed((None,) * len(cells), None, note)  # two rows that have little in common: one is foreign
    return Placed(tuple(cells), placed.offset, note, placed.remarks)
