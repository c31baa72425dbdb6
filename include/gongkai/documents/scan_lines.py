"""Lines of print in a region of a scanned page, told by their ink."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from gongkai.documents.scan_page import Grey, PageImage
from gongkai.errors import LimitError

Box = tuple[int, int, int, int]
"""x0, top, x1, bottom in pixels of the straight page."""

_SPECK_AREA, _SPECK_SIZE = 1.5, 1.7
_BROAD = 0.7
_JOIN, _SPLIT, _PITCH = 1.25, 1.75, 1.1
_DEFAULT_SIZE = 10.0
_MOST_LINES, _MOST_LENGTH = 1500, 5000


@dataclass(frozen=True, slots=True)
class Ink:
    """The print in a region: boxes of connected strokes, and of dots too small to be told from dirt."""

    strokes: tuple[Box, ...]
    dots: tuple[Box, ...]


def print_size(page: PageImage, rest: Grey) -> float:
    """Return the height in pixels of a Chinese character of the most common size on a page.

    It is what most connected characters of about equal width and height have; digits are too slender to count.
    """
    boxes = np.array(_components(rest), dtype=np.int64).reshape(-1, 5)
    width, height = boxes[:, 2], boxes[:, 3]
    low, high = 6 * page.unit, 30 * page.unit
    heights = height[(height >= low) & (height <= high) & (width >= _BROAD * height) & (width <= 1.5 * height)]
    return float(np.percentile(heights, 70)) * 1.05 if len(heights) >= 10 else _DEFAULT_SIZE * page.unit


def ink_of(rest: Grey, region: Box, unit: float) -> Ink:
    """Return the print in a region of the ink without rules."""
    x0, top, x1, bottom = region
    strokes: list[Box] = []
    dots: list[Box] = []
    for x, y, width, height, area in _components(rest[top:bottom, x0:x1]):
        box = (x0 + x, top + y, x0 + x + width, top + y + height)
        is_dot = area < _SPECK_AREA * unit * unit or max(width, height) < _SPECK_SIZE * unit
        (dots if is_dot else strokes).append(box)
    return Ink(tuple(strokes), tuple(dots))


def line_boxes(ink: Ink, size: float, rest: Grey) -> list[Box]:
    """Return the lines that strokes form, from top to bottom.

    Strokes whose heights overlap stand on one line; parts of one character that leave a gap between them are joined;
    lines that touch are cut where there is least ink.

    Args:
        ink: Print of the region.
        size: Height of a character in pixels.
        rest: Ink of the page without rules.
    """
    lines: list[list[Box]] = []
    reach = -1
    for box in sorted(ink.strokes, key=lambda box: box[1]):
        if lines and box[1] < reach:
            lines[-1].append(box)
            reach = max(reach, box[3])
        else:
            lines.append([box])
            reach = box[3]
    found: list[Box] = []
    for line in lines:
        box = _around(line)
        if found and _is_one(found, box, size):
            found[-1] = _around([found[-1], box])
        else:
            found.append(box)
    return [part for box in found for part in _cut(box, size, rest)]


def check_work(boxes: Sequence[Box], where: str, sheets: float = 1.0) -> None:
    """Refuse a page with more lines than print can have: recognition takes time for each.

    Args:
        boxes: Its lines.
        where: Names the page in errors.
        sheets: Sheets of A4 that the page is as large as; a web page saved as one picture has several.

    Raises:
        LimitError: More than 1,500 lines, or lines that together are longer than 5,000 times their height (an A4 page
            of small print has 80 lines of 60 characters).
    """
    length = sum((x1 - x0) / max(bottom - top, 1) for x0, top, x1, bottom in boxes)
    most_lines, most_length = round(_MOST_LINES * sheets), round(_MOST_LENGTH * sheets)
    if len(boxes) > most_lines or length > most_length:
        raise LimitError(
            "too much on a page to recognise",
            where=where,
            found=f"{len(boxes)} lines, {length:.0f} characters",
            expected=f"at most {most_lines} lines, {most_length} characters",
        )


def pieces(line: Box, ink: Ink, size: float) -> list[Box]:
    """Cut a line at gaps wider than two characters: columns of a signature, spaced words."""
    inside = sorted(box for box in ink.strokes if line[1] <= (box[1] + box[3]) / 2 < line[3])
    groups: list[list[Box]] = []
    reach = 0
    for box in inside:
        if groups and box[0] - reach <= 2 * size:
            groups[-1].append(box)
        else:
            groups.append([box])
        reach = max(reach, box[2]) if len(groups[-1]) > 1 else box[2]
    return [(x0, line[1], x1, line[3]) for x0, _, x1, _ in map(_around, groups)]


def _is_one(above: list[Box], box: Box, size: float) -> bool:
    """Tell whether strokes below the last line belong to it: they would make one line of common height with it.

    A last character alone on its line is judged by the line before: the 告 of a large title falls into two parts
    (seeds/003_scan.pdf).
    """
    last = above[-1]
    height = box[3] - last[1]
    if height <= _JOIN * size and min(last[3] - last[1], box[3] - box[1]) <= 0.6 * size:
        return True
    common = above[-2][3] - above[-2][1] if len(above) > 1 else 0
    width = max(last[2], box[2]) - min(last[0], box[0])
    return height <= _JOIN * common and width <= _JOIN * height and min(last[2], box[2]) > max(last[0], box[0])


def _cut(box: Box, size: float, rest: Grey) -> list[Box]:
    x0, top, x1, bottom = box
    count = round((bottom - top) / (_PITCH * size)) if bottom - top > _SPLIT * size else 1
    if count < 2 or x1 - x0 < 1.5 * size:
        return [box]
    profile = np.count_nonzero(rest[top:bottom, x0:x1], axis=1)
    pitch, reach = (bottom - top) / count, max(1, round(0.25 * size))
    cuts = [0]
    for number in range(1, count):
        middle = round(number * pitch)
        window = profile[middle - reach : middle + reach + 1]
        cuts.append(middle - reach + int(np.argmin(window)))
    cuts.append(bottom - top)
    return [(x0, top + first, x1, top + last) for first, last in pairwise(cuts) if last > first]


def _around(boxes: list[Box]) -> Box:
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def _components(ink: Grey) -> list[list[int]]:
    """Return x, y, width, height, area of each connected component."""
    import cv2

    if not ink.size:
        return []
    stats: Any = cv2.connectedComponentsWithStats(np.ascontiguousarray(ink), connectivity=8)[2]
    return list(stats[1:].tolist())
