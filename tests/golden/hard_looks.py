"""The hard looks by name, and what stands on the page beside the tables."""

from __future__ import annotations

import io
from functools import cache

from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from samples.making.forms import FormCell

from .hard_pdf import A4, FONT, SIZE, Box, edges_of, fill, place, put, stroke, width

Cells = list[tuple[FormCell, Box]]


def full(canvas: Canvas, cells: Cells, box: Box) -> None:
    for _, line in edges_of(cells):
        stroke(canvas, *line)


def none(canvas: Canvas, cells: Cells, box: Box) -> None:
    """No rules at all."""


def sides(*names: str):
    def rules(canvas: Canvas, cells: Cells, box: Box) -> None:
        for name, line in edges_of(cells):
            if name in names:
                stroke(canvas, *line)

    return rules


def frame(canvas: Canvas, cells: Cells, box: Box) -> None:
    x0, top, x1, bottom = box
    for line in ((x0, top, x1, top), (x0, bottom, x1, bottom), (x0, top, x0, bottom), (x1, top, x1, bottom)):
        stroke(canvas, *line)


def three_lines(canvas: Canvas, cells: Cells, box: Box) -> None:
    x0, top, x1, bottom = box
    below = min((area[1] for cell, area in cells if cell.key), default=bottom)
    for y in {top, below, bottom}:
        stroke(canvas, x0, y, x1, y, 1.0)


def framed(inner):
    def rules(canvas: Canvas, cells: Cells, box: Box) -> None:
        inner(canvas, cells, box)
        frame(canvas, cells, box)

    return rules


def without(side: str):
    """Full rules but for one outer side, as at page breaks."""

    def rules(canvas: Canvas, cells: Cells, box: Box) -> None:
        outer = dict(zip(("left", "top", "right", "bottom"), box, strict=True))[side]
        for name, line in edges_of(cells):
            if name != side or abs((line[0] if side in ("left", "right") else line[1]) - outer) > 0.1:
                stroke(canvas, *line)

    return rules


def dashes(dash: float, gap: float):
    def rules(canvas: Canvas, cells: Cells, box: Box) -> None:
        for x0, y0, x1, y1 in {line for _, line in edges_of(cells)}:
            along, done = max(x1 - x0, y1 - y0), 0.0
            while done < along:
                end = min(done + dash, along)
                stroke(canvas, *((x0 + done, y0, x0 + end, y0) if y0 == y1 else (x0, y0 + done, x0, y0 + end)))
                done += dash + gap

    return rules


@cache
def speck() -> ImageReader:
    buffer = io.BytesIO()
    Image.new("L", (2, 2), 0).save(buffer, "PNG")
    buffer.seek(0)
    return ImageReader(buffer)


def pictures(canvas: Canvas, cells: Cells, box: Box) -> None:
    for x0, y0, x1, y1 in {line for _, line in edges_of(cells)}:
        canvas.drawImage(
            speck(), x0 - 0.3, canvas._pagesize[1] - y1 - 0.3, max(x1 - x0, 0) + 0.6, max(y1 - y0, 0) + 0.6
        )


def bars(canvas: Canvas, cells: Cells, box: Box) -> None:
    for _, (x0, y0, x1, y1) in edges_of(cells):
        fill(canvas, (x0 - 0.3, y0 - 0.3, x1 + 0.3, y1 + 0.3))


def shaded(canvas: Canvas, cells: Cells, box: Box) -> None:
    """A coloured ground for each cell and white between them."""
    for cell, (x0, top, x1, bottom) in cells:
        fill(canvas, (x0 + 0.5, top + 0.5, x1 - 0.5, bottom - 0.5), (0.85, 0.9, 1) if cell.key else (0.7, 0.8, 0.95))


def ground_with_white_rules(canvas: Canvas, cells: Cells, box: Box) -> None:
    fill(canvas, box, (0.85, 0.9, 1))
    canvas.setStrokeColorRGB(1, 1, 1)
    full(canvas, cells, box)
    canvas.setStrokeColorRGB(0, 0, 0)


