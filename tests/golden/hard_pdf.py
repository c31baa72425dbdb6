"""Prints a paper as a PDF in the ways in which reports are hard to read: one `Look` says which."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from samples.making.forms import FormCell, FormTable, lay_out
from samples.making.paper import Paper

FONT, SIZE, LEADING, PAD = "STSong-Light", 8.5, 10.6, 2.5
A4 = (595.0, 842.0)
Box = tuple[float, float, float, float]
"""x0, top, x1, bottom, y growing downwards."""


@dataclass(frozen=True)
class Look:
    """How the tables are printed.

    Attributes:
        rules: Draws the rules of a piece of a table: canvas, its cells with their boxes, the box of the piece.
        write: Draws one line of a cell: canvas, the cell, its box, the text, the place of the line's middle.
        align: Where values stand in their cells.
        anchor: On which line of its label a value stands.
        size: Width and height of the pages.
        repeat: The header is printed again on every page.
        inside: Pages may break inside a row; labels are then cut in two.
        air: Space above and below the text of a row.
        start: Draws under each page, before anything else.
        end: Draws over each page.
        only: Tables that are printed, all where empty.
        options: More for the canvas.
    """

    rules: Callable[[Canvas, list[tuple[FormCell, Box]], Box], None]
    write: Callable[[Canvas, FormCell, Box, str, float], None] | None = None
    align: str = "centre"
    anchor: str = "middle"
    size: tuple[float, float] = A4
    repeat: bool = False
    inside: bool = False
    air: float = 5.0
    start: Callable[[Canvas, int], None] = lambda canvas, page: None
    end: Callable[[Canvas, int], None] = lambda canvas, page: None
    only: tuple[str, ...] = ()
    options: dict[str, object] = field(default_factory=dict)


def print_hard(paper: Paper, look: Look) -> bytes:
    """Print title, headings and tables of a paper."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=look.size, invariant=1, **look.options)
    pages = _Pages(canvas, look)
    pages.line(paper.title, 16)
    for chapter in paper.chapters:
        pages.line(chapter.heading, 12)
        pages.line("本机关依照条例公开政府信息，现将有关情况报告如下。", 11)
        if chapter.table and (not look.only or chapter.table in look.only):
            pages.table(lay_out(paper.template, chapter.table, paper.sheet))
    pages.close()
    return buffer.getvalue()


def put(canvas: Canvas, x: float, middle: float, text: str, size: float = SIZE) -> None:
    """Write text whose middle is so far below the top of the page."""
    canvas.setFont(FONT, size)
    canvas.drawString(x, canvas._pagesize[1] - middle - 0.35 * size, text)


def width(text: str, size: float = SIZE) -> float:
    return pdfmetrics.stringWidth(text, FONT, size)


def place(cell: FormCell, box: Box, text: str, align: str) -> float:
    """Where a line of a cell begins."""
    x0, _, x1, _ = box
    if cell.key is None and align == "left":
        return x0 + PAD
    if align == "centre" or cell.key is None:
        return (x0 + x1 - width(text)) / 2
    return x0 + PAD if align == "left" else x1 - PAD - width(text)


