"""Every sample document, read and matched, equals its reviewed truth."""

from __future__ import annotations

import pytest

from gongkai.documents.read import read
from gongkai.reports.build import build_report
from gongkai.reports.model import Report

from .truth import truths


@pytest.fixture(scope="module")
def reports() -> dict[str, Report]:
    return {}


@pytest.fixture(params=sorted(truths()))
def golden(request, reports):
    truth = truths()[request.param]
    if truth.file not in reports:
        reports[truth.file] = build_report(read(truth.data, truth.file))
    return truth, reports[truth.file]


def test_cells_equal_truth(golden):
    truth, report = golden
    read_cells = {
        (cell.table, cell.row, cell.column): (cell.state.value, cell.value, (cell.raw or "").strip())
        for cell in report.cells
    }
    assert read_cells == truth.cells


def test_identity_equals_truth(golden):
    truth, report = golden
    identity = report.identity
    stated = (report.template, identity.agency, identity.report_year, identity.title, str(identity.published))
    facts = truth.facts
    assert stated == (
        facts["template"],
        facts["agency"],
        facts["report_year"],
        facts["title"],
        facts["published"],
    )


def test_chapters_are_all_found(golden):
    truth, report = golden
    codes = [chapter.code for chapter in report.chapters if chapter.code != "preamble"]
    expected = ["overview", "proactive", "applications", "review", "problems", "other_matters"]
    if truth.facts["template"] == "legacy":
        expected = [*expected[:3], "fees", *expected[3:], "statistics"]
    assert codes == expected


def test_stated_figures_are_those_of_the_text(golden):
    truth, report = golden
    linked = {(figure.table, figure.row, figure.column, figure.value) for figure in report.figures if figure.table}
    assert linked == {tuple(figure) for figure in truth.facts["stated"]}


def test_annotated_cell_keeps_its_note():
    truth = truths()["yunling-land-2023.docx"]
    report = build_report(read(truth.data, truth.file))
    cell = next(cell for cell in report.cells if (cell.row, cell.column) == ("normative_documents", "issued"))
    assert (cell.value, cell.note) == (22, "其中修订16件")


def test_a_figure_stated_otherwise_than_printed_is_found():
    truth = truths()["xiajiang-transport-2023.html"]
    (violation,) = truth.facts["violations"]
    report = build_report(read(truth.data, truth.file))
    stated = {f"narrative:{one.table}/{one.row}/{one.column}": one.value for one in report.figures}
    assert stated[violation["id"]] == violation["stated"] != violation["printed"]
