"""Pictures: files that are one, tables as pictures inside other documents, bombs and damage."""

import base64
import io
import random
from functools import cache
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from tests.documents.making import docx, p, page, tbl, tc, tr

from gongkai.documents.model import Document, Grid, TextBlock
from gongkai.documents.picture import Embedded, with_pictures
from gongkai.documents.read import read
from gongkai.errors import DamagedDocumentError, DocumentError, EmptyDocumentError, LimitError
from gongkai.settings import Limits

SAMPLE = Path(__file__).parents[2] / "include" / "samples" / "documents" / "yunling-government-2022.pdf"


@cache
def printed() -> Grid:
    """The first table of the sample, as its text layer states it."""
    return next(read(SAMPLE.read_bytes()).grids())


@cache
def shot() -> Image.Image:
    """The same table as a picture of 1200 pixels across."""
    grid = printed()
    x0 = min(cell.bbox[0] for cell in grid.cells) - 6
    top = min(cell.bbox[1] for cell in grid.cells) - 6
    x1 = max(cell.bbox[2] for cell in grid.cells) + 6
    bottom = max(cell.bbox[3] for cell in grid.cells if cell.page == grid.page) + 6
    with pypdfium2.PdfDocument(SAMPLE) as document:
        scale = 1200 / (x1 - x0)
        page = document[grid.page - 1].render(scale=scale, grayscale=True).to_pil().convert("L")
    return page.crop((round(x0 * scale), round(top * scale), round(x1 * scale), round(bottom * scale)))


