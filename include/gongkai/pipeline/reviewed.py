"""Which decisions hold for the reports of a year, and what they make of them: an overlay, never a repair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from gongkai.lake.rows import Correction
from gongkai.pipeline.decisions import Decision, Kind, content_of, undone
from gongkai.pipeline.settle import Settled
from gongkai.quality.standing import Status, StatusReason
from gongkai.reports.labels import squeeze
from gongkai.reports.model import Agreement, Cell, Report, State

Key = tuple[str, str, str]
REJECTED, ACCEPTED = "rejected_in_review", "accepted_in_review"
"""Codes of the reasons that decisions give a status."""


class Standing(StrEnum):
    """Whether a decision holds."""

    IN_FORCE = "in_force"
    UNDONE = "undone"
    REPLACED = "replaced"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Judged:
    """A decision, whether it holds, and why not."""

    decision: Decision
    standing: Standing
    why: str = ""


@dataclass(slots=True)
class Review:
    """What was decided of one report and holds.

    Attributes:
        corrections: Decision by cell.
        publishers: Decision by rule whose failing is the publisher's.
        verdict: The decision that accepts or rejects the report as a whole.
        later: The last that put it off.
    """

    corrections: dict[Key, Decision] = field(default_factory=dict)
    publishers: dict[str, Decision] = field(default_factory=dict)
    verdict: Decision | None = None
    later: Decision | None = None

    def overlay(self, report: Report) -> Report:
        """Return the report with the corrected values; raw stays what is printed."""
        if not self.corrections:
            return report
        return replace(report, cells=tuple(self._corrected(cell) for cell in report.cells))

    def _corrected(self, cell: Cell) -> Cell:
        decision = self.corrections.get(cell.key)
        if decision is None or decision.state is None:
            return cell
        agreement = cell.agreement and Agreement.AGREE  # of two readings and a person, the person is right
        return replace(cell, state=decision.state, value=decision.value, confidence=1.0, agreement=agreement)

    def as_corrections(self) -> dict[Key, Correction]:
        """Return the corrections as the lake takes them."""
        return {
            key: Correction(one.state, one.value, one.decision_id)
            for key, one in self.corrections.items()
            if one.state is not None
        }

    def status(
        self, status: Status, reasons: Sequence[StatusReason], *, fails: bool
    ) -> tuple[Status, tuple[StatusReason, ...]]:
        """Return the status as decided, and its reasons; those of the policy stay, decisive no more.

        Args:
            status: As the policy of settling has it, over the corrected values.
            reasons: Why.
            fails: A rule of severity error fails over the corrected values.
        """
        one = self.verdict
        if one is None or (one.kind is not Kind.REJECT and status is not Status.QUARANTINED):
            return status, tuple(reasons)
        if one.kind is Kind.REJECT:
            decided, code, said = Status.QUARANTINED, REJECTED, ("复核驳回", "rejected by")
        else:
            decided = Status.ACCEPTED_WITH_ERRORS if fails else Status.ACCEPTED
            code, said = ACCEPTED, ("复核接受", "accepted by")
        zh, en = (
            f"{said[0]}：{one.decision_id}，{one.who}：{one.why}",
            f"{said[1]} {one.decision_id} of {one.who}: {one.why}",
        )
        reason = StatusReason(code, decided.value, True, "decision", 1, 1, (one.decision_id,), zh, en)
        return decided, (reason, *(replace(other, is_decisive=False) for other in reasons))


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The decisions of a year, judged, and the reviews by report id."""

    judged: tuple[Judged, ...]
    reviews: Mapping[str, Review]

    def of(self, report_id: str) -> Review:
        """Return what was decided of a report."""
        return self.reviews.get(report_id) or Review()


