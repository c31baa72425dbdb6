"""Pictures in PDFs: hidden text is not trusted, tables as pictures beside text, strips, turned and odd pictures."""

import io

import pytest
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from tests.documents.test_scan import ROWS, picture

from gongkai.documents.model import Document, Grid
from gongkai.documents.read import read
from gongkai.documents.scan_layers import has_pictures, layers_of

WIDTH, HEIGHT = A4
TABLE = (180, 450, 1500, 860)
"""Where the table stands on the picture, in pixels of 200 an inch."""

FIGURES = [text for line in ROWS for text in line if text and text.isdigit()]


def pdf(*draw) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, pageCompression=1)
    for page in draw:
        page(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def whole(canvas: Canvas) -> None:
    canvas.drawImage(ImageReader(picture()), 0, 0, WIDTH, HEIGHT)


def words(canvas: Canvas, *lines: str, mode: int = 0, x: float = 80, top: float = 120) -> None:
    for number, line in enumerate(lines):
        text = canvas.beginText(x, HEIGHT - top - 20 * number)
        text.setTextRenderMode(mode)
        text.textOut(line)
        canvas.drawText(text)


def figures(document: Document) -> list[str]:
    return [
        cell.text for grid in document.grids() for cell in grid.cells if cell.text.isdigit() and cell.confidence >= 0.5
    ]


def below(canvas: Canvas) -> None:
    """The table as a picture between two lines of text."""
    words(canvas, "Chapter two tells of numbers, which the picture below shows in a table of four rows and six columns")
    x0, top, x1, bottom = (value * 72 / 200 for value in TABLE)
    canvas.drawImage(ImageReader(picture().crop(TABLE)), x0, HEIGHT - bottom, x1 - x0, bottom - top)
    words(canvas, "Chapter three follows.", "It says that there is nothing else to be told of this year.", top=400)


@pytest.mark.parametrize("mode", [3, 0], ids=["invisible over the picture", "shown, but under it"])
def test_hidden_text_over_a_scan_is_not_trusted(mode):
    lies = ["Annual report of 2024 in numbers", "received 9999 34 0 9999", "granted 777 7 777", *["more text"] * 9]

    def page(canvas: Canvas) -> None:
        if mode == 0:
            words(canvas, *lies)
        whole(canvas)
        if mode == 3:
            words(canvas, *lies, mode=3)

    found = read(pdf(page))
    assert figures(found) == FIGURES
    assert found.method == "scan-ocr"
    assert not any("9999" in block.text for block in found.texts())
    (told,) = (warning for warning in found.warnings if "invisible text layer" in warning)
    assert "page 1" in told
    assert "4 of its 8 figures" in told  # 2024, 34, 0, 7


def test_a_page_number_over_a_scan_does_not_make_it_a_page_of_text():
    found = read(pdf(lambda c: (whole(c), words(c, "- 1 -", top=800, x=280)), whole))
    assert (figures(found), found.method) == (FIGURES * 2, "scan-ocr")


def test_text_over_a_background_picture_is_text():
    blank = Image.new("L", (100, 140), 240)
    lines = ["This page has a tinted ground, and its text is text"] * 3

    def page(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(blank), 0, 0, WIDTH, HEIGHT)
        words(canvas, *lines)

    found = read(pdf(page))
    assert found.method == "pdfium-lines"
    assert "tinted" in found.blocks[0].text


def test_a_table_that_is_a_picture_on_a_page_of_text_stands_at_its_place():
    found = read(pdf(below))
    assert isinstance(found.blocks[1], Grid)
    assert "Chapter three" in " ".join(block.text for block in found.texts())
    assert figures(found) == FIGURES
    grid = next(found.grids())
    assert (grid.page, grid.path) == (1, "page[1]/image/table[1]")
    assert grid.cells[0].path == "page[1]/image/table[1]/row[1]/cell[1]"
    assert abs(min(cell.bbox[0] for cell in grid.cells) - 80) < 8
    assert found.method == "pdfium-lines+scan-ocr"
    assert any("are pictures on pages of text" in warning for warning in found.warnings)


def test_figures_typed_over_the_picture_of_a_form_are_read_once():
    def page(canvas: Canvas) -> None:
        below(canvas)
        words(canvas, "17", x=300, top=287)  # in the blank cell of the third row's fifth column is another sign

    found = read(pdf(page))
    assert all(block.text != "17" for block in found.texts())


def test_photos_and_logos_change_nothing():
    photo = Image.effect_noise((600, 400), 80)

    def page(canvas: Canvas) -> None:
        words(canvas, "A page of text with a photo of the opening of the new service hall of the county")
        canvas.drawImage(ImageReader(photo), 80, 300, 400, 260)

    found = read(pdf(page))
    assert (found.method, len(found.blocks)) == ("pdfium-lines", 1)


def strips(canvas: Canvas, count: int = 12) -> None:
    high = picture().height / count
    for number in range(count):
        strip = picture().crop((0, round(number * high), picture().width, round((number + 1) * high)))
        canvas.drawImage(ImageReader(strip), 0, HEIGHT - (number + 1) * HEIGHT / count, WIDTH, HEIGHT / count + 0.1)


def test_strips_make_up_one_page():
    found = read(pdf(lambda c: (strips(c), words(c, "wrong 1 2 3 4 5 6", mode=3))))
    assert (figures(found), found.method) == (FIGURES, "scan-ocr")
    (layers,) = layers_of(pdf(strips), 1)
    assert (len(layers.pictures), layers.share > 0.95) == (1, True)


def mirrored(canvas: Canvas) -> None:
    canvas.transform(-1, 0, 0, 1, WIDTH, 0)
    canvas.drawImage(ImageReader(picture().transpose(Image.Transpose.FLIP_LEFT_RIGHT)), 0, 0, WIDTH, HEIGHT)


def on_its_side(canvas: Canvas) -> None:
    canvas.rotate(90)
    canvas.drawImage(ImageReader(picture().rotate(-90, expand=True)), 0, -WIDTH, HEIGHT, WIDTH)


@pytest.mark.parametrize("draw", [mirrored, on_its_side])
def test_pictures_that_the_page_turns_are_read_as_shown(draw):
    found = read(pdf(draw))
    assert figures(found) == FIGURES


@pytest.mark.parametrize(
    ("kind", "options"),
    [("JPEG", {"mode": "CMYK"}), ("TIFF", {"mode": "1"}), ("JPEG", {"mode": "RGB", "progressive": True})],
    ids=["CMYK", "G4", "progressive"],
)
def test_pictures_of_any_kind(kind, options):
    mode = options.pop("mode")
    shown = picture().point(lambda value: 255 if value > 150 else 0).convert("1") if mode == "1" else picture()
    out = io.BytesIO()
    shown.convert(mode).save(out, "PDF", resolution=200, **options)
    assert figures(read(out.getvalue())) == FIGURES


def test_files_without_pictures_are_not_looked_through():
    assert not has_pictures(pdf(lambda c: words(c, "text")))
    assert has_pictures(pdf(whole))
