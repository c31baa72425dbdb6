"""Who is to blame for a failing rule, and the facts that say so."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from gongkai.contracts.quality import AttributionPolicy, attribution_policy
from gongkai.quality.attribution import attribute, exactness_of
from gongkai.quality.blame import Blame
from gongkai.quality.explanation import Correction, Explanation, Fault
from gongkai.quality.fault_kinds import FaultKind
from gongkai.reports.model import Agreement, Cell, Identity, Report, State

KEY = ("applications", "received", "total")
RULE, CARRY = "row_sum:applications/received/total", "carry_over:applications/carried_in/total"


def cell(method="docx-xml/grid", *, confidence=1.0, state=State.NUMBER, **more):
    value = Decimal(8) if state is State.NUMBER else None
    return Cell(*KEY, state, value, "8", method=method, confidence=confidence, **more)


def fault(kind=FaultKind.WRONG_DIGIT, proposed=9):
    correction = Correction(KEY, Decimal(8), Decimal(proposed))
    return Fault((RULE,), (Explanation(kind, (correction,), (RULE,)),), is_unique=True)


FLAT, OCR = "html-lxml/flat", "scan-ocr/grid"


@pytest.mark.parametrize(
    ("suspect", "located", "options", "blame", "fact"),
    [
        (cell(), None, {}, "publisher", "exact_text"),
        (cell(), None, {"certain": False}, "unknown", "read_in_part"),
        (cell("pdfium-lines/grid", agreement=Agreement.AGREE), None, {"certain": False}, "publisher", "readings_agree"),
        (cell(OCR, agreement=Agreement.AGREE), None, {}, "publisher", "readings_agree"),
        (cell(agreement=Agreement.DIFFER, second_raw="7"), fault(), {}, "extraction", "readings_differ"),
        (cell(agreement=Agreement.DIFFER, second_raw="9"), fault(), {}, "extraction", "second_reading_fits"),
        (cell(agreement=Agreement.ONLY_FIRST), None, {}, "unknown", "one_reading_only"),
        (cell(agreement=Agreement.ONLY_SECOND), None, {}, "unknown", "one_reading_only"),
        (cell(state=State.NOT_EXTRACTED), None, {}, "extraction", "cell_lost"),
        (cell(OCR, confidence=0.5), None, {}, "extraction", "weak_characters"),
        (cell(OCR, confidence=0.95), fault(), {}, "unknown", "recognised"),
        (cell("md-lines/grid"), fault(), {}, "unknown", "copied"),
        (cell(FLAT), None, {}, "unknown", "flattened"),
        (cell(FLAT), fault(), {}, "publisher", "digits_as_stated"),
        (cell(FLAT), fault(FaultKind.MOVED_NUMBER), {}, "unknown", "flattened"),  # it may be out of place
        (cell("pdfium-lines/grid"), fault(), {"certain": False}, "unknown", "read_in_part"),
        (cell("pdfium-lines/grid"), fault(), {}, "publisher", "exact_text"),
        (cell(confidence=0.8), None, {}, "unknown", "unsure"),
        (cell(), None, {"previous_certain": False}, "unknown", "year_before_in_doubt"),
        (cell(), None, {"previous_certain": True}, "publisher", "exact_text"),
    ],
)
def test_the_first_fact_that_holds_decides(suspect, located, options, blame, fact):
    basis = attribute([suspect], located, **{"certain": True} | options)
    assert basis.attribution == blame
    assert basis.facts[0].split(":")[0] == fact
    assert basis.zh and basis.en


def test_every_fact_is_kept_with_its_cell():
    basis = attribute([cell(OCR, confidence=0.95, agreement=Agreement.DIFFER)], None, certain=False)
    assert basis.facts == ("readings_differ:applications/received/total", "read_in_part", "recognised")
    assert basis.en == "two readings differ (applications/received/total)"


@pytest.mark.parametrize(
    ("method", "exactness"),
    [
        ("docx-xml/grid", "exact"), ("pdfium-lines/joined", "placed"), ("html-lxml/flat", "flattened"),
        ("txt-lines/flat", "copied"), ("pdfium-lines+scan-ocr/grid", "recognised"), ("word97/grid", "exact"),
    ],
)  # fmt: skip
def test_ways_of_reading_are_exact_or_not(method, exactness):
    assert exactness_of(method) == exactness


def report_of(form, **agreements):
    cells = tuple(
        replace(one, method="pdfium-lines/grid", confidence=1.0, agreement=agreements.get("/".join(key)))
        for key, one in form.items()
    )
    return Report(Identity("某局", "某局", 2023, "", None, {}), "2021", cells, (), (), "a" * 64, "pdf", "pdfium-lines")


@pytest.fixture
def spoilt(balanced):
    """A form with a wrong total and, over the years, a wrong carry-over."""
    form = balanced("2021", 2)
    places = [KEY, ("applications", "carried_in", "total")]
    return form | {place: Cell(*place, State.NUMBER, Decimal(9999)) for place in places}


def blamed(judge_one, form, before=None, *, certain=True, previous_certain=False, **agreements):
    report = report_of(form, **agreements)
    blame = Blame(report, before, certain=certain, previous_certain=previous_certain)
    return {rule: blame.on(finding) for rule, finding in judge_one(form, before).items()}


def test_only_the_guilty_cell_is_asked_for_its_reading(judge_one, spoilt):
    guilty, other = "/".join(KEY), "applications/received/business"
    assert blamed(judge_one, spoilt, **{guilty: Agreement.DIFFER})[RULE].attribution == "extraction"
    found = blamed(judge_one, spoilt, **{other: Agreement.DIFFER})[RULE]
    assert (found.attribution, found.guilty) == ("publisher", (guilty,))
    found = blamed(judge_one, spoilt, certain=False, **{guilty: Agreement.AGREE})[RULE]
    assert (found.attribution, found.facts[0]) == ("publisher", "readings_agree")


def test_a_rule_over_two_years_asks_for_both_readings_where_no_cell_is_guilty(judge_one, balanced):
    before = balanced("2021", 1)
    form = balanced("2021", 2)  # carries in something else than was carried out
    for certain, blame in ((False, "unknown"), (True, "publisher")):
        found = blamed(judge_one, form, before, previous_certain=certain)[CARRY]
        assert (found.attribution, found.guilty) == (blame, ())


def test_what_cannot_be_decided_keeps_its_attribution_and_names_the_cell(judge_one, balanced):
    form = balanced("2021", 2)
    form[KEY] = Cell(*KEY, State.BLANK)
    found = blamed(judge_one, form)[RULE]
    assert (found.outcome, found.guilty, found.facts) == ("undecidable", ("/".join(KEY),), ())


def test_a_policy_must_know_every_method_and_decide_once():
    fields = attribution_policy().model_dump(by_alias=True)
    for change in (
        {"exactness": fields["exactness"][:-1]}, {"decisions": [fields["decisions"][0]] * 2}, {"weak": 0.95},
        {"decisions": [fields["decisions"][0] | {"fact": "feeling"}]},
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"exactness|twice|weak|feeling"):
            AttributionPolicy.model_validate(fields | change)
