"""The rules as SQL over wide tables: one statement a rule, which yields every verdict that is not a plain pass.

A rule over cells that all hold numbers is one subtraction of columns: NULL or not 0 sends the report to the second half
of the statement, which looks at the states of the cells. So the many reports that pass cost next to nothing.
"""

# ruff: noqa: S608 - names come from contracts

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gongkai.contracts.rules import Term, Tolerance
from gongkai.contracts.template import TemplateContract
from gongkai.quality.model import Outcome, Reason
from gongkai.quality.rulebook import NumberedRule
from gongkai.quality.wide import ABSENT, SIGNS
from gongkai.reports.model import State

OUTCOMES, REASONS = tuple(Outcome), tuple(Reason)
NUMBER, TEXT, LOST = SIGNS[State.NUMBER], SIGNS[State.TEXT], SIGNS[State.NOT_EXTRACTED]
SIGN_ORDER = "".join(SIGNS.values())
NOTHING = SIGNS[State.BLANK] + SIGNS[State.NOT_APPLICABLE]
EXACT = "DECIMAL(38, 6)"
WHOLE_TYPES = frozenset(["BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UBIGINT", "UINTEGER"])
"""Types of columns that hold whole numbers."""


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


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the states of cells stand.

    Attributes:
        now: Place of each cell of the template in `states`.
        before: Place of cells of the year before in `before_states`.
        mixed: True where some report has both a row and those that it stands for, which the quick test must tell.
    """

    now: Mapping[str, int]
    before: Mapping[str, int]
    mixed: bool = True


def sum_statement(numbered: NumberedRule, contract: TemplateContract, layout: Layout) -> str:
    """Reports that a linear rule does not plainly pass: report_key, rule, signs, printed, expected.

    Args:
        numbered: The rule.
        contract: Its template, which says what rows stand for others.
        layout: Where the states stand.

    Returns:
        A SELECT over `now_<template>`, the reports with their columns, or `linked`, which has cells of the year before
        too, as "before:<cell>", and their states as `before_states`. `signs` are the states of the rule's cells, judged
        cell first.
    """
    rule, judged = numbered.rule, place_of(numbered)
    expected = _sum([(term.coefficient, f"coalesce({_value(numbered, term)}, 0)") for term in rule.terms])
    # a CASE, since the order in which AND looks at its sides is the optimizer's
    return f"""
SELECT report_key, {numbered.number} AS rule, {_signs(numbered, layout)} AS signs,
       coalesce({quoted(judged)}, 0)::{EXACT} AS printed, ({expected})::{EXACT} AS expected
FROM {"linked" if rule.crosses_years else quoted(f"now_{numbered.template}")}
WHERE CASE WHEN {_plain(numbered, contract, layout)} THEN false
           ELSE states[{layout.now[judged] + 1}] <> '{ABSENT}' END"""


def all_plain(
    rules: Sequence[NumberedRule], contract: TemplateContract, layout: Layout, types: Mapping[str, str]
) -> str:
    """SQL that holds for reports which plainly pass all of some rules; most do, and need no second look.

    Args:
        rules: Rules over one year, or rules over two.
        contract: Their template.
        layout: Where the states stand.
        types: Types of the columns.
    """
    variants = {
        (table.code, code) for table in contract.tables for row in table.rows for code in (row.code, *row.instead_of)
        if row.instead_of
    }  # fmt: skip
    parts = []
    for numbered in rules:
        if numbered.rule.terms:
            plain, judged = _plain(numbered, contract, layout), place_of(numbered)
            of_variant = (numbered.rule.table, numbered.rule.row) in variants
            parts.append(f"(({plain}) OR {runs([layout.now[judged]])} = '{ABSENT}')" if of_variant else f"({plain})")
        elif numbered.rule.check == "integer" and types[place_of(numbered)] not in WHOLE_TYPES:
            cell = quoted(place_of(numbered))
            parts.append(f"coalesce({cell} = floor({cell}), true)")
    signed = ", ".join(quoted(place_of(numbered)) for numbered in rules if numbered.rule.check == "non_negative")
    if signed:
        parts.append(f"coalesce(least({signed}, 0), 0) >= 0")
    if any(numbered.rule.check for numbered in rules):
        parts.append(f"NOT contains(states, '{LOST}') AND NOT contains(states, '{TEXT}')")
    return " AND ".join(parts) or "true"


def runs(places: Iterable[int | None], of: str = "states") -> str:
    """SQL that puts together single signs of a string of states; None stands for an absent cell."""
    pieces: list[list[int | None]] = []
    for place in places:
        last = pieces[-1] if pieces else None
        follows = last is not None and (
            (place is None and last[-1] is None) or (None not in (place, last[-1]) and place == (last[-1] or 0) + 1)
        )
        if last is not None and follows:
            last.append(place)
        else:
            pieces.append([place])
    told = (
        f"'{ABSENT * len(piece)}'" if piece[0] is None else f"substring({of}, {piece[0] + 1}, {len(piece)})"
        for piece in pieces
    )
    return " || ".join(told) or "''"


def judge_statement(told: str) -> str:
    """Verdicts over what sum_statement yields: report_key, rule, outcome, reason, seen, printed, expected.

    Args:
        told: SELECT of such rows. `book_rules` has the masks and tolerances of the rules.
    """
    bits = f"translate(reverse(signs), '{SIGN_ORDER}{ABSENT}', '{'1' * len(SIGN_ORDER)}0')::BIT::BIGINT"
    return f"""
