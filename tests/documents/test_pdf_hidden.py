"""Text of a PDF that nobody sees is no value; text that merely looks hidden is."""

import pytest
from reportlab.pdfgen.canvas import Canvas

from .test_pdf import HEIGHT, ROWS, WIDTH, XS, YS, picture, read, table, text, texts


def hidden(c: Canvas, way: str) -> None:
    c.saveState()
    drawn = c.beginText(XS[1] + 30, HEIGHT - YS[1] - 14)
    drawn.setFont("STSong-Light", 12)
    if way == "white":
        drawn.setFillGray(1)
    elif way == "clear":
        c.setFillAlpha(0)
    elif way == "mode":
        drawn.setTextRenderMode(3)
    elif way == "clip":
        path = c.beginPath()
        path.rect(0, 0, 20, 20)
        c.clipPath(path, stroke=0)
    elif way == "off":
        drawn.setTextOrigin(WIDTH + 40, HEIGHT - YS[1] - 14)
    drawn.textOut("77")
    c.drawText(drawn)
    c.restoreState()


@pytest.mark.parametrize("way", ["white", "clear", "mode", "clip", "off"])
def test_hidden_figures_are_left_out_with_a_warning(way: str) -> None:
    document = read(lambda c: (table(c, XS, YS, ROWS), hidden(c, way)))
    (grid,) = document.grids()
    assert texts(grid) == ROWS
    assert any("nobody sees" in warning for warning in document.warnings)


def test_a_clip_path_around_a_text_hides_nothing() -> None:
    def page(c: Canvas) -> None:
        path = c.beginPath()
        path.rect(XS[0] - 5, HEIGHT - YS[-1] - 5, XS[-1] - XS[0] + 10, YS[-1] - YS[0] + 10)
        c.clipPath(path, stroke=0)
        table(c, XS, YS, ROWS)

    document = read(page)
    assert [texts(grid) for grid in document.grids()] == [ROWS]
    assert document.warnings == ()


def test_the_text_of_a_recogniser_over_a_picture_stays() -> None:
    def page(c: Canvas) -> None:
        picture(c)
        drawn = c.beginText(70, 700)
        drawn.setFont("STSong-Light", 12)
        drawn.setTextRenderMode(3)
        drawn.textOut("本机关收到申请12件")
        c.drawText(drawn)

    assert [block.text for block in read(page).texts()] == ["本机关收到申请12件"]


def test_a_pale_heading_is_no_watermark() -> None:
    def page(c: Canvas) -> None:
        c.setFillGray(0.7)
        text(c, 70, 100, "一、总体情况 12")
        c.setFillGray(0)
        text(c, 70, 130, "收到申请12件")

    assert [block.text for block in read(page).texts()] == ["一、总体情况 12", "收到申请12件"]
