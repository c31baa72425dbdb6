"""The rules as SQL over wide tables: one statement a rule, which yields every verdict that is not a plain pass.

A rule over cells that all hold numbers is one subtraction of columns: NULL or not 0 sends the report to the second half
of the statement, which looks at the states of the cells. So the many reports that pass cost next to nothing.
"""

# ruff: noqa: S608 - names come from contracts

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gongkai.contracts.rules import Term, Tolerance
from gongkai.contracts.template import TemplateContract
from gongkai.quality.model import Outcome, Reason
from gongkai.quality.rulebook import NumberedRule
from gongkai.quality.wide import ABSENT, SIGNS
from gongkai.reports.model import State

OUTCOMES, REASONS = tuple(Outcome), tuple(Reason)
NUMBER, TEXT, LOST = SIGNS[State.NUMBER], SIGNS[State.TEXT], SIGNS[State.NOT_EXTRACTED]
NOTHING = SIGNS[State.BLANK] + SIGNS[State.NOT_APPLICABLE]
EXACT = "DECIMAL(38, 6)"


def quoted(name: str) -> str:
    """A column name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def place_of(numbered: NumberedRule, term: Term | None = None) -> str:
    """Name of the column of a rule's judged cell, or of one of its terms."""
    rule = numbered.rule
    row, column = (term.row, term.column) if term else (rule.row, rule.column)
    return f"{rule.table}/{row}/{column}"


def needed_before(rules: Iterable[NumberedRule]) -> tuple[str, ...]:
    """Names of the cells of the year before that some rules look at."""
    terms = ((numbered, term) for numbered in rules for term in numbered.rule.terms if term.previous)
    return tuple(dict.fromkeys(place_of(numbered, term) for numbered, term in terms))


def needed_now(rules: Iterable[NumberedRule]) -> tuple[str, ...]:
    """Names of the cells of the report itself that some rules look at."""
    names: dict[str, None] = {}
    for numbered in rules:
        names[place_of(numbered)] = None
        names |= {place_of(numbered, term): None for term in numbered.rule.terms if not term.previous}
    return tuple(names)


def sum_statement(numbered: NumberedRule, contract: TemplateContract, index: Mapping[str, int]) -> str:
    """Verdicts of a linear rule: subject, rule, outcome, reason, seen, printed, expected.

    Args:
        numbered: The rule.
        contract: Its template, which says what rows stand for others.
        index: Place of each cell in `states`.

    Returns:
        A SELECT over the view `{source}`: `now` with the report's columns, or `linked` with those of the year before
        as "before:<cell>" and their states as "before state:<cell>".
    """
    rule = numbered.rule
    judged = place_of(numbered)
    terms = [(term, _value(numbered, term)) for term in rule.terms]
    expected = _sum([(term.coefficient, f"coalesce({value}, 0)") for term, value in terms])
    signs = [_sign(index, judged), *(_term_sign(numbered, term, index) for term in rule.terms)]
    own = [sign for sign, term in zip(signs[1:], rule.terms, strict=True) if not term.previous]
    prior = [sign for sign, term in zip(signs[1:], rule.terms, strict=True) if term.previous]
    width = len(signs)
    mask = " + ".join(f"((signs[{at + 1}] <> '{ABSENT}')::BIGINT << {at})" for at in range(width))
    applies = f"signs[1] <> '{ABSENT}'"
    if not prior:
        applies += f" AND own <> '{ABSENT * len(own)}'"
    return f"""
SELECT subject, {numbered.number} AS rule, {_outcome(rule.tolerance)} AS outcome, reason,
       CASE WHEN contains(signs, '{ABSENT}') THEN {mask} ELSE {(1 << width) - 1} END AS seen,
       CASE WHEN signs[1] = '{NUMBER}' THEN printed END::{EXACT} AS printed,
       CASE WHEN outcome <> {OUTCOMES.index(Outcome.UNDECIDABLE)} OR reason = {REASONS.index(Reason.BLANK_TOTAL)}
            THEN expected END::{EXACT} AS expected
FROM (SELECT *, {_reason(bool(prior))} AS reason
      FROM (SELECT subject, concat({", ".join(signs)}) AS signs, {_joined(own)} AS own, {_joined(prior)} AS prior,
                   coalesce({quoted(judged)}, 0) AS printed, {expected} AS expected
            FROM {"linked" if prior else "now"}
            WHERE ({_plain(numbered, contract, index)}) IS NOT TRUE))
WHERE {applies}"""


def check_statement(numbered: NumberedRule) -> str:
    """Verdicts of a rule of one cell on the numbers that break it; what cannot be read is told by unread_statement."""
    rule, cell = numbered.rule, quoted(place_of(numbered))
    if rule.check == "non_negative":
        broken, reason = f"{cell} < 0", Reason.NEGATIVE
    else:
        broken, reason = f"{cell} <> floor({cell})", Reason.NOT_WHOLE
    return f"""
SELECT subject, {numbered.number} AS rule, {OUTCOMES.index(Outcome.FAIL)} AS outcome, {REASONS.index(reason)} AS reason,
       1 AS seen, {cell}::{EXACT} AS printed, NULL::{EXACT} AS expected
FROM now WHERE {broken}"""


