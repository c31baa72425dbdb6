"""Readings in doubt are made again: what the first lost comes back where it is proved, what it misread shows."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cache

import pytest

from gongkai.documents.model import Document, Grid
from gongkai.documents.read import read
from gongkai.errors import DamagedDocumentError
from gongkai.reports import opinion
from gongkai.reports.build import build_report
from gongkai.reports.model import Agreement, Report, State
from gongkai.reports.sums import cells_by_key, failing_cells
from gongkai.settings import ROOT, Limits

DOCUMENTS = ROOT / "include" / "samples" / "documents"
CLEAN, WRONG_SUM = "yunling-health-2023.pdf", "xiajiang-government-2024.pdf"
LIMITS = Limits()


@cache
def sample(name: str) -> tuple[bytes, Document]:
    data = (DOCUMENTS / name).read_bytes()
    return data, read(data, name)


def asked(document: Document, name: str = CLEAN, limits: Limits = LIMITS) -> Report:
    """The report after a second opinion on a (damaged) first reading."""
    report = build_report(document)
    assert opinion.is_wanted(document, report, None, limits)
    second = opinion.ask(sample(name)[0], document, report, None, limits)
    assert second is not None
    return second


def each_cell(document: Document, change) -> Document:
    """A document whose grid cells are changed; `change` gives None for one that is lost."""
    blocks = []
    for block in document.blocks:
        if isinstance(block, Grid):
            kept = tuple(new for cell in block.cells if (new := change(cell)) is not None)
            blocks.append(replace(block, cells=kept))
        else:
            blocks.append(block)
    return replace(document, blocks=tuple(blocks))


def places(document: Document, *keys) -> set[str]:
    cells = cells_by_key(build_report(document))
    return {cells[key].path for key in keys}


def row_of(document: Document, table: str, row: str) -> set[str]:
    """Paths of all cells printed on the line of a row."""
    path = next(cell.path for cell in build_report(document).cells if (cell.table, cell.row) == (table, row))
    line = path.rsplit("/", 1)[0] + "/"
    return {cell.path for grid in document.grids() for cell in grid.cells if cell.path.startswith(line)}


def test_a_document_that_reads_cleanly_is_not_read_twice():
    _, document = sample(CLEAN)
    assert not opinion.is_wanted(document, build_report(document), None, LIMITS)


@pytest.mark.parametrize("name", sorted(path.name for path in DOCUMENTS.glob("*.[dh]*")))
def test_exact_formats_are_never_read_twice_whatever_their_sums(name):
    data = (DOCUMENTS / name).read_bytes()
    document = read(data, name)
    assert not opinion.is_wanted(document, build_report(document), None, LIMITS)


def test_a_wrong_sum_that_two_readings_agree_on_stands_as_printed():
    _, document = sample(WRONG_SUM)
    first = build_report(document)
    failing = failing_cells(first)
    report = asked(document, WRONG_SUM)
    assert failing
    assert [(c.state, c.value) for c in report.cells] == [(c.state, c.value) for c in first.cells]
    assert {cell.agreement for cell in report.cells if cell.key in failing} == {Agreement.AGREE}
    assert any("read a second time (pdfplumber)" in warning for warning in report.warnings)


def test_a_lost_row_comes_back_from_the_second_reading():
    _, document = sample(CLEAN)
    whole = cells_by_key(build_report(document))
    lost = row_of(document, "applications", "declined.repeat")
    damaged = each_cell(document, lambda cell: None if cell.path in lost else cell)
    assert any(cell.state is State.NOT_EXTRACTED for cell in build_report(damaged).cells)
    again = cells_by_key(asked(damaged))
    assert {key: (c.state, c.value) for key, c in again.items()} == {k: (c.state, c.value) for k, c in whole.items()}
    filled = [cell for cell in again.values() if cell.agreement is Agreement.ONLY_SECOND]
    assert {cell.row for cell in filled} == {"declined.repeat"} and len(filled) == 7
    assert {(cell.method, cell.second_method) for cell in filled} == {("pdfplumber/grid", "pdfium-lines")}
    assert all(cell.page and cell.bbox for cell in filled)


def test_a_misread_digit_is_found_by_its_sums_and_put_right():
    _, document = sample(CLEAN)
    key = ("applications", "granted", "natural_person")
    right = cells_by_key(build_report(document))[key]
    (place,) = places(document, key)
    damaged = each_cell(document, lambda cell: replace(cell, text="77") if cell.path == place else cell)
    cell = cells_by_key(asked(damaged))[key]
    assert (cell.value, cell.agreement, cell.method) == (right.value, Agreement.DIFFER, "pdfplumber/grid")
    assert (cell.second_raw, cell.second_method) == ("77", "pdfium-lines/grid")
    assert "77" in cell.note


def test_a_misread_digit_that_no_sum_proves_is_left_out():
    _, document = sample(CLEAN)
    wrong, sumless = ("applications", "granted", "natural_person"), ("proactive", "fees", "amount_10k_cny")
    whole = cells_by_key(build_report(document))
    printed = whole[sumless]
    assert printed.page == whole["applications", "received", "natural_person"].page  # read again with its column
    here = places(document, wrong, sumless)
    damaged = each_cell(document, lambda cell: replace(cell, text="77") if cell.path in here else cell)
    report = asked(damaged)
    cell = cells_by_key(report)[sumless]
    assert (cell.state, cell.value, cell.raw) == (State.NOT_EXTRACTED, None, None)
    assert "'77'" in cell.note and repr(printed.raw) in cell.note
    assert cells_by_key(report)[wrong].value != Decimal(77)


def test_no_more_pages_are_read_again_than_the_limits_allow(monkeypatch):
    _, document = sample(CLEAN)
    lost = row_of(document, "applications", "declined.repeat")
    damaged = each_cell(document, lambda cell: None if cell.path in lost else cell)
    assert not opinion.is_wanted(damaged, build_report(damaged), None, Limits(second_pages=0))
    seen = []
    monkeypatch.setattr("gongkai.documents.again._plain", lambda _, pages, __: seen.append(pages) or ())
    monkeypatch.setattr("gongkai.documents.scan.read_scan", lambda _, pages, *__, **___: seen.append(pages) or ())
    asked(damaged, limits=Limits(second_pages=1))
    assert [len(pages) for pages in seen] == [1, 1]


def test_a_way_that_fails_leaves_the_first_reading_and_says_so(monkeypatch):
    def fails(*_, **__):
        raise DamagedDocumentError("cut off")

    _, document = sample(WRONG_SUM)
    monkeypatch.setattr("gongkai.documents.again._plain", fails)
    monkeypatch.setattr("gongkai.documents.scan.read_scan", fails)
    report = asked(document, WRONG_SUM)
    assert report.cells == build_report(document).cells
    assert sum("gives nothing: cut off" in warning for warning in report.warnings) == 2