WITH seen AS (
  SELECT *, CASE WHEN contains(signs, '{ABSENT}') THEN {bits} ELSE all_bits END AS seen
  FROM ({told}) JOIN book_rules USING (rule)
), reasoned AS (
  SELECT *, {_reason()} AS reason,
         CASE WHEN printed = expected THEN true
              WHEN at_least IS NULL THEN false
              WHEN abs(printed - expected) < at_least THEN true
              ELSE greatest(printed, expected)
                   < greatest(least(printed, expected), 1)::DECIMAL(28, 6) * factor::DECIMAL(9, 0) END AS holds
  FROM seen WHERE seen & own_bits <> 0 OR previous_bits <> 0
), judged AS (
  SELECT *, {_outcome()} AS outcome FROM reasoned
)
SELECT report_key, rule, outcome, reason, seen,
       CASE WHEN signs[1] = '{NUMBER}' THEN printed END AS printed,
       CASE WHEN outcome <> {OUTCOMES.index(Outcome.UNDECIDABLE)} OR reason = {REASONS.index(Reason.BLANK_TOTAL)}
            THEN expected END AS expected
FROM judged WHERE outcome <> {OUTCOMES.index(Outcome.PASS)}"""


def check_statement(numbered: NumberedRule) -> str:
    """Verdicts of a rule of one cell on the numbers that break it; what cannot be read is told by unread_statement."""
    rule, cell = numbered.rule, quoted(place_of(numbered))
    if rule.check == "non_negative":
        broken, reason = f"{cell} < 0", Reason.NEGATIVE
    else:
        broken, reason = f"{cell} <> floor({cell})", Reason.NOT_WHOLE
    return f"""
SELECT report_key, {numbered.number} AS rule,
       {OUTCOMES.index(Outcome.FAIL)} AS outcome, {REASONS.index(reason)} AS reason, 1 AS seen,
       {cell}::{EXACT} AS printed, NULL::{EXACT} AS expected
FROM {quoted(f"now_{numbered.template}")} WHERE {broken}"""


def unread_statement(rules: Sequence[NumberedRule], layout: Layout) -> str:
    """Verdicts of rules of single cells on cells that hold no readable number."""
    places = ", ".join(f"({numbered.number}, {layout.now[place_of(numbered)] + 1})" for numbered in rules)
    now = quoted(f"now_{rules[0].template}")
    lost, text = REASONS.index(Reason.NOT_EXTRACTED), REASONS.index(Reason.TEXT)
    return f"""
SELECT report_key, rule, {OUTCOMES.index(Outcome.UNDECIDABLE)} AS outcome,
       CASE WHEN states[place] = '{LOST}' THEN {lost} ELSE {text} END AS reason, 1 AS seen,
       NULL::{EXACT} AS printed, NULL::{EXACT} AS expected
FROM (SELECT report_key, states FROM {now}
      WHERE contains(states, '{LOST}') OR contains(states, '{TEXT}')),
     (VALUES {places}) AS checks(rule, place)
WHERE states[place] IN ('{LOST}', '{TEXT}')"""


def _value(numbered: NumberedRule, term: Term) -> str:
    name = place_of(numbered, term)
    return quoted(f"before:{name}" if term.previous else name)


def _signs(numbered: NumberedRule, layout: Layout) -> str:
    """States of the rule's cells, judged one first; neighbours are cut out in one piece."""
    parts: list[str] = []
    places: list[int | None] = [layout.now[place_of(numbered)]]
    before = False
    for term in numbered.rule.terms:
        if term.previous is not before:
            parts += [runs(places, "before_states" if before else "states")] if places else []
            places, before = [], term.previous
        places.append((layout.before if before else layout.now)[place_of(numbered, term)])
    return " || ".join([*parts, runs(places, "before_states" if before else "states")])


