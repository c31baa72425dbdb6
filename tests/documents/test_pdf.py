"""The PDF reader on documents built here, one habit or damage of real ones each."""

import gc
import io
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib import pdfencrypt
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from tests.work import work_of_at_most

from gongkai.documents.model import Document, Grid
from gongkai.documents.pdf import read_pdf
from gongkai.errors import (
    DamagedDocumentError,
    EmptyDocumentError,
    LimitError,
    UnsupportedFormatError,
)
from gongkai.settings import Limits

FONT = "STSong-Light"
WIDTH, HEIGHT = 595, 842


def make_pdf(*pages: Callable[[Canvas], None], **options) -> bytes:
    """Build a PDF; each page is drawn with the origin at the top left corner, y growing downwards by `at`."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(WIDTH, HEIGHT), **options)
    for page in pages:
        canvas.setFont(FONT, 12)
        canvas.setLineWidth(0.5)
        page(canvas)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def text(canvas: Canvas, x: float, top: float, words: str, size: float = 12) -> None:
    canvas.setFont(FONT, size)
    canvas.drawString(x, HEIGHT - top - 0.85 * size, words)


def line(canvas: Canvas, x0: float, y0: float, x1: float, y1: float) -> None:
    canvas.line(x0, HEIGHT - y0, x1, HEIGHT - y1)


def table(canvas: Canvas, xs: list[float], ys: list[float], rows: list[list[str]], skip: str = "") -> None:
    """Draw a full grid of rules (but the outer ones named in `skip`) and its texts."""
    for index, y in enumerate(ys):
        if not ((index == 0 and "top" in skip) or (index == len(ys) - 1 and "bottom" in skip)):
            line(canvas, xs[0], y, xs[-1], y)
    for index, x in enumerate(xs):
        if not ((index == 0 and "left" in skip) or (index == len(xs) - 1 and "right" in skip)):
            line(canvas, x, ys[0], x, ys[-1])
    for y, row in zip(ys, rows, strict=False):
        for x, words in zip(xs, row, strict=False):
            for offset, part in enumerate(words.split("\n")):
                text(canvas, x + 4, y + 3 + 14 * offset, part)


def read(*pages: Callable[[Canvas], None], **options) -> Document:
    return read_pdf(make_pdf(*pages, **options), Limits())


def texts(grid: Grid) -> list[list[str]]:
    return [[cell.text for cell in row] for row in grid.rows()]


XS, YS = [70, 200, 300, 400], [100, 120, 140, 160]
ROWS = [["信息内容", "本年制发件数", "现行有效件数"], ["规章", "1", "11"], ["行政规范性文件", "8", "66"]]


def test_a_ruled_table_becomes_a_grid_with_provenance() -> None:
    document = read(lambda c: table(c, XS, YS, ROWS))
    (grid,) = document.grids()
    assert texts(grid) == ROWS
    assert (grid.n_rows, grid.n_cols, grid.page, grid.path) == (3, 3, 1, "page[1]/table[1]")
    cell = grid.cells[5]
    assert (cell.row, cell.col, cell.page, cell.text, cell.path) == (1, 2, 1, "11", "page[1]/table[1]/row[2]/cell[3]")
    assert cell.bbox == pytest.approx((300, 120, 400, 140), abs=0.5)
    assert (document.format, document.pages, document.method) == ("pdf", 1, "pdfium-lines")
    assert document.warnings == ()


def test_text_before_and_after_a_table_keeps_its_place() -> None:
    def page(c: Canvas) -> None:
        text(c, 70, 60, "之前")
        table(c, XS, YS, ROWS)
        text(c, 70, 200, "之后")

    kinds = [block.text if not isinstance(block, Grid) else "grid" for block in read(page).blocks]
    assert kinds == ["之前", "grid", "之后"]


def test_white_fills_behind_text_are_no_table() -> None:
    def page(c: Canvas) -> None:
        for index in range(8):
            c.setFillColorRGB(1, 1, 1)
            c.rect(70, HEIGHT - 120 - 20 * index, 400, 20, stroke=0, fill=1)
            c.setFillColorRGB(0, 0, 0)
            text(c, 70, 104 + 20 * index, "政府信息公开工作年度报告")

    assert list(read(page).grids()) == []


def test_thin_filled_rectangles_are_rules_and_thick_ones_are_not() -> None:
    def page(c: Canvas) -> None:
        for y in YS:
            c.rect(XS[0], HEIGHT - y - 0.25, XS[-1] - XS[0], 0.5, stroke=0, fill=1)
        for x in XS:
            c.rect(x - 0.25, HEIGHT - YS[-1], 0.5, YS[-1] - YS[0], stroke=0, fill=1)
        c.setFillColorRGB(0.8, 0.9, 1)
        c.rect(XS[0] + 5, HEIGHT - YS[1] + 4, 60, 12, stroke=0, fill=1)
        c.setFillColorRGB(0, 0, 0)
        for y, row in zip(YS, ROWS, strict=False):
            for x, words in zip(XS, row, strict=False):
                text(c, x + 4, y + 3, words)

    (grid,) = read(page).grids()
    assert texts(grid) == ROWS


def test_one_stroked_rectangle_a_cell_makes_the_same_grid() -> None:
    def page(c: Canvas) -> None:
        for y0, y1, row in zip(YS, YS[1:], ROWS, strict=False):
            for x0, x1, words in zip(XS, XS[1:], row, strict=False):
                c.rect(x0, HEIGHT - y1, x1 - x0, y1 - y0)
                text(c, x0 + 4, y0 + 3, words)

    (grid,) = read(page).grids()
    assert texts(grid) == ROWS


def test_rules_inside_a_form_count() -> None:
    def page(c: Canvas) -> None:
        c.beginForm("framed")
        table(c, XS, YS, [])
        c.endForm()
        c.saveState()
        c.translate(0, -30)
        c.doForm("framed")
        c.restoreState()
        for y, row in zip(YS, ROWS, strict=False):
            for x, words in zip(XS, row, strict=False):
                text(c, x + 4, y + 33, words)

    (grid,) = read(page).grids()
    assert texts(grid) == ROWS


def test_merged_cells_get_spans() -> None:
    def page(c: Canvas) -> None:
        for y in (100, 160):
            line(c, 70, y, 400, y)
        line(c, 200, 120, 400, 120)
        line(c, 70, 140, 400, 140)
        for x in (70, 200, 400):
            line(c, x, 100, x, 160)
        line(c, 300, 120, 300, 160)
        text(c, 74, 113, "项目")
        text(c, 204, 103, "申请人情况")
        for x, words in ((204, "自然人"), (304, "总计")):
            text(c, x, 123, words)
        for x, words in ((74, "新收"), (204, "3"), (304, "4")):
            text(c, x, 143, words)

    (grid,) = read(page).grids()
    assert [(cell.row, cell.col, cell.row_span, cell.col_span, cell.text) for cell in grid.cells] == [
        (0, 0, 2, 1, "项目"),
        (0, 1, 1, 2, "申请人情况"),
        (1, 1, 1, 1, "自然人"),
        (1, 2, 1, 1, "总计"),
        (2, 0, 1, 1, "新收"),
        (2, 1, 1, 1, "3"),
        (2, 2, 1, 1, "4"),
    ]


def test_a_row_cut_by_the_page_break_keeps_its_halves() -> None:
    first = ["（四）无", "1.本机关不掌握", "746"]
    second = ["法提供", "2.没有现成信息", "11"]
    document = read(
        lambda c: (table(c, XS, [720, 740, 775], [ROWS[0], first], skip="bottom"), text(c, 70, 790, "- 4 -")),
        lambda c: (table(c, XS, [70, 90, 110], [second, ROWS[1]], skip="top"), text(c, 70, 790, "- 5 -")),
    )
    one, two = document.grids()
    assert texts(one) == [ROWS[0], first]
    assert texts(two) == [second, ROWS[1]]
    assert (one.page, two.page) == (1, 2)
    assert "page 1: rebuilt the missing rule of a table (bottom)" in document.warnings
    assert "page 2: rebuilt the missing rule of a table (top)" in document.warnings


@pytest.mark.parametrize("side", ["top", "bottom", "left", "right", "left right"])
def test_missing_outer_rules_are_rebuilt(side: str) -> None:
    (grid,) = read(lambda c: table(c, XS, YS, ROWS, skip=side)).grids()
    assert texts(grid) == ROWS


def test_a_one_row_table_at_the_page_top_stays() -> None:
    document = read(
        lambda c: table(c, XS, YS, ROWS),
        lambda c: (table(c, XS, [60, 80], [["行政许可", "5", "7"]]), text(c, 70, 120, "三、收到和处理")),
    )
    assert [texts(grid) for grid in document.grids()] == [ROWS, [["行政许可", "5", "7"]]]


def test_a_one_row_table_without_top_rule_stays() -> None:
    (grid,) = read(lambda c: table(c, XS, [60, 80], [["行政许可", "5", "7"]], skip="top")).grids()
    assert texts(grid) == [["行政许可", "5", "7"]]


def test_the_middle_of_a_row_cut_twice_stays() -> None:
    (grid,) = read(lambda c: table(c, XS, [60, 80], [["行政许可", "5", "7"]], skip="top bottom")).grids()
    assert texts(grid) == [["行政许可", "5", "7"]]


def test_a_one_cell_table_stays_and_a_frame_around_text_does_not() -> None:
    def framed(c: Canvas) -> None:
        c.rect(40, 40, WIDTH - 80, HEIGHT - 80)
        for index in range(20):
            text(c, 70, 100 + 20 * index, "政府信息公开工作年度报告正文一行")

    document = read(lambda c: table(c, [70, 400], [100, 120], [["第二十条第（一）项"]]), framed)
    assert [texts(grid) for grid in document.grids()] == [[["第二十条第（一）项"]]]
    assert len([block for block in document.texts() if block.page == 2]) > 0


def test_a_table_inside_a_frame_is_found() -> None:
    def page(c: Canvas) -> None:
        c.rect(40, 40, WIDTH - 80, HEIGHT - 80)
        table(c, XS, YS, ROWS)
        text(c, 70, 300, "表外文字")

    document = read(page)
    assert [texts(grid) for grid in document.grids()] == [ROWS]
    assert [block.text for block in document.texts()] == ["表外文字"]


def test_vertical_text_stays_in_its_own_cell() -> None:
    def page(c: Canvas) -> None:
        xs, ys = [70, 90, 250, 350], [100, 120, 140, 160, 180]
        for y in (100, 180):
            line(c, 70, y, 350, y)
        for y in ys[1:-1]:
            line(c, 90, y, 350, y)
        for x in xs:
            line(c, x, 100, x, 180)
        for index, (label, value) in enumerate(
            (("予以公开", "1"), ("部分公开", "2"), ("不予公开", "3"), ("其他", "4"))
        ):
            text(c, 94, 103 + 20 * index, label)
            text(c, 254, 103 + 20 * index, value)
        for index, char in enumerate("本年度办理"):
            text(c, 73, 104 + 14 * index, char)

    (grid,) = read(page).grids()
    assert (grid.cells[0].text, grid.cells[0].row_span) == ("本\n年\n度\n办\n理", 4)
    assert texts(grid)[1:] == [["部分公开", "2"], ["不予公开", "3"], ["其他", "4"]]


def test_text_turned_upwards_is_read_in_the_order_it_is_written() -> None:
    def page(c: Canvas) -> None:
        table(c, [70, 110, 250], [100, 200], [["", "1"]])
        c.saveState()
        c.translate(95, HEIGHT - 190)
        c.rotate(90)
        c.setFont(FONT, 12)
        c.drawString(0, 0, "办理结果")
        c.restoreState()

    (grid,) = read(page).grids()
    assert [cell.text.replace("\n", "") for cell in grid.cells] == ["办理结果", "1"]


def test_wrapped_cells_keep_their_lines_in_reading_order() -> None:
    def page(c: Canvas) -> None:
        table(c, XS, [100, 140], [["", "447", ""]])
        text(c, 74, 120, "形，不计其他情形）")  # written before the line above it
        text(c, 74, 104, "（二）部分公开（只计")

    (grid,) = read(page).grids()
    assert grid.cells[0].text == "（二）部分公开（只计\n形，不计其他情形）"


def test_figures_far_apart_in_one_cell_are_doubted() -> None:
    document = read(lambda c: (table(c, [70, 200, 400], [100, 120], [["规章", "12"]]), text(c, 330, 103, "5")))
    (grid,) = document.grids()
    assert (grid.cells[1].text, grid.cells[1].confidence) == ("12 5", 0.4)
    assert any("far apart" in warning for warning in document.warnings)


@pytest.mark.parametrize("number", ["- 3 -", "— 3 —", "-3-", "3", "第 3 页"])
def test_page_numbers_are_furniture(number: str) -> None:
    document = read(lambda c: (text(c, 70, 100, "正文一段。"), text(c, 280, 800, number)))
    assert [(block.role, block.page) for block in document.texts()] == [("paragraph", 1), ("furniture", 1)]


def test_a_dashed_page_number_over_a_table_is_no_cell() -> None:
    document = read(lambda c: (table(c, XS, [700, 760, 830], [ROWS[0], ROWS[1]]), text(c, 320, 800, "- 3 -")))
    (grid,) = document.grids()
    assert texts(grid) == [ROWS[0], ROWS[1]]
    assert [block.role for block in document.texts()] == ["furniture"]


def test_running_headers_are_furniture() -> None:
    def page(c: Canvas) -> None:
        text(c, 200, 30, "沛宁市人民政府公报")
        text(c, 70, 100, "正文一段。")

    roles = [block.role for block in read(page, page, page).texts()]
    assert roles == ["furniture", "paragraph"] * 3


def test_lines_join_to_paragraphs_and_headings_stand_alone() -> None:
    full = "本报告由办公室根据条例规定编制所列统计期限自一月一日至十二月三十一日共三十"

    def first(c: Canvas) -> None:
        text(c, 150, 60, "某市二〇二四年政府信息公开工作", 20)
        text(c, 240, 84, "年度报告", 20)
        text(c, 94, 130, full[:-2])
        text(c, 70, 150, full)
        text(c, 70, 170, "结束。")
        text(c, 94, 190, "一、总体情况")
        text(c, 94, 210, full[:-2])
        text(c, 70, 230, full)

    def second(c: Canvas) -> None:
        text(c, 70, 60, "续页。")
        text(c, 94, 80, "另起一段。")

    blocks = [(block.role, block.text, block.page) for block in read(first, second).texts()]
    assert blocks == [
        ("title", "某市二〇二四年政府信息公开工作\n年度报告", 1),
        ("paragraph", full[:-2] + full + "结束。", 1),
        ("heading", "一、总体情况", 1),
        ("paragraph", full[:-2] + full + "续页。", 1),
        ("paragraph", "另起一段。", 2),
    ]


def test_columns_without_rules_become_a_grid_of_less_confidence_with_a_warning() -> None:
    def page(c: Canvas) -> None:
        for index, row in enumerate(
            (["一、新收", "30", "5", "0", "35"], ["二、结转", "3", "0", "", "4"], ["三、总计", "33", "5", "1", "39"])
        ):
            for x, words in zip((70, 300, 360, 420, 480), row, strict=False):
                text(c, x, 100 + 20 * index, words)

    document = read(page)
    (grid,) = document.grids()
    assert texts(grid) == [
        ["一、新收", "30", "5", "0", "35"],
        ["二、结转", "3", "0", "", "4"],
        ["三、总计", "33", "5", "1", "39"],
    ]
    assert {cell.confidence for cell in grid.cells} == {0.8}
    assert grid.cells[8].path == "page[1]/table[1]/row[2]/cell[4]"
    assert any("without rules" in warning for warning in document.warnings)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_rotated_pages_use_the_coordinates_of_the_shown_page(turn: int) -> None:
    def page(c: Canvas) -> None:
        # reportlab swaps the sides of the page's box itself when the page is rotated by 90 or 270.
        c.setPageRotation(turn)
        across, up = (HEIGHT, WIDTH) if turn in (90, 270) else (WIDTH, HEIGHT)
        c.translate(*{90: (across, 0), 180: (across, up), 270: (0, up)}[turn])
        c.rotate(turn)
        table(c, XS, YS, ROWS)
        text(c, 70, 60, "之前，一段。")

    document = read(page)
    (grid,) = document.grids()
    assert texts(grid) == ROWS
    assert grid.cells[5].bbox == pytest.approx((300, 120, 400, 140), abs=0.5)
    assert [block.text for block in document.texts()] == ["之前，一段。"]
    assert not [warning for warning in document.warnings if "sideways" in warning]


def test_a_page_printed_sideways_is_turned_upright() -> None:
    def page(c: Canvas) -> None:
        c.translate(WIDTH, 0)
        c.rotate(90)
        c.translate(0, WIDTH - HEIGHT)
        table(c, XS, YS, ROWS)

    document = read(page)
    (grid,) = document.grids()
    assert texts(grid) == ROWS
    assert any("sideways" in warning for warning in document.warnings)


def test_a_shifted_page_box_is_taken_off() -> None:
    data = make_pdf(lambda c: table(c, XS, YS, ROWS), cropBox=(50, 40, WIDTH, HEIGHT - 10))
    (grid,) = read_pdf(data, Limits()).grids()
    assert texts(grid) == ROWS
    assert grid.cells[0].bbox == pytest.approx((20, 90, 150, 110), abs=0.5)


def test_a_damaged_xref_is_rebuilt() -> None:
    data = make_pdf(lambda c: table(c, XS, YS, ROWS))
    start = data.rindex(b"startxref")
    for broken in (data[:start], data[:start] + b"startxref\n99\n%%EOF\n"):
        (grid,) = read_pdf(broken, Limits()).grids()
        assert texts(grid) == ROWS
    assert any("cut off" in warning for warning in read_pdf(data[:start], Limits()).warnings)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_truncated_file_is_refused_or_warned_about(share: float) -> None:
    data = make_pdf(*[lambda c: table(c, XS, YS, ROWS)] * 5)
    try:
        document = read_pdf(data[: int(len(data) * share)], Limits())
    except DamagedDocumentError:
        return
    assert any("cut off" in warning for warning in document.warnings)


def test_garbage_is_refused() -> None:
    for data in (b"%PDF-1.4 garbage", b"<html></html>", bytes(range(256)) * 100):
        with pytest.raises(DamagedDocumentError, match="cannot be opened"):
            read_pdf(data, Limits())
    with pytest.raises(EmptyDocumentError):
        read_pdf(b"", Limits())


def test_encrypted_files_are_refused_with_advice() -> None:
    locked = make_pdf(
        lambda c: text(c, 70, 100, "正文"), encrypt=pdfencrypt.StandardEncryption("secret", "owner", strength=128)
    )
    with pytest.raises(UnsupportedFormatError, match="ask the publisher"):
        read_pdf(locked, Limits())
    open_to_read = make_pdf(
        lambda c: text(c, 70, 100, "正文"), encrypt=pdfencrypt.StandardEncryption("", "owner", canPrint=0, strength=128)
    )
    assert [block.text for block in read_pdf(open_to_read, Limits()).texts()] == ["正文"]


def picture(c: Canvas) -> None:
    buffer = io.BytesIO()
    Image.new("L", (100, 140), 200).save(buffer, "PNG")
    buffer.seek(0)
    c.drawImage(ImageReader(buffer), 0, 0, WIDTH, HEIGHT)


def test_pictures_have_no_text_layer() -> None:
    document = read(picture, picture)
    assert document.blocks == ()
    assert document.warnings == ("page 1 has no text layer", "page 2 has no text layer", "no text layer")


def test_one_picture_page_among_text_is_warned_about() -> None:
    document = read(picture, lambda c: text(c, 70, 100, "正文"))
    assert document.warnings == ("page 1 has no text layer",)


def test_text_over_a_page_wide_picture_is_warned_about() -> None:
    document = read(lambda c: (picture(c), text(c, 70, 100, "正文")))
    assert [block.text for block in document.texts()] == ["正文"]
    assert any("character recognition" in warning for warning in document.warnings)


def test_limits_are_kept() -> None:
    data = make_pdf(*[lambda c: table(c, XS, YS, ROWS)] * 3)
    for limits, what in (
        (Limits(pages=2), "pages"),
        (Limits(page_chars=10), "characters"),
        (Limits(text_chars=50), "characters"),
        (Limits(cells=26), "cells"),
        (Limits(cells=5), "lines"),
        (Limits(file_bytes=100), "bytes"),
    ):
        with pytest.raises(LimitError, match=what):
            read_pdf(data, limits)


def test_seven_hundred_pages_are_refused() -> None:
    data = make_pdf(*[lambda c: None] * 700)
    with pytest.raises(LimitError, match="found 700"):
        read_pdf(data, Limits())


def test_a_drawing_is_not_searched_for_tables() -> None:
    def page(c: Canvas) -> None:
        for index in range(4200):
            x, y = 10 + 5 * (index % 70), 10 + 10 * (index // 70)
            line(c, x, y, x + 1.5, y)
            line(c, x, y, x, y + 4)
        text(c, 70, 780, "图")

    document = read(page)
    assert list(document.grids()) == []
    assert any("drawing" in warning for warning in document.warnings)


def test_a_page_of_many_words_is_searched_in_bounded_time() -> None:
    def page(c: Canvas) -> None:
        c.setFont(FONT, 3)
        for index in range(9000):
            c.drawString(20 + 7919 * index % 550, 20 + 104729 * index % 800, "1" if index % 9 == 0 else "甲乙")

    with work_of_at_most(10):
        assert read(page).pages == 1


def test_printing_twice_for_bold_gives_the_text_once() -> None:
    document = read(lambda c: (text(c, 70, 100, "一、总体情况"), text(c, 70.4, 100, "一、总体情况")))
    assert [block.text for block in document.texts()] == ["一、总体情况"]


def test_reading_is_deterministic_and_safe_in_threads() -> None:
    data = make_pdf(*[lambda c: table(c, XS, YS, ROWS)] * 3)
    expected, found = read_pdf(data, Limits()), []
    threads = [threading.Thread(target=lambda: found.append(read_pdf(data, Limits()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4


def resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


@pytest.mark.slow
def test_a_thousand_documents_leave_nothing_behind() -> None:
    data = make_pdf(*[lambda c: table(c, XS, YS, ROWS)] * 2)
    for _ in range(100):
        read_pdf(data, Limits())
    gc.collect()
    before = resident()
    for _ in range(1000):
        read_pdf(data, Limits())
    gc.collect()
    assert resident() - before < 8 * 2**20
