"""Holds the two engines against each other: they must find the same, or no verdict is given at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gongkai.errors import RunError
from gongkai.quality.gx import GxVerdicts
from gongkai.quality.model import Outcome, Reason
from gongkai.quality.rulebook import RuleBook

if TYPE_CHECKING:
    import pyarrow as pa


def demand_same(book: RuleBook, verdicts: pa.Table, other: GxVerdicts) -> None:
    """Compare the verdicts of SQL with those of Great Expectations.

    Args:
        book: The rules that the verdicts number.
        verdicts: Table of sql.SqlVerdicts.
        other: What Great Expectations found.

    Raises:
        RunError: The failing (report, rule) differ, or the (report, family) that cannot be decided.
    """
    import pyarrow.compute as pc

    rules = [numbered.rule for numbered in book.rules]
    ids = [rule.id for rule in rules]
    families = [f"{rule.family}:{rule.table}" for rule in rules]
    _demand("fail", _pairs(verdicts, Outcome.FAIL, ids), other.failing)
    printed = verdicts.filter(pc.not_equal(verdicts["reason"], Reason.NO_PREVIOUS_REPORT.value))
    _demand("undecidable", _pairs(printed, Outcome.UNDECIDABLE, families), other.undecidable)


def _pairs(verdicts: pa.Table, outcome: Outcome, names: list[str]) -> set[tuple[str, str]]:
    import pyarrow.compute as pc

    rows = verdicts.filter(pc.equal(verdicts["outcome"], outcome.value))
    keys, numbers = rows["report_key"].to_pylist(), rows["rule"].to_pylist()
    return {(key, names[number]) for key, number in zip(keys, numbers, strict=True)}


def _demand(outcome: str, of_sql: set[tuple[str, str]], of_gx: frozenset[tuple[str, str]]) -> None:
    if of_sql == of_gx:
        return
    told = [
        f"{who}: {', '.join(' '.join(pair) for pair in sorted(pairs)[:5])} ({len(pairs)} in all)"
        for who, pairs in (("only SQL", of_sql - of_gx), ("only Great Expectations", of_gx - of_sql))
        if pairs
    ]
    raise RunError(
        "the two rule engines do not agree",
        where=f"outcome {outcome}",
        found="; ".join(told),
        expected="the same reports and rules",
        do="trust neither verdict: this is a fault of an engine, not of a report",
    )
