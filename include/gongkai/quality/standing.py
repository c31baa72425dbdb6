"""What status a report gets, and why: its measures held against data_contracts/quality/settling.yml."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gongkai.contracts.quality import Measure, SettlingPolicy, StatusRule, attribution_policy, settling_policy
from gongkai.quality.model import Finding, Outcome
from gongkai.reports.model import Cell, Report, State

_SHOWN = 3
"""So many cells or rules are named in a reason."""


class Status(StrEnum):
    """How far a report may be trusted."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_ERRORS = "accepted_with_errors"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class StatusReason:
    """One reason for a status, as a row one can read.

    Attributes:
        code: Code of the rule of the policy.
        status: The status that it leads to, superseded for a revision that is not in force.
        is_decisive: True where the report has this status.
        measure: What was measured.
        threshold: From which value the rule holds.
        value: What was measured.
        detail: What it was measured on: cells, rules, a format.
        zh: In Chinese.
        en: In English.
    """

    code: str
    status: str
    is_decisive: bool
    measure: str
    threshold: float
    value: float
    detail: tuple[str, ...]
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure of a report, and what it was taken on."""

    value: float
    detail: tuple[str, ...] = ()


def measures(
    report: Report, findings: Iterable[Finding], across: Collection[str], *, exact_formats: Collection[str]
) -> dict[Measure, Measured]:
    """Measure what the policy may ask of a report.

    Args:
        report: The report.
        findings: Its findings, each with who is to blame.
        across: Ids of rules over two years: a doubt about the year before is no doubt about this report, so they
            count only where a cell of this report is to blame.
        exact_formats: Formats that hold text.
    """
    sure, implausible = attribution_policy().sure, settling_policy().implausible
    lost = _cells(cell for cell in report.cells if cell.state is State.NOT_EXTRACTED)
    unsure = _cells(cell for cell in report.cells if cell.state is not State.NOT_EXTRACTED and cell.confidence < sure)
    total = max(len(report.cells), 1)
    errors = [one for one in findings if one.outcome is Outcome.FAIL and one.severity == "error"]
    blamed: dict[str, list[str]] = {"publisher": [], "extraction": [], "unknown": []}
    for one in errors:
        if one.attribution == "publisher" or one.rule_id not in across or one.guilty:
            blamed[one.attribution or "unknown"].append(one.rule_id)
    return {
        "agency_missing": Measured(not report.identity.agency),
        "cells_lost": lost,
        "cells_lost_share": Measured(round(lost.value / total, 3)),
        "cells_text": _cells(cell for cell in report.cells if cell.state is State.TEXT),
        "cells_unsure": unsure,
        "cells_unsure_share": Measured(round(unsure.value / total, 3)),
        "cells_differ": _cells(cell for cell in report.cells if cell.agreement == "differ"),
        "format_inexact": Measured(report.format not in exact_formats, (report.format,)),
        "fails_extraction": _rules(blamed["extraction"]),
        "fails_unknown": _rules(blamed["unknown"]),
        "fails_publisher": _rules(blamed["publisher"]),
        "fails_of_one_year": _rules([one.rule_id for one in errors if one.rule_id not in across]),
        "values_implausible": _cells(
            cell
            for cell in report.cells
            if cell.value is not None and cell.table in implausible and abs(cell.value) > implausible[cell.table]
        ),
    }


def settle_status(
    measured: Mapping[Measure, Measured], policy: SettlingPolicy | None = None
) -> tuple[Status, tuple[StatusReason, ...]]:
    """Hold the measures of a report against the policy.

    Returns:
        The status, and every reason in the order of the policy; at least one of them is decisive.
    """
    policy = policy or settling_policy()
    holding = [
        (rule, measured[rule.measure])
        for rule in policy.rules
        if rule.status != "superseded" and rule.measure in measured and measured[rule.measure].value >= rule.at_least
    ]
    status = max((Status(rule.status) for rule, _ in holding), key=list(Status).index, default=Status.ACCEPTED)
    if not any(rule.status == status.value for rule, _ in holding):
        holding.append((policy.clean, Measured(0)))
    return status, tuple(_reason(rule, one, is_decisive=rule.status == status.value) for rule, one in holding)


def superseded_by(revision_id: str) -> tuple[StatusReason, ...]:
    """Return why a revision that newer content replaced has no status of its own."""
    rules = (rule for rule in settling_policy().rules if rule.status == "superseded")
    return tuple(_reason(rule, Measured(1, (revision_id,)), is_decisive=True) for rule in rules)


def _reason(rule: StatusRule, measured: Measured, *, is_decisive: bool) -> StatusReason:
    number = f"{measured.value:g}" if measured.value < 1 else f"{measured.value:.0f}"
    shown = ", ".join(measured.detail[:_SHOWN]) + (" …" if len(measured.detail) > _SHOWN else "")
    words = {"value": number, "detail": shown}
    return StatusReason(
        rule.code, rule.status, is_decisive, rule.measure, rule.at_least, float(measured.value), measured.detail,
        rule.zh.format(**words), rule.en.format(**words),
    )  # fmt: skip


def _cells(cells: Iterable[Cell]) -> Measured:
    names = tuple("/".join(cell.key) for cell in cells)
    return Measured(len(names), names)


def _rules(ids: Sequence[str]) -> Measured:
    return Measured(len(ids), tuple(ids))
