"""Words that stand apart on a line: what is left to go by where a table has no rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gongkai.documents.pdf_chars import Char
from gongkai.documents.pdf_lines import char_rows, word_text
from gongkai.documents.pdf_rules import Rules
from gongkai.documents.pdf_text import PAGE_NUMBER

APART = 0.8
"""Gap in font sizes beyond which two words are two cells."""

_DIGITS_APART = 0.3
_BESIDE_DIGIT = 0.5
_HEADS_APART = 0.25
_LETTERSPACED = 1.3
_SPLIT_NUMBER = 0.2
_VALUE = re.compile(
    r"[-+－＋−]?\s*[\d０-９](?:[\s,，.．]*[\d０-９])*\s*(?:[亿万]?元|[件条项个次份篇部人名家场期种宗起处]|人次)?\s*(?:[（(].*)?"
    r"|[/／\\]|[-－—–―─]{1,3}|无|零|不涉及|不适用|N/A"
)
FIGURES = re.compile(r"(?=.*[\d０-９])[\d０-９\s,.，．/／+＋\-－—–件条项个次元万]+", re.DOTALL)
"""Text of figures, signs and units only."""

_DIGITS = frozenset("0123456789０１２３４５６７８９.,，．")


@dataclass(slots=True, eq=False)
class Word:
    """Characters of a line that stand together.

    Attributes:
        x0: Left edge.
        top: Upper edge.
        x1: Right edge.
        bottom: Lower edge.
        text: The text, trimmed.
        chars: Its characters.
        is_value: It can be a value: a number, perhaps with a unit, or a sign for "none".
        doubtful: It is a number with gaps between its digits: they may be those of two cells.
    """

    x0: float
    top: float
    x1: float
    bottom: float
    text: str
    chars: list[Char]
    is_value: bool
    doubtful: bool

    @property
    def y(self) -> float:
        """The middle of its line."""
        return (self.top + self.bottom) / 2

    @property
    def size(self) -> float:
        """Its font size."""
        return self.bottom - self.top

    def meets(self, x0: float, x1: float) -> bool:
        """Tell whether it overlaps an interval."""
        return self.x0 < x1 and x0 < self.x1


@dataclass(slots=True, eq=False)
class WordLine:
    """The words of one line, from left to right."""

    y: float
    size: float
    words: list[Word]

    @property
    def is_row(self) -> bool:
        """It may be a row of values: it ends with a value that stands apart from what is before it."""
        return len(self.words) > 1 and self.words[-1].is_value

    @property
    def is_furniture(self) -> bool:
        """It is a page number."""
        return bool(PAGE_NUMBER.fullmatch(" ".join(word.text for word in self.words)))


def word_lines(chars: Iterable[Char], rules: Rules | None = None) -> list[WordLine]:
    """Return the lines of some characters as words; vertical rules part words as well.

    Args:
        chars: The characters.
        rules: Rules that stand between them.
    """
    found: list[WordLine] = []
    for row in char_rows([char for char in chars if not char[4].isspace()]):
        row.sort()
        size = max(char[3] - char[1] for char in row)
        top, bottom = min(char[1] for char in row), max(char[3] for char in row)
        middle = (top + bottom) / 2
        cuts = [x for x, start, end in rules.vertical if start <= middle <= end] if rules else []
        words = [_word(part) for part in _parts(row, size, cuts)]
        found.append(WordLine(middle, size, words))
    return sorted(found, key=lambda line: line.y)


def _parts(row: Sequence[Char], size: float, cuts: Sequence[float]) -> Iterable[list[Char]]:
    parts: list[list[Char]] = [[row[0]]]
    right = row[0][2]
    for before, char in pairwise(row):
        gap = char[0] - right
        is_cut = any(before[0] + before[2] <= 2 * x <= char[0] + char[2] for x in cuts)
        digits = (before[4] in _DIGITS) + (char[4] in _DIGITS)
        if is_cut or gap > (APART, _BESIDE_DIGIT, _DIGITS_APART)[digits] * size:
            parts.append([])
        parts[-1].append(char)
        right = max(right, char[2])
    return parts if cuts else _joined(parts, size)


def _joined(parts: list[list[Char]], size: float) -> list[list[Char]]:
    """Join 总 and 计 that are set apart to fill a cell."""
    whole: list[list[Char]] = []
    for part in parts:
        if (
            whole
            and len(part) == len(whole[-1]) == 1
            and min(part[0][4], whole[-1][0][4]) >= "\u4e00"
            and part[0][0] - whole[-1][0][2] <= _LETTERSPACED * size
        ):
            whole[-1] += part
        else:
            whole.append(part)
    return whole


def is_value(text: str) -> bool:
    """Tell whether a text can be a value: a number, perhaps with a unit or a note, or a sign for "none"."""
    return bool(_VALUE.fullmatch(text))


def split_heads(word: Word) -> list[Word]:
    """Part a word where one gap is clearly wider than its others: headers that fill their cells nearly touch."""
    gaps = [after[0] - before[2] for before, after in pairwise(word.chars)]
    if not gaps:
        return [word]
    wide = max(_HEADS_APART * word.size, 3 * sorted(gaps)[len(gaps) // 2] + 0.1 * word.size)
    parts = [[word.chars[0]]]
    for gap, char in zip(gaps, word.chars[1:], strict=True):
        if gap > wide:
            parts.append([])
        parts[-1].append(char)
    return [word] if len(parts) == 1 else [_word(part) for part in parts]


def _word(chars: list[Char]) -> Word:
    text, crowded = word_text(chars)
    size = max(char[3] - char[1] for char in chars)
    can_be_value = is_value(text)
    doubtful = crowded or (
        can_be_value
        and any(
            after[0] - before[2] > _SPLIT_NUMBER * size
            for before, after in pairwise(chars)
            if before[4] in _DIGITS and after[4] in _DIGITS
        )
    )
    return Word(
        chars[0][0],
        min(char[1] for char in chars),
        max(char[2] for char in chars),
        max(char[3] for char in chars),
        text,
        chars,
        can_be_value,
        doubtful,
    )
