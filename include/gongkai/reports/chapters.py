"""The narrative by chapters: where headings stand, and what is said under them."""

from __future__ import annotations

from collections.abc import Iterator

from rapidfuzz import fuzz

from gongkai.contracts.template import TemplateContract
from gongkai.documents.model import Document, TextBlock
from gongkai.reports.labels import split_numbering, squeeze
from gongkai.reports.model import Chapter
from gongkai.reports.numbers import looks_like_value

PREAMBLE = "preamble"
FREE = "other"
_LONGEST_HEADING = 42
_LONGEST_FREE_HEADING = 34
_FUZZY = 88
_LONG_NAME = 12
_CHINESE_NUMBERS = frozenset("一二三四五六七八九十")
_SENTENCE_ENDS = "。；;！？"


def find_chapters(document: Document, contract: TemplateContract) -> tuple[Chapter, ...]:
    """Split the text of a document into chapters.

    A heading stands at a line start, alone or before its text; running sentences that list the chapter names (the
    preamble often does) are none. Cells of flattened tables are left out of the text.

    Args:
        document: The document.
        contract: Its template; chapters of other names that are numbered 一、二、 get the code "other".

    Returns:
        Chapters in printed order; text before the first heading has the code "preamble".
    """
    names = [
        (split_numbering(label)[1], chapter.code)
        for chapter in contract.chapters
        for label in (chapter.label, *chapter.aliases)
    ]
    lines = {
        split_numbering(label)[1]
        for table in contract.tables
        for row in table.rows
        for label in (row.label, *row.aliases, *row.within)
    }
    flat_tables = not any(True for _ in document.grids())
    tables = {table.code for table in contract.tables} | {"statistics"}
    chapters: list[tuple[str, str, list[str]]] = [(PREAMBLE, "", [])]
    for block in _narrative(document):
        found = _heading(block, names, lines)
        if found:
            code, heading, rest = found
            chapters.append((code, heading, [rest] if rest else []))
        elif block.text.strip():
            code = chapters[-1][0]
            if flat_tables and code in tables and not _is_prose(block.text):
                continue
            chapters[-1][2].append(block.text.strip())
    return tuple(
        Chapter(position, code, heading, "\n".join(lines))
        for position, (code, heading, lines) in enumerate(chapters)
        if heading or lines
    )


def _narrative(document: Document) -> Iterator[TextBlock]:
    return (block for block in document.texts() if block.role not in ("furniture", "title"))


def _is_prose(text: str) -> bool:
    return any(end in text for end in _SENTENCE_ENDS) or (len(text) > 60 and not looks_like_value(text))


def _heading(block: TextBlock, names: list[tuple[str, str]], lines: set[str]) -> tuple[str, str, str] | None:
    """(code, heading, rest of the line) where a block starts with a heading; `lines` are labels of table rows."""
    text = block.text.strip()
    first, _, rest = text.partition("\n")
    number, label = split_numbering(first)
    if not label or first.rstrip().endswith(tuple(_SENTENCE_ENDS)):
        return None
    if len(label) <= _LONGEST_HEADING:
        for name, code in names:
            same = label == name or (len(name) > 5 and fuzz.ratio(label, name) >= _FUZZY)
            if same or (len(name) >= _LONG_NAME and label.endswith(name)):  # 附件：2018年政府信息公开工作情况统计表
                return code, first.strip(), rest
    squeezed = squeeze(first)
    if number and squeezed[0] in _CHINESE_NUMBERS and squeezed[len(number) : len(number) + 1] in ("、", ",", "."):
        for name, code in names:
            if len(name) >= 4 and label.startswith(name) and len(label) > len(name):
                cut = _end_of(first, number, name)
                return code, first[:cut].strip(), (first[cut:].lstrip(" 　。:：") + "\n" + rest).strip()
        short = len(squeezed) <= _LONGEST_FREE_HEADING and not any(end in squeezed for end in _SENTENCE_ENDS)
        if (short or block.role == "heading") and label not in lines:
            return FREE, first.strip(), rest
    return None


def _end_of(line: str, number: str, name: str) -> int:
    """Offset in a line behind its numbering and the heading `name` (given normalised)."""
    for cut in range(len(number) + 1, len(line) + 1):
        if split_numbering(line[:cut])[1] == name:
            return cut
    return len(line)
