"""Rules over the text, report by report: each gives one verdict for each report that it applies to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from gongkai.quality import copied, named, narrative, published, stated
from gongkai.quality.model import Finding, Outcome, Reason, RuleCoverage
from gongkai.quality.saying import Subject, TextVerdict
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


@dataclass(frozen=True, slots=True)
class TextResult:
    """What the rules over the text say of some reports.

    Attributes:
        findings: Verdicts other than a plain pass by report key, in contract order.
        coverage: One for each rule of each template that has reports.
    """

    findings: Mapping[str, tuple[Finding, ...]]
    coverage: tuple[RuleCoverage, ...]


def judge_texts(
    reports: Mapping[str, Report], *, certain: Collection[str] = (), others: copied.Overviews | None = None
) -> TextResult:
    """Judge reports by the rules over their text.

    Args:
        reports: By key.
        certain: Keys of reports whose reading is beyond doubt: what fails there is the publisher's.
        others: Overviews that texts are compared with; those of these reports where None.
    """
    seen = others if others is not None else copied.overviews_of(reports)
    findings: dict[str, tuple[Finding, ...]] = {}
    counts: dict[tuple[str, str], Counter[Outcome]] = {}
    for key, report in reports.items():
        subject = Subject(key, report, seen)
        told = []
        for rule in text_rules(report.template):
            verdict = _ASKED[rule.family.asks](rule, subject)
            if verdict is None:
                continue
            counts.setdefault((report.template, rule.rule.id), Counter())[verdict.outcome] += 1
            if verdict.outcome is not Outcome.PASS:
                told.append(_finding(rule, subject, verdict, certain=key in certain))
        findings[key] = tuple(told)
    return TextResult(findings, tuple(_coverage({report.template for report in reports.values()}, counts)))


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


def _coverage(templates: Collection[str], counts: Mapping[tuple[str, str], Counter[Outcome]]) -> Iterator[RuleCoverage]:
    for template in sorted(templates):
        for rule in text_rules(template):
            outcomes = counts.get((template, rule.rule.id), Counter())
            yield RuleCoverage(
                template=template,
                rule_id=rule.rule.id,
                applicable=outcomes.total(),
                passed=outcomes[Outcome.PASS],
                passed_if_blank_is_zero=outcomes[Outcome.PASS_IF_BLANK_IS_ZERO],
                failed=outcomes[Outcome.FAIL],
                undecidable=outcomes[Outcome.UNDECIDABLE],
            )
