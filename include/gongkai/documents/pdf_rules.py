"""Ruling lines of a PDF page: stroked lines and rectangles, thin filled rectangles, thin pictures."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gongkai.documents import pdf_native as native
from gongkai.documents.pdf_chars import Frame
from gongkai.documents.pdf_hidden import WHITE, Area, Unseen, note_texts
from gongkai.errors import LimitError

Rule = tuple[float, float, float]
"""Position across the rule, start, end: (y, x0, x1) of a horizontal, (x, top, bottom) of a vertical one."""

THICKEST = 4.0
"""Points: a filled rectangle of at most this thickness is a rule, a thicker one a shading."""

_STRAIGHT = 1.0
_SHORTEST = 3.0
_GAP = 3.0
_SAME = 1.0
_FORM_DEPTH = 8
_DRAWN = re.compile(bytes((91, native.OBJECT_PATH, native.OBJECT_IMAGE, native.OBJECT_FORM, 93)))


@dataclass(slots=True)
class Rules:
    """The rules of a page.

    Attributes:
        horizontal: (y, x0, x1), joined and ordered.
        vertical: (x, top, bottom), joined and ordered.
        picture: Largest share of the page that one picture covers, 0 to 1.
        unseen: Text that may not be seen.
    """

    horizontal: list[Rule] = field(default_factory=list)
    vertical: list[Rule] = field(default_factory=list)
    picture: float = 0.0
    unseen: Unseen = field(default_factory=Unseen)


def read_rules(page: Any, frame: Frame, *, most: int, where: str, watch: bool = False) -> Rules:
    """Read the rules of a page.

    White fills without a stroke are ignored: WPS paints one behind every line of text (corpus/real/szfgs2024.pdf).
    White strokes are, too: nobody sees them.

    Args:
        page: Handle of the page.
        frame: How page space lies in the shown page.
        most: Limit of line segments.
        where: Names the page in errors.
        watch: Note as well which text may not be seen.

    Raises:
        LimitError: the page draws more than `most` line segments.
    """
    rules = Rules()
    budget = _Budget(most, where, watch)
    _collect_all(native.page_objects(page), native.IDENTITY, frame, rules, budget, _FORM_DEPTH)
    rules.horizontal = join_rules(rules.horizontal)
    rules.vertical = join_rules(rules.vertical)
    return rules


@dataclass(slots=True)
class _Budget:
    left: int
    where: str
    watch: bool

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise LimitError("a page draws too many lines", where=self.where, expected="a text page with tables")


def _collect_all(
    drawn: tuple[bytes, list[int]], outer: native.Matrix, frame: Frame, rules: Rules, budget: _Budget, depth: int
) -> None:
    kinds, items = drawn
    if budget.watch:
        texts = [item for kind, item in zip(kinds, items, strict=True) if kind == native.OBJECT_TEXT]
        note_texts(texts, outer, frame, rules.unseen)
    for match in _DRAWN.finditer(kinds):
        at = match.start()
        _collect(kinds[at], items[at], outer, frame, rules, budget, depth)


def _collect(
    kind: int, item: int, outer: native.Matrix, frame: Frame, rules: Rules, budget: _Budget, depth: int
) -> None:
    budget.spend()
    if kind == native.OBJECT_PATH:
        _collect_path(item, outer, frame, rules, budget)
    elif kind == native.OBJECT_IMAGE:
        x0, y0, x1, y1 = native.object_bounds(item)
        (a, b), (c, d) = _apply(outer, x0, y0), _apply(outer, x1, y1)
        share = abs((a - c) * (b - d)) / max(frame.across * frame.up, 1.0)
        rules.picture = max(rules.picture, min(share, 1.0))
        area = frame.box(a, b, c, d)
        rules.unseen.pictures.append(area)
        add_fill([area[:2], area[2:], area[:2]], rules)
    elif depth:
        inner = _compose(native.object_matrix(item), outer)
        _collect_all(native.form_objects(item), inner, frame, rules, budget, depth - 1)


def _collect_path(item: int, outer: native.Matrix, frame: Frame, rules: Rules, budget: _Budget) -> None:
    filled, stroked = native.draw_mode(item)
    if stroked and is_white(native.stroke_color(item)):
        stroked = False
    if not stroked and (not filled or is_white(native.fill_color(item))):
        return
    matrix = _compose(native.object_matrix(item), outer)
    if stroked and native.stroke_width(item) * math.hypot(matrix[0], matrix[1]) > 2 * THICKEST:
        return
    for points, closed in _subpaths(item, matrix, frame, budget):
        if stroked:
            ends = [*points[1:], points[0]] if closed else points[1:]
            for start, end in zip(points, ends, strict=False):
                add_stroke(start, end, rules)
        else:
            add_fill(points, rules)
            rules.unseen.grounds.append(_extent(points))


def _subpaths(
    item: int, matrix: native.Matrix, frame: Frame, budget: _Budget
) -> Iterator[tuple[list[tuple[float, float]], bool]]:
    """Yield the corner points of each part of a path and whether it is closed; curves break a part."""
    points: list[tuple[float, float]] = []
    for kind, x, y, closes in native.path_segments(item, budget.left + 1):
        budget.spend()
        if kind != 0 and points:
            yield points, False
            points = []
        points.append(frame.point(*_apply(matrix, x, y)))
        if closes:
            yield points, True
            points = []
    if points:
        yield points, False


def add_stroke(start: tuple[float, float], end: tuple[float, float], rules: Rules) -> None:
    """Add a stroked line, points from the top left corner, as the rule it is; slanted ones are none."""
    (x0, y0), (x1, y1) = start, end
    if abs(y1 - y0) < _STRAIGHT <= abs(x1 - x0):
        rules.horizontal.append(((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
    elif abs(x1 - x0) < _STRAIGHT <= abs(y1 - y0):
        rules.vertical.append(((x0 + x1) / 2, min(y0, y1), max(y0, y1)))


def add_fill(points: list[tuple[float, float]], rules: Rules) -> None:
    """Add a thin filled rectangle as the rule it looks like; dots of dotted rules count both ways."""
    if len(points) < 3:
        return
    x0, y0, x1, y1 = _extent(points)
    wide, high = x1 - x0, y1 - y0
    dot = max(wide, high) < 2 * _STRAIGHT
    if high <= THICKEST and (wide > high or dot):
        rules.horizontal.append(((y0 + y1) / 2, x0, x1))
    if wide <= THICKEST and (high > wide or dot):
        rules.vertical.append(((x0 + x1) / 2, y0, y1))


def _extent(points: list[tuple[float, float]]) -> Area:
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    return min(xs), min(ys), max(xs), max(ys)


def is_white(color: tuple[int, int, int, int] | None) -> bool:
    """Tell whether a colour is white or not to be seen at all; patterns (None) are not."""
    return color is not None and (color[3] == 0 or min(color[:3]) >= WHITE)


def _compose(inner: native.Matrix, outer: native.Matrix) -> native.Matrix:
    if outer == native.IDENTITY:
        return inner
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)


def _apply(matrix: native.Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def join_rules(pieces: list[Rule]) -> list[Rule]:
    """Return rules with collinear pieces joined that touch or leave gaps of at most 3 points (dashes, cell borders).

    Pieces are collinear when their positions differ by at most one point. What stays shorter than 3 points is dropped.
    """
    bands: list[list[Rule]] = []
    for piece in sorted(pieces):
        if bands and piece[0] - bands[-1][0][0] <= _SAME:
            bands[-1].append(piece)
        else:
            bands.append([piece])
    joined: list[Rule] = []
    for band in bands:
        groups: list[list[Rule]] = []
        reach = 0.0
        for piece in sorted(band, key=lambda piece: piece[1:]):
            if groups and piece[1] <= reach + _GAP:
                groups[-1].append(piece)
                reach = max(reach, piece[2])
            else:
                groups.append([piece])
                reach = piece[2]
        for group in groups:
            end = max(piece[2] for piece in group)
            joined.append((sum(piece[0] for piece in group) / len(group), group[0][1], end))
    return sorted(rule for rule in joined if rule[2] - rule[1] >= _SHORTEST)
