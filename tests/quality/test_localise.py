"""Which cells are to blame for violated identities: by hand, by brute force, and by how long it takes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.golden.blaming import by_force, report_of, slips

from gongkai.quality.fault_kinds import FaultKind, kind_of
from gongkai.quality.localise import localise
from gongkai.reports.model import Cell, State

APP = "applications"


def number(place, value):
    return Cell(*place, State.NUMBER, Decimal(value), str(value))


@pytest.fixture
def form(balanced):
    return balanced("2021", 3)


@pytest.mark.parametrize(
    ("printed", "proposed", "kind"),
    [
        (61, 60, FaultKind.WRONG_DIGIT), (601, 610, FaultKind.SWAPPED_DIGITS), (31, 351, FaultKind.DROPPED_DIGIT),
        (3511, 351, FaultKind.ADDED_DIGIT), (-5, 5, FaultKind.SIGN), (None, 7, FaultKind.BLANK_VALUE),
        (12, 345, FaultKind.OTHER_VALUE), (0, 10, FaultKind.DROPPED_DIGIT), (351, 153, FaultKind.OTHER_VALUE),
    ],
)  # fmt: skip
def test_kinds_of_faults_are_told_by_both_numbers(printed, proposed, kind):
    assert kind_of(printed, proposed, is_total=False) is kind


def test_a_consistent_report_has_no_fault(form, balanced):
    assert localise("2021", form) == ()
    assert localise("2021", balanced("2021", 4, after=form), form) == ()
    assert localise("legacy", balanced("legacy", 1)) == ()


def test_one_wrong_cell_is_named_with_its_number_and_the_proof(form):
    place = (APP, "granted", "business")
    right = form[place].value
    (fault,) = localise("2021", form | {place: number(place, right + 1)})
    rules = ("row_sum:applications/granted/total", "resolved_sum:applications/resolved_total/business")
    assert (fault.guilty, fault.violated) == ((place,), rules)
    (explanation,) = fault.explanations
    assert (explanation.corrections[0].proposed, explanation.proof) == (right, rules)


def test_cells_that_the_identities_cannot_tell_apart_are_all_named(form):
    place = ("review", "review", "corrected")
    (fault,) = localise("2021", form | {place: number(place, form[place].value + 1)})
    assert fault.guilty == ()
    assert {one.corrections[0].key for one in fault.explanations} >= {
        ("review", "review", column) for column in ("upheld", "corrected", "other", "pending", "total")
    }


def test_no_count_is_proposed_to_be_negative():
    cells = {("review", "review", column): value for column, value in zip(
        ("upheld", "corrected", "other", "pending", "total"), (1, 0, 2, 0, 9), strict=True)}  # fmt: skip
    (fault,) = localise("2021", {place: number(place, value) for place, value in cells.items()})
    changed = [{one.key[2]: one.proposed for one in way.corrections} for way in fault.explanations]
    assert {"total": 3} in changed and {"upheld": 7} in changed
    assert all(value is None or value >= 0 for way in changed for value in way.values())


def test_a_blank_total_is_filled_where_its_parts_say_what_it_is(form):
    place = (APP, "received", "total")
    (fault,) = localise("2021", form | {place: Cell(*place, State.BLANK)})
    assert (fault.guilty, fault.explanations[0].kind) == ((place,), FaultKind.BLANK_TOTAL)
    assert fault.explanations[0].corrections[0].proposed == form[place].value


def test_a_whole_row_of_blank_totals_is_one_explanation(form):
    blank = {place: Cell(*place, State.BLANK) for place in form if place[1] == "resolved_total"}
    faults = localise("2021", form | blank)
    assert [(set(fault.guilty), fault.explanations[0].kind) for fault in faults] == [
        (set(blank), FaultKind.BLANK_TOTAL)
    ]


def test_two_faults_in_different_tables_are_told_apart(form):
    one, other = (APP, "granted", "research"), ("review", "litigation_direct", "total")
    faults = localise("2021", form | {place: number(place, form[place].value + 2) for place in (one, other)})
    assert [fault.guilty for fault in faults] == [(one,), ()]


def test_two_faults_in_one_table_are_found_together(form):
    one, other = (APP, "granted", "research"), (APP, "partial", "business")
    wrong = {one: number(one, form[one].value + 3), other: number(other, form[other].value + 8)}
    (fault,) = localise("2021", form | wrong)
    assert (set(fault.guilty), fault.explanations[0].kind) == ({one, other}, FaultKind.SEVERAL)


def test_a_lost_cell_gets_the_number_that_its_identities_leave_it(form):
    place = (APP, "partial", "nonprofit")
    (fault,) = localise("2021", form | {place: Cell(*place, State.NOT_EXTRACTED)})
    assert (fault.guilty, fault.explanations[0].kind) == ((place,), FaultKind.NOT_EXTRACTED)
    assert fault.explanations[0].corrections[0].proposed == form[place].value
    alone = ("review", "review", "other")
    (fault,) = localise("2021", form | {alone: Cell(*alone, State.NOT_EXTRACTED)})
    assert fault.guilty == ()  # one identity says so, nothing proves it


def test_the_year_before_decides_between_cells_and_is_never_blamed_alone(form, balanced):
    now = balanced("2021", 4, after=form)
    place = ("proactive", "regulations", "repealed")
    (fault,) = localise("2021", now | {place: number(place, now[place].value + 1)}, form)
    assert fault.guilty == () and fault.violated == ("stock:proactive/regulations/in_force",)
    carried = (APP, "carried_in", "business")
    (fault,) = localise("2021", now | {carried: number(carried, now[carried].value + 1)}, form)
    assert fault.guilty == (carried,)
    assert "carry_over:applications/carried_in/business" in fault.violated
    before = form | {(APP, "carried_out", "business"): number((APP, "carried_out", "business"), 999)}
    (fault,) = localise("2021", now, before)
    assert (fault.guilty, fault.explanations) == ((), ())


def test_the_figures_of_the_domain():
    """洋河新区 2025: 61 against 60 and 0 against 1, while the total balances: one pair of cells alone explains that."""
    columns = ("natural_person", "business", "research", "nonprofit", "legal_service", "other_org", "total")
    rows = {"received": (61, 0, 0, 0, 0, 0, 61), "carried_in": (0,) * 7, "granted": (60, 0, 0, 0, 0, 1, 61),
            "resolved_total": (60, 0, 0, 0, 0, 1, 61), "carried_out": (0,) * 7}  # fmt: skip
    form = {(APP, row, column): number((APP, row, column), value)
            for row, values in rows.items() for column, value in zip(columns, values, strict=True)}  # fmt: skip
    (fault,) = localise("2021", form)
    (way,) = fault.explanations
    assert {(one.key[1:], one.proposed) for one in way.corrections} == {
        (("received", "natural_person"), 60), (("received", "other_org"), 1),
    }  # fmt: skip
    assert localise("2021", form | {(APP, "carried_out", "other_org"): number((APP, "carried_out", "other_org"), 5)})


def check_by_force(some):
    """Localisation finds what brute force finds: the same explanations, and so the same unique ones."""
    allowed = named = 0
    for slip in some:
        form = {cell.key: cell for cell in report_of(slip.paper, slip.wrong).cells}
        before = {cell.key: cell for cell in report_of(slip.paper, slip.before).cells} if slip.before else None
        faults = localise(slip.paper.template, form, before)
        ways = by_force(slip.wrong, slip.before)
        found = {
            frozenset((one.key, one.proposed or Decimal(0)) for one in way.corrections)
            for fault in faults for way in fault.explanations
        }  # fmt: skip
        assert found == ways, (slip.kind, slip.guilty)
        guilty = frozenset(key for fault in faults for key in fault.guilty)
        assert guilty in (frozenset(), slip.guilty), "a wrong cell is called unique"
        allowed += len(ways) == 1
        named += guilty == slip.guilty
    return allowed, named


def test_it_finds_what_brute_force_finds():
    allowed, named = check_by_force(slips(42))
    assert named >= 0.9 * allowed > 20


@pytest.mark.slow
def test_of_200_slips_every_cell_that_algebra_allows_is_named_and_none_wrongly():
    allowed, named = check_by_force(slips(200))
    assert (allowed, named) == (151, 151)
