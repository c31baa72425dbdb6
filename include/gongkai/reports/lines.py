"""Rows of a table kept as lines of text: where label and values part, and labels that wrap over lines.

Texts that other tools made of PDFs look so. A label of three lines has its values on the middle or the last one:

    1.申请人无正当理由逾期不补
    正、行政机关不再处理其政府信 0 0 0 0 0 0 0
    息公开申请
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple

from gongkai.reports.labels import split_numbering
from gongkai.reports.numbers import is_unit, looks_like_value

LONGEST_LABEL = 90
_LONGEST_SINGLE = 40
_MOST_TOKENS = 40
_ABOVE, _BELOW = 10, 3
"""Lines above and below that may hold the rest of a label; narrow cells break it into many."""
_LONGEST_GROUP = 5
"""Characters of a group's label that a line carries before the row's own: （三）, 不予公开."""

_TOKENS = re.compile(r"\s+")
_SENTENCE = re.compile(r"[。；;？！,，]")


class Line(NamedTuple):
    """A line: its words before the values, and whether values follow them."""

    words: str
    has_values: bool


def split_line(text: str) -> list[str]:
    """Split a table row kept as one line of text ("1.属于国家秘密 0 0 0 0 0 0 0") into label, unit and values.

    A single value behind a label counts where the label is no sentence ("行政许可 12", "1.主动公开文件数 件 3").

    Returns:
        The pieces, without the label where the line has none; the whole text where the line is no row.
    """
    if not text or not text[-1:].strip() or len(text) > 4 * LONGEST_LABEL:
        return [text]
    last = text.rsplit(maxsplit=1)[-1]
    if not (looks_like_value(last) or is_unit(last)):
        return [text]
    tokens = _with_units(_TOKENS.split(text.strip()))
    values = sum(1 for _ in takewhile(looks_like_value, reversed(tokens)))
    if not values or len(tokens) == 1 or len(tokens) > _MOST_TOKENS:
        return [text]
    words = tokens[: len(tokens) - values]
    label = " ".join(words)
    if values == 1 and (len(label) > _LONGEST_SINGLE or _SENTENCE.search(label) or looks_like_value(text)):
        return [text]
    unit = [words.pop()] if len(words) > 1 and is_unit(words[-1]) else []
    return [*([" ".join(words)] if words else []), *unit, *tokens[len(tokens) - values :]]


def is_short(text: str) -> bool:
    """Tell a text that may be a label, or a line of labels with blanks between them, from prose."""
    return len(text) <= LONGEST_LABEL or (
        len(text) <= 4 * LONGEST_LABEL and len("".join(text.split())) <= LONGEST_LABEL
    )


def words_of(text: str) -> list[str]:
    """Split a line into its words; single characters that stand apart are one word (总 计)."""
    words: list[str] = []
    spread = False
    for word in text.split():
        if spread and len(word) == 1:
            words[-1] += word
        else:
            words.append(word)
            spread = len(word) == 1
    return words


def wordings(lines: Sequence[Line]) -> list[tuple[str, ...]]:
    """Return for each line what its row's label may be beside its own words.

    The lines of text around it, up to the next line with values, hold the rest of a label that wraps; a group's label
    may stand before it in the line. What stands only below a line without words is the label of another row.

    Args:
        lines: Neighbouring lines in order.
    """
    found: list[tuple[str, ...]] = []
    for index, line in enumerate(lines):
        if not line.has_values:
            found.append(())
            continue
        above = [] if _begins_label(line.words) else _above(lines[max(index - _ABOVE, 0) : index][::-1])
        below = _below(lines[index + 1 : index + 1 + _BELOW])
        found.append(tuple(dict.fromkeys(_joined(line.words, above, below))))
    return found


def _begins_label(words: str) -> bool:
    """Tell whether a label begins here: what is numbered is the beginning of one, and the end of the one before."""
    return bool(split_numbering(words)[0])


def _above(lines: Sequence[Line]) -> list[str]:
    """The lines of text right above, nearest first, back to the one that begins the label."""
    found: list[str] = []
    for line in lines:
        if line.has_values:
            break
        found.append(line.words)
        if _begins_label(line.words):
            break
    return found


def _below(lines: Sequence[Line]) -> list[str]:
    """The lines of text right below that begin no label of their own."""
    return [line.words for line in takewhile(lambda line: not line.has_values and not _begins_label(line.words), lines)]


def _with_units(tokens: Sequence[str]) -> list[str]:
    """Put a unit that stands apart back to its number: "0 件" is one value."""
    joined: list[str] = []
    for token in tokens:
        if joined and joined[-1][-1:].isdigit() and looks_like_value(joined[-1]) and is_unit(token):
            joined[-1] += token
        else:
            joined.append(token)
    return joined


def _joined(words: str, above: Sequence[str], below: Sequence[str]) -> list[str]:
    wordings: list[str] = []
    own = words.split()
    if len(own) > 1 and all(len(word) <= _LONGEST_GROUP for word in own[:-1]):
        wordings.append(own[-1])
    # Where a line above begins the label, the label is all from there on.
    first = len(above) if above and _begins_label(above[-1]) else 0
    for up in range(first, len(above) + 1):
        for down in range(len(below) + 1):
            if (up or down) and (up or words):
                text = "".join([*reversed(above[:up]), words, *below[:down]])
                if len(text) <= LONGEST_LABEL:
                    wordings.append(text)
    return wordings
