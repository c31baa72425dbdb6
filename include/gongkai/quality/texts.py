"""Rules over the text, report by report: each gives one verdict for each report that it applies to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from gongkai.quality import copied, named, narrative, published, stated
from gongkai.quality.model import Finding, Outcome, Reason, RuleCoverage
from gongkai.quality.text_verdicts import Subject, TextVerdict
from gongkai.quality.textbook import TextRule, text_rules
from gongkai.reports.model import Report

_ASKED: Mapping[str, Callable[[TextRule, Subject], TextVerdict | None]] = {
    "stated_cell": narrative.judge,
    "stated_sum": stated.judge_sum,
    "stated_parts": stated.judge_parts,
    "all_zero": stated.judge_all_zero,
    "other_year": named.judge_year,
    "other_agency": named.judge_agency,
    "copied_text": copied.judge,
    "publication": published.judge,
}
_SIGNS: Mapping[Outcome, str] = {
    Outcome.PASS: "p",
    Outcome.PASS_IF_BLANK_IS_ZERO: "b",
    Outcome.FAIL: "f",
    Outcome.UNDECIDABLE: "u",
}
_OF_SIGN = {sign: outcome for outcome, sign in _SIGNS.items()}
_DID_NOT_APPLY = "-"


@dataclass(frozen=True, slots=True)
class TextResult:
    """What the rules over the text say of some reports.

    Attributes:
        findings: Verdicts other than a plain pass by report key, in contract order.
        outcomes: By report key, the outcome of each rule that applied, plain passes too, by rule id in contract order.
    """

    findings: Mapping[str, tuple[Finding, ...]]
    outcomes: Mapping[str, Mapping[str, Outcome]]


def judge_texts(
    reports: Mapping[str, Report],
    *,
    certain: Collection[str] = (),
    others: copied.Overviews | None = None,
    wrote: Mapping[str, copied.Wrote] | None = None,
) -> TextResult:
    """Judge reports by the rules over their text.

    Args:
        reports: By key.
        certain: Keys of reports whose reading is beyond doubt: what fails there is the publisher's.
        others: Overviews that texts are compared with; those of these reports where None.
        wrote: Who wrote each, as `others` name them; what reports say of themselves where None.
    """
    seen = others if others is not None else copied.overviews_of(reports)
    findings: dict[str, tuple[Finding, ...]] = {}
    outcomes: dict[str, dict[str, Outcome]] = {}
    for key, report in reports.items():
        subject = Subject(key, report, wrote[key] if wrote else copied.wrote_by(report.identity), seen)
        told = []
        answered = outcomes[key] = {}
        for rule in text_rules(report.template):
            verdict = _ASKED[rule.family.asks](rule, subject)
            if verdict is None:
                continue
            answered[rule.rule.id] = verdict.outcome
            if verdict.outcome is not Outcome.PASS:
                told.append(_finding(rule, subject, verdict, certain=key in certain))
        findings[key] = tuple(told)
    return TextResult(findings, outcomes)


def text_coverage(judged: Iterable[tuple[str, Mapping[str, Outcome]]]) -> tuple[RuleCoverage, ...]:
    """Count what the rules over the text answered.

    Args:
        judged: The template of each report, and its outcomes as TextResult has them.

    Returns:
        One for each rule of each template that occurs, by template, then in contract order.
    """
    counts: dict[str, Counter[tuple[str, Outcome]]] = {}
    for template, outcomes in judged:
        counts.setdefault(template, Counter()).update(outcomes.items())
    return tuple(
        RuleCoverage(
            template=template,
            rule_id=rule.rule.id,
            applicable=sum(counted[rule.rule.id, outcome] for outcome in Outcome),
            passed=counted[rule.rule.id, Outcome.PASS],
            passed_if_blank_is_zero=counted[rule.rule.id, Outcome.PASS_IF_BLANK_IS_ZERO],
            failed=counted[rule.rule.id, Outcome.FAIL],
            undecidable=counted[rule.rule.id, Outcome.UNDECIDABLE],
        )
        for template, counted in sorted(counts.items())
        for rule in text_rules(template)
    )


def packed(template: str, outcomes: Mapping[str, Outcome]) -> str:
    """A report's outcomes as one sign a text rule of its template, in contract order.

    p: pass, b: pass_if_blank_is_zero, f: fail, u: undecidable, -: the rule did not apply.

    Raises:
        ValueError: An outcome is of no rule of the template.
    """
    ids = [rule.rule.id for rule in text_rules(template)]
    if unknown := outcomes.keys() - set(ids):
        raise ValueError(f"no rules over the text of template {template}: {', '.join(sorted(unknown))}")
    return "".join(_SIGNS[outcomes[rule_id]] if rule_id in outcomes else _DID_NOT_APPLY for rule_id in ids)


def unpacked(template: str, text: str) -> dict[str, Outcome]:
    """Read what `packed` wrote.

    Raises:
        ValueError: The text has another length than the template has rules, or a sign that means nothing.
    """
    rules = text_rules(template)
    if len(text) != len(rules):
        raise ValueError(f"{len(text)} outcomes for the {len(rules)} rules over the text of template {template}")
    if unknown := set(text) - {*_OF_SIGN, _DID_NOT_APPLY}:
        raise ValueError(f"signs that mean no outcome: {' '.join(sorted(unknown))}")
    return {rule.rule.id: _OF_SIGN[sign] for rule, sign in zip(rules, text, strict=True) if sign != _DID_NOT_APPLY}


def _finding(text_rule: TextRule, subject: Subject, verdict: TextVerdict, *, certain: bool) -> Finding:
    rule = text_rule.rule
    return Finding(
        report_key=subject.key,
        rule_id=rule.id,
        family=rule.family,
        table=rule.table,
        row=rule.row,
        column=rule.column,
        outcome=verdict.outcome,
        severity=rule.severity,
        printed=verdict.printed,
        expected=verdict.expected,
        attribution="publisher" if certain and verdict.outcome is Outcome.FAIL else
        "extraction" if verdict.reason is Reason.NOT_EXTRACTED else "unknown",
        cells=tuple("/".join(place) for place in verdict.cells),
        reason=verdict.reason,
        message_zh=f"{verdict.zh}（{rule.explain.zh}）",
        message_en=f"{verdict.en} ({rule.explain.en})",
    )  # fmt: skip
