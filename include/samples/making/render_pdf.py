"""Prints a paper as a ruled PDF whose tables break across pages. Needs a font, which is not part of the project.

The font is WenQuanYi Micro Hei (Apache-2.0), Debian package fonts-wqy-microhei; each PDF embeds the
glyphs that it uses.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
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
_AIR = {"pdf_ruled": 5.0, "pdf_cut": 7.5, "pdf_repeat": 6.0}
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
        """Print a table; rows that do not fit go to the next page, inside groups as well."""
        total = self.width - 2 * _MARGIN
        edges = [_MARGIN + total * sum(form.widths[:index]) / sum(form.widths) for index in range(len(form.widths) + 1)]
        heights = _row_heights(form, edges, _AIR[self.style])
        self.y -= 8
        first = 0
        while first < form.n_rows:
            repeated = form.header_rows if self.style == "pdf_repeat" and first >= form.header_rows else 0
            room = self.y - _FOOT - sum(heights[:repeated])
            last = first
            while last < form.n_rows and sum(heights[first : last + 1]) <= room:
                last += 1
            if last < form.n_rows and last <= form.header_rows:
                last = first
            if last > first:
                if repeated:
                    self._segment(form, edges, heights, 0, repeated)
                self._segment(form, edges, heights, first, last)
                first = last
            if first < form.n_rows:
                self._next_page()
        self.y -= 6

    def close(self) -> None:
        """Finish the last page and the file."""
        self._page_number()
        self.canvas.save()

    def _segment(self, form: FormTable, edges: list[float], heights: list[float], first: int, last: int) -> None:
        """Draw rows first..last-1 at the current place, spanned cells clipped to them."""
        tops = [self.y - sum(heights[first:row]) for row in range(first, last + 1)]
        self.canvas.setLineWidth(0.6)
        for cell in form.cells:
            start, end = max(cell.row, first), min(cell.row + cell.row_span, last)
            if start >= end:
                continue
            x0, x1, top, bottom = (
                edges[cell.col],
                edges[cell.col + cell.col_span],
                tops[start - first],
                tops[end - first],
            )
            self.canvas.rect(x0, bottom, x1 - x0, top - bottom)
            lines = _cell_lines(cell, edges)
            whole = sum(heights[cell.row : cell.row + cell.row_span])
            above = sum(heights[cell.row : start])
            for text, y in self._placed(lines, whole, above, top - bottom, starts=start == cell.row):
                self.canvas.setFont(_FONT, _SMALL)
                if cell.key is None and form.code == "legacy" and cell.col == 0:
                    self.canvas.drawString(x0 + _PAD, top - y, text)
                else:
                    self.canvas.drawCentredString((x0 + x1) / 2, top - y, text)
        self.y = tops[-1]

    def _placed(
        self, lines: list[str], whole: float, above: float, part: float, *, starts: bool
    ) -> Iterator[tuple[str, float]]:
        """Lines of a cell with their distance from the top of its part on this page.

        In pdf_cut a label stands in the middle of the whole cell, so that a page break cuts it in two, as WPS does;
        otherwise all of it stands on the first page.
        """
        leading = 1.25 * _SMALL
        if self.style == "pdf_cut":
            offset = (whole - leading * len(lines)) / 2
            for index, text in enumerate(lines):
                middle = offset + leading * (index + 0.5) - above
                if 0 <= middle < part:
                    yield text, min(max(middle + 0.35 * _SMALL, _SMALL), part - 1)
        elif starts:
            offset = max((part - leading * len(lines)) / 2, 0)
            for index, text in enumerate(lines):
                yield text, offset + leading * (index + 0.5) + 0.35 * _SMALL

    def _next_page(self) -> None:
        self._page_number()
        self.canvas.showPage()
        self.number, self.y = self.number + 1, self.height - _MARGIN

    def _page_number(self) -> None:
        self.canvas.setFont(_FONT, 9)
        self.canvas.drawCentredString(self.width / 2, 40, _PAGE_NUMBERS[self.style].format(self.number))


def _cell_lines(cell: FormCell, edges: list[float]) -> list[str]:
    if cell.vertical:
        return list(cell.text)
    return _wrap(cell.text, _SMALL, edges[cell.col + cell.col_span] - edges[cell.col] - 2 * _PAD)


def _row_heights(form: FormTable, edges: list[float], air: float) -> list[float]:
    """Heights that hold the text of every cell; spanned cells stretch their last row."""
    heights = [1.25 * _SMALL + 2 * air] * form.n_rows
    for cell in sorted(form.cells, key=lambda cell: cell.row_span):
        needed = 1.25 * _SMALL * len(_cell_lines(cell, edges)) + 2 * air
        rows = slice(cell.row, cell.row + cell.row_span)
        missing = needed - sum(heights[rows])
        if missing > 0:
            heights[cell.row + cell.row_span - 1] += missing
    return heights
