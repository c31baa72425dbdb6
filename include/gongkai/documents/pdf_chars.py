"""Characters of a PDF page with upright boxes, in points from the top left corner of the page as it is shown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from pypdfium2 import raw

from gongkai.documents import pdf_native as native
from gongkai.errors import LimitError

Char = tuple[float, float, float, float, str]
"""x0, top, x1, bottom, text of one character; the box is as high as the font size, not as the glyph."""

_INVISIBLE = frozenset("\r\n\t\x00\ufeff\u200b\u200c\u200d\u2060\xad")


@dataclass(frozen=True, slots=True)
class Frame:
    """Turns page space (y upwards, any origin) into points from the top left corner of the page as shown.

    Attributes:
        turn: Degrees clockwise: the page's own rotation, plus what makes sideways text upright.
        left: Left edge of the visible box in page space.
        bottom: Bottom edge of the visible box in page space.
        across: Width of the visible box in page space.
        up: Height of the visible box in page space.
    """

    turn: int
    left: float
    bottom: float
    across: float
    up: float

    @property
    def width(self) -> float:
        """Width of the page as shown."""
        return self.up if self.turn in (90, 270) else self.across

    @property
    def height(self) -> float:
        """Height of the page as shown."""
        return self.across if self.turn in (90, 270) else self.up

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Return a point of page space as (x, distance from the top)."""
        x, y = x - self.left, y - self.bottom
        if self.turn == 0:
            return x, self.up - y
        if self.turn == 90:
            return y, x
        if self.turn == 180:
            return self.across - x, y
        return self.up - y, self.across - x

    def box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        """Return a box of page space as (x0, top, x1, bottom)."""
        (a, b), (c, d) = self.point(x0, y0), self.point(x1, y1)
        return min(a, c), min(b, d), max(a, c), max(b, d)


@dataclass(frozen=True, slots=True)
class PageChars:
    """The characters of one page in the order of its content stream.

    Attributes:
        frame: How page space lies in the shown page.
        chars: Characters that take up room; generated ones are left out.
        unmapped: How many characters the fonts give no Unicode value for.
        sideways: True where the page had to be turned for its text to stand upright.
    """

    frame: Frame
    chars: list[Char]
    unmapped: int = 0
    sideways: bool = False


def page_frame(page: Any, extra_turn: int = 0) -> Frame:
    """Return the frame of a page; `extra_turn` is added to the page's own rotation."""
    rect = raw.FS_RECTF()
    raw.FPDF_GetPageBoundingBox(page, rect)
    turn = (raw.FPDFPage_GetRotation(page) * 90 + extra_turn) % 360
    left, bottom = min(rect.left, rect.right), min(rect.bottom, rect.top)
    return Frame(turn, left, bottom, abs(rect.right - rect.left), abs(rect.top - rect.bottom))


def read_chars(page: Any, text: int, *, most: int, where: str) -> PageChars:
    """Read the characters of a page.

    Args:
        page: Handle of the page.
        text: Address of its text page.
        most: Limit of characters.
        where: Names the page in errors.

    Raises:
        LimitError: the page has more than `most` characters.
    """
    count = native.char_count(text)
    if count > most:
        raise LimitError("a page has too many characters", where=where, found=count, expected=f"at most {most}")
    frame = page_frame(page)
    if not count:
        return PageChars(frame, [])
    string = native.char_string(text, count)
    flat = iter(native.loose_boxes(text, count))
    boxes = list(zip(string, flat, flat, flat, flat, strict=False))
    if frame.turn == 0 and all(left != right or char.isspace() for char, left, _, right, _ in boxes):
        x, y = frame.left, frame.bottom + frame.up
        chars = [(left - x, y - t, right - x, y - b, c) for c, left, t, right, b in boxes if left != right]
    else:
        frame, chars = _turned_chars(page, text, frame, boxes)
    sideways = frame.turn != page_frame(page).turn
    chars = [char for char in chars if char[4] not in _INVISIBLE]
    return PageChars(frame, _plain_hyphens(chars, string), string.count("\ufffd"), sideways)


def _plain_hyphens(chars: list[Char], string: str) -> list[Char]:
    """Return characters with pdfium's mark for a hyphen at a line end (U+0002) as a hyphen."""
    if "\x02" not in string:
        return chars
    return [(*char[:4], "-") if char[4] == "\x02" else char for char in chars]


def _turned_chars(
    page: Any, text: int, frame: Frame, boxes: list[tuple[str, float, float, float, float]]
) -> tuple[Frame, list[Char]]:
    """Return frame and characters of a page with text that does not run along the x axis of page space.

    pdfium leaves such characters without a loose box; theirs is made from the origin and the font size. Where most of
    the text would still stand sideways on the shown page, the frame is turned so that it can be read by lines.
    """
    geometry = {
        index: native.char_geometry(text, index)
        for index, (char, left, _, right, _) in enumerate(boxes)
        if left == right and not char.isspace()
    }
    if len(geometry) * 2 > sum(not box[0].isspace() for box in boxes):
        turns = [_text_turn(matrix) for _, _, matrix, _ in geometry.values()]
        frame = page_frame(page, max(set(turns), key=turns.count) - raw.FPDFPage_GetRotation(page) * 90)
    chars: list[Char] = []
    for index, (char, left, top, right, bottom) in enumerate(boxes):
        if index in geometry:
            chars.append((*_upright_box(frame, *geometry[index]), char))
        elif left != right:
            chars.append((*frame.box(left, bottom, right, top), char))
    return frame, chars


def _text_turn(matrix: native.Matrix) -> int:
    """Return how many degrees clockwise the page must be turned for text of this matrix to run to the right."""
    return round(math.degrees(math.atan2(matrix[1], matrix[0])) / 90) * 90 % 360


def _upright_box(
    frame: Frame,
    tight: tuple[float, float, float, float],
    origin: tuple[float, float],
    matrix: native.Matrix,
    size: float,
) -> tuple[float, float, float, float]:
    """Return the box of one character: as wide as the glyph, as high as the font, where the text runs to the right."""
    left, top, right, bottom = tight
    x0, y0, x1, y1 = frame.box(left, bottom, right, top)
    if _text_turn(matrix) != frame.turn:
        return x0, y0, x1, y1
    baseline = frame.point(*origin)[1]
    em = math.hypot(matrix[2], matrix[3]) * size
    if not 0.5 * (y1 - y0) < em < 20 * max(y1 - y0, 1.0):
        return x0, y0, x1, y1
    return x0, baseline - 0.85 * em, x1, baseline + 0.15 * em