def zebra(canvas: Canvas, cells: Cells, box: Box) -> None:
    for cell, (_, top, _, bottom) in cells:
        if cell.key and cell.row % 2:
            fill(canvas, (box[0], top, box[2], bottom), 0.92)


def wps(canvas: Canvas, cells: Cells, box: Box) -> None:
    """White fills behind every line of text, white rules around them, black rules around the cells."""
    full(canvas, cells, box)
    canvas.setStrokeColorRGB(1, 1, 1)
    for _, (x0, top, x1, bottom) in cells:
        y = top + 1
        while y + 9 < bottom:
            fill(canvas, (x0 + 1, y, x1 - 1, y + 9), 1.0)
            stroke(canvas, x0 + 1, y + 9, x1 - 1, y + 9)
            y += 9
    canvas.setStrokeColorRGB(0, 0, 0)


def double(canvas: Canvas, cells: Cells, box: Box) -> None:
    for _, (x0, y0, x1, y1) in edges_of(cells):
        for by in (-0.75, 0.75):
            dx, dy = (by, 0.0) if x0 == x1 else (0.0, by)
            stroke(canvas, x0 + dx, y0 + dy, x1 + dx, y1 + dy, 0.4)


def not_meeting(canvas: Canvas, cells: Cells, box: Box) -> None:
    for _, (x0, y0, x1, y1) in edges_of(cells):
        if x0 == x1:
            stroke(canvas, x0, y0 + 1.2, x1, y1 - 1.2)
        else:
            stroke(canvas, x0 + 1.2, y0, x1 - 1.2, y1)


def drawn_with_characters(canvas: Canvas, cells: Cells, box: Box) -> None:
    """Rules of box drawing characters, as printed from a text screen."""
    size = 8.0
    for x0, y0, x1, y1 in {line for _, line in edges_of(cells)}:
        canvas.setFont(FONT, size)
        high = canvas._pagesize[1]
        if y0 == y1:
            at = x0
            while at < x1 - 0.1:
                canvas.drawString(min(at, x1 - size), high - y0 - 0.35 * size, "─")
                at += size
        else:
            at = y0
            while at < y1 - 0.1:
                middle = min(at + size / 2, y1 - size / 2)
                canvas.drawString(x0 - size / 2, high - middle - 0.35 * size, "│")
                at += size


def turned(degrees: int):
    """Pages that say that they are to be shown turned."""

    def start(canvas: Canvas, page: int) -> None:
        wide, high = canvas._pagesize
        canvas.setPageRotation(degrees)
        canvas.translate(*{90: (high, 0), 180: (wide, high), 270: (0, wide)}[degrees])
        canvas.rotate(degrees)

    return start


def sideways(degrees: int):
    """Upright pages printed on paper that lies the other way, or upside down."""

    def start(canvas: Canvas, page: int) -> None:
        wide, high = A4
        if degrees != 180:
            canvas.setPageSize((high, wide))
        canvas.translate(*{90: (high, 0), 180: (wide, high), 270: (0, wide)}[degrees])
        canvas.rotate(degrees)
        canvas.translate(0, 0 if degrees == 180 else high - wide)

    return start


# Lines of cells written otherwise ------------------------------------------------------------------------------------


def glyph_by_glyph(canvas: Canvas, cell: FormCell, box: Box, text: str, middle: float) -> None:
    """Each glyph on its own, numbers set apart a little, from the last to the first."""
    if not (cell.key and text.isdigit()):
        return put(canvas, place(cell, box, text, "centre"), middle, text)
    step = min(width("0") + 1.2, (box[2] - box[0] - 3) / len(text))
    x = (box[0] + box[2] - step * len(text)) / 2
    for index in range(len(text) - 1, -1, -1):
        put(canvas, x + step * index, middle, text[index])
    return None


def twice(canvas: Canvas, cell: FormCell, box: Box, text: str, middle: float) -> None:
    x = place(cell, box, text, "centre")
    for by in (0.0, 0.3):
        put(canvas, x + by, middle, text)


