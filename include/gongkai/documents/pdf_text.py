"""Text outside tables: page numbers set aside, lines joined into paragraphs, headings and the title told apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from gongkai.documents.model import BBox, TextBlock
from gongkai.documents.pdf_lines import Line

PAGE_NUMBER = re.compile(r"[-—–－―·\s]*\d{1,4}[-—–－―·\s]*|第\s*\d+\s*页.{0,12}|\d+\s*/\s*\d+")
DASHED_NUMBER = re.compile(r"[-—–－―]\s*\d{1,4}\s*[-—–－―]")
HEADING = re.compile(r"[一二三四五六七八九十]{1,3}\s*[、.．]\s*\S")
_NUMBERED = re.compile(r"(?:[一二三四五六七八九十]{1,3}\s*、|[（(]\s*[一二三四五六七八九十]{1,3}\s*[）)])")

COLUMN_GAPS = 3
"""A line with so many wide gaps is a row of columns: it stays a block of its own."""

FOOT = 0.08
"""Share of the page height at top and bottom where page numbers and running headers stand."""

_TITLE_RATIO = 1.2
_INDENT = 1.2
_SHORT_OF_MARGIN = 1.6
_MOST_HEADING = 45
_MOST_SHORT = 15
_CLOSING = tuple("。！？；：!?;:")


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line of text outside tables: page from 1, height of the page, and the order of what stands before it.

    `break_before` is True where a table stands between this line and the one before it on the page.
    """

    page: int
    height: float
    line: Line
    break_before: bool = False


@dataclass(frozen=True, slots=True)
class Margins:
    """Where body text begins and ends, points, and its font size."""

    left: float
    right: float
    size: float


def margins(lines: Iterable[PageLine]) -> Margins:
    """Return the margins and the font size of the body text of a document."""
    found = [item.line for item in lines if len(item.line.text) > 2]
    if not found:
        return Margins(0.0, 0.0, 0.0)
    size = median(line.size for line in found for _ in range(len(line.text)))
    body = [line for line in found if abs(line.size - size) <= 0.25 * size and len(line.text) > 12]
    if not body:
        return Margins(min(line.x0 for line in found), float("inf"), size)
    starts, ends = sorted(line.x0 for line in body), sorted(line.x1 for line in body)
    return Margins(starts[len(starts) // 20], ends[-1 - len(ends) // 20], size)


def furniture(lines: list[PageLine]) -> set[int]:
    """Return the indexes of lines that are page numbers or running headers and footers.

    A running line stands in the head or foot of three or more pages with the same words.
    """
    edge = [index for index, item in enumerate(lines) if _at_edge(item)]
    words = Counter(re.sub(r"\d+", "", lines[index].line.text) for index in edge)
    return {
        index
        for index in edge
        if PAGE_NUMBER.fullmatch(lines[index].line.text)
        or (words[re.sub(r"\d+", "", lines[index].line.text)] >= 3 and len(lines[index].line.text) <= 60)
    }


def _at_edge(item: PageLine) -> bool:
    middle = (item.line.top + item.line.bottom) / 2
    return not FOOT * item.height < middle < (1 - FOOT) * item.height


def paragraphs(lines: list[PageLine]) -> list[tuple[int, TextBlock]]:
    """Return (index of the first line, block) for the paragraphs that lines form.

    A paragraph ends where its line stops clearly before the right margin, where the next line is indented or numbered,
    where a table stands between, and around rows of columns without rules. One that runs over a page break is joined
    into a block of its first page; its box is that of its lines on that page.
    """
    aside = furniture(lines)
    body = margins(item for index, item in enumerate(lines) if index not in aside)
    blocks: list[tuple[int, TextBlock]] = []
    open_part: list[int] = []
    role = "paragraph"

    def close() -> None:
        if open_part:
            parts = [lines[index] for index in open_part]
            blocks.append((open_part[0], _block(parts, role)))
            open_part.clear()

    heading_seen = False
    for index, item in enumerate(lines):
        if index in aside:
            blocks.append((index, _block([item], "furniture")))
            continue
        heading_seen = heading_seen or bool(HEADING.match(item.line.text))
        kind = _role(item.line, body, heading_seen=heading_seen, page=item.page)
        if not (open_part and kind == role and _continues(lines[open_part[-1]], item, body, role)):
            close()
            role = kind
        open_part.append(index)
        if kind == "heading":
            close()
    close()
    return sorted(blocks, key=lambda block: block[0])


def _role(line: Line, body: Margins, *, heading_seen: bool, page: int) -> str:
    if page == 1 and not heading_seen and line.size >= _TITLE_RATIO * body.size:
        return "title"
    is_short = line.x1 < body.right - _SHORT_OF_MARGIN * line.size and len(line.text) <= _MOST_HEADING
    if is_short and HEADING.match(line.text) and not line.text.endswith(("。", "；", "，", "：")):
        return "heading"
    return "paragraph"


def _continues(before: PageLine, item: PageLine, body: Margins, role: str) -> bool:
    if item.break_before or max(item.line.gaps, before.line.gaps) >= COLUMN_GAPS:
        return False
    if role == "title":
        return item.page == before.page and item.line.top - before.line.bottom < item.line.size
    is_indented = item.line.x0 > body.left + _INDENT * item.line.size
    is_full = before.line.x1 >= body.right - _SHORT_OF_MARGIN * before.line.size
    if len(before.line.text) > _MOST_SHORT and not before.line.text.endswith(_CLOSING):
        is_full = True  # a line broken by hand inside a sentence (seeds/003.pdf, page 3)
    if not is_full or is_indented or abs(item.line.size - before.line.size) > 0.5 * item.line.size:
        return False
    return not (_NUMBERED.match(item.line.text) and item.line.x0 > body.left + 0.5 * item.line.size)


def _block(parts: list[PageLine], role: str) -> TextBlock:
    page = parts[0].page
    text = parts[0].line.text
    for part in parts[1:]:
        text += _joint(text, part.line.text, role) + part.line.text
    return TextBlock(text=text, page=page, bbox=_union(part.line for part in parts if part.page == page), role=role)


def _joint(before: str, after: str, role: str) -> str:
    if role == "title":
        return "\n"
    is_word = before[-1].isascii() and after[0].isascii() and before[-1].isalpha() and after[0].isalpha()
    return " " if is_word else ""


def _union(lines: Iterable[Line]) -> BBox:
    found = list(lines)
    return (
        round(min(line.x0 for line in found), 2),
        round(min(line.top for line in found), 2),
        round(max(line.x1 for line in found), 2),
        round(max(line.bottom for line in found), 2),
    )
