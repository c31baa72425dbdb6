"""Numbers whose digits lie in neighbouring cells: joined where the sums prove it, else left out; never shifted."""

from __future__ import annotations

import pytest

from gongkai.documents.read import read
from gongkai.reports.build import build_report
from gongkai.reports.joining import JOINED_CONFIDENCE

from .layouts import (
    Box,
    as_docx,
    as_html,
    as_html_paragraphs,
    as_txt,
    headed,
    paper_of,
    place_of,
    row_of,
    split,
    tables,
    with_values,
)
from .outcome import judge_reading

NAME = "suqian-government-2024.docx"
WRITERS = [(as_html, "a.html"), (as_docx, "a.docx"), (as_txt, "a.txt"), (as_html_paragraphs, "b.html")]


def report_of(found, writer, file):
    return build_report(read(writer(headed(found), 2024), file))


def cell_of(report, row, column):
    return next(cell for cell in report.cells if (cell.row, cell.column) == (row, column))


@pytest.mark.parametrize(("writer", "file"), WRITERS, ids=[file for _, file in WRITERS])
@pytest.mark.parametrize(
    "places",
    [
        [("received", "natural_person")],
        [("received", "total")],
        [("received", "natural_person"), ("received", "business"), ("received", "total")],
        [("resolved_total", "natural_person"), ("resolved_total", "total")],
        [("received", "natural_person"), ("carried_out", "total"), ("granted", "natural_person")],
    ],
    ids=["first", "last", "three in a row", "total row", "three rows"],
)
def test_digits_in_cells_of_their_own_are_joined(writer, file, places):
    paper = paper_of(NAME)
    found = tables(paper)
    for row, column in places:
        split(row_of(found["applications"], row), column)
    report = report_of(found, writer, file)
    outcome = judge_reading(report, paper.sheet)
    assert outcome.is_exact, outcome
    for row, column in places:
        cell = cell_of(report, row, column)
        raw = paper.sheet["applications", row, column].raw
        assert cell.raw == " ".join(raw)
        assert cell.note and f"joined from {len(raw)} cells" in cell.note
        assert cell.confidence <= JOINED_CONFIDENCE < 1
    joined = {(row, column) for row, column in places}
    assert not [c for c in report.cells if "joined" in (c.note or "") and (c.row, c.column) not in joined]


def test_a_blank_that_was_taken_by_a_digit_is_a_blank():
    key = ("applications", "received", "research")
    paper = with_values(paper_of(NAME), {key: ""})
    found = tables(paper)
    row = row_of(found["applications"], "received")
    place = place_of(row, "business")
    assert row[place].text == "75" and row[place + 1].text == ""
    row[place : place + 2] = [Box("7"), Box("5")]
    outcome = judge_reading(report := report_of(found, as_html, "a.html"), paper.sheet)
    assert not outcome.wrong
    assert cell_of(report, "received", "business").value == 75


def test_columns_that_do_not_add_up_prove_nothing():
    paper = with_values(paper_of(NAME), {("applications", "resolved_total", "natural_person"): "3441"})
    found = tables(paper)
    split(row_of(found["applications"], "received"), "natural_person")
    outcome = judge_reading(report := report_of(found, as_html, "a.html"), paper.sheet)
    assert not outcome.wrong
    assert {key[1] for key in outcome.missing} == {"received"}
    assert "perhaps a number in pieces" in cell_of(report, "received", "total").note


@pytest.mark.parametrize("code", ["proactive", "review"])
def test_tables_whose_columns_have_no_sums_are_left_open(code):
    paper = paper_of(NAME)
    found = tables(paper)
    row, column = {"proactive": ("licensing", "decisions"), "review": ("review", "total")}[code]
    split(row_of(found[code], row), column)
    outcome = judge_reading(report := report_of(found, as_html, "a.html"), paper.sheet)
    assert not outcome.wrong
    assert (code, row, column) in outcome.missing
    assert "cells" in cell_of(report, row, column).note


def test_a_wrong_sum_of_the_publisher_is_not_read_as_digits_of_a_number():
    """Parts that sum to 10 with a total printed as 0 and a 1 before it, as in xiajiang 2022, table four."""
    values = {
        ("review", "review", column): text
        for column, text in zip(("upheld", "corrected", "other", "pending", "total"), "54010", strict=True)
    }
    paper = with_values(paper_of(NAME), values)
    for writer, file in WRITERS:
        assert judge_reading(report_of(tables(paper), writer, file), paper.sheet).is_exact


def test_a_wrong_total_of_a_row_stays_as_printed():
    """1 and 0 before a total of 10: the columns hold as printed."""
    paper = with_values(paper_of(NAME), {("applications", "received", "total"): "3526"})
    assert judge_reading(report_of(tables(paper), as_html, "a.html"), paper.sheet).is_exact


def test_a_wrong_number_beside_two_that_might_be_one_stays_as_printed():
    """1 | 6 as 16 would make the row add up; but their columns hold as they stand, and that of 3431 does not."""
    blank = ("applications", "received", "research")
    paper = with_values(paper_of(NAME), {blank: ""})
    row = {key[2]: printed for key, printed in paper.sheet.items() if key[:2] == ("applications", "received")}
    digits = {"nonprofit": row["nonprofit"].raw, "legal_service": row["legal_service"].raw}
    assert digits == {"nonprofit": "1", "legal_service": "6"}
    off = 16 - 1 - 6  # what 1 | 6 as one number would add
    wrong = {("applications", "received", "natural_person"): str(int(row["natural_person"].raw) - off)}
    for writer, file in WRITERS[:2]:
        printed = with_values(paper, wrong)
        assert judge_reading(report_of(tables(printed), writer, file), printed.sheet).is_exact
