"""Sentences of a text with their place, in the form that wordings are compared in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ENDS = "。；;！!？?"
_SENTENCE = re.compile(rf"[^{_ENDS}]+[{_ENDS}]*")
_LONGEST = 1000
_WRAPPED = 20
"""A line at least so long that ends without a mark is a line of a paragraph, not a heading."""
_ENDING = "。；;！!？?：:"
_HEADING = re.compile(r"[（(]?[一二三四五六七八九十\d]{1,3}[)）、.．][^，。；：,;:]*$")
_WIDE = str.maketrans("０１２３４５６７８９．％（）;:", "0123456789.%（）；：") | str.maketrans("()", "（）")
_COMMA = re.compile(r",(?!\d{3}(?!\d))|(?<!\d),")
_BLANKS = re.compile(r"\s+|[\u200b-\u200f\u2060\ufeff]+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence.

    Attributes:
        text: As printed, outer white space aside.
        start: Offset of `text` in the whole.
        plain: Without white space, with full-width marks and plain digits.
        places: For each character of `plain` its offset in the whole, and one more for the end.
        first: True for the first sentence of a paragraph.
    """

    text: str
    start: int
    plain: str
    places: tuple[int, ...] | range
    first: bool


def split_sentences(text: str) -> Iterator[Sentence]:
    """Yield the sentences of a text; a line that a file has wrapped goes on in the next.

    Args:
        text: A chapter as printed; very long sentences (a paragraph without a full stop) are cut.
    """
    flat = text.replace("\n", " ")
    for start, end in _paragraphs(text):
        first = True
        for match in _SENTENCE.finditer(flat, start, end):
            for cut in range(match.start(), match.end(), _LONGEST):
                printed = text[cut : min(cut + _LONGEST, match.end())]
                if printed.strip():
                    yield _sentence(printed, cut, first)
                    first = False


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    start, at = 0, 0
    for line in text.split("\n"):
        end = at + len(line)
        stripped = line.rstrip()
        if len(stripped) < _WRAPPED or stripped[-1] in _ENDING or _HEADING.match(stripped):
            yield start, end
            start = end + 1
        at = end + 1
    if start < len(text):
        yield start, len(text)


def _sentence(printed: str, offset: int, first: bool) -> Sentence:
    lead = len(printed) - len(printed.lstrip())
    text, start = printed.strip(), offset + lead
    plain = _COMMA.sub("，", text.translate(_WIDE))
    if not _BLANKS.search(plain):
        return Sentence(text, start, plain, range(start, start + len(plain) + 1), first)
    kept: list[str] = []
    places: list[int] = []
    at = 0
    for blank in _BLANKS.finditer(plain):
        kept.append(plain[at : blank.start()])
        places += range(start + at, start + blank.start())
        # Figures beside each other stay two: what a blank parts is never one number.
        if plain[blank.start() - 1 : blank.start()].isdigit() and plain[blank.end() : blank.end() + 1].isdigit():
            kept.append(" ")
            places.append(start + blank.start())
        at = blank.end()
    kept.append(plain[at:])
    places += range(start + at, start + len(plain) + 1)
    return Sentence(text, start, "".join(kept), tuple(places), first)
