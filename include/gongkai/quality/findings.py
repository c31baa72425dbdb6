"""Findings as a sequence over the verdicts that an engine wrote: made when read, so a year of them costs little."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, overload

from gongkai.quality.messages import tell
from gongkai.quality.model import Finding, Outcome, Reason
from gongkai.quality.rulebook import RuleBook

if TYPE_CHECKING:
    import pyarrow as pa

Judge = Callable[[Finding], Finding]
"""Adds to a finding who is to blame."""


class Findings(Sequence[Finding]):
    """Every verdict other than a plain pass, by report key, then in contract order.

    Args:
        verdicts: Table of SqlVerdicts.
        book: The rules that the verdicts number.
        judge: Adds to each finding who is to blame; None to leave them as the engine wrote them.
    """

    def __init__(self, verdicts: pa.Table, book: RuleBook, judge: Judge | None = None) -> None:
        self._verdicts = verdicts
        self._book = book
        self._judge = judge

    def __len__(self) -> int:
        return int(self._verdicts.num_rows)

    def __iter__(self) -> Iterator[Finding]:
        for batch in self._verdicts.to_batches(max_chunksize=10_000):
            yield from map(self._judged, batch.to_pylist())

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> Findings: ...
    def __getitem__(self, index: int | slice) -> Finding | Findings:
        if isinstance(index, slice):
            return Findings(self._verdicts.take(list(range(len(self)))[index]), self._book, self._judge)
        return self._judged(self._verdicts.slice(range(len(self))[index], 1).to_pylist()[0])

    def of(self, report_keys: Collection[str]) -> Findings:
        """Only those of some reports."""
        import pyarrow as pa
        import pyarrow.compute as pc

        wanted = pa.array(sorted(report_keys), pa.string())
        kept = self._verdicts.filter(pc.is_in(self._verdicts["report_key"], wanted))
        return Findings(kept, self._book, self._judge)

    def worth_showing(self) -> Findings:
        """Only those somebody can act on, picked without making the others; see Finding.is_worth_showing."""
        import pyarrow.compute as pc

        keep = pc.and_(
            pc.not_equal(self._verdicts["outcome"], Outcome.PASS_IF_BLANK_IS_ZERO.value),
            pc.not_equal(self._verdicts["reason"], Reason.NO_PREVIOUS_REPORT.value),
        )
        return Findings(self._verdicts.filter(keep), self._book, self._judge)

    def blamed(self, judge: Judge) -> Findings:
        """The same, each with who is to blame."""
        return Findings(self._verdicts, self._book, judge)

    def failing_reports(self) -> set[str]:
        """Keys of the reports in which a rule fails or cannot be decided, found without making any finding."""
        import pyarrow.compute as pc

        told = self._verdicts.filter(pc.not_equal(self._verdicts["outcome"], Outcome.PASS_IF_BLANK_IS_ZERO.value))
        return set(told["report_key"].unique().to_pylist())

    def _judged(self, verdict: dict[str, Any]) -> Finding:
        finding = self._finding(verdict)
        return self._judge(finding) if self._judge else finding

    def _finding(self, verdict: dict[str, Any]) -> Finding:
        numbered = self._book.rules[verdict["rule"]]
        rule = numbered.rule
        outcome, reason = Outcome(verdict["outcome"]), Reason(verdict["reason"])
        printed, expected = _short(verdict["printed"]), _short(verdict["expected"])
        zh, en = tell(self._book.templates[numbered.template], rule, outcome, reason, printed, expected)
        return Finding(
            report_key=verdict["report_key"],
            rule_id=rule.id,
            family=rule.family,
            table=rule.table,
            row=rule.row,
            column=rule.column,
            outcome=outcome,
            severity=rule.severity,
            printed=printed,
            expected=expected,
            attribution=verdict["attribution"],
            cells=numbered.cells(verdict["seen"]),
            reason=reason,
            message_zh=zh,
            message_en=en,
        )


def _short(number: Decimal | None) -> Decimal | None:
    """The same number without the zeros of the column's scale: 43, not 43.000000."""
    if number is None:
        return None
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()
