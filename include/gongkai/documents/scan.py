"""Reads pages without a text layer: rules, cells, lines, by OpenCV and character recognition."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gongkai.documents import pdf_native as native
from gongkai.documents.effort import Effort, begin
from gongkai.documents.model import Block, Grid, GridCell, TextBlock
from gongkai.documents.ocr import Recogniser, recogniser
from gongkai.documents.pdf_lines import Line
from gongkai.documents.pdf_tables import TableBox
from gongkai.documents.pdf_text import PageLine, paragraphs
from gongkai.documents.scan_cells import crop, read_cells
from gongkai.documents.scan_lines import Box, check_work, ink_of, line_boxes, pieces, print_size
from gongkai.documents.scan_page import Grey, PageImage, scale_for, straighten
from gongkai.documents.scan_rules import find_ruled_tables
from gongkai.documents.scan_seal import grey_without_seals
from gongkai.documents.scan_turn import UPRIGHT, find_turn, turned
from gongkai.errors import LimitError
from gongkai.settings import Limits

METHOD = "scan-ocr"

_NO_SPACE = re.compile(r"(?<=[\u2e80-\uffef]) +| +(?=[\u2e80-\uffef])")
"""Blanks that recognition sees between Chinese characters and figures."""

_LINE_MARGIN, _LINE_SQUEEZE = 0.12, 0.6
_INK_HEIGHT = 0.92
_SURE_LINE = 0.5


def read_scan(data: bytes, numbers: Sequence[int], limits: Limits, *, zoom: float = 1.0) -> tuple[Block, ...]:
    """Recognise pages of a PDF, one by one.

    Args:
        data: The file.
        numbers: Pages from 1.
        limits: Limits of the run.
        zoom: Size at which pages are rendered, relative to the usual one: another look at the same print.

    Returns:
        Blocks in reading order; boxes are in points of the page as it is shown.
    """
    rendered = ((number, _render(data, number, zoom)) for number in numbers)
    return read_bitmaps(((number, *page) for number, page in rendered if page is not None), limits)


def read_bitmaps(pages: Iterable[tuple[int, Grey, float, float]], limits: Limits) -> tuple[Block, ...]:
    """Recognise pages given as pictures, one by one.

    Args:
        pages: Number from 1, picture, pixels a point, pixels a point of an A4 page.
        limits: Limits of the run.

    Returns:
        Blocks in reading order; boxes are in points of the page as it is shown, also where it lay sideways.
    """
    import cv2

    cv2.setNumThreads(1)  # --jobs shares the cores among documents
    reader = recogniser()
    return tuple(_ordered([_read_upright(*page, limits, reader) for page in pages]))


@dataclass(slots=True)
class _PageParts:
    """What stands on one page: grids and lines with their upper edge in points, and how sure each line is."""

    number: int
    page: PageImage
    grids: list[tuple[float, Grid]] = field(default_factory=list)
    lines: list[PageLine] = field(default_factory=list)
    confidence: list[float] = field(default_factory=list)

    def certainty(self) -> float:
        """Mean confidence of what was read; 1 for a blank page. Single signs are left out: many look alike turned."""
        found = [cell.confidence for _, grid in self.grids for cell in grid.cells if len(cell.text) > 1]
        found += self.confidence
        return sum(found) / len(found) if found else 1.0


def _read_upright(number: int, grey: Grey, scale: float, unit: float, limits: Limits, reader: Recogniser) -> _PageParts:
    """Read a page; if that is in doubt and it can be read better when turned, read it turned."""
    try:
        parts = _read_page(straighten(grey, scale, unit), number, limits, reader)
    except LimitError:
        turn = find_turn(grey, scale, unit, reader)
        if not turn:
            raise
    else:
        turn = 0 if parts.certainty() >= UPRIGHT else find_turn(grey, scale, unit, reader)
        if not turn:
            return parts
    page = replace(straighten(turned(grey, turn), scale, unit), turn=turn)
    return _read_page(page, number, limits, reader)


def _render(data: bytes, number: int, zoom: float) -> tuple[Grey, float, float] | None:
    import pypdfium2

    with native.LOCK:
        document = pypdfium2.PdfDocument(data)
        try:
            page = document[number - 1]
            scale, unit = (zoom * value for value in scale_for(*page.get_size()))
            bitmap = page.render(scale=scale, rev_byteorder=True)
            grey = grey_without_seals(bitmap.to_numpy()[..., :3])
            bitmap.close()
            page.close()
        except pypdfium2.PdfiumError:
            return None
        finally:
            document.close()
    return grey, scale, unit


def _read_page(page: PageImage, number: int, limits: Limits, reader: Recogniser) -> _PageParts:
    for _ in range(math.ceil(page.sheets)):
        begin(Effort.PAGE)
    where = f"page {number}"
    parts = _PageParts(number, page)
    tables, rest = find_ruled_tables(page, most_cells=limits.cells, where=where)
    clean = _without_rules(page, rest)
    size = print_size(page, rest)
    boxes = [_pixels(cell.box, page) for table in tables for cell in table.cells]
    texts = iter(read_cells(page, rest, clean, boxes, size, reader, where=where))
    for position, table in enumerate(tables, start=1):
        path = f"page[{number}]/table[{position}]"
        cells: list[GridCell] = []
        row = order = 0
        for cell, text in zip(table.cells, texts, strict=False):
            order = order + 1 if cell.row == row else 1
            row = cell.row
            cells.append(
                GridCell(
                    cell.row,
                    cell.col,
                    cell.row_span,
                    cell.col_span,
                    text.text,
                    f"{path}/row[{row + 1}]/cell[{order}]",
                    number,
                    page.points(*_pixels(cell.box, page)),
                    round(text.confidence, 3),
                )
            )
        parts.grids.append((table.ys[0], Grid(len(table.ys) - 1, len(table.xs) - 1, tuple(cells), path, number)))
        _blank(rest, table, page)
    _read_lines(parts, rest, clean, size, reader)
    return parts


def _read_lines(parts: _PageParts, rest: Grey, clean: Grey, size: float, reader: Recogniser) -> None:
    """Read what stands outside tables."""
    page = parts.page
    height, width = rest.shape
    ink = ink_of(rest, (0, 0, width, height), page.unit)
    lines = [pieces(line, ink, size) for line in line_boxes(ink, size, rest)]
    boxes = [box for line in lines for box in line]
    check_work(boxes, f"page {parts.number}", page.sheets)
    readings = iter(
        reader.read([crop(clean, box, box[3] - box[1], _LINE_MARGIN) for box in boxes], squeeze=_LINE_SQUEEZE)
    )
    before = 0.0
    for line in lines:
        found = [(box, next(readings)) for box in line]
        shown = [(box, reading) for box, reading in found if reading.text.strip()]
        probabilities = [value for _, reading in shown for value in reading.probabilities]
        if not shown or (sum(probabilities) / len(probabilities) < _SURE_LINE and len(probabilities) < 3):
            continue  # dirt, a stamp
        x0, top, x1, bottom = (value / page.unit for value in (line[0][0], line[0][1], line[-1][2], line[0][3]))
        middle = (top + bottom) / 2
        parts.lines.append(
            PageLine(
                parts.number,
                height / page.unit,
                Line(
                    x0,
                    top,
                    x1,
                    bottom,
                    " ".join(_NO_SPACE.sub("", r.text.strip()) for _, r in shown),
                    (bottom - top) / _INK_HEIGHT,
                    len(line) - 1,
                ),
                break_before=any(before <= edge < middle for edge, _ in parts.grids),
            )
        )
        parts.confidence.append(sum(probabilities) / len(probabilities))
        before = middle


def _ordered(pages: list[_PageParts]) -> Iterable[Block]:
    """Yield grids and paragraphs of all pages in reading order."""
    lines = [line for parts in pages for line in parts.lines]
    sure = [value for parts in pages for value in parts.confidence]
    by_number = {parts.number: parts.page for parts in pages}
    placed: list[tuple[int, float, Block]] = [(parts.number, top, grid) for parts in pages for top, grid in parts.grids]
    found = paragraphs(lines)
    for place, (first, text) in enumerate(found):
        end = found[place + 1][0] if place + 1 < len(found) else len(lines)
        number, top = lines[first].page, lines[first].line.top
        page = by_number[number]
        x0, upper, x1, lower = (value * page.unit for value in text.bbox or (0.0, 0.0, 0.0, 0.0))
        placed_text = replace(
            text, bbox=page.points(x0, upper, x1, lower), confidence=round(min(sure[first:end], default=0.0), 3)
        )
        placed.append((number, top, placed_text))
    placed.sort(key=lambda item: item[:2])
    order: dict[int, int] = {}
    for number, _, block in placed:
        if isinstance(block, TextBlock):
            order[number] = order.get(number, 0) + 1
            yield replace(block, path=f"page[{number}]/p[{order[number]}]")
        else:
            yield block


def _without_rules(page: PageImage, rest: Grey) -> Grey:
    import cv2

    mask: Any = cv2.dilate(cv2.subtract(page.ink, rest), np.ones((3, 3), dtype=np.uint8))
    clean = page.grey.copy()
    clean[mask > 0] = np.uint8(np.median(page.grey[::16, ::16]))
    return clean


def _pixels(box: tuple[float, float, float, float], page: PageImage) -> Box:
    x0, top, x1, bottom = (round(value * page.unit) for value in box)
    return x0, top, x1, bottom


def _blank(rest: Grey, table: TableBox, page: PageImage) -> None:
    x0, top, x1, bottom = _pixels(table.box, page)
    margin = round(2 * page.unit)
    rest[max(0, top - margin) : bottom + margin, max(0, x0 - margin) : x1 + margin] = 0
