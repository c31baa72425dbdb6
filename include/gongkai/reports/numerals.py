"""Numbers in running text: Arabic and Chinese digits, scales, and the words that say a number is rounded."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

_DIGITS = {"〇": 0, "○": 0, "两": 2} | {sign: value for value, sign in enumerate("零一二三四五六七八九")}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_SCALES = {"百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_CHINESE = "".join([*_DIGITS, *_SMALL])

NUMBER = (
    r"(?P<before>大约|将近|近|约|超过|超|逾)?(?<![\d.])"
    rf"(?P<n>\d{{1,3}}(?:[,，]\d{{3}})+(?!\d)|\d{{1,10}}(?:\.\d{{1,6}})?(?![\d.])|[{_CHINESE}]{{1,9}})"
    r"(?P<after>(?:余|多|来)?(?P<scale>[百千万亿])?(?:余|多)?)"
)
"""Pattern of a number with its scale and the words that round it; groups before, n, after, scale."""

SOME_NUMBER = rf"(?:\d[\d,，.]{{0,14}}|[{_CHINESE}]{{1,9}})[余多万]{{0,2}}"
"""Pattern of a number that is passed over; no groups."""


class Spoken(NamedTuple):
    """A number as a text states it; `approximate` where the text says 近, 约, 余, 多 or rounds to 万."""

    value: Decimal
    approximate: bool


def read_number(match: re.Match[str], *, exact_scale: bool = False) -> Spoken | None:
    """Read a match of NUMBER; None where its Chinese digits make no number ("十百").

    "5500余" is 5500 and approximate, "1.2万" is 12000 and approximate, "三十二" is 32.

    Args:
        match: The match.
        exact_scale: True where a scale does not mean that the number is rounded: sums of money in 万元.
    """
    digits = match["n"]
    if digits[0].isdigit():
        value = Decimal(re.sub("[,，]", "", digits))
    else:
        counted = chinese_number(digits)
        if counted is None:
            return None
        value = Decimal(counted)
    scale = match["scale"]
    value *= _SCALES[scale] if scale else 1
    # 余 and 多 stand before or behind the scale: 10余万, 2万多.
    rounded = bool(match["before"]) or match["after"] != (scale or "") or (bool(scale) and not exact_scale)
    return Spoken(value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize(), rounded)


def chinese_number(text: str) -> int | None:
    """Read Chinese digits: 十二 is 12, 二百零五 is 205, 二〇二四 is 2024; None where they make no number."""
    if all(char in _DIGITS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text)) if text else None
    total, digit, last = 0, None, 10_000
    for char in text:
        if char in _SMALL:
            unit = _SMALL[char]
            if unit >= last or (digit == 0):
                return None
            total += (1 if digit is None else digit) * unit
            digit, last = None, unit
        elif digit not in (None, 0):
            return None
        else:
            digit = _DIGITS[char]
    return total + (digit or 0)
