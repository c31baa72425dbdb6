"""Text of the cells of scanned tables, figures read twice."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from gongkai.documents.ocr import Reading, Recogniser
from gongkai.documents.scan_glyphs import Glyphs, confirmed, glyphs_of, kinds_apart, same_pictures
from gongkai.documents.scan_lines import Box, Ink, check_work, ink_of, line_boxes
from gongkai.documents.scan_page import Grey, PageImage
from gongkai.documents.scan_shape import has_faint_print, is_dash, is_wrapped, within, without_dirt
from gongkai.documents.scan_weak import is_broken, is_weak, thickened, traces_of

DOUBTFUL = 0.4
"""Confidence of a reading that another one contradicts: below the half from which a value counts."""

_AGREED = 0.97
_LABEL_SQUEEZE = 0.55
_INSET = 1.0
_MARGIN, _OTHER_MARGIN = 0.22, 0.36
_OTHER_SQUEEZE = 0.85
_SLANT = 0.2
_SLENDER = 1.2
_SURE_THICK = 0.8
_ENOUGH, _MOST_DOUBTFUL = 10, 0.4
_FIGURE = re.compile(r"[\dOoQDlIi|!SsBZzg.,，。·:：'/\\()（）+\-—–_~一二〇零元件万亿个无不涉及适用\s]{1,16}")
_ODD_MARKS = re.compile(r"^\d{1,3}(?:[.。·]\d{3})+(?!\d)|,\d{3}\.\d{3}(?!\d)|,(?!\d{3}(?!\d))")
_LIKE_ZERO = str.maketrans("OoQ〇", "0000")


@dataclass(slots=True)
class CellText:
    """What a cell says and how sure that is."""

    text: str = ""
    confidence: float = 1.0


@dataclass(slots=True)
class _Line:
    """A line of a cell on its way: its box, its cell, what it shows, its readings."""

    cell: int
    box: Box
    ink: Ink
    is_short: bool
    is_cut: bool = False
    glyphs: Glyphs = field(default_factory=lambda: Glyphs((), ()))
    reading: Reading = field(default_factory=lambda: Reading("", ()))
    text: str = ""
    confidence: float = 1.0


def read_cells(
    page: PageImage,
    rest: Grey,
    clean: Grey,
    cells: Sequence[Box],
    size: float,
    recogniser: Recogniser,
    *,
    where: str = "",
) -> list[CellText]:
    """Read cells; whether one is blank is told by its ink.

    Args:
        page: The straight page.
        rest: Its ink without rules.
        clean: The page with its rules painted over.
        cells: Boxes of the cells in pixels.
        size: Height of a character in pixels.
        recogniser: Reads lines.
        where: Names the page in errors.

    Raises:
        LimitError: There is more print in the cells than a page can have.
    """
    texts = [CellText() for _ in cells]
    lines: list[_Line] = []
    dashes: list[int] = []
    inset = round(_INSET * page.unit)
    traces = traces_of(page, size)
    faint: set[int] = set()
    for number, (x0, top, x1, bottom) in enumerate(cells):
        region = (x0 + inset, top + inset, x1 - inset, bottom - inset)
        ink = ink_of(rest, region, page.unit)
        if traces.inside((x0 + 2 * inset, top + 2 * inset, x1 - 2 * inset, bottom - 2 * inset)):
            faint.add(number)
        if not ink.strokes:
            texts[number].confidence = DOUBTFUL if has_faint_print(ink, region, page.unit) else 1.0
            continue
        boxes = without_dirt(line_boxes(ink, size, rest), size)
        if len(boxes) == 1 and is_dash(boxes[0], ink, region, size):
            texts[number].text = "—"
            dashes.append(number)
            continue
        for box in boxes:
            inside = Ink(within(ink.strokes, box), within(ink.dots, box))
            is_short = len(boxes) == 1 and box[2] - box[0] <= 6 * size and len(inside.strokes) <= 16
            is_cut = any(
                edge <= 1 for edge in (box[0] - region[0], region[2] - box[2], box[1] - region[1], region[3] - box[3])
            )
            lines.append(_Line(number, box, inside, is_short, is_cut))
    check_work([line.box for line in lines], where, page.sheets)
    short, long = [line for line in lines if line.is_short], [line for line in lines if not line.is_short]
    _read_long(long, clean, size, recogniser)
    _read_short(short, clean, size, recogniser)
    figures = [line for line in short if _is_figure(line.text)]
    broken = [line for line in figures if is_broken(line.text, len(line.ink.strokes))]
    weak = is_weak(len(broken), len(figures))
    if broken:
        _doubt_weak(figures if weak else broken, thickened(clean, page.unit), size, recogniser, is_weak=weak)
    if weak:
        faint.update(dashes)  # the bar of a 7, perhaps
    parts: dict[int, list[_Line]] = {}
    for line in lines:
        parts.setdefault(line.cell, []).append(line)
    for line in lines:
        if line.is_cut and _is_figure(line.text):
            line.confidence = min(line.confidence, DOUBTFUL)  # it touches a rule, which took some of its ink along
    for number, found in parts.items():
        texts[number].text = "\n".join(line.text for line in found if line.text)
        texts[number].confidence = min(line.confidence for line in found)
        if (
            len(found) > 1
            and _is_figure(texts[number].text)
            and not is_wrapped(found[0].text, found[0].box, cells[number], inset)
        ):
            texts[number].confidence = min(texts[number].confidence, DOUBTFUL)  # a stamp or dirt beside a figure
        if not texts[number].text:
            texts[number].confidence = DOUBTFUL  # there is ink, and nobody can read it
    for number in faint:
        if not texts[number].text or _is_figure(texts[number].text):
            texts[number].confidence = min(texts[number].confidence, DOUBTFUL)  # strokes that were not read
    figures_read = [text for text in texts if any(char.isdigit() for char in text.text) and _is_figure(text.text)]
    doubtful = sum(text.confidence <= DOUBTFUL for text in figures_read)
    if len(figures_read) >= _ENOUGH and doubtful > _MOST_DOUBTFUL * len(figures_read):
        for text in figures_read:  # print so blurred that its signs look alike: the others agree by chance
            text.confidence = min(text.confidence, DOUBTFUL)
    return texts


def crop(grey: Grey, box: Box, size: float, margin: float) -> Grey:
    """Cut a line out of a page with a margin around it; lines of low signs get the height of a character."""
    x0, top, x1, bottom = box
    missing = max(0, round(0.7 * size) - (bottom - top)) // 2
    across, along = round(margin * size) + missing, round(margin * size)
    return grey[max(0, top - across) : bottom + across, max(0, x0 - along) : x1 + along]


def _read_long(lines: list[_Line], clean: Grey, size: float, recogniser: Recogniser) -> None:
    readings = recogniser.read([crop(clean, line.box, size, 0.12) for line in lines], squeeze=_LABEL_SQUEEZE)
    for line, reading in zip(lines, readings, strict=True):
        line.text, line.confidence = reading.text.strip(), reading.confidence
    figures = [line for line in lines if _is_figure(line.text)]
    _read_again(figures, clean, size, recogniser)


def _read_short(lines: list[_Line], clean: Grey, size: float, recogniser: Recogniser) -> None:
    """Read short lines: once for all that show the same picture, figures again where their shapes leave a doubt."""
    for line in lines:
        line.glyphs = glyphs_of(clean, line.ink)
    leaders = same_pictures([line.glyphs for line in lines])
    first = sorted(set(leaders))
    _read_into([lines[index] for index in first], clean, size, recogniser)
    if kinds_apart([lines[index].glyphs for index in first], [lines[index].reading.text for index in first]):
        for line, leader in zip(lines, leaders, strict=True):
            line.reading = lines[leader].reading
    else:  # different signs look too much alike in this print
        known = set(first)
        _read_into([line for index, line in enumerate(lines) if index not in known], clean, size, recogniser)
    for line in lines:
        text = unicodedata.normalize("NFKC", line.reading.text.strip())
        is_zero = _is_nearly_number(text) or _is_lone_zero(text, line)
        line.text = text.translate(_LIKE_ZERO) if is_zero else line.reading.text.strip()
        line.confidence = line.reading.confidence
    agreed = confirmed([line.glyphs for line in lines], [line.text for line in lines])
    again: list[_Line] = []
    for line, is_agreed in zip(lines, agreed, strict=True):
        if not _is_figure(line.text):
            continue
        if is_agreed and line.confidence >= 0.5 and not line.ink.dots:
            line.confidence = _AGREED
        else:
            again.append(line)
    _read_again(again, clean, size, recogniser)
    for line in lines:
        if _is_figure(line.text):
            line.confidence = min(line.confidence, _doubt(line))


def _doubt_weak(lines: list[_Line], thick: Grey, size: float, recogniser: Recogniser, *, is_weak: bool) -> None:
    """Doubt figures that lost strokes, but those that read the same when what is left is thickened.

    Where much of the print lost strokes, a 1 may be what is left of a 4 or a 7 and shows no trace of it.
    """
    readings = recogniser.read([crop(thick, line.box, size, _MARGIN) for line in lines])
    for line, reading in zip(lines, readings, strict=True):
        is_same = _bare(reading.text) == _bare(line.text) and reading.confidence >= _SURE_THICK
        is_lost = is_weak and ("1" in line.text or line.ink.dots or is_broken(line.text, len(line.ink.strokes)))
        if is_lost or not is_same:
            line.confidence = min(line.confidence, DOUBTFUL)


def _read_into(lines: list[_Line], clean: Grey, size: float, recogniser: Recogniser) -> None:
    readings = recogniser.read([crop(clean, line.box, size, _MARGIN) for line in lines])
    for line, reading in zip(lines, readings, strict=True):
        line.reading = reading


def _read_again(lines: list[_Line], clean: Grey, size: float, recogniser: Recogniser) -> None:
    """Read figures at another scale; where the readings differ they are doubtful."""
    readings = recogniser.read([crop(clean, line.box, size, _OTHER_MARGIN) for line in lines], squeeze=_OTHER_SQUEEZE)
    for line, reading in zip(lines, readings, strict=True):
        other = unicodedata.normalize("NFKC", reading.text.strip())
        other = other.translate(_LIKE_ZERO) if _is_nearly_number(other) or _is_lone_zero(other, line) else other
        if _bare(other) == _bare(line.text):
            line.confidence = max(line.confidence, reading.confidence)
        else:
            line.confidence = min(line.confidence, DOUBTFUL)


def _bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _doubt(line: _Line) -> float:
    """Highest confidence that the shape of a figure allows."""
    digits = line.text.isdigit()
    if digits and len(line.glyphs.boxes) > len(line.text):
        return DOUBTFUL  # a sign more than was read: a minus, a bracket
    if digits and _has_point(line):
        return DOUBTFUL
    if _ODD_MARKS.search(unicodedata.normalize("NFKC", line.text)):
        return DOUBTFUL  # a point is easily read for a comma, and the other way round
    if line.text in ("1", "l", "I", "|") and len(line.glyphs.shapes) == 1 and _slant(line) > _SLANT:
        return DOUBTFUL  # a slash is easily read as 1
    if not any(char.isdigit() for char in line.text) and line.text.isascii() and line.text.isalnum():
        return DOUBTFUL  # letters where a figure belongs
    return 1.0


def _has_point(line: _Line) -> bool:
    """Tell whether a dot stands between two digits, low on the line: a decimal point, perhaps."""
    _, top, _, bottom = line.box
    low = top + 0.6 * (bottom - top)
    return any(
        before[2] <= dot[0] and dot[2] <= after[0] and (dot[1] + dot[3]) / 2 > low
        for before, after in pairwise(line.glyphs.boxes)
        for dot in line.ink.dots
    )


def _slant(line: _Line) -> float:
    """How far the middle of a stroke moves to the side on its way down, relative to the way."""
    shape = line.glyphs.shapes[0].reshape(24, 20)
    dark = np.clip(-shape, 0, None)
    weight = dark.sum(axis=1)
    rows = np.flatnonzero(weight > 0.3 * weight.max())
    middles = (dark[rows] * np.arange(20)).sum(axis=1) / weight[rows]
    return abs(float(np.polyfit(rows, middles, 1)[0])) if len(rows) > 4 else 0.0


def _is_figure(text: str) -> bool:
    return bool(_FIGURE.fullmatch(text))


def _is_nearly_number(text: str) -> bool:
    """Tell whether text is digits, but for zeros read as letters beside them."""
    return any(char.isdigit() for char in text) and text.translate(_LIKE_ZERO).isdigit()


def _is_lone_zero(text: str, line: _Line) -> bool:
    """Tell whether a round sign read as a letter is a zero: alone in its cell, and slender as the letter is not."""
    if len(text) != 1 or text not in "OoQ〇" or len(line.glyphs.boxes) != 1:
        return False
    x0, top, x1, bottom = line.glyphs.boxes[0]
    return bottom - top >= _SLENDER * (x1 - x0)
