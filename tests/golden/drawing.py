"""Draws a table as a picture, as screenshots in web pages show them: thin rules, text in the middle of its cell."""

from __future__ import annotations

import io
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from gongkai.documents.pdf_fonts import font_folder
from samples.making.forms import FormTable

_SIZE, _LINE, _PAD = 22, 28, 8


@cache
def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(next(font_folder().glob("NotoSans*"))), _SIZE)


def draw_form(form: FormTable, width: int = 1400) -> Image.Image:
    """The table on white paper, `width` pixels across."""
    total = sum(form.widths)
    lefts = [
        _PAD + round((width - 2 * _PAD) * sum(form.widths[:index]) / total) for index in range(len(form.widths) + 1)
    ]
    wrapped = {
        (cell.row, cell.col): _wrapped(cell.text, lefts[cell.col + cell.col_span] - lefts[cell.col] - _PAD)
        for cell in form.cells
    }
    heights = [_LINE + _PAD] * form.n_rows
    for cell in form.cells:
        needed = _LINE * len(wrapped[cell.row, cell.col]) + _PAD
        missing = needed - sum(heights[cell.row : cell.row + cell.row_span])
        if missing > 0:
            heights[cell.row] += missing
    tops = [_PAD + sum(heights[:index]) for index in range(form.n_rows + 1)]
    picture = Image.new("L", (width, tops[-1] + _PAD), 255)
    pen = ImageDraw.Draw(picture)
    for cell in form.cells:
        left, right = lefts[cell.col], lefts[cell.col + cell.col_span]
        top, bottom = tops[cell.row], tops[cell.row + cell.row_span]
        pen.rectangle((left, top, right, bottom), outline=0, width=2)
        lines = wrapped[cell.row, cell.col]
        for number, line in enumerate(lines):
            middle = (top + bottom - _LINE * len(lines)) / 2 + _LINE * number
            pen.text(((left + right - _font().getlength(line)) / 2, middle), line, font=_font(), fill=0)
    return picture


def png(picture: Image.Image) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _wrapped(text: str, width: float) -> list[str]:
    lines = [""]
    for char in text:
        if lines[-1] and _font().getlength(lines[-1] + char) > width:
            lines.append("")
        lines[-1] += char
    return lines
