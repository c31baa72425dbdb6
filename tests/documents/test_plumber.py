"""The second reader of PDF text: the cells of the first by another parser, not fooled by white fills, bounded."""

from __future__ import annotations

import io

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from gongkai.documents.model import Grid, TextBlock
from gongkai.documents.pdf import read_pdf
from gongkai.documents.plumber import read_plain
from gongkai.errors import DamagedDocumentError, LimitError
from gongkai.settings import ROOT, Limits

FONT, WIDTH, HEIGHT = "STSong-Light", 595, 842
ROWS = [["信息内容", "本年制发件数", "现行有效件数"], ["规章", "1", "11"], ["行政规范性文件", "8", "66"]]
DOCUMENTS = ROOT / "include" / "samples" / "documents"


def make(white_fills=False, turn=0, pages=1, **options) -> bytes:
    """A table of three rows below a line of text, on each page."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(WIDTH, HEIGHT), **options)
    for _ in range(pages):
        canvas.setPageRotation(turn)
        across, up = (HEIGHT, WIDTH) if turn in (90, 270) else (WIDTH, HEIGHT)
        canvas.translate(*{0: (0, 0), 90: (across, 0), 180: (across, up), 270: (0, up)}[turn])
        canvas.rotate(turn)
        canvas.setFont(FONT, 12)
        canvas.drawString(70, HEIGHT - 60, "二、主动公开政府信息情况")
        for index, row in enumerate(ROWS):
            for place, words in enumerate(row):
                x, y = 70 + 110 * place, HEIGHT - 120 - 20 * index
                canvas.rect(x, y, 110, 20)
                if white_fills:
                    canvas.setFillGray(1)
                    canvas.rect(x + 3, y + 3, 60, 14, stroke=0, fill=1)
                    canvas.setFillGray(0)
                canvas.drawString(x + 4, y + 5, words)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def grids(blocks):
    return [
        [(c.text, c.row, c.col, c.row_span, c.col_span, c.page) for c in g.cells] for g in blocks if isinstance(g, Grid)
    ]


def boxes(blocks):
    return [number for grid in blocks if isinstance(grid, Grid) for cell in grid.cells for number in cell.bbox]


@pytest.mark.parametrize(
    "data",
    [make(), make(white_fills=True), make(cropBox=(50, 40, WIDTH, HEIGHT - 10)), make(turn=90), make(turn=180)],
    ids=["plain", "white fills", "cropped", "turned", "upside down"],
)
def test_another_parser_gives_the_same_cells_at_the_same_places(data):
    blocks = read_plain(data, [1], Limits())
    first = read_pdf(data, Limits()).blocks
    assert grids(blocks) == grids(first) and len(grids(blocks)) == 1
    assert boxes(blocks) == pytest.approx(boxes(first), abs=0.5)
    assert [block.text for block in blocks if isinstance(block, TextBlock)] == ["二、主动公开政府信息情况"]


def test_only_the_pages_asked_for_are_read():
    assert {block.page for block in read_plain(make(pages=4), [2, 4], Limits())} == {2, 4}


def test_merged_cells_keep_their_spans():
    data = (DOCUMENTS / "huaian-government-2024.pdf").read_bytes()
    (table,) = [block for block in read_plain(data, [3], Limits()) if isinstance(block, Grid)]
    assert max(cell.col_span for cell in table.cells) == 10


def test_a_page_of_too_many_characters_is_refused():
    with pytest.raises(LimitError, match="page 1"):
        read_plain(make(), [1], Limits(page_chars=20))


@pytest.mark.parametrize("data", [b"%PDF-1.7 nothing", make()[:700]], ids=["no PDF", "cut off"])
def test_what_pdfminer_cannot_read_is_an_error_of_ours(data):
    with pytest.raises(DamagedDocumentError):
        read_plain(data, [1], Limits())
