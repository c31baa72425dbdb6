"""OFD: characters and rules at their places, tables as in a PDF, parts by name, and what is refused."""

from pathlib import Path

import pytest
from tests.documents.making import outline, tables, texts, zipped
from tests.documents.ofd_making import grid, line, ofd, ofd_of_pdf, page, path, rect, text

from gongkai.documents.read import read
from gongkai.errors import DamagedDocumentError, EmptyDocumentError, LimitError
from gongkai.reports.build import build_report
from gongkai.settings import ROOT, Limits

SAMPLES = sorted((ROOT / "include" / "samples" / "documents").glob("*.pdf"))
XS, YS = [20, 60, 100, 140], [40, 50, 60]


def filled(columns: int = 3) -> str:
    words = [("项目", "自然人", "总计"), ("申请数", "3", "12")]
    return "".join(text(XS[col] + 2, YS[row] + 2, 4, words[row][col]) for row in range(2) for col in range(columns))


def test_text_and_table():
    document = read(ofd([page(text(20, 20, 5, "一、总体情况") + grid(XS, YS) + filled())], title="年报"), "a.pdf")
    assert document.format == "ofd"
    assert document.meta["title"] == "年报"
    assert outline(document) == ["一、总体情况", [["项目", "自然人", "总计"], ["申请数", "3", "12"]]]
    last = next(document.grids()).cells[-1]
    assert (last.page, last.path) == (1, "page[1]/table[1]/row[2]/cell[3]")
    assert last.bbox == pytest.approx([mm * 72 / 25.4 for mm in (100, 50, 140, 60)], abs=0.1)


def test_filled_rules_and_white_fills():
    """Rules as thin filled rectangles; white fills behind the text are no rules."""
    rules = "".join(rect(20, y, 140.2, y + 0.2) for y in YS) + "".join(rect(x, 40, x + 0.2, 60.2) for x in XS)
    white = path(20, 45, "M 0 0 L 120 0 L 120 0.2 L 0 0.2 C", 'Stroke="false" Fill="true"').replace(
        "0 0 0", "255 255 255", 1
    )
    assert tables(read(ofd([page(white + rules + filled())]))) == [[["项目", "自然人", "总计"], ["申请数", "3", "12"]]]


def test_matrix_runs_and_groups():
    """A CTM scales and moves; "g n v" repeats an advance; objects may stand in page blocks and curves draw no rule."""
    runs = (
        '<ofd:PageBlock><ofd:TextObject Boundary="20 30 9 9" Size="2" CTM="2 0 0 2 5 0">'
        '<ofd:TextCode X="0" Y="2" DeltaX="g 3 2">收到申请</ofd:TextCode>'
        '<ofd:TextCode X="0" Y="5">3件</ofd:TextCode></ofd:TextObject></ofd:PageBlock>'
    )
    curve = path(0, 0, "M 0 0 B 1 1 2 2 200 0 Q 1 1 0 0 A 1 1 0 1 0 9 9 L 9 100 X")
    document = read(ofd([page(runs + curve)]))
    assert "".join(texts(document)) == "收到申请3件"
    x0, top, x1, _ = next(document.texts()).bbox
    assert (x0, x1) == pytest.approx((25 * 72 / 25.4, 41 * 72 / 25.4), abs=0.1)
    assert top == pytest.approx((30 + 2 * (2 - 0.86 * 2)) * 72 / 25.4, abs=0.1)


def test_templates_areas_and_hidden_objects():
    """A page shows its template; its own area moves it; invisible objects do not count."""
    common = '<ofd:TemplatePage ID="9" BaseLoc="/Doc_0/Tpls/t.xml"/>'
    body = text(120, 120, 4, "申请数12件，上年结转3件") + text(120, 140, 4, "藏", 'Visible="false"') + line(0, 0, 9, 9)
    content = page(body, "100 100 210 297", '<ofd:Template TemplateID="9"/><ofd:Template TemplateID="none"/>')
    document = read(ofd([content], common, {"Doc_0/Tpls/t.xml": page(text(120, 110, 4, "云岭县人民政府"))}))
    assert texts(document) == ["云岭县人民政府", "申请数12件，上年结转3件"]
    assert next(document.texts()).bbox[0] == pytest.approx(20 * 72 / 25.4, abs=0.1)


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_reads_what_the_same_pdf_reads(file: Path):
    """Drawn at the same places, an OFD gives the cells of the PDF."""
    data = file.read_bytes()
    pdf, drawn = read(data), read(ofd_of_pdf(data))
    assert tables(drawn) == tables(pdf)
    expected = [(c.table, c.row, c.column, c.state, c.value) for c in build_report(pdf).cells]
    assert [(c.table, c.row, c.column, c.state, c.value) for c in build_report(drawn).cells] == expected


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (zipped({"OFD.xml": "<a>"}), DamagedDocumentError),
        (zipped({"OFD.xml": "<a/>"}), DamagedDocumentError),
        (zipped({"OFD.xml": "<a><DocBody><DocRoot>../../etc/passwd</DocRoot></DocBody></a>"}), DamagedDocumentError),
        (ofd([]), DamagedDocumentError),
        (ofd([page('<ofd:ImageObject Boundary="0 0 210 297"/>')]), EmptyDocumentError),
        (ofd(["<a>"]), DamagedDocumentError),
    ],
)
def test_refused(data, error):
    with pytest.raises(error):
        read(data)


def test_limits_hold():
    with pytest.raises(LimitError, match="pages"):
        read(ofd([page(text(1, 1, 4, "文"))] * 3), limits=Limits(pages=2))
    with pytest.raises(LimitError, match="draws too much"):
        read(ofd([page(path(0, 0, "L 1 1 " * 500))]), limits=Limits(page_chars=10, cells=100))
    with pytest.raises(LimitError, match="characters"):
        read(ofd([page(text(1, 1, 4, "文" * 60))]), limits=Limits(text_chars=50))


def test_strange_numbers_do_no_harm():
    strange = (
        '<ofd:TextObject Boundary="x 1 nan 1" Size="1e99">'
        '<ofd:TextCode X="inf" DeltaX="g 999999999 1 g">文</ofd:TextCode></ofd:TextObject>'
        '<ofd:TextObject Size="4" CTM="1 2"><ofd:TextCode DeltaX="g -5 1">字</ofd:TextCode></ofd:TextObject>'
    )
    assert texts(read(ofd([page(strange + path(0, 0, "M a L 1 L"))]))) == ["字"]
