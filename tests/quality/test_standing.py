"""Which status a report gets by the policy, and the reasons one can read."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from gongkai.contracts.quality import SettlingPolicy, settling_policy
from gongkai.quality.model import Finding, Outcome, Reason
from gongkai.quality.standing import Measured, Status, measures, settle_status, superseded_by
from gongkai.reports.model import Agreement, Cell, Identity, Report, State

FORMATS = ("docx", "pdf")


def report(*, agency="云岭县教育局", form="docx", **change):
    cell = Cell("applications", "received", "total", State.NUMBER, Decimal(5), "5", confidence=1.0)
    identity = Identity(agency, agency, 2023, "", None, {})
    return Report(identity, "2021", (replace(cell, **change),), (), (), "a" * 64, form, form)


def failing(attribution="publisher", *, rule="row_sum:applications/received/total", severity="error", guilty=()):
    return Finding(
        "key", rule, "row_sum", "applications", "received", "total", Outcome.FAIL, severity, Decimal(1), Decimal(2),
        attribution, (), Reason.NONE, "", "", guilty,
    )  # fmt: skip


def told(one, *findings, across=()):
    status, reasons = settle_status(measures(one, findings, across, exact_formats=FORMATS))
    return status, {reason.code for reason in reasons}


@pytest.mark.parametrize(
    ("one", "findings", "status", "codes"),
    [
        (report(), [], "accepted", {"clean"}),
        (report(), [failing()], "accepted_with_errors", {"fails_publisher"}),
        (report(), [failing(severity="warning")], "accepted", {"clean"}),
        (report(), [failing("unknown"), failing()], "quarantined", {"fails_unknown", "fails_publisher"}),
        (report(), [failing("extraction")], "quarantined", {"fails_extraction"}),
        (report(state=State.NOT_EXTRACTED, value=None), [], "quarantined", {"cells_lost", "rows_lost"}),
        (report(state=State.TEXT, value=None), [], "quarantined", {"cells_text"}),
        (report(confidence=0.6), [], "quarantined", {"cells_unsure", "mostly_unsure"}),
        (report(agency=""), [], "quarantined", {"agency_missing"}),
        (report(form="png"), [], "quarantined", {"format_inexact"}),
        (report(value=Decimal(33413351)), [], "quarantined", {"values_implausible"}),
        (report(agreement=Agreement.DIFFER), [], "accepted", {"clean"}),  # the sums chose between two readings
    ],
)
def test_status_has_its_reasons(one, findings, status, codes):
    assert told(one, *findings) == (Status(status), codes)


def test_a_doubt_about_the_year_before_is_no_doubt_about_this_report():
    carry = "carry_over:applications/carried_in/total"
    assert told(report(), failing("unknown", rule=carry), across={carry})[0] is Status.ACCEPTED
    assert told(report(), failing("publisher", rule=carry), across={carry})[0] is Status.ACCEPTED_WITH_ERRORS
    own = failing("extraction", rule=carry, guilty=("applications/carried_in/total",))
    assert told(report(), own, across={carry})[0] is Status.QUARANTINED


def test_a_reason_can_be_read_and_names_its_threshold():
    findings = [failing("unknown", rule=f"row_sum:applications/r{number}/total") for number in range(5)]
    _, (reason,) = settle_status(measures(report(), findings, (), exact_formats=FORMATS))
    assert (reason.code, reason.status, reason.is_decisive) == ("fails_unknown", "quarantined", True)
    assert (reason.measure, reason.threshold, reason.value, len(reason.detail)) == ("fails_unknown", 1, 5, 5)
    assert reason.en.startswith("5 rules fail, perhaps by our reading: row_sum:applications/r0/total")
    assert reason.zh.startswith("5 条规则不符") and reason.en.endswith("…")


def test_only_the_gravest_reasons_are_decisive():
    _, reasons = settle_status(measures(report(), [failing("unknown"), failing()], (), exact_formats=FORMATS))
    assert {reason.code: reason.is_decisive for reason in reasons} == {"fails_unknown": True, "fails_publisher": False}


def test_thresholds_are_data():
    rules = settling_policy().rules
    lenient = settling_policy().model_copy(
        update={"rules": tuple(rule.model_copy(update={"at_least": 3}) for rule in rules)}
    )
    assert settle_status({"cells_lost": Measured(2)}, lenient)[0] is Status.ACCEPTED
    assert settle_status({"cells_lost": Measured(3)}, lenient)[0] is Status.QUARANTINED


def test_a_revision_that_was_replaced_says_by_which():
    (reason,) = superseded_by("x-2023-abc")
    assert (reason.status, reason.detail) == ("superseded", ("x-2023-abc",))
    assert "x-2023-abc" in reason.zh


def test_a_code_stands_for_one_reason():
    fields = settling_policy().model_dump()
    with pytest.raises(ValueError, match="given twice"):
        SettlingPolicy.model_validate(fields | {"rules": [fields["rules"][0]] * 2})