def overflowing(canvas: Canvas, cell: FormCell, box: Box, text: str, middle: float) -> None:
    """Labels reach beyond the cell by some points."""
    x = place(cell, box, text, "centre")
    put(canvas, x - 4 if cell.key is None and len(text) > 4 else x, middle, text)


def over_neighbours(canvas: Canvas, cell: FormCell, box: Box, text: str, middle: float) -> None:
    """Numbers of several digits begin in their cell and end in the next one, as shifted by a bad export."""
    x = box[2] - width("0") * 1.2 if cell.key and len(text) > 1 and text.isdigit() else place(cell, box, text, "centre")
    put(canvas, x, middle, text)


def radicals(canvas: Canvas, cell: FormCell, box: Box, text: str, middle: float) -> None:
    """Some characters are written as their radicals: U+2F00 for 一."""
    text = text.translate(str.maketrans("一人不行", "⼀⼈不⾏"))
    put(canvas, place(cell, box, text, "centre"), middle, text)


def in_fields(canvas: Canvas, cell: FormCell, box: Box, text: str, middle: float) -> None:
    """Values are those of form fields."""
    if not (cell.key and text.isascii()):
        return put(canvas, place(cell, box, text, "centre"), middle, text)
    x0, _, x1, _ = box
    name = "/".join((*cell.key, str(canvas.getPageNumber())))
    y = canvas._pagesize[1] - middle - 5
    canvas.acroForm.textfield(
        name=name, value=text, x=x0 + 1, y=y, width=x1 - x0 - 2, height=10, fontSize=8, borderWidth=0
    )
    return None


def as_forms(canvas: Canvas, cell: FormCell, box: Box, text: str, middle: float) -> None:
    """Each line is a form object of its own."""
    name = f"form{id(canvas)}-{canvas.getPageNumber()}-{box[0]:.1f}-{middle:.1f}".replace(".", "_")
    canvas.beginForm(name)
    put(canvas, 0, canvas._pagesize[1] - 20, text)
    canvas.endForm()
    canvas.saveState()
    canvas.translate(place(cell, box, text, "centre"), canvas._pagesize[1] - middle - 20)
    canvas.doForm(name)
    canvas.restoreState()


# What stands on the page besides -------------------------------------------------------------------------------------


def page_numbers(form: str, y: float = 800.0):
    def end(canvas: Canvas, page: int) -> None:
        text = form.format(page)
        put(canvas, (canvas._pagesize[0] - width(text)) / 2, y, text)

    return end


def watermark(canvas: Canvas, page: int) -> None:
    canvas.saveState()
    canvas.setFillGray(0.85)
    canvas.setFont(FONT, 60)
    canvas.translate(150, 250)
    canvas.rotate(45)
    canvas.drawString(0, 0, "仅供内部")
    canvas.restoreState()


def flat_watermark(canvas: Canvas, page: int) -> None:
    canvas.saveState()
    canvas.setFillGray(0.85)
    canvas.setFont(FONT, 60)
    for y in (200, 400, 600):
        canvas.drawString(150, y, "仅供内部")
    canvas.restoreState()


def stamp(canvas: Canvas, page: int) -> None:
    canvas.drawImage(speck(), 300, 300, 120, 120)


def hidden_figures(way: str):
    """Figures that nobody sees, over the whole page."""

    def start(canvas: Canvas, page: int) -> None:
        canvas.saveState()
        text = canvas.beginText()
        text.setFont(FONT, SIZE)
        if way == "white":
            canvas.setFillGray(1)
            text.setFillGray(1)
        if way == "clipped":
            path = canvas.beginPath()
            path.rect(0, 0, 5, 5)
            canvas.clipPath(path, stroke=0)
        if way == "mode 3":
            text.setTextRenderMode(3)
        for line in range(60):
            text.setTextOrigin(70, 60 + 12.3 * line)
            text.textOut("    ".join("7" * (1 + at % 4) for at in range(24)))
        canvas.drawText(text)
        canvas.restoreState()

    return start


LANDSCAPE = (A4[1], A4[0])
