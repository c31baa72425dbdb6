"""Readings in doubt are made again: what the first lost comes back where it is proved, what it misread shows."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cache

import pytest

from gongkai.documents.model import Document, Grid
from gongkai.documents.pdf import read_pdf
from gongkai.documents.read import read
from gongkai.errors import DamagedDocumentError, NoTablesError, NotAReportError, UnknownTemplateError
from gongkai.reports import opinion
from gongkai.reports.build import build_report
from gongkai.reports.identity import Hints
from gongkai.reports.model import Agreement, Report, State
from gongkai.reports.sums import cells_by_key, failing_cells
from gongkai.settings import ROOT, Limits

DOCUMENTS = ROOT / "include" / "samples" / "documents"
CLEAN, WRONG_SUM = "yunling-health-2023.pdf", "xiajiang-government-2024.pdf"
LIMITS = Limits()
HINTS = Hints(title="云岭县卫生健康局2023年政府信息公开工作年度报告")


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


@pytest.mark.slow
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


def scan_of(name: str, *, keep_text: bool = False) -> bytes:
    """The pages of a sample as pictures; with `keep_text` below lines of text that are no table."""
    import io

    import pypdfium2
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842))
    with pypdfium2.PdfDocument(sample(name)[0]) as source:
        for page in source:
            picture = page.render(scale=200 / 72, grayscale=True).to_pil()
            if keep_text:
                width, height = picture.size
                picture = picture.crop((0, height // 20, width, height))
            canvas.drawImage(ImageReader(picture), 0, 0, 595, 842 * (0.95 if keep_text else 1))
            if keep_text:
                canvas.drawString(60, 820, "Appendix of the annual report, pages as pictures")
            canvas.showPage()
    canvas.save()
    return buffer.getvalue()


@pytest.mark.slow
def test_a_scan_in_doubt_is_looked_at_in_other_sizes():
    data = scan_of(WRONG_SUM)
    document = read(data)
    first = build_report(document)
    printed = build_report(sample(WRONG_SUM)[1])
    key = ("applications", "granted", "natural_person")
    (place,) = places(document, key)
    damaged = each_cell(document, lambda cell: replace(cell, text="77") if cell.path == place else cell)
    report = opinion.ask(data, damaged, build_report(damaged), None, LIMITS)
    assert [(c.state, c.value) for c in report.cells] == [(c.state, c.value) for c in printed.cells]
    cells = cells_by_key(report)
    assert (cells[key].agreement, cells[key].second_raw) == (Agreement.DIFFER, "77")
    assert cells[key].method == "scan-ocr-250dpi/grid"
    assert {cells[one].agreement for one in failing_cells(first) - {key}} == {Agreement.AGREE}


@pytest.mark.slow
def test_tables_as_pictures_between_text_are_recognised():
    """The reader finds them itself; where it read the text alone, the second opinion does."""
    data = scan_of(CLEAN, keep_text=True)
    truth = {key: (c.state, c.value) for key, c in cells_by_key(build_report(sample(CLEAN)[1])).items()}
    at_once = cells_by_key(build_report(read(data), HINTS))
    assert {key: (c.state, c.value) for key, c in at_once.items()} == truth
    document = read_pdf(data, LIMITS)
    with pytest.raises((NoTablesError, NotAReportError, UnknownTemplateError)) as refused:
        build_report(document, HINTS)
    assert opinion.is_wanted(document, None, NoTablesError("none"), LIMITS)
    report = opinion.ask(data, document, None, HINTS, LIMITS)
    assert refused and report is not None
    assert {key: (c.state, c.value) for key, c in cells_by_key(report).items()} == truth


@pytest.mark.slow
def test_pages_whose_characters_mean_nothing_are_recognised_instead():
    data, document = sample(CLEAN)
    garbage = each_cell(document, lambda cell: replace(cell, text="\ue000" * len(cell.text)))
    notes = tuple(f"page {number}: 900 characters have no Unicode value" for number in (1, 2, 3))
    garbage = replace(garbage, warnings=notes)
    report = opinion.ask(data, garbage, None, None, LIMITS)
    truth = build_report(document)
    assert report is not None
    assert [(c.state, c.value) for c in report.cells] == [(c.state, c.value) for c in truth.cells]
    assert {cell.method.split("/")[0] for cell in report.cells} == {"pdfium-lines+scan-ocr"}
