"""Reads pages of a PDF by plain pdfplumber: slowly, and independently of our own reader.

The characters come from pdfminer's parser instead of pdfium, the cells from pdfplumber's table finder, a cell's text
from its grouping of characters. What both readers give alike is printed so; see gongkai.reports.opinion.
"""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

from gongkai.documents.model import BBox, Block, Grid, GridCell, TextBlock
from gongkai.errors import DamagedDocumentError, DocumentError, LimitError
from gongkai.settings import Limits

METHOD = "pdfplumber"

_MOST_EDGES = 8000
_SAME = 2.0
"""Points within which borders of cells are one."""

_WHITE = 0.98
_GAP = 0.6
"""Share of the font size from which a gap between characters is a blank."""


def read_plain(data: bytes, numbers: Sequence[int], limits: Limits) -> tuple[Block, ...]:
    """Read pages of a PDF into a grid for each ruled table and a block for each line of text.

    Coordinates are points from the top left corner of the page as it is shown.

    Args:
        data: The file, opened and found harmless by gongkai.documents.pdf before.
        numbers: Pages from 1.
        limits: Limits of the run.

    Raises:
        DamagedDocumentError: pdfminer cannot read it.
        LimitError: A page has more characters than `limits` allows.
    """
    import pdfplumber

    blocks: list[Block] = []
    try:
        with pdfplumber.open(io.BytesIO(data), pages=sorted(numbers)) as pdf:
            for page in pdf.pages:
                blocks += _blocks(page, limits)
                page.close()
    except (DocumentError, MemoryError):
        raise
    except Exception as error:  # pdfminer raises whatever a damaged object leads to
        raise DamagedDocumentError(
            "pdfplumber cannot read the PDF", found=f"{type(error).__name__}: {error}"
        ) from error
    return tuple(blocks)


def _blocks(page: Any, limits: Limits) -> list[Block]:
    number = page.page_number
    if len(page.chars) > limits.page_chars:
        raise LimitError(
            "the page has too many characters", where=f"page {number}", found=len(page.chars),
            expected=f"at most {limits.page_chars}",
        )  # fmt: skip
    clean = page.filter(_is_seen).dedupe_chars()
    left, upper = page.cropbox[0] - page.bbox[0], page.cropbox[1] - page.bbox[1]
    tables: list[_Table] = []
    if len(clean.edges) <= _MOST_EDGES:
        found = [table for table in clean.find_tables() if len(table.cells) > 1]
        tables = [_Table(table.cells) for table in sorted(found, key=_area)]
    outside = [char for char in clean.chars if not any(table.take(char) for table in tables)]
    placed: list[tuple[float, Block]] = []
    for position, table in enumerate(sorted(tables, key=lambda one: one.ys[0]), start=1):
        placed.append((table.ys[0], table.grid(number, f"page[{number}]/table[{position}]", left, upper)))
    for position, line in enumerate(_lines(outside), start=1):
        box = _shown((line["x0"], line["top"], line["x1"], line["bottom"]), left, upper)
        placed.append((line["top"], TextBlock(line["text"], f"page[{number}]/line[{position}]", number, box)))
    placed.sort(key=lambda item: item[0])
    return [block for _, block in placed]


def _is_seen(item: dict[str, Any]) -> bool:
    """Leave out white fills: WPS paints one behind every line of text, and pdfplumber takes their edges for rules."""
    if item["object_type"] != "rect" or item.get("stroke"):
        return True
    color = item.get("non_stroking_color")
    parts = color if isinstance(color, list | tuple) else (color,)
    values = [part for part in parts if isinstance(part, int | float)]
    is_white = len(values) in (1, 3) and min(values) >= _WHITE
    return not (is_white or (len(values) == 4 and max(values) <= 1 - _WHITE))


def _area(table: Any) -> float:
    x0, top, x1, bottom = table.bbox
    return float((x1 - x0) * (bottom - top))


def _lines(chars: list[Any]) -> Iterator[dict[str, Any]]:
    from pdfplumber.utils.text import chars_to_textmap

    if chars:
        textmap = chars_to_textmap(chars, x_tolerance_ratio=_GAP)
        yield from (line for line in textmap.extract_text_lines(return_chars=False) if line["text"].strip())


def _shown(box: BBox, left: float, upper: float) -> BBox:
    x0, top, x1, bottom = box
    return round(x0 - left, 2), round(top - upper, 2), round(x1 - left, 2), round(bottom - upper, 2)


class _Table:
    """A table on its way: borders, cells at them, and the characters of each cell."""

    def __init__(self, boxes: Sequence[BBox]) -> None:
        self.xs = _borders([value for box in boxes for value in (box[0], box[2])])
        self.ys = _borders([value for box in boxes for value in (box[1], box[3])])
        self.boxes = sorted(boxes, key=lambda box: (_at(self.ys, box[1]), _at(self.xs, box[0])))
        self.chars: list[list[Any]] = [[] for _ in boxes]
        self._owner: dict[tuple[int, int], int] = {}
        for index, (x0, top, x1, bottom) in enumerate(self.boxes):
            for row in range(_at(self.ys, top), _at(self.ys, bottom)):
                for col in range(_at(self.xs, x0), _at(self.xs, x1)):
                    self._owner.setdefault((row, col), index)

    def take(self, char: dict[str, Any]) -> bool:
        """Take a character whose middle lies in a cell; False where it lies in none."""
        x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
        owner = self._owner.get((bisect_right(self.ys, y) - 1, bisect_right(self.xs, x) - 1))
        if owner is None:
            return False
        self.chars[owner].append(char)
        return True

    def grid(self, number: int, path: str, left: float, upper: float) -> Grid:
        from pdfplumber.utils.text import extract_text

        cells: list[GridCell] = []
        order: dict[int, int] = {}
        for box, chars in zip(self.boxes, self.chars, strict=True):
            row, col = _at(self.ys, box[1]), _at(self.xs, box[0])
            order[row] = order.get(row, 0) + 1
            cells.append(
                GridCell(
                    row, col, max(1, _at(self.ys, box[3]) - row), max(1, _at(self.xs, box[2]) - col),
                    extract_text(chars, x_tolerance_ratio=_GAP) if chars else "",
                    f"{path}/row[{row + 1}]/cell[{order[row]}]", number, _shown(box, left, upper),
                )
            )  # fmt: skip
        return Grid(max(1, len(self.ys) - 1), max(1, len(self.xs) - 1), tuple(cells), path, number)


def _borders(values: list[float]) -> list[float]:
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > _SAME:
            kept.append(value)
    return kept


def _at(borders: Sequence[float], value: float) -> int:
    """Index of the border that a value is at; borders closer than _SAME are one."""
    return max(0, bisect_right(borders, value + 1e-6) - 1)
