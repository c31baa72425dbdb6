"""Verdicts over what was read and over what reviewers corrected, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from gongkai.pipeline.reviewed import Review
from gongkai.quality.model import Finding, Outcome
from gongkai.reports.model import Report


@dataclass(frozen=True, slots=True)
class Shown:
    """One finding as the lake keeps it.

    Attributes:
        finding: The verdict over what was read; its outcome is a pass only where the other one is none.
        corrected: The outcome over corrected values, None where no correction reaches the report.
        decision_id: The decision that holds the publisher to blame.
    """

    finding: Finding
    corrected: Outcome | None = None
    decision_id: str | None = None

    @property
    def in_force(self) -> Finding:
        """The finding with the outcome that counts."""
        return replace(self.finding, outcome=self.corrected) if self.corrected else self.finding


def shown(read: Iterable[Finding], review: Review) -> list[Shown]:
    """Return the findings of a report that no correction reaches."""
    return [_decided(Shown(finding), review) for finding in read if finding.is_worth_showing]


def side_by_side(read: Iterable[Finding], after: Iterable[Finding], review: Review, report: Report) -> Iterator[Shown]:
    """Yield the findings of a report that corrections reach, in the order of the rules as far as they were broken.

    Args:
        read: Every verdict but a plain pass over what was read.
        after: The same over the corrected values.
        review: What was decided of the report.
        report: The report as read.
    """
    before = {finding.rule_id: finding for finding in read}
    now = {finding.rule_id: finding for finding in after}
    for rule_id, finding in before.items():
        other = now.get(rule_id)
        if not finding.is_worth_showing and not (other and other.is_worth_showing):
            continue
        outcome, attribution = (other.outcome, other.attribution) if other else (Outcome.PASS, finding.attribution)
        if finding.outcome is Outcome.FAIL and outcome is not Outcome.FAIL:
            attribution = "extraction"  # a correction says what the document prints: what it puts right was misread
        yield _decided(Shown(replace(finding, attribution=attribution), outcome), review)
    values = {cell.key: cell.value for cell in report.cells}
    for rule_id, finding in now.items():
        if rule_id not in before and finding.is_worth_showing:
            printed = values.get((finding.table, finding.row, finding.column))
            passed = replace(finding, outcome=Outcome.PASS, printed=printed, expected=None)
            yield _decided(Shown(passed, finding.outcome), review)


def _decided(one: Shown, review: Review) -> Shown:
    decision = review.publishers.get(one.finding.rule_id)
    if decision is None or one.in_force.outcome is not Outcome.FAIL:
        return one
    return replace(one, finding=replace(one.finding, attribution="publisher"), decision_id=decision.decision_id)
