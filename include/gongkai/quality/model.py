"""What checking says: outcomes, findings, and how far each rule reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from gongkai.contracts.rules import Severity

if TYPE_CHECKING:
    from gongkai.quality.findings import Findings


class Outcome(StrEnum):
    """The four answers of a rule for a report that it applies to."""

    PASS = "pass"  # noqa: S105 - an outcome, no password
    PASS_IF_BLANK_IS_ZERO = "pass_if_blank_is_zero"  # noqa: S105
    FAIL = "fail"
    UNDECIDABLE = "undecidable"


class Reason(StrEnum):
    """What lies behind an outcome; NONE for a plain comparison of numbers."""

    NONE = ""
    NO_PREVIOUS_REPORT = "no_previous_report"
    """The report of the year before is not known, or its form lacks the cell."""
    NOT_EXTRACTED = "not_extracted"
    TEXT = "text"
    BLANK_TOTAL = "blank_total"
    PARTS_ALL_BLANK = "parts_all_blank"
    BLANK_PARTS = "blank_parts"
    """Some parts are blank and were counted as 0."""
    OTHER_SCOPE = "other_scope"
    """The text speaks of the office alone, the table of the whole area."""
    NEGATIVE = "negative"
    NOT_WHOLE = "not_whole"


Attribution = Literal["publisher", "extraction", "unknown"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of one rule for one report, a plain pass included."""

    rule_id: str
    outcome: Outcome
    reason: Reason
    printed: Decimal | None
    expected: Decimal | None


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict other than a plain pass, told in words.

    Attributes:
        report_key: The report it speaks of.
        rule_id: "family:table/row/column".
        family: First part of the rule id.
        table: Table of the judged cell.
        row: Row of the judged cell.
        column: Column of the judged cell.
        outcome: Never PASS.
        severity: The rule's severity, for whatever outcome.
        printed: Number in the judged cell; None where it holds none.
        expected: Sum of the rule's terms, blank ones as 0; None where it cannot be told.
        attribution: Who is to blame: publisher, extraction or unknown. As an engine writes it, it knows whole reports
            only; gongkai.quality.blame decides by the cells.
        cells: What the rule looked at, judged cell first: "table/row/column", of the year before as
            "previous:table/row/column".
        reason: What lies behind the outcome.
        message_zh: The finding in Chinese.
        message_en: The finding in English.
        guilty: Those of the cells that are to blame beyond doubt, as in `cells`; see gongkai.quality.localise.
        facts: What led to the attribution, as "fact" or "fact:table/row/column", the deciding one first.
        basis_zh: The deciding fact in Chinese.
        basis_en: The deciding fact in English.
    """

    report_key: str
    rule_id: str
    family: str
    table: str
    row: str
    column: str
    outcome: Outcome
    severity: Severity
    printed: Decimal | None
    expected: Decimal | None
    attribution: Attribution
    cells: tuple[str, ...]
    reason: Reason
    message_zh: str
    message_en: str
    guilty: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    basis_zh: str = ""
    basis_en: str = ""

    @property
    def is_worth_showing(self) -> bool:
        """True where somebody can act on it.

        A first known year has no year before, and a blank that stands for 0 breaks nothing; both are counted in
        the coverage of the rule instead.
        """
        return self.outcome is not Outcome.PASS_IF_BLANK_IS_ZERO and self.reason is not Reason.NO_PREVIOUS_REPORT


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    """How often a rule of a template applied, and what it answered; applicable is the sum of the four."""

    template: str
    rule_id: str
    applicable: int
    passed: int
    passed_if_blank_is_zero: int
    failed: int
    undecidable: int


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The outcome of one check.

    Attributes:
        findings: Every verdict other than a plain pass, by report key, then in contract order. Made on reading:
            a year of reports has more of them than fit in memory as objects.
        coverage: One per rule of every template, also where it applied to nothing.
        engines_agree: True when both engines ran and found the same; None when only SQL ran.
        validations: By template, what Great Expectations gave; empty when only SQL ran.
    """

    findings: Findings
    coverage: tuple[RuleCoverage, ...]
    engines_agree: bool | None
    validations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