def unread_statement(rules: Sequence[NumberedRule], index: Mapping[str, int]) -> str:
    """Verdicts of rules of single cells on cells that hold no readable number."""
    places = ", ".join(f"({numbered.number}, {index[place_of(numbered)] + 1})" for numbered in rules)
    lost, text = REASONS.index(Reason.NOT_EXTRACTED), REASONS.index(Reason.TEXT)
    return f"""
SELECT subject, rule, {OUTCOMES.index(Outcome.UNDECIDABLE)} AS outcome,
       CASE WHEN states[place] = '{LOST}' THEN {lost} ELSE {text} END AS reason, 1 AS seen,
       NULL::{EXACT} AS printed, NULL::{EXACT} AS expected
FROM (FROM now WHERE contains(states, '{LOST}') OR contains(states, '{TEXT}')), (VALUES {places}) AS checks(rule, place)
WHERE states[place] IN ('{LOST}', '{TEXT}')"""


def _value(numbered: NumberedRule, term: Term) -> str:
    name = place_of(numbered, term)
    return quoted(f"before:{name}" if term.previous else name)


def _sign(index: Mapping[str, int], name: str) -> str:
    return f"states[{index[name] + 1}]"


def _term_sign(numbered: NumberedRule, term: Term, index: Mapping[str, int]) -> str:
    name = place_of(numbered, term)
    return quoted(f"before state:{name}") if term.previous else _sign(index, name)


def _joined(signs: Sequence[str]) -> str:
    return f"concat({', '.join(signs)})" if signs else "''"


def _sum(terms: Iterable[tuple[int, str]]) -> str:
    return " + ".join(value if factor == 1 else f"{factor} * {value}" for factor, value in terms)


def _plain(numbered: NumberedRule, contract: TemplateContract, index: Mapping[str, int]) -> str:
    """Holds where all cells of the rule are numbers and its two sides are equal; NULL or false elsewhere.

    Of a row and those that it stands for only one is in a form, so that one of them is NULL in every report.
    """
    rule = numbered.rule
    stands_for = {
        row.code: row.instead_of for row in contract.table_by_code[rule.table].rows if row.instead_of and rule.terms
    }
    by_row = {(term.row, term.column): term for term in rule.terms if not term.previous}
    terms: list[tuple[int, str]] = []
    only: list[str] = []
    done: set[tuple[str, str]] = set()
    for (row, column), term in by_row.items():
        others = [by_row.get((code, column)) for code in stands_for.get(row, ())]
        parts = [other for other in others if other is not None and other.coefficient == term.coefficient]
        if parts and len(parts) == len(others):
            alone, split = _value(numbered, term), _sum([(1, _value(numbered, part)) for part in parts])
            terms.append((term.coefficient, f"coalesce({alone}, {split})"))
            absent = _joined([_sign(index, place_of(numbered, part)) for part in parts])
            either = f"{alone} IS NULL AND {_sign(index, place_of(numbered, term))} = '{ABSENT}'"
            only.append(f"(({either}) OR {absent} = '{ABSENT * len(parts)}')")
            done |= {(row, column), *((part.row, part.column) for part in parts)}
    terms += [(term.coefficient, _value(numbered, term)) for key, term in by_row.items() if key not in done]
    terms += [(term.coefficient, _value(numbered, term)) for term in rule.terms if term.previous]
    held = _holds(rule.tolerance, quoted(place_of(numbered)), f"({_sum(terms)})")
    return " AND ".join([held, *only])


def _holds(tolerance: Tolerance | None, one: str, other: str) -> str:
    if tolerance is None:
        return f"{one} = {other}"
    high, low = f"greatest({one}, {other})", f"least({one}, {other})"
    # greatest and least pass NULL over, the difference does not
    within = f"{high} < {tolerance.factor} * greatest({low}, 1)"
    return f"({one} - {other} IS NOT NULL AND (abs({one} - {other}) < {tolerance.at_least} OR {within}))"


def _reason(crosses_years: bool) -> str:
    first = [("contains(prior, '-')", Reason.NO_PREVIOUS_REPORT)] if crosses_years else []
    cases = [
        *first,
        (f"contains(signs, '{LOST}')", Reason.NOT_EXTRACTED),
        (f"contains(signs, '{TEXT}')", Reason.TEXT),
        (f"signs[1] <> '{NUMBER}'", Reason.BLANK_TOTAL),
        (f"NOT contains(signs[2:], '{NUMBER}')", Reason.PARTS_ALL_BLANK),
        (" OR ".join(f"contains(signs, '{sign}')" for sign in NOTHING), Reason.BLANK_PARTS),
    ]
    whens = " ".join(f"WHEN {test} THEN {REASONS.index(reason)}" for test, reason in cases)
    return f"CASE {whens} ELSE {REASONS.index(Reason.NONE)} END"


def _outcome(tolerance: Tolerance | None) -> str:
    """The outcome by the reason; a comparison of two numbers may also be a plain pass where a form has extra rows."""
    holds = f"CASE WHEN {_holds(tolerance, 'printed', 'expected')} THEN"
    if_zero, undecidable, fail, passed = (
        OUTCOMES.index(outcome)
        for outcome in (Outcome.PASS_IF_BLANK_IS_ZERO, Outcome.UNDECIDABLE, Outcome.FAIL, Outcome.PASS)
    )
    return (
        f"CASE WHEN reason IN ({REASONS.index(Reason.BLANK_TOTAL)}, {REASONS.index(Reason.PARTS_ALL_BLANK)}) "
        f"THEN {holds} {if_zero} ELSE {undecidable} END "
        f"WHEN reason = {REASONS.index(Reason.BLANK_PARTS)} THEN {holds} {if_zero} ELSE {fail} END "
        f"WHEN reason = {REASONS.index(Reason.NONE)} THEN {holds} {passed} ELSE {fail} END "
        f"ELSE {undecidable} END"
    )