def _sum(terms: Iterable[tuple[int, str]]) -> str:
    return " + ".join(value if factor == 1 else f"{factor} * {value}" for factor, value in terms)


def _plain(numbered: NumberedRule, contract: TemplateContract, layout: Layout) -> str:
    """Holds where all cells of the rule are numbers and its two sides are equal; NULL or false elsewhere.

    Of a row and those that it stands for only one is in a form, so that one of them is NULL in every report.
    """
    rule = numbered.rule
    stands_for = {row.code: row.instead_of for row in contract.table_by_code[rule.table].rows if row.instead_of}
    by_row = {(term.row, term.column): term for term in rule.terms if not term.previous}
    terms: list[tuple[int, str]] = []
    only: list[str] = []
    done: set[tuple[str, str]] = set()
    for (row, column), term in by_row.items():
        others = [by_row.get((code, column)) for code in stands_for.get(row, ())]
        parts = [other for other in others if other is not None and other.coefficient == term.coefficient]
        if parts and len(parts) == len(others):
            split = _sum([(1, _value(numbered, part)) for part in parts])
            terms.append((term.coefficient, f"coalesce({_value(numbered, term)}, {split})"))
            alone = runs([layout.now[place_of(numbered, term)]])
            absent = runs([layout.now[place_of(numbered, part)] for part in parts])
            only.append(f"({alone} = '{ABSENT}' OR {absent} = '{ABSENT * len(parts)}')")
            done |= {(row, column), *((part.row, part.column) for part in parts)}
    terms += [(term.coefficient, _value(numbered, term)) for key, term in by_row.items() if key not in done]
    terms += [(term.coefficient, _value(numbered, term)) for term in rule.terms if term.previous]
    held = _holds(rule.tolerance, quoted(place_of(numbered)), f"({_sum(terms)})")
    return " AND ".join([held, *(only if layout.mixed else ())])


def _holds(tolerance: Tolerance | None, one: str, other: str) -> str:
    if tolerance is None:
        return f"{one} = {other}"
    high, low = f"greatest({one}, {other})", f"least({one}, {other})"
    within = f"({one} IS NOT NULL AND {other} IS NOT NULL AND {high} < {tolerance.factor} * greatest({low}, 1))"
    return f"(abs({one} - {other}) < {tolerance.at_least} OR {within})"


def _reason() -> str:
    cases = [
        ("seen & previous_bits <> previous_bits", Reason.NO_PREVIOUS_REPORT),
        (f"contains(signs, '{LOST}')", Reason.NOT_EXTRACTED),
        (f"contains(signs, '{TEXT}')", Reason.TEXT),
        (f"signs[1] <> '{NUMBER}'", Reason.BLANK_TOTAL),
        (f"NOT contains(signs[2:], '{NUMBER}')", Reason.PARTS_ALL_BLANK),
        (" OR ".join(f"contains(signs, '{sign}')" for sign in NOTHING), Reason.BLANK_PARTS),
    ]
    whens = " ".join(f"WHEN {test} THEN {REASONS.index(reason)}" for test, reason in cases)
    return f"CASE {whens} ELSE {REASONS.index(Reason.NONE)} END"


def _outcome() -> str:
    """The outcome by the reason; a comparison of numbers may also be a plain pass, where a form lacks a part."""
    open_, fail, passed, if_zero = (
        OUTCOMES.index(one) for one in (Outcome.UNDECIDABLE, Outcome.FAIL, Outcome.PASS, Outcome.PASS_IF_BLANK_IS_ZERO)
    )
    return (
        f"CASE reason WHEN {REASONS.index(Reason.BLANK_TOTAL)} THEN if(holds, {if_zero}, {open_}) "
        f"WHEN {REASONS.index(Reason.PARTS_ALL_BLANK)} THEN if(holds, {if_zero}, {open_}) "
        f"WHEN {REASONS.index(Reason.BLANK_PARTS)} THEN if(holds, {if_zero}, {fail}) "
        f"WHEN {REASONS.index(Reason.NONE)} THEN if(holds, {passed}, {fail}) ELSE {open_} END"
    )
