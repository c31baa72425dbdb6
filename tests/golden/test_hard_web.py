"""Web pages that print a report in hard ways: each is read exactly, or flagged with no wrong value."""

from __future__ import annotations

import base64
import zipfile

import pytest

from gongkai.documents.read import read
from gongkai.errors import DocumentError
from gongkai.pipeline.extract import extract_file
from gongkai.reports.build import build_report
from gongkai.reports.model import Report

from .drawing import draw_form, png
from .hard_html import Look, body_of, forms_of, print_page, td
from .hard_html_looks import LOOKS
from .mutate import sample_entries
from .outcome import judge_reading

PAPERS = ["xiajiang-government-2024.pdf", "yunling-health-2024.html", "xiajiang-government-2019.html"]
"""Many different figures; blanks for zero; the form of 2019."""

FLAGGED = {"text in title only"}
"""What the page shows only on pointing at it is not printed: the cell is left open, never called blank."""


def paper(name):
    return sample_entries()[name].paper


@pytest.mark.parametrize("look", sorted(LOOKS))
def test_a_hard_page_is_exact_or_flagged(look):
    for name in PAPERS:
        report = build_report(read(print_page(paper(name), LOOKS[look]), "page.html"))
        outcome = judge_reading(report, paper(name).sheet)
        assert not outcome.wrong, (name, list(outcome.wrong.items())[:3])
        assert outcome.is_exact or look in FLAGGED, (name, len(outcome.missing))
        assert (report.identity.agency, report.identity.report_year) == (paper(name).agency, paper(name).report_year)


@pytest.mark.parametrize("by_table", [False, True], ids=["one after the other", "table by table"])
def test_two_reports_on_one_page_are_not_mixed(by_table):
    """本级 and 汇总 on one page: what they print differently is left open, and nothing is of the second."""
    first, second = paper(PAPERS[0]), paper("suqian-government-2024.docx")
    look = Look()
    if by_table:
        pairs = zip(forms_of(first), forms_of(second), strict=True)
        body = f"<h1>{first.title}</h1>" + "".join(
            f"<p>（本级）</p>{look.table(one, look.cell)}<p>（汇总）</p>{look.table(two, look.cell)}"
            for one, two in pairs
        )
    else:
        body = body_of(first, look) + body_of(second, look)
    report = build_report(read(f"<html><body><div id=zoom>{body}</div></body></html>".encode(), "page.html"))
    outcome = judge_reading(report, first.sheet)
    assert not outcome.wrong
    different = {key for key, cell in first.sheet.items() if cell.value != second.sheet[key].value}
    assert different <= outcome.missing


def test_a_table_that_a_script_writes_is_not_there():
    """What is left of the page gives what it prints; the script's table is not guessed at."""
    name = PAPERS[0]

    def table(form, cell):
        markup = Look().table(form, cell)
        return f"<script>document.write({markup!r})</script>" if form.code == "applications" else markup

    report = build_report(read(print_page(paper(name), Look(table=table)), "page.html"))
    outcome = judge_reading(report, paper(name).sheet)
    assert not outcome.wrong
    assert {key[0] for key in outcome.missing} == {"applications"}


def test_a_page_whose_tables_are_all_written_by_scripts_is_refused():
    look = Look(table=lambda form, cell: f"<script>document.write({Look().table(form, cell)!r})</script>")
    with pytest.raises(DocumentError):
        build_report(read(print_page(paper(PAPERS[0]), look), "page.html"))


def test_a_struck_value_alone_is_left_open():
    def inner(cell):
        return f"<s>{cell.text}</s>" if cell.key and cell.key[1:] == ("received", "total") else cell.text

    report = build_report(read(print_page(paper(PAPERS[0]), Look(cell=td(inner))), "page.html"))
    outcome = judge_reading(report, paper(PAPERS[0]).sheet)
    assert not outcome.wrong
    assert outcome.missing == {("applications", "received", "total")}


def pictured(codes: set[str]) -> tuple[bytes, dict[str, bytes]]:
    """A page some of whose tables are pictures beside it, and these pictures."""
    pictures: dict[str, bytes] = {}

    def table(form, cell):
        if form.code not in codes:
            return Look().table(form, cell)
        pictures[f"images/{form.code}.png"] = png(draw_form(form))
        return f'<p><img data-original="images/{form.code}.png" src="/blank.gif"></p>'

    return print_page(paper(PAPERS[0]), Look(table=table)), pictures


def extracted(path) -> Report:
    extraction = extract_file(path)
    assert extraction.report, extraction.reason
    return extraction.report


def test_a_table_that_is_a_picture_beside_the_page(tmp_path):
    data, pictures = pictured({"review"})
    page = tmp_path / "page.html"
    page.write_bytes(data)
    without = judge_reading(extracted(page), paper(PAPERS[0]).sheet)
    assert not without.wrong
    assert {key[0] for key in without.missing} == {"review"}
    (tmp_path / "images").mkdir()
    for name, picture in pictures.items():
        (tmp_path / name).write_bytes(picture)
    report = extracted(page)
    assert judge_reading(report, paper(PAPERS[0]).sheet).is_exact
    assert all(cell.path.startswith("img[1]/table[1]/") for cell in report.cells if cell.table == "review")


@pytest.mark.slow
@pytest.mark.parametrize("way", ["folder", "zip", "mhtml"])
def test_a_report_whose_tables_are_all_pictures(tmp_path, way):
    data, pictures = pictured({"proactive", "applications", "review"})
    if way == "folder":
        path = tmp_path / "page.html"
        path.write_bytes(data)
        (tmp_path / "images").mkdir()
        for name, picture in pictures.items():
            (tmp_path / name).write_bytes(picture)
    elif way == "zip":
        path = tmp_path / "report.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("年报/page.html", data)
            for name, picture in pictures.items():
                archive.writestr(f"年报/{name}", picture)
    else:
        path = tmp_path / "page.mht"
        parts = [
            b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n"
            b"Content-Location: http://a.gov.cn/x/page.html\nContent-Transfer-Encoding: base64\n\n"
            + base64.encodebytes(data)
        ]
        for name, picture in pictures.items():
            head = f"Content-Type: image/png\nContent-Location: http://a.gov.cn/x/{name}\n"
            head += "Content-Transfer-Encoding: base64\n\n"
            parts.append(head.encode() + base64.encodebytes(picture))
        path.write_bytes(b"\n--b\n".join(parts) + b"\n--b--\n")
    outcome = judge_reading(extracted(path), paper(PAPERS[0]).sheet)
    assert not outcome.wrong
    assert len(outcome.missing) < 0.02 * len(paper(PAPERS[0]).sheet)
