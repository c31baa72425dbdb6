"""Scanned pages: grids by rules, figures read twice, text outside tables, boxes on the page, limits, damage."""

import io
import json
import random
from functools import cache
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from gongkai.documents.model import Document, Grid, TextBlock
from gongkai.documents.ocr import Reading
from gongkai.documents.read import read
from gongkai.documents.scan_cells import DOUBTFUL, read_cells
from gongkai.documents.scan_glyphs import Glyphs, confirmed, kinds_apart, same_pictures
from gongkai.documents.scan_lines import check_work
from gongkai.documents.scan_page import scale_for, straighten
from gongkai.documents.scan_seal import grey_without_seals
from gongkai.documents.scan_weak import is_broken, is_weak
from gongkai.errors import DocumentError, EmptyDocumentError, LimitError
from gongkai.settings import Limits

SHARED = Path(__file__).parents[3] / "shared" / "corpus"

XS = [80, 180, 280, 340, 400, 460, 520]
YS = [180, 210, 240, 270, 300]
ROWS = [
    ["received", None, "5560", "34", "0", "5594"],
    ["results", "granted", "181", "7", "", "188"],
    [None, "partial", "882", "-", "/", "887"],
    ["carried out", None, "1,203", "96.5", "2", "3"],
]
SPANS = {(0, 0): (1, 2), (1, 0): (2, 1), (3, 0): (1, 2)}


def draw_table(canvas: Canvas) -> None:
    """Draw the table; ROWS has None where a span covers a cell. Y runs from the top of the page."""
    height = A4[1]
    for r, line in enumerate(ROWS):
        for c, text in enumerate(line):
            if text is None:
                continue
            rows, cols = SPANS.get((r, c), (1, 1))
            x0, x1, top, bottom = XS[c], XS[c + cols], YS[r], YS[r + rows]
            canvas.rect(x0, height - bottom, x1 - x0, bottom - top)
            canvas.drawCentredString((x0 + x1) / 2, height - (top + bottom) / 2 - 4, text)


