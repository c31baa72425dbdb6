"""Findings as a sequence over the verdicts that an engine wrote: made when read, so a year of them costs little."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast, overload

from gongkai.quality.messages import tell
from gongkai.quality.model import Attribution, Finding, Outcome, Reason
from gongkai.quality.rulebook import PREVIOUS, RuleBook
from gongkai.reports.model import Agreement

if TYPE_CHECKING:
    import pyarrow as pa

Agreements = Mapping[str, Mapping[str, Agreement]]


class Findings(Sequence[Finding]):
    """Every verdict other than a plain pass, by report key, then in contract order.

    Args:
        verdicts: Table of SqlVerdicts.
        book: The rules that the verdicts number.
        agreements: For cells that were read twice, by report key and "table/row/column", what came of it.
    """

    def __init__(self, verdicts: pa.Table, book: RuleBook, agreements: Agreements | None = None) -> None:
        self._verdicts = verdicts
        self._book = book
        self._agreements = agreements or {}

    def __len__(self) -> int:
        return int(self._verdicts.num_rows)

    def __iter__(self) -> Iterator[Finding]:
        for batch in self._verdicts.to_batches(max_chunksize=10_000):
            yield from map(self._finding, batch.to_pylist())

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> Findings: ...
    def __getitem__(self, index: int | slice) -> Finding | Findings:
        if isinstance(index, slice):
            return Findings(self._verdicts.take(list(range(len(self)))[index]), self._book, self._agreements)
        return self._finding(self._verdicts.slice(range(len(self))[index], 1).to_pylist()[0])

    def of(self, report_keys: Collection[str]) -> Findings:
        """Only those of some reports."""
        import pyarrow as pa
        import pyarrow.compute as pc

        wanted = pa.array(sorted(report_keys), pa.string())
        kept = self._verdicts.filter(pc.is_in(self._verdicts["report_key"], wanted))
        return Findings(kept, self._book, self._agreements)

    def worth_showing(self) -> Findings:
        """Only those somebody can act on, picked without making the others; see Finding.is_worth_showing."""
        import pyarrow.compute as pc

        keep = pc.and_(
            pc.not_equal(self._verdicts["outcome"], Outcome.PASS_IF_BLANK_IS_ZERO.value),
            pc.not_equal(self._verdicts["reason"], Reason.NO_PREVIOUS_REPORT.value),
        )
        return Findings(self._verdicts.filter(keep), self._book, self._agreements)

    def _finding(self, verdict: dict[str, Any]) -> Finding:
        numbered = self._book.rules[verdict["rule"]]
        rule = numbered.rule
        outcome, reason = Outcome(verdict["outcome"]), Reason(verdict["reason"])
        printed, expected = _short(verdict["printed"]), _short(verdict["expected"])
        cells = numbered.cells(verdict["seen"])
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
            attribution=self._attribution(verdict, cells) if outcome is Outcome.FAIL else verdict["attribution"],
            cells=cells,
            reason=reason,
            message_zh=zh,
            message_en=en,
        )

    def _attribution(self, verdict: dict[str, Any], cells: Sequence[str]) -> Attribution:
        """Who is to blame for a failing rule: two readings of its cells know better than the report as a whole."""
        own = self._agreements.get(verdict["report_key"], {})
        said = [own.get(cell) for cell in cells if not cell.startswith(PREVIOUS)]
        if Agreement.DIFFER in said:
            return "extraction"
        if Agreement.ONLY_FIRST in said or Agreement.ONLY_SECOND in said:
            return "unknown"
        if len(said) == len(cells) and all(one is Agreement.AGREE for one in said):
            return "publisher"
        return cast("Attribution", verdict["attribution"])


def _short(number: Decimal | None) -> Decimal | None:
    """The same number without the zeros of the column's scale: 43, not 43.000000."""
    if number is None:
        return None
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()