def saved(picture: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def figures(grid: Grid) -> list[str]:
    return [cell.text for cell in grid.cells if cell.text.strip().isdigit()]


def only_grid(document: Document) -> Grid:
    (grid,) = document.grids()
    return grid


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGBA"), ("JPEG", "RGB"), ("GIF", "P"), ("BMP", "L")])
def test_a_picture_is_a_document_of_one_page(kind, mode):
    found = read(saved(shot().convert(mode), kind))
    assert (found.format, found.pages, found.method) == (kind.lower(), 1, "scan-ocr")
    grid = only_grid(found)
    assert figures(grid) == figures(printed())
    assert (grid.n_rows, grid.n_cols) == (printed().n_rows, printed().n_cols)
    assert all(cell.page == 1 and cell.confidence >= 0.5 for cell in grid.cells if cell.text.isdigit())
    assert 500 < max(cell.bbox[2] for cell in grid.cells) < 595  # as if as wide as A4


def test_a_tiff_has_pages_and_its_resolution_counts():
    width = shot().width
    data = saved(shot(), "TIFF", save_all=True, append_images=[shot()], dpi=(width / 5, width / 5))
    found = read(data, "scan.tif")
    assert (found.format, found.pages, [grid.page for grid in found.grids()]) == ("tiff", 2, [1, 2])
    assert max(cell.bbox[2] for grid in found.grids() for cell in grid.cells) < 5 * 72
    with pytest.raises(LimitError):
        read(data, limits=Limits(scan_pages=1))


def test_a_picture_taken_sideways_is_turned_by_what_the_camera_says_or_by_its_print():
    exif = Image.Exif()
    exif[0x0112] = 6
    by_camera = read(saved(shot().rotate(90, expand=True), "JPEG", exif=exif, quality=92))
    by_print = read(saved(shot().rotate(180), "PNG"))
    assert figures(only_grid(by_camera)) == figures(only_grid(by_print)) == figures(printed())


def test_too_many_pixels_are_refused_before_they_are_decoded():
    bomb = saved(Image.new("1", (30_000, 30_000)), "PNG")
    assert len(bomb) < 200_000
    with pytest.raises(LimitError):
        read(bomb)
    with pytest.raises(LimitError):
        read(saved(shot(), "PNG"), limits=Limits(picture_pixels=100_000))


def test_blank_and_cut_pictures_give_a_reason():
    with pytest.raises(EmptyDocumentError):
        read(saved(Image.new("L", (800, 600), 255), "PNG"))
    for kind in ("PNG", "JPEG", "TIFF"):
        with pytest.raises(DamagedDocumentError):
            read(saved(shot(), kind)[:3000])


def test_damaged_pictures_give_a_reason_or_a_document():
    chance = random.Random(5)
    small = shot().crop((0, 0, 300, 80))
    for kind in ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP") * 3:
        data = bytearray(saved(small, kind))
        for _ in range(12):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            assert read(bytes(data)).sha256
        except DocumentError as error:
            assert str(error)


NARRATIVE = TextBlock("二、主动公开政府信息情况", "p[1]")


def around(*blocks: TextBlock | Grid) -> Document:
    return Document("docx", "0" * 64, blocks, method="docx-xml")


def test_a_table_shown_as_a_picture_stands_at_its_place():
    after = TextBlock("三、存在的主要问题", "p[3]")
    picture = Embedded(saved(shot(), "PNG"), "p[2]/image[1]", 1)
    found = with_pictures(around(NARRATIVE, after), [picture], Limits())
    assert (found.blocks[0], found.blocks[-1]) == (NARRATIVE, after)
    grid = only_grid(found)
    assert figures(grid) == figures(printed())
    assert (grid.path, grid.page) == ("p[2]/image[1]/table[1]", None)
    assert grid.cells[0].path == "p[2]/image[1]/table[1]/row[1]/cell[1]"
    assert found.method == "docx-xml+scan-ocr"


R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
RELATIONS = """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Target="media/image1.png"/><Relationship Id="r2" Target="https://a.example/x.png"
TargetMode="External"/></Relationships>"""


@pytest.mark.parametrize("in_cell", [False, True])
def test_a_word_file_with_its_table_as_a_picture(in_cell):
    drawing = "".join(f'<w:r><w:drawing><a:blip {R} r:embed="{name}"/></w:drawing></w:r>' for name in ("r2", "r1"))
    shown = f"<w:p>{drawing}</w:p>"
    body = p("二、主动公开") + (tbl(tr(tc(shown))) if in_cell else shown) + p("三、问题")
    parts = {"word/_rels/document.xml.rels": RELATIONS, "word/media/image1.png": saved(shot(), "PNG")}
    found = read(docx(body, parts))
    assert figures(list(found.grids())[-1]) == figures(printed())
    assert list(found.grids())[-1].path == (
        "table[1]/row[1]/cell[1]/image[2]/table[1]" if in_cell else "p[2]/image[2]/table[1]"
    )
    assert [block.text for block in found.texts()] == ["二、主动公开", "三、问题"]
    assert isinstance(found.blocks[-2], Grid)
    only = read(docx(shown, parts))
    assert figures(only_grid(only)) == figures(printed())


def test_a_web_page_that_holds_its_table_as_a_picture():
    held = "data:image/png;base64," + base64.b64encode(saved(shot(), "PNG")).decode()
    broken = "data:image/png;base64,iVBORw0"
    article = f'<p>二、主动公开</p><p><img src="{held}"><img src="{broken}"></p><p>三、问题</p>'
    found = read(page(article))
    grid = only_grid(found)
    assert figures(grid) == figures(printed())
    assert (grid.path, found.method) == ("img[1]/table[1]", "html-lxml+scan-ocr")
    kept = [block for block in found.blocks if isinstance(block, Grid) or block.text]
    assert [isinstance(block, Grid) for block in kept] == [False, True, False]
    assert any("img[2] is not read" in warning for warning in found.warnings)
    cell = read(page(f'<table><tr><td><img src="{held}"></td></tr></table>'))
    assert figures(list(cell.grids())[-1]) == figures(printed())


def test_icons_photos_and_broken_pictures_change_nothing():
    icon = Embedded(saved(shot().resize((60, 60)), "PNG"), "p[1]/image[1]", 0)
    broken = Embedded(saved(shot(), "PNG")[:500], "p[1]/image[2]", 0)
    found = with_pictures(around(NARRATIVE), [icon, broken], Limits())
    assert (found.blocks, found.method) == ((NARRATIVE,), "docx-xml")
    assert len(found.warnings) == 1
    assert "p[1]/image[2] is not read" in found.warnings[0]
    noise = Image.effect_noise((900, 400), 90)
    words = shot().crop((20, 20, 500, 40)).resize((960, 400))
    pictures = [Embedded(saved(item, "PNG"), "p[1]/image[1]", 0) for item in (noise, words)]
    own = with_pictures(around(printed()), pictures, Limits())
    assert own.blocks == (printed(),)
