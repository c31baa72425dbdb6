"""Explanations: boxes sit on what was read, both sides are linked, documents cannot write into our pages."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from decimal import Decimal

import pypdfium2
import pytest
from lxml import html as lxml_html
from PIL import Image

from gongkai.contracts.load import load_templates
from gongkai.documents.model import Document, Grid, GridCell, TextBlock
from gongkai.documents.read import read
from gongkai.errors import RunError
from gongkai.pipeline import explain_pictures
from gongkai.pipeline.explain import MOST_PICTURES, Explanations, pages_to_show
from gongkai.pipeline.explain_blocks import shown_blocks
from gongkai.pipeline.explain_view import (
    boxes_by_page,
    kind_of,
    marks_of,
    outlines_by_page,
    spots_by_path,
    value_tables,
)
from gongkai.pipeline.extract import extract_bytes, extract_file
from gongkai.reports.model import Cell, State
from gongkai.settings import ROOT, Limits, get_settings

DOCUMENTS = ROOT / "include" / "samples" / "documents"
PDF = DOCUMENTS / "xiajiang-government-2024.pdf"
HTML = DOCUMENTS / "xiajiang-transport-2023.html"
DOCX = DOCUMENTS / "yunling-government-2023.docx"


def changed_pdf(change):
    """The sample PDF with `change` made to each page."""
    document = pypdfium2.PdfDocument(PDF.read_bytes())
    for page in document:
        change(page)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def cropped(page):
    page.set_cropbox(20, 15, page.get_width() - 25, page.get_height() - 10)


def landscape(page):
    """Lay the page's content on its side and let /Rotate turn it upright again."""
    width, height = page.get_size()
    pypdfium2.raw.FPDFPage_TransFormWithClip(page, pypdfium2.raw.FS_MATRIX(0, 1, -1, 0, height, 0), None)
    page.set_mediabox(0, 0, height, width)
    page.set_cropbox(0, 0, height, width)
    page.set_rotation(90)


def ink(picture, bbox, scale):
    """Tell whether anything dark stands well inside a box."""
    x0, top, x1, bottom = (value * scale for value in bbox)
    inner = picture.convert("L").crop((round(x0) + 3, round(top) + 3, round(x1) - 3, round(bottom) - 3))
    return inner.getextrema()[0] < 128


@pytest.mark.parametrize(
    "change",
    [
        lambda page: None,
        cropped,
        landscape,
        pytest.param(lambda page: page.set_rotation(90), marks=pytest.mark.slow),
        pytest.param(lambda page: page.set_rotation(180), marks=pytest.mark.slow),
        pytest.param(lambda page: page.set_rotation(270), marks=pytest.mark.slow),
    ],
    ids=["as printed", "cropped", "landscape", "turned 90", "turned 180", "turned 270"],
)
def test_boxes_sit_on_the_figures_of_the_picture(change):
    data = changed_pdf(change)
    report = extract_bytes(data).report
    boxes = boxes_by_page(marks_of(report, load_templates()[report.template]), load_templates()[report.template])
    assert sum(len(box.spot.marks) for page in boxes.values() for box in page) == len(report.cells)
    found = [0, 0]
    with explain_pictures.open_pdf(data) as pdf:
        for number, on_page in boxes.items():
            page = explain_pictures.page_picture(pdf, number, Limits())
            for box in on_page:
                printed = bool(box.spot.marks[0].cell.raw.strip())
                assert ink(page.picture, box.bbox, page.scale) == printed, box.spot.title
                found[printed] += 1
    assert found[True] > 100


def test_the_drawn_picture_differs_in_the_boxes_alone():
    data = PDF.read_bytes()
    report, document = extract_bytes(data).report, read(data)
    contract = load_templates()[report.template]
    number, boxes = next(iter(boxes_by_page(marks_of(report, contract), contract).items()))
    with explain_pictures.open_pdf(data) as pdf:
        page = explain_pictures.page_picture(pdf, number, Limits())
    drawn = explain_pictures.draw(page, outlines_by_page(document)[number], boxes)
    assert drawn.size == page.picture.size
    for box in boxes:
        corner = (round(box.bbox[0] * page.scale), round(box.bbox[1] * page.scale))
        assert drawn.getpixel(corner) == explain_pictures.COLOURS[box.spot.kind]
    assert drawn.getpixel((2, 2)) == page.picture.getpixel((2, 2))


