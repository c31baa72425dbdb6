"""What is read of a PDF without embedded fonts does not depend on the machine."""

import ctypes

import pypdfium2
from pypdfium2 import raw
from reportlab.pdfgen.canvas import Canvas

from gongkai.documents.pdf import read_pdf
from gongkai.documents.pdf_fonts import font_folder
from gongkai.settings import Limits

from .test_pdf import make_pdf, text


def painted_height(data: bytes) -> float:
    """Height of the first glyph's ink."""
    found = pypdfium2.PdfDocument(data)[0].get_textpage()
    edges = [ctypes.c_double() for _ in range(4)]
    raw.FPDFText_GetCharBox(found.raw, 0, *edges)
    bottom, top = (edge.value for edge in edges[2:])
    return top - bottom


def test_the_fonts_are_there() -> None:
    assert {path.name for path in font_folder().glob("*.otf")} == {"NotoSansSC-Regular.otf", "NotoSerifSC-Regular.otf"}


def test_characters_of_a_font_that_is_not_embedded_have_glyphs() -> None:
    assert painted_height(make_pdf(lambda c: text(c, 70, 100, "国", size=12))) > 8


def test_equal_lines_below_each_other_are_all_read() -> None:
    def page(c: Canvas) -> None:
        for index in range(20):
            text(c, 70, 100 + 20 * index, "政府信息公开")

    read = "".join(block.text for block in read_pdf(make_pdf(page), Limits()).texts())
    assert read.count("政府信息公开") == 20
