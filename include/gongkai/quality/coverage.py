"""How often rules applied and what they answered, counted from the states of forms instead of report by report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    unlinked: Mapping[str, Patterns],
) -> tuple[RuleCoverage, ...]:
    """Count for each rule the reports that it applies to; those without another verdict passed.

    Args:
        book: The templates.
        rules: The rules that were asked.
        patterns: By template, the states of the reports judged.
        counted: By rule number and outcome, how many verdicts other than passes there are.
        unlinked: By template, the states of reports without a year before, where these have no verdicts of the rules
            over two years: all of them are undecidable.
    """
    grids = {code: _grid(found, len(layout(book, code))) for code, found in patterns.items()}
    alone = {code: _grid(found, len(layout(book, code))) for code, found in unlinked.items()}
    index = {code: {name: at for at, name in enumerate(layout(book, code))} for code in book.templates}
    coverage = []
    for numbered in rules:
        grid = grids.get(numbered.template)
        applicable = _applicable(numbered, *grid, index[numbered.template]) if grid else 0
        others = {
            outcome: counted.get((numbered.number, outcome), 0) for outcome in Outcome if outcome is not Outcome.PASS
        }
        if numbered.rule.crosses_years and numbered.template in alone:
            others[Outcome.UNDECIDABLE] += _applicable(numbered, *alone[numbered.template], index[numbered.template])
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


def coverage_over(groups: Iterable[Iterable[RuleCoverage]]) -> tuple[RuleCoverage, ...]:
    """Add up what rules answered over several groups of reports, no report in two of them.

    Args:
        groups: The coverage of each group.

    Returns:
        One for each rule of a template that a group has, in the order of first appearance.
    """
    counts: dict[tuple[str, str], list[int]] = {}
    for group in groups:
        for one in group:
            rule = (one.template, one.rule_id)
            more = (one.applicable, one.passed, one.passed_if_blank_is_zero, one.failed, one.undecidable)
            counts[rule] = [so_far + n for so_far, n in zip(counts.get(rule, (0,) * 5), more, strict=True)]
    return tuple(RuleCoverage(*rule, *total) for rule, total in counts.items())


def printed_cells(patterns: Patterns, names: Sequence[str]) -> set[str]:
    """Names of the cells that some form has."""
    signs, _ = _grid(patterns, len(names))
    return {name for name, of_cell in zip(names, signs, strict=True) if (of_cell != ord(ABSENT)).any()}


def _grid(patterns: Patterns, width: int) -> tuple[Signs, Counts]:
    import numpy as np

    signs = np.frombuffer("".join(states for states, _ in patterns).encode(), dtype=np.uint8)
    # a row a cell: rules look at cells
    return np.ascontiguousarray(signs.reshape(-1, width).T), np.array([n for _, n in patterns], dtype=np.int64)


def _applicable(numbered: NumberedRule, signs: Signs, counts: Counts, index: Mapping[str, int]) -> int:
    """Reports whose form has what the rule needs to speak of: see evaluate.evaluate."""
    import numpy as np

    rule = numbered.rule
    judged = signs[index[place_of(numbered)]]
    if rule.check:
        says_nothing = np.zeros(256, dtype=bool)
        says_nothing[[ord(sign) for sign in NOTHING + ABSENT]] = True
        return int(counts[~says_nothing[judged]].sum())
    applies = judged != ord(ABSENT)
    if not rule.crosses_years:
        applies &= (signs[[index[place_of(numbered, term)] for term in rule.terms]] != ord(ABSENT)).any(axis=0)
    return int(counts[applies].sum())
