"""Characters and ruling lines of an OFD page, in points from its top left corner."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import repeat

from lxml import etree

from gongkai.documents.pdf_chars import Char
from gongkai.documents.pdf_rules import THICKEST, Rules, add_fill, add_stroke
from gongkai.errors import LimitError

POINTS = 72 / 25.4
"""Points in a millimetre, the unit of OFD."""

Matrix = tuple[float, float, float, float, float, float]

_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_FIRST_WIDE = "\u2e80"
_ASCENT = 0.86
"""Share of the font size above the base line."""

_LINE_WIDTH = 0.353
_WHITE = 250
_STEPS = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}
"""Operators of a path and how many numbers each takes (GB/T 33190-2016, table 36)."""

_ARRAY_MOST = 100_000
_FARTHEST = 1e6


@dataclass(slots=True)
class OfdPage:
    """What one page draws.

    Attributes:
        chars: Its characters, in the order of the file.
        rules: Its rules, not joined yet.
        pictures: Number of its pictures.
        left: How many characters and path steps it may still draw.
    """

    left: int
    where: str
    chars: list[Char] = field(default_factory=list)
    rules: Rules = field(default_factory=Rules)
    pictures: int = 0

    def spend(self, count: int) -> None:
        """Count what is drawn.

        Raises:
            LimitError: More than a page of a report needs.
        """
        self.left -= count
        if self.left < 0:
            raise LimitError(
                "a page draws too much",
                where=self.where,
                expected="a text page with tables",
                do="raise GONGKAI_LIMIT_PAGE_CHARS and GONGKAI_LIMIT_CELLS if the document is genuine",
            )

    def draw(self, content: etree._Element) -> None:
        """Add everything below an ofd:Content or a template's."""
        for element in content.iter("{*}TextObject", "{*}PathObject", "{*}ImageObject"):
            if element.get("Visible", "true").lower() == "false" or element.get("Alpha") == "0":
                continue
            name = etree.QName(element).localname
            if name == "TextObject":
                self._text(element)
            elif name == "PathObject":
                self._path(element)
            else:
                self.pictures += 1

    def _text(self, element: etree._Element) -> None:
        matrix, size = _matrix(element), _number(element.get("Size"), 0.0)
        if size <= 0:
            return
        stretch = _number(element.get("HScale"), 1.0)
        x = y = 0.0
        for code in element.iter("{*}TextCode"):
            x, y = _number(code.get("X"), x), _number(code.get("Y"), y)
            text = "".join(map(str, code.itertext())).strip("\r\n")
            self.spend(len(text))
            across, down = _deltas(code.get("DeltaX", "")), _deltas(code.get("DeltaY", ""))
            at_x, at_y = x, y
            for char in text:
                wide = size * stretch * (1.0 if char >= _FIRST_WIDE else 0.5)
                step_y = next(down, 0.0)
                step_x = next(across, 0.0 if step_y else wide)
                if not char.isspace():
                    box = _box(matrix, at_x, at_y - _ASCENT * size, at_x + wide, at_y + (1 - _ASCENT) * size)
                    self.chars.append((*box, char))
                at_x, at_y = at_x + step_x, at_y + step_y

    def _path(self, element: etree._Element) -> None:
        is_stroked = element.get("Stroke", "true").lower() != "false"
        is_filled = element.get("Fill", "false").lower() == "true"
        if not is_stroked and (not is_filled or _is_white(element.find("{*}FillColor"))):
            return
        matrix = _matrix(element)
        width = _number(element.get("LineWidth"), _LINE_WIDTH) * math.hypot(matrix[0], matrix[1])
        if is_stroked and width > 2 * THICKEST:
            return
        for points, is_closed in self._subpaths(element.findtext("{*}AbbreviatedData") or "", matrix):
            if is_stroked:
                ends = [*points[1:], points[0]] if is_closed else points[1:]
                for start, end in zip(points, ends, strict=False):
                    add_stroke(start, end, self.rules)
            else:
                add_fill(points, self.rules)

    def _subpaths(self, data: str, matrix: Matrix) -> Iterator[tuple[list[tuple[float, float]], bool]]:
        """Yield the corner points of each part of a path and whether it is closed; curves break a part."""
        points: list[tuple[float, float]] = []
        words = iter(data.split())
        for word in words:
            count = _STEPS.get(word)
            if count is None:
                continue
            self.spend(1)
            numbers = [_number(next(words, None), 0.0) for _ in range(count)]
            if word == "C":
                if points:
                    yield points, True
                points = []
                continue
            if word != "L" and points:
                yield points, False
                points = []
            points.append(_apply(matrix, *numbers[-2:]))
        if points:
            yield points, False


def box_of(text: str | None) -> tuple[float, float, float, float] | None:
    """Return (x, y, width, height) of an ST_Box in millimetres, None if it is none."""
    numbers = [_number(word, math.nan) for word in (text or "").split()[:5]]
    if len(numbers) != 4 or any(map(math.isnan, numbers)):
        return None
    return numbers[0], numbers[1], numbers[2], numbers[3]


def _matrix(element: etree._Element) -> Matrix:
    """Return what turns the object's own space (mm) into points on the page: its CTM, then its boundary's corner."""
    stated = [_number(word, math.nan) for word in element.get("CTM", "").split()[:7]]
    is_stated = len(stated) == 6 and not any(map(math.isnan, stated))
    a, b, c, d, e, f = stated if is_stated else _IDENTITY
    x, y, _, _ = box_of(element.get("Boundary")) or (0.0, 0.0, 0.0, 0.0)
    k = POINTS
    return a * k, b * k, c * k, d * k, (e + x) * k, (f + y) * k


def _apply(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _box(matrix: Matrix, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
    (a, b), (c, d) = _apply(matrix, x0, y0), _apply(matrix, x1, y1)
    return min(a, c), min(b, d), max(a, c), max(b, d)


def _deltas(text: str) -> Iterator[float]:
    """Yield the numbers of an array; "g 5 4.2" stands for five times 4.2."""
    words = iter(text.split())
    for word in words:
        count = 1
        value = word
        if word == "g":
            count = int(_number(next(words, None), 0.0))
            value = next(words, "0")
        yield from repeat(_number(value, 0.0), min(max(count, 0), _ARRAY_MOST))


def _number(text: str | None, default: float) -> float:
    """A finite number of sane size, else the default."""
    try:
        value = float(text) if text else default
    except ValueError:
        return default
    return value if abs(value) < _FARTHEST else default


def _is_white(color: etree._Element | None) -> bool:
    """Tell whether a fill does not show; no colour is black."""
    if color is None:
        return False
    if color.get("Alpha") == "0":
        return True
    numbers = [_number(word, 0.0) for word in color.get("Value", "").split()[:4]]
    return len(numbers) in (1, 3) and min(numbers) >= _WHITE