def printed() -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    canvas.setFont("Helvetica", 11)
    canvas.drawString(80, A4[1] - 120, "Annual report of 2024 in numbers")
    draw_table(canvas)
    canvas.drawString(80, A4[1] - 360, "No further remarks.")
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def scanned(*pages: Image.Image, text: str = "") -> bytes:
    """Put pictures on pages, behind one page with a text layer where `text` is given."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    if text:
        canvas.drawString(80, 700, text)
        canvas.showPage()
    for picture in pages:
        canvas.drawImage(ImageReader(picture), 0, 0, *A4)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


@cache
def picture(turn: float = 0.6) -> Image.Image:
    """The printed page as a scanner sees it: askew, grained."""
    with pypdfium2.PdfDocument(printed()) as document:
        grey = document[0].render(scale=200 / 72, grayscale=True).to_pil().convert("L")
    grey = grey.rotate(turn, resample=Image.Resampling.BICUBIC, fillcolor=250)
    grain = np.random.default_rng(3).normal(0, 6, (grey.height, grey.width))
    return Image.fromarray(np.clip(np.asarray(grey) + grain, 0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def document() -> Document:
    return read(scanned(picture()), "scan.pdf")


@pytest.fixture(scope="module")
def grid(document: Document) -> Grid:
    (found,) = document.grids()
    return found


def test_the_grid_has_the_spans_that_rules_leave_out(grid):
    assert (grid.n_rows, grid.n_cols) == (4, 6)
    spans = {(cell.row, cell.col): (cell.row_span, cell.col_span) for cell in grid.cells}
    wanted = {
        (r, c): SPANS.get((r, c), (1, 1))
        for r, line in enumerate(ROWS)
        for c, text in enumerate(line)
        if text is not None
    }
    assert spans == wanted


def test_figures_are_read_and_sure(grid):
    for cell in grid.cells:
        wanted = ROWS[cell.row][cell.col]
        if wanted and wanted.isdigit():
            assert (cell.text, cell.confidence > 0.9) == (wanted, True)


def test_decimals_and_thousands_are_read_or_doubtful(grid):
    for position in ((3, 2), (3, 3)):
        (cell,) = (cell for cell in grid.cells if (cell.row, cell.col) == position)
        assert cell.text == ROWS[position[0]][position[1]] or cell.confidence < 0.5


def test_a_cell_without_ink_is_blank_and_signs_are_no_digits(grid):
    texts = {(cell.row, cell.col): cell for cell in grid.cells}
    assert (texts[1, 4].text, texts[1, 4].confidence) == ("", 1.0)
    assert texts[2, 3].text in ("-", "—")
    assert not texts[2, 4].text.isdigit() or texts[2, 4].confidence < 0.5


def test_labels_are_read(grid):
    labels = {cell.text.replace("\n", "").replace(" ", "") for cell in grid.cells if cell.col < 2}
    assert labels >= {"received", "results", "granted", "partial"}


def test_boxes_lie_on_the_printed_cells(grid):
    for cell in grid.cells:
        x0, top, x1, bottom = cell.bbox
        middle_x = (XS[cell.col] + XS[cell.col + cell.col_span]) / 2
        middle_y = (YS[cell.row] + YS[cell.row + cell.row_span]) / 2
        assert abs((x0 + x1) / 2 - middle_x) < 8
        assert abs((top + bottom) / 2 - middle_y) < 8  # the scan is turned by 0.6 degrees, up to 3 points here
        assert cell.page == 1


def test_text_outside_the_table_stands_around_it(document):
    kinds = ["grid" if isinstance(block, Grid) else block.text for block in document.blocks]
    assert kinds[1] == "grid"
    assert "2024" in kinds[0]
    assert "remarks" in kinds[2]
    first = document.blocks[0]
    assert isinstance(first, TextBlock)
    assert abs(first.bbox[0] - 80) < 8
    assert 100 < first.bbox[1] < 125
    assert 0.5 < first.confidence <= 1
    assert (document.method, document.pages) == ("scan-ocr", 1)


def test_pages_with_and_without_a_text_layer_are_both_read():
    found = read(scanned(picture(), text="Chapter one stands here as text"), "mixed.pdf")
    assert found.method == "pdfium-lines+scan-ocr"
    assert [block.page for block in found.blocks] == [1, 2, 2, 2]
    assert found.blocks[0].text == "Chapter one stands here as text"
    assert not any("has no text layer" in warning for warning in found.warnings)


def test_too_many_pages_are_refused_or_left_out():
    blank = Image.new("L", (100, 140), 255)
    with pytest.raises(LimitError):
        read(scanned(*[blank] * 3), limits=Limits(scan_pages=2))
    found = read(scanned(*[blank] * 3, text="Some text"), limits=Limits(scan_pages=2))
    assert [block.text for block in found.blocks] == ["Some text"]
    assert any("not read" in warning for warning in found.warnings)


def test_blank_pages_are_an_empty_document():
    with pytest.raises(EmptyDocumentError):
        read(scanned(Image.new("L", (400, 560), 255)), "blank.pdf")


@pytest.mark.parametrize("turn", [-1.5, 0.0, 0.8])
def test_a_page_is_turned_straight_and_its_boxes_back(turn):
    grey = np.asarray(picture(turn))
    scale, unit = scale_for(*A4)
    page = straighten(grey, scale, unit)
    assert page.skew == pytest.approx(-turn, abs=0.1)
    height, width = grey.shape
    x0, top, x1, bottom = page.points(width / 2 - 1, height / 2 - 1, width / 2 + 1, height / 2 + 1)
    assert ((x0 + x1) / 2, (top + bottom) / 2) == pytest.approx((width / 2 / scale, height / 2 / scale), abs=0.1)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_page_on_its_side_or_head_is_read_upright_and_its_boxes_lie_on_it(quarters, document):
    size = (A4[1], A4[0]) if quarters % 2 else A4
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=size)
    canvas.drawImage(ImageReader(picture().rotate(90 * quarters, expand=True)), 0, 0, *size)
    canvas.save()
    turned = read(out.getvalue(), "scan.pdf")
    (found,), (upright,) = turned.grids(), document.grids()
    assert [cell.text for cell in found.cells] == [cell.text for cell in upright.cells]
    for cell, other in zip(found.cells, upright.cells, strict=True):
        x0, top, x1, bottom = other.bbox
        wanted = {
            1: (top, A4[0] - x1, bottom, A4[0] - x0),
            2: (A4[0] - x1, A4[1] - bottom, A4[0] - x0, A4[1] - top),
            3: (A4[1] - bottom, x0, A4[1] - top, x1),
        }[quarters]
        assert cell.bbox == pytest.approx(wanted, abs=3)
    assert turned.blocks[0].text == document.blocks[0].text


def test_pages_of_odd_size_are_rendered_like_a4():
    assert scale_for(595, 842)[0] == pytest.approx(200 / 72)
    scale, unit = scale_for(1654, 2339)
    assert 1500 < 1654 * scale < 1800
    assert unit == pytest.approx(200 / 72, rel=0.01)
    assert 20_000 * 20_000 * scale_for(20_000, 20_000)[0] ** 2 < 10_000_000


def test_more_lines_than_print_can_have_are_refused():
    check_work([(0, 0, 60, 1)] * 80, "page 1")
    for boxes in ([(0, 0, 5, 5)] * 2000, [(0, 0, 1000, 10)] * 60):
        with pytest.raises(LimitError):
            check_work(boxes, "page 1")
        check_work(boxes, "page 1", 2.0)


class TwoMinds:
    """A recogniser whose second reading says something else."""

    def __init__(self, *readings: str) -> None:
        self.readings = list(readings)

    def read(self, lines, *, squeeze=1.0):
        text = self.readings.pop(0) if lines and self.readings else ""
        return [Reading(text, (0.99,) * len(text)) for _ in lines]


def one_cell(*readings: str):
    grey = np.full((200, 200), 255, dtype=np.uint8)
    grey[90:115, 90:96] = 0  # an upright stroke, and one with a foot
    grey[90:115, 105:108] = 0
    grey[110:115, 105:118] = 0
    page = straighten(grey, 200 / 72, 200 / 72)
    return read_cells(page, page.ink, grey, [(60, 60, 160, 140)], 30.0, TwoMinds(*readings))[0]


def test_readings_that_differ_make_a_figure_doubtful():
    assert one_cell("11", "17").confidence <= DOUBTFUL
    agreed = one_cell("11", "11")
    assert (agreed.text, agreed.confidence > 0.9) == ("11", True)


def test_a_letter_beside_digits_is_zero_only_if_both_readings_say_so():
    assert (one_cell("1O", "10").text, one_cell("1O", "10").confidence > 0.9) == ("10", True)
    assert one_cell("1O", "18").confidence <= DOUBTFUL


def test_letters_in_place_of_figures_and_signs_left_over_are_doubtful():
    assert one_cell("ll", "ll").confidence <= DOUBTFUL
    assert one_cell("1", "1").confidence <= DOUBTFUL  # two strokes, one digit
    assert one_cell("", "").confidence <= DOUBTFUL  # ink that nobody can read


def glyphs(*kinds: int, seed: int = 0) -> list[Glyphs]:
    """One-character lines; equal kinds look alike, with some grain."""
    chance = np.random.default_rng(seed)
    out = []
    for kind in kinds:
        shape = np.random.default_rng(100 + kind).normal(size=480) + chance.normal(scale=0.1, size=480)
        out.append(Glyphs(((0, 0, 10, 12),), ((shape / np.linalg.norm(shape)).astype(np.float32),)))
    return out


def test_a_digit_that_looks_like_others_is_not_confirmed():
    items = glyphs(3, 3, 8, 8, 8)
    assert confirmed(items, ["3", "3", "8", "8", "8"]) == [True] * 5
    assert confirmed(items, ["3", "8", "8", "8", "8"])[:2] == [False, False]
    assert confirmed(glyphs(3, 8, 8), ["3", "8", "8"]) == [False, True, True]  # nothing to compare the 3 with


def test_equal_pictures_share_a_reading_only_where_kinds_look_different():
    items = glyphs(0, 1, 0, 1, 0)
    assert same_pictures(items) == [0, 1, 0, 1, 0]
    assert kinds_apart(items[:2], ["0", "1"])
    assert not kinds_apart(glyphs(6, 6), ["6", "8"])


def test_damaged_scans_give_a_reason():
    small = scanned(picture().crop((180, 450, 1500, 860)).resize((660, 205)))
    chance = random.Random(11)
    for _ in range(8):
        data = bytearray(small)
        for _ in range(30):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            assert read(bytes(data), "scan.pdf").sha256
        except DocumentError as error:
            assert str(error)


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["sample/00048_pdf_scan.pdf", "seeds/003_scan.pdf"])
def test_scans_of_the_corpus_are_exact(name):
    from gongkai.reports.build import build_report

    path = SHARED / name
    truth = json.loads(Path(f"{path}.json").read_text(encoding="utf-8"))
    report = build_report(read(path.read_bytes(), path.name))
    found = {(c.table, c.row, c.column): c.value for c in report.cells if c.confidence >= 0.5 and c.value is not None}
    wanted = {tuple(cell[:3]): cell[3] for cell in truth["cells"] if cell[3] is not None}
    assert {key: float(value) for key, value in found.items()} == pytest.approx(wanted)
    assert (report.identity.agency, report.identity.report_year) == (truth["agency"], truth["report_year"])


def test_faint_marks_beside_print_make_a_blank_or_a_figure_doubtful():
    grey = np.full((200, 400), 255, dtype=np.uint8)
    grey[90:115, 90:96] = grey[90:115, 250:256] = 0
    grey[90:115, 110:113] = 235  # a digit of which hardly a trace is left
    grey[90:93, 110:124] = 235
    page = straighten(grey, 200 / 72, 200 / 72)
    cells = [(60, 60, 160, 140), (220, 60, 320, 140), (330, 60, 390, 140)]
    hurt, sound, blank = read_cells(page, page.ink, grey, cells, 30.0, TwoMinds("1", "1", "1"))
    assert hurt.confidence <= DOUBTFUL
    assert (sound.text, sound.confidence > 0.9) == ("1", True)
    assert (blank.text, blank.confidence) == ("", 1.0)


def test_broken_print_is_weak():
    assert is_broken("40", 3)
    assert not is_broken("40件", 5)
    assert is_weak(47, 160)
    assert not is_weak(2, 160)
    assert not is_weak(2, 3)


def test_dark_edges_are_left_out_and_print_stays():
    grey = np.array(picture())
    edged = grey.copy()
    edged[:, :40] = edged[-20:] = 25
    scale, unit = scale_for(*A4)
    page = straighten(edged, scale, unit)
    assert page.grey[:, :40].min() > 150
    assert np.count_nonzero(page.ink) == pytest.approx(np.count_nonzero(straighten(grey, scale, unit).ink), rel=0.02)


def test_faint_print_is_strengthened_and_common_print_is_not():
    grey = np.asarray(picture())
    scale, unit = scale_for(*A4)
    whole = np.count_nonzero(straighten(grey, scale, unit).ink)
    faint = straighten((255 - (255 - grey) * 0.25).astype(np.uint8), scale, unit)
    assert np.count_nonzero(faint.ink) == pytest.approx(whole, rel=0.25)
    assert faint.grey[faint.ink > 0].mean() < 150


@pytest.mark.parametrize("text", ["9.373", "6,374.467", "96171,6"])
def test_points_and_commas_at_odd_places_are_doubtful(text):
    assert one_cell(text, text).confidence <= DOUBTFUL


def test_figures_that_touch_a_rule_are_doubtful():
    grey = np.full((200, 200), 255, dtype=np.uint8)
    grey[90:115, 63:69] = 0
    page = straighten(grey, 200 / 72, 200 / 72)
    (cell,) = read_cells(page, page.ink, grey, [(60, 60, 160, 140)], 30.0, TwoMinds("1", "1"))
    assert cell.confidence <= DOUBTFUL


def test_red_seals_vanish_and_black_print_under_them_stays():
    shot = np.full((1000, 800, 3), 250, dtype=np.uint8)
    shot[300:460, 300:460] = (220, 40, 40)
    shot[100:120, 100:700] = (200, 20, 20)  # a red line of the head
    shot[370:390, 350:400] = (30, 5, 5)
    grey = grey_without_seals(shot)
    assert grey[310, 310] > 240
    assert grey[380, 370] < 60
    assert grey[110, 400] < 120


def test_where_most_figures_are_doubtful_none_is_trusted():
    grey = np.full((200, 1300), 255, dtype=np.uint8)
    cells = [(100 * n, 60, 100 * n + 90, 140) for n in range(12)]
    for number, (x0, *_) in enumerate(cells):
        grey[90:115, x0 + 40 : x0 + 46] = 0
        grey[90 : 93 + number, x0 + 46 : x0 + 58] = 0

    class Half:
        """Says the same of half of the lines only."""

        calls = 0

        def read(self, lines, *, squeeze=1.0):
            self.calls += 1
            return [Reading("7" if self.calls == 1 or n % 2 else "1", (0.99,)) for n, _ in enumerate(lines)]

    page = straighten(grey, 200 / 72, 200 / 72)
    read_twice = read_cells(page, page.ink, grey, cells, 30.0, Half())
    assert all(cell.confidence <= DOUBTFUL for cell in read_twice)
