"""Rules drawn with characters: ─ │ ┼ and their kin, as printed from a text screen."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from gongkai.documents.pdf_chars import Char
from gongkai.documents.pdf_rules import Rule, Rules, join_rules

_FIRST, _LAST = "\u2500", "\u257f"
_DRAWN = re.compile(f"[{_FIRST}-{_LAST}]")
_REACH = 0.35
"""Lines of text stand apart: a stroke is made longer by this share of its character at both ends."""
_FEWEST = 8


def has_drawn_rules(text: str) -> bool:
    """Tell whether a text holds box drawing characters."""
    return _DRAWN.search(text) is not None


def with_drawn_rules(chars: list[Char], rules: Rules) -> tuple[list[Char], Rules]:
    """Turn box drawing characters into rules.

    Returns:
        The other characters, and the rules with those that were drawn; both as they were where only a few are found
        ("─" alone is a printed "none").
    """
    drawn = [char for char in chars if _FIRST <= char[4] <= _LAST]
    if len(drawn) < _FEWEST or not any(_arms(char[4])[1] for char in drawn):
        return chars, rules
    horizontal: list[Rule] = []
    vertical: list[Rule] = []
    for x0, top, x1, bottom, text in drawn:
        along, across = _arms(text)
        x, y = (x0 + x1) / 2, (top + bottom) / 2
        if along:
            reach = _REACH * (x1 - x0)
            horizontal.append((y, x0 - reach if "left" in along else x, x1 + reach if "right" in along else x))
        if across:
            reach = _REACH * (bottom - top)
            vertical.append((x, top - reach if "up" in across else y, bottom + reach if "down" in across else y))
    rest = [char for char in chars if not _FIRST <= char[4] <= _LAST]
    joined = Rules(
        join_rules(rules.horizontal + horizontal), join_rules(rules.vertical + vertical), rules.picture, rules.unseen
    )
    return rest, joined


@cache
def _arms(text: str) -> tuple[str, str]:
    """Return which horizontal and which vertical arms a character has, from its Unicode name."""
    name = unicodedata.name(text, "").lower()
    along = "left right" if "horizontal" in name else " ".join(side for side in ("left", "right") if side in name)
    across = "up down" if "vertical" in name else " ".join(side for side in ("up", "down") if side in name)
    return along, across