def explained(folder, *files):
    explanations = Explanations(folder)
    for file in files:
        explanations.add(file, extract_file(file))
    return [page_of(folder, file) for file in files], explanations.finish()


def page_of(folder, file):
    return folder / f"{hashlib.sha256(file.read_bytes()).hexdigest()[:20]}.html"


def keys_by_side(page):
    sides = {"page": {}, "values": {}}
    for element in lxml_html.parse(str(page)).iterfind(".//*[@data-c]"):
        for key in element.get("data-c").split():
            sides.get(element.get("data-side"), {}).setdefault(int(key), []).append(element)
    return sides


@pytest.mark.parametrize("file", [PDF, HTML, DOCX], ids=lambda file: file.suffix)
def test_every_value_is_linked_with_its_place(file, tmp_path):
    (page,), _ = explained(tmp_path, file)
    cells = extract_file(file).report.cells
    sides = keys_by_side(page)
    assert set(sides["page"]) == set(sides["values"]) == set(range(len(cells)))
    for key, cell in enumerate(cells):
        (value,), (place,) = sides["values"][key], sides["page"][key]
        assert (value.text or "") == (f"{cell.value:f}" if cell.state is State.NUMBER else value.text or "")
        assert f"{cell.table} / {cell.row} / {cell.column}" in value.get("title")
        if file is not PDF:
            assert (place.text or "").strip() == cell.raw.strip()


@pytest.mark.parametrize("file", [PDF, HTML], ids=lambda file: file.suffix)
def test_the_member_of_an_archive_that_is_the_report_is_shown(file, tmp_path):
    packed = tmp_path / "attachment.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("说明.txt", "请下载附件")
        archive.writestr(f"年报/{file.name}", file.read_bytes())
    (page,), _ = explained(tmp_path / "out", packed)
    assert set(keys_by_side(page)["page"]) == set(range(len(extract_file(file).report.cells)))


def test_files_are_named_by_the_content_alone(tmp_path):
    file = tmp_path / "..%2f<b>\"报告'.pdf"
    file.write_bytes(PDF.read_bytes())
    (page,), index = explained(tmp_path / "out", file)
    stem = hashlib.sha256(PDF.read_bytes()).hexdigest()[:20]
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert page.name == f"{stem}.html"
    assert all(re.fullmatch(rf"{stem}(-p\d+(-grid)?)?\.(html|png)|index\.html", name) for name in names)
    images = re.findall(r'(?:image|a) href="([^"]+)"', page.read_text(encoding="utf-8"))
    assert set(images) <= names and len(images) >= 2
    assert lxml_html.parse(str(index)).findtext(".//tbody//a") == str(file)


HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


def test_what_documents_say_is_escaped_and_the_policy_lets_only_our_script_run(tmp_path):
    text = HTML.read_text(encoding="utf-8").replace("总体情况", "总体情况" + HOSTILE.replace("<", "&lt;"), 1)
    file = tmp_path / "a.html"
    file.write_text(
        re.sub(r"(<td[^>]*>)\s*0\s*</td>", r"\g<1>" + HOSTILE.replace("<", "&lt;") + "</td>", text, count=1)
    )
    (page,), _ = explained(tmp_path / "out", file)
    tree = lxml_html.parse(str(page))
    assert "alert(1)" in page.read_text(encoding="utf-8")
    (script,) = tree.iterfind(".//script")
    assert not list(tree.iterfind(".//img"))
    assert not [name for element in tree.iter() for name in element.attrib if name.startswith("on") or name == "style"]
    policy = tree.find(".//meta[@http-equiv]").get("content")
    assert policy.startswith("default-src 'none'")
    for inline, rule in ((script.text, "script-src"), (tree.findtext(".//style"), "style-src")):
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"{rule} 'sha256-{digest}'" in policy
    assert "http" not in re.sub(r"http-equiv|xmlns=\S+", "", page.read_text(encoding="utf-8").split("<body>")[1])


