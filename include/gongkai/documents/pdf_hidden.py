"""Text of a PDF that nobody sees: drawn in no way, in white on white, or cut off by a clip path.

Such text is left from templates, from copies for search engines, or from what was there before a correction. Text of
render mode 3 over a picture is the work of a character recogniser and stays, white text on a coloured ground is a
header.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from gongkai.documents import pdf_native as native
from gongkai.documents import pdf_native_text as seen
from gongkai.documents.pdf_chars import Frame, PageChars, usual_height

Area = tuple[float, float, float, float]
"""x0, top, x1, bottom in points from the top left corner of the page."""

WHITE = 250
"""A colour whose parts are all at least this is white."""

_UNSEEN_MODES = (3, 7)
_SHOWING = frozenset((0, 1, 2, 4, 5, 6))
_FIGURES = re.compile("[0-9０-９/／—－-]")
_EACH = 32
_FAINT, _OPAQUE = 150, 128
_LARGE = 1.8


@dataclass(slots=True)
class Unseen:
    """Text objects that may not be seen, by address, and what can make them seen.

    Attributes:
        modes: Drawn in no way.
        white: Drawn in white.
        faint: Drawn in a light colour or half transparent: a watermark, where it is large as well.
        clips: Cut by a clip path, with what it leaves (None: nothing).
        pictures: Areas of pictures.
        grounds: Areas filled with another colour than white.
    """

    modes: set[int] = field(default_factory=set)
    white: set[int] = field(default_factory=set)
    faint: set[int] = field(default_factory=set)
    clips: dict[int, Area | None] = field(default_factory=dict)
    pictures: list[Area] = field(default_factory=list)
    grounds: list[Area] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.modes or self.white or self.faint or self.clips)

    def hides(self, item: int, x: float, y: float, ratio: float) -> bool:
        """Tell whether a character of a text object is not to be seen, or of a watermark.

        Args:
            item: Address of the text object.
            x: Middle of the character.
            y: Its middle from the top.
            ratio: Its height as a multiple of what is usual on the page.
        """
        if item in self.faint and ratio >= _LARGE:
            return True
        if item in self.clips:
            area = self.clips[item]
            if area is None or not _is_in(x, y, area):
                return True
        if item in self.modes:
            return not any(_is_in(x, y, area) for area in self.pictures)
        if item in self.white:
            return not any(_is_in(x, y, area) for area in (*self.pictures, *self.grounds))
        return False


def _is_in(x: float, y: float, area: Area) -> bool:
    return area[0] <= x <= area[2] and area[1] <= y <= area[3]


def may_hide(text: int, found: PageChars) -> bool:
    """Tell whether a page may hold text that is not seen, by a look at part of its text objects.

    Those of figures and of characters of unusual size are looked at, and some of the others: a page may be made of a
    thousand objects (corpus/real/szfgs2024.pdf), and looking at all of them takes as long as finding its tables.

    Args:
        text: Address of the text page.
        found: Its characters.
    """
    string = found.string
    odd = [match.start() for match in _FIGURES.finditer(string)]
    large = _LARGE * usual_height(found.boxes) if found.odd else 0.0
    odd += [at for at in found.odd if found.boxes[4 * at + 1] - found.boxes[4 * at + 3] > large]
    odd += range(0, len(string), _EACH)
    items = [item for item in dict.fromkeys(seen.text_objects(text, odd)) if item]
    if not items:
        return False
    if not _SHOWING.issuperset(seen.render_modes(items)) or max(seen.clip_counts(items)) > 0:
        return True
    return any(color[3] < _OPAQUE or min(color[:3]) >= _FAINT for color in set(seen.text_colors(items)))


def note_texts(texts: Sequence[int], outer: native.Matrix, frame: Frame, unseen: Unseen) -> None:
    """Note which of some text objects may not be seen.

    Args:
        texts: Their addresses.
        outer: The matrix of what they are part of.
        frame: How page space lies in the shown page.
        unseen: Where to note them.
    """
    if not texts:
        return
    modes = seen.render_modes(texts)
    if max(modes) >= min(_UNSEEN_MODES):
        unseen.modes.update(item for item, mode in zip(texts, modes, strict=True) if mode in _UNSEEN_MODES)
    colors = seen.text_colors(texts)
    pale = {color for color in set(colors) if color[3] < _OPAQUE or min(color[:3]) >= _FAINT}
    if pale:
        for item, color, mode in zip(texts, colors, modes, strict=True):
            if color not in pale or mode not in (0, 4):  # mode 2 strokes the outline in another colour
                continue
            if color[3] == 0:
                unseen.modes.add(item)
            else:
                (unseen.white if min(color[:3]) >= WHITE else unseen.faint).add(item)
    clips = seen.clip_counts(texts)
    if max(clips) > 0:
        for item, count in zip(texts, clips, strict=True):
            if count > 0:
                box = seen.clip_box(item)
                if box is None or not _holds(box, native.object_bounds(item)):
                    unseen.clips[item] = None if box is None else clip_area(box, outer, frame)


def _holds(outer: Area, inner: Area) -> bool:
    return (
        outer[0] <= inner[0] + 1 and outer[1] <= inner[1] + 1 and inner[2] <= outer[2] + 1 and inner[3] <= outer[3] + 1
    )


def clip_area(box: Area, outer: native.Matrix, frame: Frame) -> Area:
    """Return a box of an object's space (left, bottom, right, top) on the page as shown."""
    left, bottom, right, top = (max(-1e6, min(1e6, side)) for side in box)
    a, b, c, d, e, f = outer
    corners = [frame.point(a * x + c * y + e, b * x + d * y + f) for x in (left, right) for y in (bottom, top)]
    xs, ys = [corner[0] for corner in corners], [corner[1] for corner in corners]
    return min(xs), min(ys), max(xs), max(ys)
