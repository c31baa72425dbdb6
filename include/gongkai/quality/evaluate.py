"""The rules in plain Python, for one report at a time: slow, and what the quick engines are held against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from gongkai.contracts.rules import Rule
from gongkai.contracts.template import TemplateContract
from gongkai.quality.model import Outcome, Reason, Verdict
from gongkai.reports.model import Cell, State

Form = Mapping[tuple[str, str, str], Cell]
"""Cells of a report by (table, row, column); a cell that the report's form does not have is no key."""

_BLANK = frozenset({State.BLANK, State.NOT_APPLICABLE})


def form_of(cells: Iterable[Cell]) -> Form:
    """Cells by their place."""
    return {(cell.table, cell.row, cell.column): cell for cell in cells}


def evaluate(contract: TemplateContract, cells: Form, previous: Form | None = None) -> list[Verdict]:
    """Judge one report by every rule of its template.

    Args:
        contract: The report's template.
        cells: The report's cells.
        previous: Cells of the agency's report of the year before, of whatever template; None where it is not known.

    Returns:
        A verdict for each rule that applies, in contract order. A rule does not apply where its judged cell is no
        part of the form, where no part of the sum is, or, for rules of single cells, where the cell is blank.
    """
    verdicts = []
    for rule in contract.expanded_rules:
        verdict = _judge_sum(rule, cells, previous) if rule.terms else _judge_cell(rule, cells)
        if verdict is not None:
            verdicts.append(verdict)
    return verdicts


def _judge_cell(rule: Rule, cells: Form) -> Verdict | None:
    cell = cells.get((rule.table, rule.row, rule.column))
    if cell is None or cell.state in _BLANK:
        return None
    if cell.value is None:
        return Verdict(rule.id, Outcome.UNDECIDABLE, Reason(cell.state.value), None, None)
    if rule.check == "non_negative":
        broken, reason = cell.value < 0, Reason.NEGATIVE
    else:
        broken, reason = cell.value != int(cell.value), Reason.NOT_WHOLE
    if broken:
        return Verdict(rule.id, Outcome.FAIL, reason, cell.value, None)
    return Verdict(rule.id, Outcome.PASS, Reason.NONE, cell.value, None)


def _judge_sum(rule: Rule, cells: Form, previous: Form | None) -> Verdict | None:
    target = cells.get((rule.table, rule.row, rule.column))
    parts: list[tuple[int, Cell]] = []
    lacks_previous = False
    for term in rule.terms:
        source = (previous or {}) if term.previous else cells
        part = source.get((rule.table, term.row, term.column))
        if part is not None:
            parts.append((term.coefficient, part))
        elif term.previous:
            lacks_previous = True
    if target is None or not (parts or rule.crosses_years):
        return None
    if lacks_previous:
        return Verdict(rule.id, Outcome.UNDECIDABLE, Reason.NO_PREVIOUS_REPORT, target.value, None)
    states = {target.state, *(part.state for _, part in parts)}
    for state, reason in ((State.NOT_EXTRACTED, Reason.NOT_EXTRACTED), (State.TEXT, Reason.TEXT)):
        if state in states:
            return Verdict(rule.id, Outcome.UNDECIDABLE, reason, target.value, None)
    expected = sum((coefficient * (part.value or Decimal(0)) for coefficient, part in parts), Decimal(0))
    if target.value is None:
        zero_holds = rule.holds(Decimal(0), expected)
        outcome = Outcome.PASS_IF_BLANK_IS_ZERO if zero_holds else Outcome.UNDECIDABLE
        return Verdict(rule.id, outcome, Reason.BLANK_TOTAL, None, expected)
    blanks = sum(part.state in _BLANK for _, part in parts)
    if blanks == len(parts):
        if not rule.holds(target.value, Decimal(0)):
            return Verdict(rule.id, Outcome.UNDECIDABLE, Reason.PARTS_ALL_BLANK, target.value, None)
        return Verdict(rule.id, Outcome.PASS_IF_BLANK_IS_ZERO, Reason.PARTS_ALL_BLANK, target.value, expected)
    reason = Reason.BLANK_PARTS if blanks else Reason.NONE
    if not rule.holds(target.value, expected):
        return Verdict(rule.id, Outcome.FAIL, reason, target.value, expected)
    return Verdict(rule.id, Outcome.PASS_IF_BLANK_IS_ZERO if blanks else Outcome.PASS, reason, target.value, expected)
