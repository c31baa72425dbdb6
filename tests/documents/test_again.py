"""Which other way serves which page."""

from __future__ import annotations

import pytest

from gongkai.documents import pdf
from gongkai.documents.again import pictured_pages, recognised_pages, unmapped_pages, ways
from gongkai.documents.model import Document, Grid, GridCell, TextBlock
from gongkai.documents.pdf_chars import Frame, PageChars
from gongkai.documents.pdf_rules import Rules
from gongkai.settings import ROOT, Limits

DOCUMENTS = ROOT / "include" / "samples" / "documents"
CHARS = [(0.0, 0.0, 9.0, 9.0, "字")] * 100


def noticed(page: int, *, unmapped: int = 0, sideways: bool = False, picture: float = 0.0) -> list[str]:
    """What the PDF reader says of such a page: its words decide how it is read again."""
    chars = PageChars(Frame(0, 0, 0, 595, 842), CHARS, unmapped, sideways)
    return list(pdf._doubts(f"page {page}", chars, Rules(picture=picture)))


def served(document: Document) -> list[tuple[str, set[int]]]:
    return [(way.method, set(way.serves)) for way in ways(document, b"", Limits())]


def document(warnings=(), method="pdfium-lines", blocks=(), form="pdf", pages=4) -> Document:
    return Document(form, "0" * 64, tuple(blocks), pages=pages, warnings=tuple(warnings), method=method)


def test_text_is_parsed_again_then_recognised():
    assert served(document()) == [
        ("pdfplumber", {1, 2, 3, 4}),
        ("scan-ocr-250dpi", {1, 2, 3, 4}),
        ("scan-ocr-160dpi", set()),
    ]


@pytest.mark.parametrize("notice", [{"unmapped": 50}, {"sideways": True}, {"picture": 0.9}])
def test_a_page_whose_text_layer_is_doubtful_is_recognised_at_once(notice):
    found = served(document(noticed(2, **notice)))
    assert found == [("pdfplumber", {1, 3, 4}), ("scan-ocr-250dpi", {1, 2, 3, 4}), ("scan-ocr-160dpi", {2})]


def test_pages_with_characters_that_mean_nothing_are_told_from_others():
    assert unmapped_pages(document([*noticed(2, unmapped=50), *noticed(3, picture=0.9)])) == {2}
    assert noticed(1) == []


def test_recognised_pages_are_looked_at_in_two_other_sizes():
    scan = document(method="scan-ocr")
    assert recognised_pages(scan) == {1, 2, 3, 4}
    assert served(scan)[1:] == [("scan-ocr-250dpi", {1, 2, 3, 4}), ("scan-ocr-160dpi", {1, 2, 3, 4})]
    cell = GridCell(0, 0, 1, 1, "3", page=3, confidence=0.97)
    doubted = GridCell(0, 0, 1, 1, "1 2", page=4, confidence=0.4)  # text that stands oddly, as the reader of text says
    blocks = [TextBlock("文", page=1), Grid(1, 1, (cell,), page=3), Grid(1, 1, (doubted,), page=4)]
    assert recognised_pages(document(method="pdfium-lines+scan-ocr", blocks=blocks)) == {3}
    assert recognised_pages(document(blocks=blocks)) == frozenset()


def test_pictures_are_looked_at_in_two_other_sizes_and_exact_formats_not_again():
    assert served(document(form="png", pages=1)) == [("scan-ocr-250dpi", {1}), ("scan-ocr-160dpi", {1})]
    assert served(document(form="docx", pages=None)) == []


def test_what_was_read_by_pdfplumber_is_not_confirmed_by_it():
    assert served(document(method="pdfplumber"))[0][0] == "scan-ocr-250dpi"


def test_a_page_with_a_large_picture_may_hide_a_table(tmp_path):
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(tmp_path / "x.pdf"), pagesize=(595, 842))
    for width, height in ((0, 0), (60, 60), (450, 300)):
        if width:
            canvas.drawImage(ImageReader(Image.new("L", (30, 30))), 50, 50, width, height)
        canvas.drawString(50, 800, "text")
        canvas.showPage()
    canvas.save()
    data = (tmp_path / "x.pdf").read_bytes()
    assert pictured_pages(data, [1, 2, 3]) == {3}
    assert pictured_pages(data, [1, 2]) == frozenset()