def test_documents_without_report_are_in_the_index_with_the_reason(tmp_path):
    bad, other, empty = (tmp_path / name for name in ("bad.pdf", "other.html", "empty.pdf"))
    bad.write_bytes(PDF.read_bytes()[:3000])
    other.write_text("<html><body><h1>云岭县法治政府建设报告</h1><p>一、概况</p></body></html>", encoding="utf-8")
    empty.write_bytes(b"")
    pages, index = explained(tmp_path / "out", bad, other, empty)
    lines = lxml_html.parse(str(index)).findall(".//tbody/tr")
    assert [line.get("class") for line in lines] == ["reason"] * 3
    assert "not an annual disclosure report" in lines[1].text_content()
    assert "云岭县法治政府建设报告" in pages[1].read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(RunError, match="cannot be written"):
        Explanations(tmp_path / "taken")
    (tmp_path / "index.html").mkdir()
    with pytest.raises(RunError, match=r"index\.html: explanations cannot be written"):
        Explanations(tmp_path).finish()


def test_a_document_that_takes_too_long_is_explained_without_pictures(tmp_path, monkeypatch):
    monkeypatch.setenv("GONGKAI_LIMIT_SECONDS", "0.05")
    get_settings.cache_clear()
    (page,), index = explained(tmp_path, PDF)
    monkeypatch.undo()
    get_settings.cache_clear()
    assert "reading took too long" in lxml_html.parse(str(page)).findtext(".//p[@class='note']")
    assert len(keys_by_side(page)["values"]) == 200
    assert not lxml_html.parse(str(index)).findall(".//tr[@class='reason']")


def test_doubtful_values_stand_out(tmp_path):
    extraction = extract_file(PDF)
    cells = list(extraction.report.cells)
    cells[0] = replace(cells[0], state=State.TEXT, value=None, raw="约三")
    cells[1] = replace(cells[1], confidence=0.6)
    cells[2] = replace(cells[2], state=State.NOT_EXTRACTED, value=None, raw=None, page=None, bbox=None, note="no cell")
    explanations = Explanations(tmp_path)
    explanations.add(PDF, replace(extraction, report=replace(extraction.report, cells=tuple(cells))))
    index, page = explanations.finish(), page_of(tmp_path, PDF)
    listed = lxml_html.parse(str(page)).findall(".//*[@class='doubtful']//li")
    assert [(item.get("data-c"), item.get("class")) for item in listed] == [
        ("0", "doubt"), ("1", "doubt"), ("2", "missing"),
    ]  # fmt: skip
    sides = keys_by_side(page)
    assert "doubt" in sides["page"][1][0].get("class").split()
    assert 2 not in sides["page"]
    row = lxml_html.parse(str(index)).find(".//tbody/tr")
    assert [cell.text for cell in row][5:7] == [str(len(cells)), "3"]


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        (Cell("t", "r", "c", State.NUMBER, Decimal(1), "1", confidence=1.0), "sure"),
        (Cell("t", "r", "c", State.BLANK, None, "", confidence=1.0), "nothing"),
        (Cell("t", "r", "c", State.BLANK, None, "", confidence=0.5), "doubt"),
        (Cell("t", "r", "c", State.TEXT, None, "许多", confidence=1.0), "doubt"),
        (Cell("t", "r", "c", State.NOT_EXTRACTED), "missing"),
    ],
)
def test_kinds(cell, kind):
    assert kind_of(cell) == kind


