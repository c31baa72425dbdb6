"""Judges the printed cells by the cross-sum rules, in plain loops that share nothing with the project's own checker.

Blank parts count as 0. A blank total, or a total whose parts are all blank, is not judged unless both mean 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import eq

from samples.making.paper import Key, Printed, Stated

Sheet = Mapping[Key, Printed]
Part = tuple[int, Printed]
"""(+1 or -1, the cell)."""

APPLICANTS = ("natural_person", "business", "research", "nonprofit", "legal_service", "other_org")
OUTCOMES = ("granted", "partial", "other")
OUTCOME_GROUPS = ("refused.", "unavailable.", "declined.", "other.")
REVIEW_OUTCOMES = ("upheld", "corrected", "other", "pending")
LEGACY_PARTS = {"3.1": 5, "3.2": 2, "3.3": 8, "3.3.4": 6, "4": 3, "5": 3, "6": 3, "7": 2, "8.3": 2}
"""Totals of the legacy form and how many parts "code.1", "code.2", ... each has."""

STEADY = {
    "applications": ("received/total", "resolved_total/total"),
    "review": ("review/total", "litigation_direct/total", "litigation_after_review/total"),
    "proactive": (
        "regulations/in_force", "normative_documents/in_force", "regulations/total_public",
        "normative_documents/total_public", "licensing/decisions", "other_services/decisions", "penalties/decisions",
        "coercion/decisions", "fees/amount_10k_cny",
    ),
    "legacy": tuple(f"{code}/value" for code in ("1.1", "3.1", "3.3", "4", "5", "7", "8.3", "9.3")),
}  # fmt: skip
"""Figures that stay of one size from year to year."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one rule says of one report.

    Attributes:
        id: family:table/row/column.
        outcome: pass, pass_if_blank_is_zero, fail or undecidable.
        printed: The total as printed; None where blank.
        expected: What its parts make.
        cells: The cells of this report that the rule looks at.
    """

    id: str
    outcome: str
    printed: Decimal | None
    expected: Decimal
    cells: frozenset[Key]


def judge(sheet: Sheet, before: Sheet | None = None) -> list[Judgement]:
    """Judge every rule for which the report has cells.

    Args:
        sheet: The printed cells.
        before: Those of the agency's report of the year before, if there is one.
    """
    rules = [*_within(sheet), *(_across(sheet, before) if before else ())]
    return [_judgement(rule_id, sheet, total, keys, earlier) for rule_id, total, keys, earlier in rules]


def judge_changes(sheet: Sheet, before: Sheet) -> list[Judgement]:
    """Judge for each steady figure that both years print whether it changed by 100 or more, and to ten times or more.

    A warning about a figure, not an identity: no cell follows from the others by it.
    """
    keys = [(table, *name.split("/")) for table, names in STEADY.items() for name in names]
    return [
        _judgement(f"year_change:{table}/{row}/{column}", sheet, key, {}, {key: before[key]}, _is_plausible)
        for table, row, column in keys
        if (key := (table, row, column)) in sheet and key in before
    ]


def _is_plausible(now: Decimal, last: Decimal) -> bool:
    low, high = sorted((now, last))
    return high - low < 100 or high < 10 * max(low, Decimal(1))


def contradicted(sheet: Sheet, stated: Sequence[Stated]) -> list[Stated]:
    """Figures of the narrative that differ from the table's."""
    return [figure for figure in stated if sheet[figure.key].value != figure.number]


_RuleLine = tuple[str, Key, dict[Key, int], dict[Key, Printed]]


def _within(sheet: Sheet) -> Iterator[_RuleLine]:
    rows = {row for table, row, _ in sheet if table == "applications"}
    for row in sorted(rows):
        yield _line("row_sum", ("applications", row, "total"), {("applications", row, who): 1 for who in APPLICANTS})
    if rows:
        outcomes = [row for row in sorted(rows) if row in OUTCOMES or row.startswith(OUTCOME_GROUPS)]
        for who in (*APPLICANTS, "total"):
            target = ("applications", "resolved_total", who)
            balance = {"received": 1, "carried_in": 1, "carried_out": -1}
            yield _line("column_balance", target, {("applications", row, who): sign for row, sign in balance.items()})
            yield _line("resolved_sum", target, {("applications", row, who): 1 for row in outcomes})
        for kind in ("review", "litigation_direct", "litigation_after_review"):
            yield _line(
                "review_sum", ("review", kind, "total"), {("review", kind, part): 1 for part in REVIEW_OUTCOMES}
            )
    for code, count in LEGACY_PARTS.items():
        if ("legacy", code, "value") in sheet:
            parts = {("legacy", f"{code}.{number}", "value"): 1 for number in range(1, count + 1)}
            yield _line("legacy_sum", ("legacy", code, "value"), parts)


def _across(sheet: Sheet, before: Sheet) -> Iterator[_RuleLine]:
    for who in (*APPLICANTS, "total"):
        last = before.get(("applications", "carried_out", who))
        if last is not None:
            rule_id, key, parts, _ = _line("carry_over", ("applications", "carried_in", who), {})
            yield rule_id, key, parts, {("applications", "carried_out", who): last}
    for row in ("regulations", "normative_documents"):
        last, key = before.get(("proactive", row, "in_force")), ("proactive", row, "in_force")
        if last is not None and key in sheet:
            rule_id, _, parts, _ = _line(
                "stock", key, {("proactive", row, "issued"): 1, ("proactive", row, "repealed"): -1}
            )
            yield rule_id, key, parts, {key: last}


def _line(family: str, target: Key, parts: dict[Key, int]) -> _RuleLine:
    return f"{family}:{'/'.join(target)}", target, parts, {}


def _judgement(
    rule_id: str,
    sheet: Sheet,
    total: Key,
    parts: dict[Key, int],
    earlier: dict[Key, Printed],
    fits: Callable[[Decimal, Decimal], bool] = eq,
) -> Judgement:
    terms: list[Part] = [(sign, sheet[key]) for key, sign in parts.items()] + [(1, cell) for cell in earlier.values()]
    expected = sum((sign * (cell.value or Decimal(0)) for sign, cell in terms), Decimal(0))
    printed = sheet[total].value
    blanks = [cell.value is None for _, cell in terms]
    if fits(printed or Decimal(0), expected):
        outcome = "pass_if_blank_is_zero" if printed is None or any(blanks) else "pass"
    else:
        outcome = "undecidable" if printed is None or all(blanks) else "fail"
    return Judgement(rule_id, outcome, printed, expected, frozenset({total, *parts}))
