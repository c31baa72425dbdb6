"""Each decision is about the report of one agency."""

from __future__ import annotations

from datetime import UTC, datetime

from gongkai.pipeline.decided import Decided
from gongkai.pipeline.decisions import Decision, Kind

AT = datetime(2025, 1, 1, tzinfo=UTC)


def decision(name, document, report_id="a1-2024", year=2024, undoes=""):
    kind = Kind.UNDO if undoes else Kind.ACCEPT
    return Decision(name, kind, AT, "王芳", "so", "command", report_id, year, document, undoes=undoes)


def test_a_decision_goes_with_its_document_whatever_year_it_was_made_for():
    moved, gone, foreign = decision("d1", "s1", year=2023), decision("d2", "s9"), decision("d3", "s9", year=2023)
    decided = Decided(2024, [moved, gone, foreign], {"s1": {"a1"}})
    assert decided.of("a1") == [moved]
    assert decided.of(None) == [gone]
    assert decided.of("a2") == ()


def test_a_document_of_two_agencies_has_its_decisions_with_the_one_they_were_made_for():
    named, unclear = decision("d1", "s1", "a2-2024"), decision("d2", "s1", "a7-2024")
    decided = Decided(2024, [named, unclear], {"s1": {"a1", "a2"}})
    assert (decided.of("a1"), decided.of("a2")) == ([unclear], [named])


def test_what_undoes_a_decision_changes_the_print_of_its_agency_alone():
    first, other = decision("d1", "s1"), decision("d2", "s2", "a2-2024")
    undo = decision("d3", "s7", year=2020, undoes="d1")
    documents = {"s1": {"a1"}, "s2": {"a2"}}
    before, after = Decided(2024, [first, other], documents), Decided(2024, [first, other, undo], documents)
    assert before.print("a1") != after.print("a1")
    assert before.print("a2") == after.print("a2") != ""
    assert before.print("a3") == ""