def test_pictures_are_bounded():
    def huge(page):
        page.set_mediabox(0, 0, 14000, 14000)
        page.set_cropbox(0, 0, 14000, 14000)

    def ribbon(page):
        page.set_mediabox(0, 0, 14000, 20)
        page.set_cropbox(0, 0, 14000, 20)

    for change in (huge, ribbon):
        with explain_pictures.open_pdf(changed_pdf(change)) as pdf:
            page = explain_pictures.page_picture(pdf, 1, Limits())
        assert page.picture.width * page.picture.height <= explain_pictures.MOST_PIXELS + 10_000
        assert max(page.picture.size) <= explain_pictures.LONGEST_SIDE + 1
        assert isinstance(page.picture, Image.Image)


def test_of_long_documents_the_pages_with_values_are_shown():
    shown = pages_to_show(500, boxes={300, 301}, outlines={400})
    assert len(shown) == MOST_PICTURES
    assert {1, 300, 301, 400} <= set(shown)
    assert shown == sorted(shown)


def test_a_grid_is_shown_again_with_its_spans_gaps_and_codes():
    cells = (
        GridCell(0, 0, 2, 1, "甲", "t/1"), GridCell(0, 1, 1, 2, "乙", "t/2"),
        GridCell(1, 2, 1, 1, "3", "t/3"),
        GridCell(2, 0, 1, 1, "丙", "t/4"),
    )  # fmt: skip
    document = Document("html", "0" * 64, (TextBlock("一、总体情况", "p[1]"), Grid(3, 3, cells, "t")))
    report = extract_file(HTML).report
    cell = replace(report.cells[0], path="t/3", raw="3")
    marks = marks_of(replace(report, cells=(cell,)), load_templates()[report.template])
    paragraph, grid = shown_blocks(document, spots_by_path(marks), 100, 100)
    assert paragraph.text == "一、总体情况"
    shape = [[(c.text, c.row_span, c.col_span, c.is_gap, bool(c.spot)) for c in row] for row in grid.rows]
    assert shape == [
        [("甲", 2, 1, False, False), ("乙", 1, 2, False, False)],
        [("", 1, 1, True, False), ("3", 1, 1, False, True)],
        [("丙", 1, 1, False, False), ("", 1, 1, True, False), ("", 1, 1, True, False)],
    ]
    assert grid.rows[1][1].row_code == cell.row
    (short,) = shown_blocks(replace(document, blocks=document.blocks[1:]), spots_by_path(marks), -1, 0)
    assert (len(short.rows), short.left_out) == (1, 2)


def test_the_table_of_values_is_the_form_as_printed():
    report = extract_file(HTML).report
    contract = load_templates()[report.template]
    tables = value_tables(marks_of(report, contract), contract)
    assert [table.code for table in tables] == ["proactive", "applications", "review"]
    assert sum(mark is not None for table in tables for row in table.rows for mark in row.marks) == len(report.cells)


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["real/szfgs2024.pdf", "seeds/003_scan.pdf"])
def test_boxes_sit_on_the_figures_of_real_reports(name, shared):
    data = (shared / "corpus" / name).read_bytes()
    report = extract_bytes(data).report
    contract = load_templates()[report.template]
    boxes = boxes_by_page(marks_of(report, contract), contract)
    assert sum(map(len, boxes.values())) == 200
    with explain_pictures.open_pdf(data) as pdf:
        for number, on_page in boxes.items():
            page = explain_pictures.page_picture(pdf, number, Limits())
            assert all(ink(page.picture, box.bbox, page.scale) for box in on_page)


def test_the_command_explains_what_it_extracts(tmp_path):
    command = [sys.executable, "-c", "from gongkai.cli import main; main()", "extract", str(HTML), str(PDF)]
    plain = subprocess.run([*command, "--format", "csv"], capture_output=True, check=True)
    done = subprocess.run(
        [*command, "--format", "csv", "--explain", str(tmp_path / "x")], capture_output=True, check=True
    )
    assert done.stdout == plain.stdout
    assert done.stderr.decode().strip() == f"explained in {tmp_path / 'x' / 'index.html'}"
    links = lxml_html.parse(str(tmp_path / "x" / "index.html")).findall(".//tbody//a")
    assert [link.text for link in links] == [str(HTML), str(PDF)]
    assert all((tmp_path / "x" / link.get("href")).is_file() for link in links)
