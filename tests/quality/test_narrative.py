"""Stated figures against their cells."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from gongkai.quality.texts import judge_texts
from gongkai.reports.model import Cell, Identity, Report, State, StatedFigure

PLACE = ("applications", "received", "total")


def figure(value, kind="exact", scope="", sentence="收到申请。"):
    return StatedFigure(*PLACE, Decimal(value), sentence, 1, 0, 1, scope, "applications_received", kind)


def found(cell, *figures, certain=True, covers_area=False):
    value = Decimal(cell) if isinstance(cell, int) else None
    state = State.NUMBER if isinstance(cell, int) else cell
    identity = Identity("某市人民政府" if covers_area else "某市教育局", "", 2024, "", None, {})
    report = Report(identity, "2021", (Cell(*PLACE, state, value),), (), figures, "0" * 64, "docx", "docx-xml")
    findings = judge_texts({"key": report}, certain=["key"] if certain else []).findings["key"]
    told = [one for one in findings if one.family == "narrative"]
    return [(one.outcome, str(one.reason), one.printed, one.expected, one.attribution) for one in told]


def test_equal_passes_without_a_finding():
    assert found(37, figure(37)) == []


def test_another_number_fails_as_a_warning():
    assert found(39, figure(37)) == [("fail", "", 39, 37, "publisher")]
    assert found(39, figure(37), certain=False) == [("fail", "", 39, 37, "unknown")]


@pytest.mark.parametrize(("printed", "agrees"), [(5500, True), (5561, True), (5600, False), (5399, False)])
def test_a_rounded_number_agrees_within_its_last_digit(printed, agrees):
    assert (found(printed, figure(5500, "approximate")) == []) is agrees


def test_a_figure_of_the_office_is_no_figure_of_the_area():
    (one,) = found(3119, figure(12, scope="office"), covers_area=True)
    assert one[:2] == ("undecidable", "other_scope")
    assert found(3119, figure(12, scope="office"))[0][0] == "fail"


def test_zero_beside_a_blank_and_a_number_beside_a_blank():
    assert found(State.BLANK, figure(0))[0][0] == "pass_if_blank_is_zero"
    assert found(State.BLANK, figure(3))[0][:2] == ("undecidable", "blank_total")
    assert found(State.NOT_EXTRACTED, figure(3))[0][:2] == ("undecidable", "not_extracted")


def test_several_sentences_give_one_finding():
    assert found(39, figure(37), figure(39)) == []
    assert len(found(39, figure(37), replace(figure(36), sentence="共36件。"))) == 1
