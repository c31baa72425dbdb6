"""What the shape and place of ink in a cell say: a dash, dirt, a figure that goes on in the next line."""

from __future__ import annotations

from collections.abc import Iterable

from gongkai.documents.scan_lines import Box, Ink

_FLAT, _WIDE_ENOUGH, _FROM_EDGE = 0.22, 0.25, 0.2
_SPECK = 0.3
_FILLED, _WRAPPED = 0.7, 4


def is_dash(box: Box, ink: Ink, region: Box, size: float) -> bool:
    """Tell a printed dash from what a rule left behind by its place: away from the borders of the cell."""
    x0, top, x1, bottom = box
    away = _FROM_EDGE * size
    return (
        len(ink.strokes) <= 2
        and bottom - top <= _FLAT * size
        and x1 - x0 >= max(_WIDE_ENOUGH * size, 2 * (bottom - top))
        and top - region[1] >= away
        and region[3] - bottom >= away
        and x0 > region[0]
        and x1 < region[2]
    )


def has_faint_print(ink: Ink, region: Box, unit: float) -> bool:
    """Tell whether dots stand in the middle of a cell, as a sign leaves them that was hardly scanned."""
    x0, top, x1, bottom = region
    margin = 2 * unit
    inner = [
        dot
        for dot in ink.dots
        if dot[0] > x0 + margin and dot[2] < x1 - margin and dot[1] > top + margin and dot[3] < bottom - margin
    ]
    return sum((dot[2] - dot[0]) * (dot[3] - dot[1]) for dot in inner) >= unit * unit


def is_wrapped(text: str, first: Box, cell: Box, inset: int) -> bool:
    """Tell whether the first line of a figure fills its narrow cell, so that the figure goes on below."""
    return len(text) >= _WRAPPED and first[2] - first[0] >= _FILLED * (cell[2] - cell[0] - 2 * inset)


def without_dirt(boxes: list[Box], size: float) -> list[Box]:
    """Leave out specks that stand on lines of their own above or below others."""
    kept = [box for box in boxes if max(box[2] - box[0], box[3] - box[1]) > _SPECK * size]
    return kept or boxes


def within(boxes: Iterable[Box], line: Box) -> tuple[Box, ...]:
    """Return the boxes whose middle lies on a line."""
    return tuple(box for box in boxes if line[1] - 2 <= (box[1] + box[3]) / 2 <= line[3] + 2)
