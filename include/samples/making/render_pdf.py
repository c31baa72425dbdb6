"""Prints a paper as a ruled PDF whose tables break across pages. Needs a font, which is not part of the project.

The font is WenQuanYi Micro Hei (Apache-2.0), Debian package fonts-wqy-microhei; each PDF embeds the
glyphs that it uses.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from samples.making.forms import FormCell, FormTable, lay_out
from samples.making.paper import Paper

FONT_FILE = Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")
FONT_PACKAGE = "fonts-wqy-microhei"
_FONT = "WenQuanYiMicroHei"
_MARGIN, _FOOT = 62.0, 70.0
_PAGE_NUMBERS = {"pdf_ruled": "- {} -", "pdf_cut": "— {} —", "pdf_repeat": "{}"}
_SMALL, _PAD = 8.5, 2.5
_LEADING = 1.25 * _SMALL
_AIR = {"pdf_ruled": 5.0, "pdf_cut": 6.9, "pdf_repeat": 6.0}
"""Space above and below the text of a row, chosen so that tables break at different rows."""

_NO_LINE_START = "，。、；：）”》！？"
_UNBROKEN = re.compile(r"[0-9.,]+|.")


def render_pdf(paper: Paper) -> bytes:
    """Print a paper as PDF; the same paper and font give the same bytes.

    Raises:
        FileNotFoundError: The font is not installed.
    """
    if not FONT_FILE.exists():
        raise FileNotFoundError(f"{FONT_FILE} is missing; install the Debian package {FONT_PACKAGE} to build the PDFs")
    pdfmetrics.registerFont(TTFont(_FONT, str(FONT_FILE), subfontIndex=0))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, pageCompression=1)
    canvas.setTitle(paper.title)
    canvas.setAuthor(paper.agency)
    pages = _Pages(canvas, paper.style)
    for line in paper.title_lines:
        pages.paragraph(line, size=18, centred=True)
    for text in paper.preface:
        pages.paragraph(text)
    for chapter in paper.chapters:
        pages.paragraph(chapter.heading, size=13)
        for text in chapter.paragraphs:
            pages.paragraph(text)
        if chapter.table:
            pages.table(lay_out(paper.template, chapter.table, paper.sheet))
    date = paper.published
    pages.paragraph(paper.agency)
    pages.paragraph(f"{date.year}年{date.month}月{date.day}日")
    pages.close()
    return buffer.getvalue()


def _wrap(text: str, size: float, width: float) -> list[str]:
    """Break text into lines of at most `width` points, not inside numbers nor before punctuation."""
    lines, line = [], ""
    for piece in _UNBROKEN.findall(text):
        if line and pdfmetrics.stringWidth(line + piece, _FONT, size) > width and piece not in _NO_LINE_START:
            lines.append(line)
            line = ""
        line += piece
    return [*lines, line] if line else lines or [""]


class _Pages:
    """Fills pages from the top down."""

    def __init__(self, canvas: Canvas, style: str) -> None:
        self.canvas, self.style = canvas, style
        self.width, self.height = A4
        self.number, self.y = 1, self.height - _MARGIN

    def paragraph(self, text: str, *, size: float = 11.0, centred: bool = False) -> None:
        """Print a paragraph with an indent of two characters, over pages where needed."""
        indent = "" if centred else "\u3000\u3000"
        for line in _wrap(indent + text, size, self.width - 2 * _MARGIN):
            if self.y - 1.7 * size < _FOOT:
                self._next_page()
            self.y -= 1.7 * size
            self.canvas.setFont(_FONT, size)
            if centred:
                self.canvas.drawCentredString(self.width / 2, self.y, line)
            else:
                self.canvas.drawString(_MARGIN, self.y, line)

    def table(self, form: FormTable) -> None:
        """Print a table; rows that do not fit go to the next page, inside groups as well.

        The table is one long strip, laid over the pages piece by piece.
        """
        total = self.width - 2 * _MARGIN
        edges = [_MARGIN + total * sum(form.widths[:index]) / sum(form.widths) for index in range(len(form.widths) + 1)]
        tops = list(accumulate(_row_heights(form, edges, _AIR[self.style]), initial=0.0))
        head = tops[form.header_rows]
        self.y -= 8
        done = 0.0
        while done < tops[-1]:
            repeated = head if self.style == "pdf_repeat" and done >= head else 0.0
            end = self._break(form, edges, tops, done, self.y - _FOOT - repeated)
            if end <= done and self.y == self.height - _MARGIN:
                raise ValueError(f"a row of table {form.code} is higher than a page")
            if end > max(done, head if done == 0 else 0):
                if repeated:
                    self._piece(form, edges, tops, 0.0, repeated)
                self._piece(form, edges, tops, done, end)
                done = end
            if done < tops[-1]:
                self._next_page()
        self.y -= 6

    def _break(self, form: FormTable, edges: list[float], tops: list[float], done: float, room: float) -> float:
        """How far down the strip a page reaches: to the end of a row; in pdf_cut also into one of several lines."""
        end = max((top for top in tops if done < top <= done + room), default=done)
        if self.style == "pdf_cut" and form.header_rows < tops.index(end) < form.n_rows:
            row = tops.index(end)
            lines = max(len(_cell_lines(cell, edges)) for cell in form.cells if cell.row == row and cell.row_span == 1)
            inside = (tops[row] + tops[row + 1]) / 2 + 0.47 * _LEADING
            if lines > 1 and inside <= done + room:
                return inside
        return end

    def close(self) -> None:
        """Finish the last page and the file."""
        self._page_number()
        self.canvas.save()

    def _piece(self, form: FormTable, edges: list[float], tops: list[float], start: float, end: float) -> None:
        """Draw a piece of the strip at the current place, cells clipped to it.

        In pdf_cut a label stands in the middle of the whole cell, so that a page break cuts it in two, as WPS does;
        otherwise it stands in the middle of the part on its first page.
        """
        self.canvas.setLineWidth(0.6)
        for cell in form.cells:
            cell_top, cell_end = tops[cell.row], tops[cell.row + cell.row_span]
            top, bottom = max(cell_top, start), min(cell_end, end)
            if top >= bottom:
                continue
            whole = self.style == "pdf_cut"
            lines = _cell_lines(cell, edges) if whole or top == cell_top else []
            x0, x1 = edges[cell.col], edges[cell.col + cell.col_span]
            self.canvas.rect(x0, self.y - (bottom - start), x1 - x0, bottom - top)
            self.canvas.setFont(_FONT, _SMALL)
            for text, middle in _placed(lines, cell_top, cell_end if whole else bottom):
                if top <= middle < bottom:
                    y = self.y - (middle - start) - 0.35 * _SMALL
                    if form.code == "legacy" and cell.col == 0:
                        self.canvas.drawString(x0 + _PAD, y, text)
                    else:
                        self.canvas.drawCentredString((x0 + x1) / 2, y, text)
        self.y -= end - start

    def _next_page(self) -> None:
        self._page_number()
        self.canvas.showPage()
        self.number, self.y = self.number + 1, self.height - _MARGIN

    def _page_number(self) -> None:
        self.canvas.setFont(_FONT, 9)
        self.canvas.drawCentredString(self.width / 2, 40, _PAGE_NUMBERS[self.style].format(self.number))


def _placed(lines: list[str], top: float, end: float) -> Iterator[tuple[str, float]]:
    """Lines of a cell, centred between top and end, with the place of their middle."""
    offset = (end - top - _LEADING * len(lines)) / 2
    for index, text in enumerate(lines):
        yield text, top + offset + _LEADING * (index + 0.5)


def _cell_lines(cell: FormCell, edges: list[float]) -> list[str]:
    if cell.vertical:
        return list(cell.text)
    return _wrap(cell.text, _SMALL, edges[cell.col + cell.col_span] - edges[cell.col] - 2 * _PAD)


def _row_heights(form: FormTable, edges: list[float], air: float) -> list[float]:
    """Heights that hold the text of every cell; spanned cells stretch their last row."""
    heights = [_LEADING + 2 * air] * form.n_rows
    for cell in sorted(form.cells, key=lambda cell: cell.row_span):
        needed = _LEADING * len(_cell_lines(cell, edges)) + 2 * air
        rows = slice(cell.row, cell.row + cell.row_span)
        missing = needed - sum(heights[rows])
        if missing > 0:
            heights[cell.row + cell.row_span - 1] += missing
    return heights