class _Pages:
    def __init__(self, canvas: Canvas, look: Look) -> None:
        self.canvas, self.look = canvas, look
        self.width, self.height = look.size
        self.number = 0
        self._open()

    def _open(self) -> None:
        self.number, self.y = self.number + 1, 50.0
        self.look.start(self.canvas, self.number)

    def next(self) -> None:
        self.look.end(self.canvas, self.number)
        self.canvas.showPage()
        self._open()

    def close(self) -> None:
        self.look.end(self.canvas, self.number)
        self.canvas.save()

    def line(self, text: str, size: float) -> None:
        if self.y + 3 * size > self.height - 60:
            self.next()
        self.y += 1.7 * size
        put(self.canvas, 62, self.y - 0.5 * size, text, size)

    def table(self, form: FormTable) -> None:
        total = self.width - 124
        edges = [62 + total * part / sum(form.widths) for part in accumulate(form.widths, initial=0.0)]
        tops = list(accumulate(_heights(form, edges, self.look.air), initial=0.0))
        self.y += 8
        done, head = 0.0, tops[form.header_rows]
        while done < tops[-1]:
            repeated = head if self.look.repeat and done >= head else 0.0
            end = self._break(tops, done, self.height - 60 - self.y - repeated, form.header_rows)
            if end > max(done, head if done == 0 else 0):
                if repeated:
                    self._piece(form, edges, tops, 0.0, repeated)
                self._piece(form, edges, tops, done, end)
                done = end
            if done < tops[-1]:
                self.next()
        self.y += 6

    def _break(self, tops: list[float], done: float, room: float, header: int) -> float:
        end = max((top for top in tops if done < top <= done + room), default=done)
        row = tops.index(end) if end in tops else 0
        if self.look.inside and header < row < len(tops) - 1:
            inside = (tops[row] + tops[row + 1]) / 2
            return inside if tops[row + 1] - tops[row] > 2 * LEADING and inside <= done + room else end
        return end

    def _piece(self, form: FormTable, edges: list[float], tops: list[float], start: float, end: float) -> None:
        boxes: list[tuple[FormCell, Box]] = []
        for cell in form.cells:
            top, bottom = max(tops[cell.row], start), min(tops[cell.row + cell.row_span], end)
            if top < bottom:
                box = (edges[cell.col], self.y + top - start, edges[cell.col + cell.col_span], self.y + bottom - start)
                boxes.append((cell, box))
        self.look.rules(self.canvas, boxes, (edges[0], self.y, edges[-1], self.y + end - start))
        for cell, box in boxes:
            cell_top, cell_end = tops[cell.row], tops[cell.row + cell.row_span]
            if not self.look.inside:
                cell_end = min(cell_end, end)
                if cell_top < start:
                    continue
            for text, middle in self._placed(form, cell, edges, cell_top, cell_end):
                if start <= middle < end:
                    self._write(cell, box, text, self.y + middle - start)
        self.y += end - start

    def _placed(
        self, form: FormTable, cell: FormCell, edges: list[float], top: float, end: float
    ) -> Iterator[tuple[str, float]]:
        lines = cell_lines(cell, edges)
        first = (top + end - LEADING * len(lines)) / 2
        if self.look.anchor != "middle" and cell.row >= form.header_rows and cell.row_span == 1 and cell.key:
            most = max(
                len(cell_lines(other, edges)) for other in form.cells if other.row == cell.row and other.row_span == 1
            )
            offset = 0 if self.look.anchor == "first" else most - 1
            first = (top + end - LEADING * most) / 2 + offset * LEADING
        for index, text in enumerate(lines):
            yield text, first + LEADING * (index + 0.5)

    def _write(self, cell: FormCell, box: Box, text: str, middle: float) -> None:
        if self.look.write:
            self.look.write(self.canvas, cell, box, text, middle)
        else:
            put(self.canvas, place(cell, box, text, self.look.align), middle, text)


def cell_lines(cell: FormCell, edges: list[float]) -> list[str]:
    """The lines into which the text of a cell breaks."""
    if cell.vertical:
        return list(cell.text)
    room, lines = edges[cell.col + cell.col_span] - edges[cell.col] - 2 * PAD, [""]
    if cell.key:
        return [cell.text]
    for char in cell.text:
        if lines[-1] and width(lines[-1] + char) > room:
            lines.append("")
        lines[-1] += char
    return lines


def _heights(form: FormTable, edges: list[float], air: float) -> list[float]:
    heights = [LEADING + 2 * air] * form.n_rows
    for cell in sorted(form.cells, key=lambda cell: cell.row_span):
        missing = LEADING * len(cell_lines(cell, edges)) + 2 * air - sum(heights[cell.row : cell.row + cell.row_span])
        if missing > 0:
            heights[cell.row + cell.row_span - 1] += missing
    return heights


def stroke(canvas: Canvas, x0: float, y0: float, x1: float, y1: float, weight: float = 0.5) -> None:
    canvas.setLineWidth(weight)
    high = canvas._pagesize[1]
    canvas.line(x0, high - y0, x1, high - y1)


def fill(canvas: Canvas, box: Box, grey: float | tuple[float, float, float] = 0.0) -> None:
    """Fill a rectangle; black stays the colour of what is drawn after it."""
    x0, top, x1, bottom = box
    canvas.setFillColorRGB(*(grey if isinstance(grey, tuple) else (grey,) * 3))
    canvas.rect(x0, canvas._pagesize[1] - bottom, x1 - x0, bottom - top, stroke=0, fill=1)
    canvas.setFillColorRGB(0, 0, 0)


def edges_of(cells: list[tuple[FormCell, Box]]) -> Iterator[tuple[str, Box]]:
    """Sides of all cells, named, as lines."""
    for _, (x0, top, x1, bottom) in cells:
        yield "top", (x0, top, x1, top)
        yield "bottom", (x0, bottom, x1, bottom)
        yield "left", (x0, top, x0, bottom)
        yield "right", (x1, top, x1, bottom)
