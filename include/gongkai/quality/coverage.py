"""How often rules applied and what they answered, counted from the states of forms instead of report by report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gongkai.quality.model import Outcome, RuleCoverage
from gongkai.quality.rulebook import NumberedRule, RuleBook
from gongkai.quality.statements import NOTHING, place_of
from gongkai.quality.wide import ABSENT, layout

if TYPE_CHECKING:
    import numpy as np

    Signs = np.ndarray[Any, np.dtype[np.uint8]]
    Counts = np.ndarray[Any, np.dtype[np.int64]]

Patterns = Sequence[tuple[str, int]]
"""States of forms, one sign a cell, and how many reports have them."""


def coverage_of(
    book: RuleBook,
    rules: Sequence[NumberedRule],
    patterns: Mapping[str, Patterns],
    counted: Mapping[tuple[int, Outcome], int],
) -> tuple[RuleCoverage, ...]:
    """Count for each rule the reports that it applies to; those without another verdict passed.

    Args:
        book: The templates.
        rules: The rules that were asked.
        patterns: By template, the states of the reports judged.
        counted: By rule number and outcome, how many verdicts other than passes there are.
    """
    import numpy as np

    grids: dict[str, tuple[Signs, Counts]] = {}
    for code, found in patterns.items():
        width = len(layout(book, code))
        signs = np.frombuffer("".join(states for states, _ in found).encode(), dtype=np.uint8).reshape(-1, width)
        grids[code] = signs, np.array([count for _, count in found], dtype=np.int64)
    index = {code: {name: at for at, name in enumerate(layout(book, code))} for code in book.templates}
    coverage = []
    for numbered in rules:
        grid = grids.get(numbered.template)
        applicable = _applicable(numbered, *grid, index[numbered.template]) if grid else 0
        others = {
            outcome: counted.get((numbered.number, outcome), 0) for outcome in Outcome if outcome is not Outcome.PASS
        }
        coverage.append(
            RuleCoverage(
                template=numbered.template,
                rule_id=numbered.rule.id,
                applicable=applicable,
                passed=applicable - sum(others.values()),
                passed_if_blank_is_zero=others[Outcome.PASS_IF_BLANK_IS_ZERO],
                failed=others[Outcome.FAIL],
                undecidable=others[Outcome.UNDECIDABLE],
            )
        )
    return tuple(coverage)


def _applicable(numbered: NumberedRule, signs: Signs, counts: Counts, index: Mapping[str, int]) -> int:
    """Reports whose form has what the rule needs to speak of: see evaluate.evaluate."""
    rule = numbered.rule
    judged = signs[:, index[place_of(numbered)]]
    if rule.check:
        return int(counts[[chr(sign) not in NOTHING + ABSENT for sign in judged.tolist()]].sum())
    applies = judged != ord(ABSENT)
    if not rule.crosses_years:
        parts = [index[place_of(numbered, term)] for term in rule.terms]
        applies &= (signs[:, parts] != ord(ABSENT)).any(axis=1)
    return int(counts[applies].sum())
