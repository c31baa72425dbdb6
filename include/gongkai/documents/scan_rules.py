"""Ruling lines of a scanned page, the tables they form, and its ink without them."""

from __future__ import annotations

from typing import Any

import numpy as np

from gongkai.documents.pdf_rules import Rule, Rules, join_rules
from gongkai.documents.pdf_tables import MOST_RULES, TableBox, find_tables
from gongkai.documents.scan_page import Grey, PageImage

_SHORTEST = {True: 26.0, False: 13.0}
"""Points: shorter straight strokes belong to characters. Rows may be that low; columns are wider."""

_SURE = {True: 60.0, False: 40.0}
"""Points: longer strokes are rules even if they meet none of the other direction."""

_GAP = 1.2
_THICK, _THICKEST = 2.0, 4.0
_TOUCH = 2.0
_ON_BORDER = 1.3
_MARGIN = 0.8
_LEAST_WIDTH, _LEAST_HEIGHT = 90.0, 12.0
_LONG_SHARE = 0.5
_ROW_WIDTH, _ROW_HEIGHT = 200.0, 40.0
_UNDERLINE = 80.0


def find_ruled_tables(page: PageImage, *, most_cells: int, where: str) -> tuple[list[TableBox], Grey]:
    """Return the tables of a page, boxes in points of the straight page, and its ink without rules.

    Raises:
        LimitError: A table has more than `most_cells` positions.
    """
    pieces = {
        is_horizontal: _pieces(page.ink, page.unit, is_horizontal=is_horizontal) for is_horizontal in (True, False)
    }
    rules = _real_rules(pieces[True], pieces[False])
    tables: list[TableBox] = []
    if max(len(rules.horizontal), len(rules.vertical)) <= MOST_RULES:
        found = find_tables(rules, most_cells=most_cells, where=where)
        tables = _outermost([table for table in found if _is_table(table, rules)])
    rest = page.ink.copy()
    for is_horizontal, items in pieces.items():
        for item in items:
            if item[2] - item[1] >= _UNDERLINE or any(_inside(item, table, is_horizontal) for table in tables):
                _erase(rest, item, page.unit, is_horizontal=is_horizontal)
    return tables, rest


Piece = tuple[float, float, float, float]
"""Position across, start, end and thickness, in points of the straight page."""


def _pieces(ink: Grey, unit: float, *, is_horizontal: bool) -> list[Piece]:
    """Return long runs of ink in one direction, small gaps closed, a pixel of slope allowed."""
    import cv2

    def kernel(along: int, across: int) -> Any:
        return cv2.getStructuringElement(cv2.MORPH_RECT, (along, across) if is_horizontal else (across, along))

    mask: Any = cv2.dilate(ink, kernel(1, 3))
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, kernel(max(3, round(_GAP * unit)), 1))
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel(round(_SHORTEST[is_horizontal] * unit), 1))
    mask = np.asarray(mask, dtype=np.uint8)
    stats: Any = cv2.connectedComponentsWithStats(mask, connectivity=8)[2]
    pieces: list[Piece] = []
    for x, y, width, height, _ in stats[1:].tolist():
        start, along, edge, across = (x, width, y, height) if is_horizontal else (y, height, x, width)
        if across > _THICK * unit:
            profile = np.count_nonzero(mask[y : y + height, x : x + width], axis=int(is_horizontal))
            core = np.flatnonzero(profile >= profile.max() / 2)
            edge, across = edge + int(core[0]), int(core[-1] - core[0]) + 1  # without print that touches the rule
        if across <= _THICKEST * unit or across * 8 <= along:  # else a shading, a picture or a stamp
            pieces.append(((edge + across / 2) / unit, start / unit, (start + along) / unit, across / unit))
    return sorted(pieces)[: 2 * MOST_RULES]


def _real_rules(horizontal: list[Piece], vertical: list[Piece]) -> Rules:
    """Join pieces and leave out the strokes of characters: short ones that do not run from rule to rule."""
    across = join_rules([item[:3] for item in horizontal])
    along = join_rules([item[:3] for item in vertical])
    long_across = [rule for rule in across if rule[2] - rule[1] >= _SURE[True]]
    along = [
        rule
        for rule in along
        if rule[2] - rule[1] >= _SURE[False] or _ends(rule, long_across) or _is_cut(rule, along, long_across)
    ]
    across = [rule for rule in across if rule[2] - rule[1] >= _SURE[True] or _ends(rule, along)]
    return Rules(across, along)


def _meets(position: float, across: float, others: list[Rule]) -> bool:
    return any(
        abs(place - position) <= _TOUCH and start - _TOUCH <= across <= end + _TOUCH for place, start, end in others
    )


def _ends(rule: Rule, others: list[Rule]) -> bool:
    """Tell whether both ends of a rule stand on rules of the other direction."""
    return _meets(rule[1], rule[0], others) and _meets(rule[2], rule[0], others)


def _is_cut(rule: Rule, rules: list[Rule], others: list[Rule]) -> bool:
    """Tell whether a rule ends on another at one end and in the open at the other, as two more do: a page break."""
    for end in (1, 2):
        if _meets(rule[3 - end], rule[0], others):
            alike = sum(
                abs(other[end] - rule[end]) <= _TOUCH and abs(other[3 - end] - rule[3 - end]) <= _TOUCH
                for other in rules
            )
            if alike >= 3:
                return True
    return False


def _is_table(table: TableBox, rules: Rules) -> bool:
    x0, top, x1, bottom = table.box
    if len(table.cells) == 1 and (table.rebuilt or x1 - x0 < _ROW_WIDTH or bottom - top > _ROW_HEIGHT):
        return False  # a frame around text
    if x1 - x0 < _LEAST_WIDTH or bottom - top < _LEAST_HEIGHT:
        return False
    reach = max(
        (
            end - start
            for y, start, end in rules.horizontal
            if top - 3 <= y <= bottom + 3 and x0 - 3 <= start and end <= x1 + 3
        ),
        default=0.0,
    )
    return reach >= _LONG_SHARE * (x1 - x0)


def _outermost(tables: list[TableBox]) -> list[TableBox]:
    """Leave out tables that stand inside others: strokes of pictures, or frames around a cell."""
    kept: list[TableBox] = []
    for table in reversed(tables):
        x0, top, x1, bottom = table.box
        if not any(
            other.box[0] - 1 <= x0 and x1 <= other.box[2] + 1 and other.box[1] - 1 <= top and bottom <= other.box[3] + 1
            for other in kept
        ):
            kept.append(table)
    return sorted(kept, key=lambda table: (table.ys[0], table.xs[0]))


def _inside(item: Piece, table: TableBox, is_horizontal: bool) -> bool:
    """Tell whether a piece lies on a border of a cell of a table."""
    x0, top, x1, bottom = table.box
    position, start, end, _ = item
    across, along = ((top, bottom), (x0, x1)) if is_horizontal else ((x0, x1), (top, bottom))
    if not (across[0] - 3 <= position <= across[1] + 3 and along[0] - 6 <= start and end <= along[1] + 6):
        return False
    borders = table.ys if is_horizontal else table.xs
    return any(abs(border - position) <= _ON_BORDER for border in borders)


def _erase(ink: Grey, item: Piece, unit: float, *, is_horizontal: bool) -> None:
    position, start, end, thickness = item
    low = max(0, round((position - thickness / 2 - _MARGIN) * unit))
    high = round((position + thickness / 2 + _MARGIN) * unit)
    first, last = max(0, round(start * unit)), round(end * unit)
    if is_horizontal:
        ink[low:high, first:last] = 0
    else:
        ink[first:last, low:high] = 0
