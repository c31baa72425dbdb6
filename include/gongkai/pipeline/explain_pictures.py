"""Pictures of the pages of a PDF, and the matched grid drawn on them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from gongkai.documents import pdf_native as native
from gongkai.documents.model import BBox
from gongkai.documents.pdf_chars import page_frame, read_chars
from gongkai.errors import DamagedDocumentError, LimitError
from gongkai.pipeline.explain_view import DOUBTFUL, Box
from gongkai.settings import Limits

DPI = 110
MOST_PIXELS = 3_000_000
LONGEST_SIDE = 4_000

COLOURS = {"sure": (22, 128, 61), "nothing": (90, 100, 115), "doubt": (217, 119, 6), "missing": (200, 30, 30)}
"""Red, green, blue of each kind of value; style.css has the same."""

_OUTLINE = (70, 130, 220, 150)
_FILL_SURE, _FILL_DOUBT = 28, 80
_SMALLEST_TYPE, _TYPE = 7.0, 6.0


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page as a picture: its number from 1, and its size in points."""

    number: int
    picture: Image.Image
    width: float
    height: float

    @property
    def scale(self) -> float:
        """Pixels a point."""
        return self.picture.width / self.width


@contextmanager
def open_pdf(data: bytes) -> Iterator[Any]:
    """Open a PDF to make pictures of its pages.

    Raises:
        DamagedDocumentError: pdfium cannot open it.
    """
    import pypdfium2

    with native.LOCK:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            raise DamagedDocumentError("no pictures of the pages: the PDF cannot be opened", found=error) from error
        try:
            yield document
        finally:
            document.close()


def page_picture(document: Any, number: int, limits: Limits) -> PagePicture | None:
    """Make a picture of a page, turned as its reader turned it, so that boxes fit.

    Args:
        document: The open PDF.
        number: Page from 1.
        limits: Limits of the run: a page with too many characters was not read, and is not shown.

    Returns:
        The picture, at most `MOST_PIXELS` large; None where pdfium cannot load the page, or it has no size.
    """
    import pypdfium2

    try:
        page = document[number - 1]
    except pypdfium2.PdfiumError:
        return None
    try:
        frame = page_frame(page.raw)
        try:
            with native.open_text(page.raw) as text:
                frame = read_chars(page.raw, text, most=limits.page_chars, where=f"page {number}").frame
        except LimitError:
            return None
        width, height = frame.width, frame.height
        scale = _scale(width, height)
        if not scale:
            return None
        turn = (frame.turn - native.page_turn(page.raw)) % 360
        bitmap = page.render(scale=scale, rotation=turn, rev_byteorder=True)
        picture = bitmap.to_pil().convert("RGB")
        bitmap.close()
        return PagePicture(number, picture, width, height)
    except pypdfium2.PdfiumError:
        return None
    finally:
        page.close()


def _scale(width: float, height: float) -> float:
    """Pixels a point; 0.0 where a page has no size, or one so odd that nothing could be seen."""
    if not (math.isfinite(width) and math.isfinite(height) and width > 0 and height > 0):
        return 0.0
    scale = min(DPI / 72, math.sqrt(MOST_PIXELS / (width * height)), LONGEST_SIDE / max(width, height))
    return scale if min(width, height) * scale >= 1 else 0.0


def draw(page: PagePicture, outlines: Sequence[BBox], boxes: Sequence[Box]) -> Image.Image:
    """Draw the grid as read, and on it the values' boxes with their codes; doubtful ones stand out.

    Args:
        page: The page.
        outlines: Boxes of all cells of its grids, in points.
        boxes: Boxes of its values.

    Returns:
        A new picture of the same size.
    """
    layer = Image.new("RGBA", page.picture.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    scale = page.scale
    for outline in outlines:
        pen.rectangle(_pixels(outline, scale, layer), outline=_OUTLINE)
    for box in sorted(boxes, key=lambda box: box.spot.kind in DOUBTFUL):  # these last, so that none covers them
        _draw_box(pen, box, scale, layer)
    return Image.alpha_composite(page.picture.convert("RGBA"), layer).convert("RGB")


def _draw_box(pen: ImageDraw.ImageDraw, box: Box, scale: float, layer: Image.Image) -> None:
    x0, top, x1, bottom = edges = _pixels(box.bbox, scale, layer)
    kind = box.spot.kind
    colour = COLOURS[kind]
    is_doubtful = kind in DOUBTFUL
    fill = (*colour, _FILL_DOUBT if is_doubtful else _FILL_SURE)
    pen.rectangle(edges, fill=fill, outline=(*colour, 255), width=3 if is_doubtful else 1)
    size = max(_SMALLEST_TYPE, _TYPE * scale)
    code, font = _fitted(box.spot.code, size, x1 - x0 - 3)
    pen.text((x0 + 2, top + 1), code, fill=(*colour, 255), font=font)
    if is_doubtful:
        pen.text((x1 - 2, bottom - 1), "?", fill=(*colour, 255), font=ImageFont.load_default(size * 1.6), anchor="rb")
    if box.row_code:
        font = ImageFont.load_default(size)
        place, anchor = ((x0 + 1, bottom + 1), "la") if box.row_code_below else ((x0 - 3, bottom - 2), "rb")
        pen.rectangle(pen.textbbox(place, _ascii(box.row_code), font=font, anchor=anchor), fill=(255, 255, 255, 200))
        pen.text(place, _ascii(box.row_code), fill=(*colour, 255), font=font, anchor=anchor)


def _fitted(code: str, size: float, width: float) -> tuple[str, Any]:
    """The code and a font for it, made smaller and then cut so that it fits in a box."""
    code = _ascii(code)
    font = ImageFont.load_default(size)
    if font.getlength(code) > width:
        font = ImageFont.load_default(_SMALLEST_TYPE)
    while code and font.getlength(code) > width:
        code = code[:-1]
    return code, font


def _ascii(code: str) -> str:
    return code.encode("ascii", "replace").decode()


def _pixels(bbox: BBox, scale: float, layer: Image.Image) -> tuple[float, float, float, float]:
    """A box in pixels, kept on the picture and the right way round whatever the file says."""
    x0, top, x1, bottom = (round(value * scale) if math.isfinite(value) else 0 for value in bbox)
    across, down = layer.width - 1, layer.height - 1
    left, right = sorted((min(max(x0, 0), across), min(max(x1, 0), across)))
    upper, lower = sorted((min(max(top, 0), down), min(max(bottom, 0), down)))
    return left, upper, right, lower
