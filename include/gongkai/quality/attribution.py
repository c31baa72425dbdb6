"""Attribution: whether the publisher or our reading is to blame for a failing rule, and which facts say so.

The facts are gathered here; what each means, in which order, stands in data_contracts/quality/attribution.yml.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache

from gongkai.contracts.quality import Decision, Exactness, Fact, attribution_policy
from gongkai.quality.explanation import Fault
from gongkai.quality.model import Attribution
from gongkai.reports.model import Agreement, Cell, State
from gongkai.reports.numbers import parse_value


@dataclass(frozen=True, slots=True)
class Basis:
    """Who is to blame, and why.

    Attributes:
        attribution: publisher, extraction or unknown.
        facts: Every fact that holds, as "fact" or "fact:table/row/column"; the deciding one first.
        zh: The deciding fact in Chinese.
        en: The deciding fact in English.
    """

    attribution: Attribution
    facts: tuple[str, ...]
    zh: str
    en: str


UNTOLD = Basis("unknown", (), "", "")
"""Where no fact of the policy holds."""


@cache
def exactness_of(method: str) -> Exactness:
    """Tell how exactly a way of reading states what the document says."""
    return next(one.is_ for one in attribution_policy().exactness if fnmatchcase(method, one.method))


def attribute(
    suspects: Sequence[Cell], fault: Fault | None, *, certain: bool, previous_certain: bool | None = None
) -> Basis:
    """Say who is to blame for a failing rule.

    Args:
        suspects: The cells that may be wrong: those that localisation leaves, else all of the rule.
        fault: What localisation says of the rule, None where it says nothing.
        certain: True where the report as a whole was read beyond doubt.
        previous_certain: For a rule over two years whether the year before was; None for others.
    """
    held: dict[Fact, str] = {}
    for fact, where in _facts(suspects, fault, certain=certain, previous_certain=previous_certain):
        held.setdefault(fact, where)
    decision = next((one for one in attribution_policy().decisions if one.fact in held), None)
    if decision is None:
        return UNTOLD
    told = [decision.fact, *(one.fact for one in attribution_policy().decisions if one.fact in held)]
    facts = tuple(f"{fact}:{held[fact]}" if held[fact] else fact for fact in dict.fromkeys(told))
    return Basis(decision.blame, facts, *_words(decision, held[decision.fact]))


def _words(decision: Decision, where: str) -> tuple[str, str]:
    return (f"{decision.zh}（{where}）", f"{decision.en} ({where})") if where else (decision.zh, decision.en)


def _facts(
    suspects: Sequence[Cell], fault: Fault | None, *, certain: bool, previous_certain: bool | None
) -> Iterator[tuple[Fact, str]]:
    """Yield each fact that holds, with the cell it holds for where it is about one."""
    policy = attribution_policy()
    for cell in suspects:
        name = "/".join(cell.key)
        if cell.state is State.NOT_EXTRACTED:
            yield "cell_lost", name
        if cell.agreement is Agreement.DIFFER:
            if _other_reading_fits(cell, fault):
                yield "second_reading_fits", name
            yield "readings_differ", name
        if cell.agreement in (Agreement.ONLY_FIRST, Agreement.ONLY_SECOND):
            yield "one_reading_only", name
        if cell.confidence < policy.weak:
            yield "weak_characters", name
        if cell.confidence < policy.sure:
            yield "unsure", name
    if previous_certain is False:
        yield "year_before_in_doubt", ""
    if not certain:
        yield "read_in_part", ""
    if not suspects:
        return
    if all(cell.agreement is Agreement.AGREE for cell in suspects):
        yield "readings_agree", ""
    is_sure = all(cell.confidence >= policy.sure for cell in suspects)
    exactness = {exactness_of(cell.method) for cell in suspects}
    if is_sure and exactness <= {"exact", "flattened"} and _is_not_by_reading(fault):
        yield "digits_as_stated", ""
    if is_sure and exactness <= {"exact", "placed"}:
        yield "exact_text", ""
    for one in ("recognised", "copied", "flattened"):
        if one in exactness:
            yield one, ""


def _is_not_by_reading(fault: Fault | None) -> bool:
    """Tell whether every explanation is a fault that a reader of stated text does not make."""
    if fault is None or not fault.explanations:
        return False
    return all(one.kind in attribution_policy().not_by_reading for one in fault.explanations)


def _other_reading_fits(cell: Cell, fault: Fault | None) -> bool:
    proposed = [
        one.proposed
        for explanation in (fault.explanations if fault else ())
        for one in explanation.corrections
        if one.key == cell.key
    ]
    return cell.second_raw is not None and parse_value(cell.second_raw, "").number in proposed
