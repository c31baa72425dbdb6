"""Lines of text from characters: in a table cell or on a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import sub

from gongkai.documents.pdf_chars import Char

_FIRST_WIDE = "\u2e80"
_SAME_LINE = 0.5
_NARROW_GAP = 0.2
_WIDE_GAP = 0.8
_OVERPRINT = 0.15
_CROWDED = 0.15


@dataclass(slots=True)
class Line:
    """One line of text with its box and the font size (points).

    Attributes:
        x0: Left edge of the text.
        top: Upper edge.
        x1: Right edge of the text.
        bottom: Lower edge.
        text: The text, trimmed; gaps that look like spaces are spaces.
        size: Greatest height of a character.
        gaps: How many gaps wider than the font size stand inside.
        crowded: Figures stand over each other: there may be two numbers in one place.
    """

    x0: float
    top: float
    x1: float
    bottom: float
    text: str
    size: float
    gaps: int = 0
    crowded: bool = False


def text_lines(chars: Iterable[Char]) -> list[Line]:
    """Return the lines that characters form, from top to bottom.

    Characters come in content stream order, which is reading order only by chance (seeds/003.pdf writes quotes after
    the words between them): runs of one height are joined to lines and ordered by x.
    """
    lines = [_line(sorted(group)) for group in char_rows(list(chars))]
    return [line for line in lines if line.text]


def word_text(chars: list[Char]) -> tuple[str, bool]:
    """Return the text of characters of one line, from left to right, and whether figures stand over each other."""
    line = _line(chars)
    return line.text, line.crowded


def cell_text(chars: list[Char]) -> tuple[str, bool]:
    """Return the text of one table cell, a newline between lines, and whether it may be the text of several.

    So it may where wide gaps stand between its characters, or figures over each other.

    Text turned by 90 degrees and written upwards comes as one character a line, last first: it is told by the order in
    which the file writes it.
    """
    plain = _plain(chars)
    if plain is not None:
        return plain, False
    lines = text_lines(chars)
    if len(lines) > 2 and all(len(line.text) == 1 for line in lines):
        written = [char[4] for char in chars if not char[4].isspace()]
        read = [line.text for line in lines]
        if written == read[::-1] and written != read:
            return "\n".join(written), False
    return "\n".join(line.text for line in lines), any(line.gaps or line.crowded for line in lines)


def _plain(chars: list[Char]) -> str | None:
    """Return the text of characters written one after the other on one line without gaps, None for others."""
    _, top, right, bottom, text = chars[0]
    most, least = _NARROW_GAP * (bottom - top), _CROWDED * (top - bottom)
    for x0, upper, x1, lower, char in chars[1:]:
        if upper != top or lower != bottom or not least <= x0 - right <= most:
            return None
        right = x1
        text += char
    return text.strip()


def char_rows(chars: list[Char]) -> list[list[Char]]:
    """Return characters by the lines they stand on, from top to bottom; within a line in any order."""
    if not chars:
        return []
    runs: list[tuple[float, float, list[Char]]] = []
    run: list[Char] = []
    middle = height = right = reach = 0.0
    for char in chars:
        x0, top, x1, bottom, _ = char
        centre, high = (top + bottom) / 2, bottom - top
        if run and -reach <= centre - middle <= reach and x0 >= right - height and high > reach:
            run.append(char)
        else:
            run = [char]
            middle, height, reach = centre, high, _SAME_LINE * high
            runs.append((centre, high, run))
        right = x1
    if len(runs) == 1:
        return [run]
    runs.sort(key=lambda item: item[0])
    lines: list[tuple[float, float, list[Char]]] = []
    for centre, high, run in runs:
        if lines and abs(centre - lines[-1][0]) <= _SAME_LINE * min(high, lines[-1][1]):
            lines[-1][2].extend(run)
        else:
            lines.append((centre, high, list(run)))
    return [line for _, _, line in lines]


def _line(chars: list[Char]) -> Line:
    lefts, tops, rights, bottoms, texts = zip(*chars, strict=True)
    size = max(map(sub, bottoms, tops))
    apart = list(map(sub, lefts[1:], rights))
    crowded = False
    if not apart or (max(apart) <= _NARROW_GAP * size and min(apart) >= -_CROWDED * size):
        text, gaps = "".join(texts), 0
    else:
        text, gaps, crowded = _spaced(chars, size)
    return Line(lefts[0], min(tops), max(rights), max(bottoms), text.strip(), size, gaps, crowded)


def _spaced(chars: list[Char], size: float) -> tuple[str, int, bool]:
    """Return the text with a space where a gap looks like one, the number of wide gaps, and "crowded".

    Wide characters next to narrow ones are set apart by a quarter of the size without a space being meant.
    """
    narrow, wide, over = _NARROW_GAP * size, _WIDE_GAP * size, _OVERPRINT * size
    parts: list[str] = []
    gaps, crowded = 0, False
    right, before, before_x0 = chars[0][0], "", -size
    for x0, _, x1, _, text in chars:
        gap = x0 - right
        if gap > narrow:
            if gap > wide or (before < _FIRST_WIDE and text < _FIRST_WIDE):
                parts.append(" ")
            gaps += gap > size
        elif text == before and x0 - before_x0 < over:
            continue  # bold by printing twice
        elif gap < -_CROWDED * size and text.isdigit() and before.isdigit():
            crowded = True
        parts.append(text)
        right, before, before_x0 = x1, text, x0
    return "".join(parts), gaps, crowded