def judge(year: int, decisions: Sequence[Decision], subjects: Mapping[str, Settled | None]) -> Reviewed:
    """Say of decisions whether they hold, and gather those that do by report.

    Args:
        year: The report year.
        decisions: All decisions, of whatever year.
        subjects: By id of those to judge, the report that its document is of now; None where the year has none.
    """
    ours = [one for one in decisions if one.decision_id in subjects]
    void, known = undone(decisions), {one.decision_id for one in decisions}
    judged: dict[str, Judged] = {}
    last: dict[tuple[str, ...], Decision] = {}
    for one in ours:
        if one.decision_id in void:
            by = void[one.decision_id]
            judged[one.decision_id] = Judged(one, Standing.UNDONE, f"by {by.decision_id} of {by.who}: {by.why}")
        elif one.kind is Kind.UNDO:
            missing = "" if one.undoes in known else f"there is no decision {one.undoes}"
            judged[one.decision_id] = Judged(one, Standing.EXPIRED if missing else Standing.IN_FORCE, missing)
        elif why := _expired(one, subjects[one.decision_id], year):
            judged[one.decision_id] = Judged(one, Standing.EXPIRED, why)
        else:
            judged[one.decision_id] = Judged(one, Standing.IN_FORCE)
            for answered in _answers(one):
                if before := last.pop(answered, None):
                    said = Judged(before, Standing.REPLACED, f"by {one.decision_id} of {one.who}")
                    judged[before.decision_id] = said
            last[_subject(one)] = one
    reviews: dict[str, Review] = {}
    for decision in last.values():
        if subject := subjects[decision.decision_id]:
            _put(reviews.setdefault(subject.report_id, Review()), decision)
    return Reviewed(tuple(judged.values()), reviews)


def _subject(one: Decision) -> tuple[str, ...]:
    if one.kind is Kind.CORRECT:
        return one.document_sha256, "cell", *one.cell
    if one.rule_id:
        return one.document_sha256, "rule", one.rule_id
    return one.document_sha256, "later" if one.kind is Kind.LATER else "report"


def _answers(one: Decision) -> list[tuple[str, ...]]:
    """Subjects whose earlier decision this one stands in for: a verdict also answers what was put off."""
    subject = _subject(one)
    return [subject, (one.document_sha256, "later")] if subject[1] == "report" else [subject]


def _expired(one: Decision, report: Settled | None, year: int) -> str:
    """Say why a decision no longer fits what is in force, "" where it does."""
    if report is None:
        return f"no document of {year} is {one.document_sha256[:12]} any more"
    in_force = report.in_force.reading.extraction.sha256
    if in_force != one.document_sha256:
        return f"document {in_force[:12]} is in force now, not {one.document_sha256[:12]}"
    if not one.content:
        return ""
    cells = {cell.key: cell for cell in report.report.cells}
    if one.kind is Kind.CORRECT:
        cell = cells.get(one.cell)
        if cell is None:
            return "the form as read now has no such cell"
        if _text(_raw(cell)) != _text(one.raw):
            now = f"the cell reads {_shown(_raw(cell))} now, not {_shown(one.raw)}"
            agrees = cell.state is one.state and cell.value == one.value
            return f"{now}: what it was corrected to" if agrees else now
        return ""
    keys = [_key(name) for name in one.cells] if one.rule_id else list(cells)
    same = all(key in cells for key in keys) and content_of({key: _raw(cells[key]) for key in keys}) == one.content
    what = f"the cells that {one.rule_id} looks at" if one.rule_id else "its cells"
    return "" if same else f"{what} read otherwise now"


def _key(name: str) -> Key:
    table, row, column = name.split("/")
    return table, row, column


def _raw(cell: Cell) -> str | None:
    return None if cell.state is State.NOT_EXTRACTED else cell.raw


def _text(raw: str | None) -> str | None:
    return None if raw is None else squeeze(raw)


def _shown(raw: str | None) -> str:
    return "nothing that was extracted" if raw is None else repr(raw)


def _put(review: Review, decision: Decision) -> None:
    if decision.kind is Kind.CORRECT:
        review.corrections[decision.cell] = decision
    elif decision.rule_id:
        review.publishers[decision.rule_id] = decision
    elif decision.kind is Kind.LATER:
        review.later = decision
    else:
        review.verdict = decision
