"""Characters of a PDF page with upright boxes, in points from the top left corner of the page as it is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import sub
from typing import Any

from gongkai.documents import pdf_native as native
from gongkai.documents.pdf_native_text import text_objects
from gongkai.documents.pdf_unicode import plain
from gongkai.errors import LimitError

Char = tuple[float, float, float, float, str]
"""x0, top, x1, bottom, text of one character; the box is as high as the font size, not as the glyph."""

_SAMPLE = 24
_AGREE = 0.6
_HIGH, _HEIGHTS = 1.25, 100
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
        hidden: How many characters were left out because nobody sees them, or as a watermark.
        string: All characters of the page, those left out as U+0000.
        boxes: Four sides of the box of each of them, in page space.
        odd: Which of them are clearly higher than usual.
    """

    frame: Frame
    chars: list[Char]
    unmapped: int = 0
    sideways: bool = False
    hidden: int = 0
    string: str = ""
    boxes: tuple[float, ...] = ()
    odd: list[int] = field(default_factory=list)


def page_frame(page: Any, turn: int | None = None) -> Frame:
    """Return the frame of a page, for its own rotation or for another `turn` in degrees clockwise."""
    left, bottom, right, top = native.page_box(page)
    return Frame(native.page_turn(page) if turn is None else turn, left, bottom, right - left, top - bottom)


def read_chars(page: Any, text: int, *, most: int, where: str) -> PageChars:
    """Read the characters of a page.

    Where most of the text stands sideways on the shown page, the frame is turned so that it can be read by lines.

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
    string = plain(native.char_string(text, count))
    turn = _text_turn(text, string)
    is_sideways = turn is not None and turn != frame.turn
    if is_sideways:
        frame = page_frame(page, turn)
    boxes = native.loose_boxes(text, count)
    odd = _odd_heights(boxes)
    string, aslant = _without_aslant(text, string, odd)
    return _page_chars(frame, string, boxes, is_sideways, aslant, odd)


def drop_chars(text: int, found: PageChars, hides: Callable[[int, float, float, float], bool]) -> PageChars:
    """Return the characters of a page without those that are hidden.

    Args:
        text: Address of the text page they were read from.
        found: The characters.
        hides: Tells of the address of a character's object, the character's middle and how high it is, as a multiple
            of what is usual, whether it is not to be seen.
    """
    boxes, string = found.boxes, list(found.string)
    usual = usual_height(boxes)
    hidden = 0
    for at, item in enumerate(text_objects(text, range(len(string)))):
        if item and string[at] not in _INVISIBLE:
            left, top, right, bottom = boxes[4 * at : 4 * at + 4]
            x, y = found.frame.point((left + right) / 2, (top + bottom) / 2)
            if hides(item, x, y, (top - bottom) / usual):
                string[at] = "\x00"
                hidden += 1
    return _page_chars(found.frame, "".join(string), boxes, found.sideways, found.hidden + hidden, found.odd)


def _page_chars(
    frame: Frame, string: str, boxes: tuple[float, ...], sideways: bool, hidden: int, odd: list[int]
) -> PageChars:
    chars = _chars(string, boxes, frame)
    if _leave_page(boxes, frame):
        wide, high = 2 * frame.width, 2 * frame.height
        seen = [char for char in chars if 0 <= char[0] + char[2] <= wide and 0 <= char[1] + char[3] <= high]
        chars, hidden = seen, hidden + len(chars) - len(seen)
    return PageChars(frame, chars, string.count("\ufffd"), sideways, hidden, string, boxes, odd)


def usual_height(boxes: tuple[float, ...]) -> float:
    """Return the height of most characters, by a sample of their boxes."""
    step = 4 * (len(boxes) // (4 * _HEIGHTS) + 1)
    heights = sorted(high for high in map(sub, boxes[1::step], boxes[3::step]) if high > 0)
    return heights[len(heights) // 2] if heights else 1.0


def _odd_heights(boxes: tuple[float, ...]) -> list[int]:
    """Return which characters are clearly higher than usual."""
    heights = list(map(sub, boxes[1::4], boxes[3::4]))
    limit = _HIGH * usual_height(boxes)
    return [at for at, high in enumerate(heights) if high > limit] if max(heights) > limit else []


def _without_aslant(text: int, string: str, odd: list[int]) -> tuple[str, int]:
    """Blank characters that are written aslant, as watermarks are: their boxes are higher than usual ones."""
    aslant = {at for at in odd if native.is_aslant(text, at)}
    if not aslant:
        return string, 0
    return "".join("\x00" if at in aslant else char for at, char in enumerate(string)), len(aslant)


def _leave_page(boxes: tuple[float, ...], frame: Frame) -> bool:
    """Tell whether any character may stand outside of the page."""
    return (
        min(boxes[::4]) < frame.left
        or max(boxes[2::4]) > frame.left + frame.across
        or min(boxes[3::4]) < frame.bottom
        or max(boxes[1::4]) > frame.bottom + frame.up
    )


def _chars(string: str, boxes: tuple[float, ...], frame: Frame) -> list[Char]:
    flat = iter(boxes)
    each = zip(string, flat, flat, flat, flat, strict=False)
    if frame.turn == 0:
        x, y = frame.left, frame.bottom + frame.up
        chars = [
            (left - x, y - top, right - x, y - bottom, char)
            for char, left, top, right, bottom in each
            if left != right and char not in _INVISIBLE
        ]
    else:
        chars = [
            (*frame.box(left, bottom, right, top), char)
            for char, left, top, right, bottom in each
            if left != right and char not in _INVISIBLE
        ]
    if "\x02" in string:  # pdfium's mark for a hyphen at a line end
        chars = [(*char[:4], "-") if char[4] == "\x02" else char for char in chars]
    return chars


def _text_turn(text: int, string: str) -> int | None:
    """Return how many degrees clockwise the page must be turned for most of its text to run to the right.

    None where a sample of the characters does not agree.
    """
    sample = [index for index in range(0, len(string), len(string) // _SAMPLE + 1) if not string[index].isspace()]
    turns = Counter(native.char_turn(text, index) for index in sample)
    turn, votes = turns.most_common(1)[0] if turns else (0, 0)
    return turn if votes > _AGREE * len(sample) else None
