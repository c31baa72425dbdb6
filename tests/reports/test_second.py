"""Two readings made one: agreement, disputes settled by sums alone, nothing that is not proved."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cache

import pytest

from gongkai.documents.read import read
from gongkai.reports.build import build_report
from gongkai.reports.confirm import confirm
from gongkai.reports.model import Agreement, Report, State
from gongkai.reports.second import Second, merge
from gongkai.reports.sums import Verdict, cells_by_key, failing_cells, judge, sums_of
from gongkai.settings import ROOT

DOCUMENTS = ROOT / "include" / "samples" / "documents"
GRANTED = ("applications", "granted", "natural_person")
PARTIAL = ("applications", "partial", "business")
FEES = ("proactive", "fees", "amount_10k_cny")
MISSING = "not_extracted"


@cache
def report() -> Report:
    """A report whose sums all hold."""
    path = DOCUMENTS / "suqian-government-2024.docx"
    found = build_report(read(path.read_bytes(), path.name))
    assert not failing_cells(found)
    return found


def changed(values, method="one/grid", confidence=1.0, of=None) -> Report:
    """The report read by some method, cells changed: a number, "" for a blank, None for a cell not found."""

    def change(cell):
        cell = replace(cell, method=method, confidence=confidence)
        if cell.key not in values:
            return cell
        value = values[cell.key]
        if value is None:
            return replace(cell, state=State.NOT_EXTRACTED, value=None, raw=None, note="the row was not found")
        if value == "":
            return replace(cell, state=State.BLANK, value=None, raw="")
        return replace(cell, state=State.NUMBER, value=Decimal(value), raw=str(value))

    base = of or report()
    return replace(base, cells=tuple(map(change, base.cells)), method=method.split("/", maxsplit=1)[0])


def second(values, method="other/grid", pages=None, confidence=1.0) -> Second:
    return Second(changed(values, method, confidence), pages, method.split("/", maxsplit=1)[0])


def value(key):
    return cells_by_key(report())[key].value


def merged(first, *seconds):
    return cells_by_key(merge(changed(first), seconds))


def test_readings_that_say_the_same_agree():
    found = merged({}, second({}))
    assert {cell.agreement for cell in found.values()} == {Agreement.AGREE}
    assert {(cell.method, cell.second_method) for cell in found.values()} == {("one/grid", "other/grid")}
    assert {key: cell.value for key, cell in found.items()} == {c.key: c.value for c in report().cells}


def test_a_wrong_sum_read_twice_is_printed_so():
    found = merged({GRANTED: 9999}, second({GRANTED: 9999}))
    assert (found[GRANTED].value, found[GRANTED].agreement) == (9999, Agreement.AGREE)


@pytest.mark.parametrize("first_is_right", [True, False])
def test_where_readings_differ_the_sums_choose(first_is_right):
    wrong = {GRANTED: 77}
    cell = merged({} if first_is_right else wrong, second(wrong if first_is_right else {}))[GRANTED]
    assert (cell.value, cell.agreement) == (value(GRANTED), Agreement.DIFFER)
    assert cell.method == ("one/grid" if first_is_right else "other/grid")
    assert (cell.second_raw, cell.second_method) == ("77", "other/grid" if first_is_right else "one/grid")


def test_each_reading_may_be_right_in_another_place():
    found = merged({GRANTED: 77}, second({PARTIAL: 88}))
    assert (found[GRANTED].value, found[PARTIAL].value) == (value(GRANTED), value(PARTIAL))
    assert (found[GRANTED].method, found[PARTIAL].method) == ("other/grid", "one/grid")


def test_what_no_sum_decides_is_left_out_and_both_are_named():
    cell = merged({FEES: 77}, second({}))[FEES]
    assert (cell.state, cell.value, cell.raw, cell.confidence) == (State.NOT_EXTRACTED, None, None, 0)
    assert cell.agreement is Agreement.DIFFER
    assert "'77' (one/grid)" in cell.note and "(other/grid)" in cell.note
    assert cell.second_raw == cells_by_key(report())[FEES].raw


def test_sums_that_hold_with_neither_decide_nothing():
    cell = merged({GRANTED: 77}, second({GRANTED: 78}))[GRANTED]
    assert (cell.state, cell.agreement) == (State.NOT_EXTRACTED, Agreement.DIFFER)


def test_blank_or_zero_is_decided_by_no_sum():
    zero = next(cell.key for cell in report().cells if cell.table == "applications" and cell.value == 0)
    cell = merged({}, second({zero: ""}))[zero]
    assert (cell.state, cell.agreement, cell.second_raw) == (State.NOT_EXTRACTED, Agreement.DIFFER, "")


def row(code):
    return [cell.key for cell in report().cells if cell.row == code]


def test_a_row_that_only_the_second_finds_stands_where_its_sums_hold():
    lost = dict.fromkeys(row("granted"))
    found = merged(lost, second({}))
    assert {found[key].value == value(key) for key in lost} == {True}
    assert {found[key].agreement for key in lost} == {Agreement.ONLY_SECOND}
    assert {(found[key].method, found[key].second_method) for key in lost} == {("other/grid", "one")}


def test_a_row_that_only_the_second_finds_is_not_taken_where_its_sums_fail():
    lost = dict.fromkeys(row("granted"))
    found = merged(lost, second({GRANTED: 77}))
    assert found[GRANTED].state is State.NOT_EXTRACTED
    assert "read as '77' by other/grid alone" in found[GRANTED].note
    assert (found[GRANTED].agreement, found[GRANTED].second_raw) == (Agreement.ONLY_SECOND, "77")
    # its row does not add up: neither the total nor any part of it is proved
    assert {found[key].state for key in lost} == {State.NOT_EXTRACTED}


def test_a_cell_without_sums_is_taken_when_two_more_readings_agree():
    assert merged({FEES: None}, second({}))[FEES].state is State.NOT_EXTRACTED
    cell = merged({FEES: None}, second({}), second({}, "third-ocr/grid"))[FEES]
    assert (cell.value, cell.agreement, cell.second_method) == (value(FEES), Agreement.AGREE, "third-ocr/grid")


def test_a_third_reading_is_not_asked_where_two_agree():
    cell = merged({}, second({}), second({FEES: 77}, "third-ocr/grid"))[FEES]
    assert (cell.value, cell.agreement) == (value(FEES), Agreement.AGREE)


def test_two_of_three_readings_prevail_where_a_sum_confirms_them_though_another_fails():
    wrong_column = {("applications", "resolved_total", "natural_person"): 1}  # as printed: read so by all
    one, two, three = ({GRANTED: 77} | wrong_column, wrong_column, wrong_column)
    assert merged(one, second(two))[GRANTED].state is State.NOT_EXTRACTED
    cell = merged(one, second(two), second(three, "third-ocr/grid"))[GRANTED]
    assert (cell.value, cell.agreement, cell.second_raw) == (value(GRANTED), Agreement.DIFFER, "77")


def test_two_of_three_readings_do_not_prevail_without_a_sum():
    assert merged({FEES: 77}, second({}), second({}, "third-ocr/grid"))[FEES].state is State.NOT_EXTRACTED
    assert merged({}, second({GRANTED: 77}), second({GRANTED: 77}, "third-ocr/grid"))[GRANTED].value == value(GRANTED)


def test_what_the_second_does_not_find_stays_and_is_marked():
    cell = merged({}, second({FEES: None}))[FEES]
    assert (cell.value, cell.agreement, cell.second_method) == (value(FEES), Agreement.ONLY_FIRST, "other")


def test_what_neither_finds_has_no_agreement():
    cell = merged({FEES: None}, second({FEES: None}))[FEES]
    assert (cell.state, cell.agreement, cell.second_method) == (State.NOT_EXTRACTED, None, None)


def test_a_blank_that_only_recognition_finds_is_not_taken():
    blank = next(c.key for c in report().cells if c.table == "applications" and c.value == 0)
    assert merged({blank: None}, second({blank: ""}))[blank].state is State.BLANK
    assert merged({blank: None}, second({blank: ""}, "scan-ocr-250dpi/grid"))[blank].state is State.NOT_EXTRACTED


def test_pages_that_were_not_read_again_say_nothing():
    here = replace(report(), cells=tuple(replace(cell, page=1 + (cell.table == "review")) for cell in report().cells))
    other = Second(changed({GRANTED: 77}, "other/grid", of=here), frozenset([2]), "other")
    found = merge(changed({}, of=here), [other]).cells
    assert {cell.agreement for cell in found if cell.page == 1} == {None}
    assert {cell.agreement for cell in found if cell.page == 2} == {Agreement.AGREE}


def test_recognised_characters_gain_confidence_when_read_alike_and_text_does_not():
    printed = merge(changed({}, "scan-ocr/grid", 0.7), [second({}, "scan-ocr-250dpi/grid", confidence=0.8)])
    assert {cell.confidence for cell in printed.cells} == {0.94}
    sure = merge(changed({}, "scan-ocr/grid", 0.9), [second({}, "scan-ocr-250dpi/grid", confidence=0.9)])
    assert {cell.confidence for cell in sure.cells} == {0.97}
    text = merge(changed({}, "pdfium-lines/grid", 0.7), [second({}, "pdfplumber/grid", confidence=0.8)])
    assert {cell.confidence for cell in text.cells} == {0.7}


def test_the_form_is_that_of_all_readings_together():
    three = [key for key in (cell.key for cell in report().cells) if key[1].startswith("other.")]
    single = [("applications", "other", key[2]) for key in three[:7]]
    alone = replace(
        report(),
        cells=tuple(
            replace(cell, row="other") if cell.row == "other.no_correction" else cell
            for cell in report().cells
            if cell.row not in ("other.fee_unpaid", "other.other")
        ),
    )
    first = changed(dict.fromkeys(three))
    keys = [cell.key for cell in merge(first, [Second(alone, None, "other")]).cells]
    assert [key for key in keys if key[1].startswith("other") and key[0] == "applications"] == single
    whole = [cell.key for cell in merge(changed({}), [Second(alone, None, "other")]).cells]
    assert whole == [cell.key for cell in report().cells]


def test_sums_of_one_report_are_judged_as_the_rules_do():
    one = next(one for one in sums_of("2021") if one.rule.id == "row_sum:applications/granted/total")
    assert judge(one, cells_by_key(report())) is Verdict.HOLDS
    assert judge(one, cells_by_key(changed({GRANTED: 77}))) is Verdict.FAILS
    assert judge(one, cells_by_key(changed({GRANTED: None}))) is Verdict.OPEN
    blank = dict.fromkeys(row("granted"), "")
    assert judge(one, cells_by_key(changed(blank))) is Verdict.HOLDS
    total = ("applications", "granted", "total")
    assert judge(one, cells_by_key(changed(blank | {total: 4}))) is Verdict.OPEN
    assert judge(one, cells_by_key(changed({total: ""}))) is Verdict.OPEN
    assert judge(one, {}) is None


def test_another_format_confirms_and_never_changes():
    page = changed({GRANTED: 77, FEES: None}, "html-lxml/grid")
    file = replace(changed({}, "scan-ocr/grid", 0.7), document_sha256="b" * 64)
    found = cells_by_key(confirm(page, [file]))
    assert (found[GRANTED].value, found[GRANTED].agreement) == (77, Agreement.DIFFER)
    assert found[GRANTED].second_raw == cells_by_key(report())[GRANTED].raw
    assert found[GRANTED].second_method == f"scan-ocr/grid of {'b' * 12}"
    assert (found[FEES].state, found[FEES].agreement) == (State.NOT_EXTRACTED, Agreement.ONLY_SECOND)
    assert "printed as" in found[FEES].note and found[FEES].raw is None
    assert found[PARTIAL].agreement is Agreement.AGREE
    assert [(c.state, c.value) for c in found.values()] == [(c.state, c.value) for c in page.cells]


def test_another_template_confirms_nothing():
    other = replace(changed({}), template="2019")
    assert confirm(report(), [other]) == report()
