"""The narrative by chapters: where headings stand, and what is said under them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gongkai.contracts.template import TemplateContract
from gongkai.documents.model import Document, TextBlock
from gongkai.reports.headings import Heading, choose, free_headings, is_row, names_of, read_heading
from gongkai.reports.model import Chapter
from gongkai.reports.numbers import looks_like_value
from gongkai.reports.topics import compiled_topics, find_topics

PREAMBLE = "preamble"
FREE = "other"
_SENTENCE_ENDS = "。；;！？"


@dataclass(slots=True)
class _Section:
    """A chapter while its lines are gathered."""

    code: str
    heading: str
    lines: list[str]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of text; `table` is True where a grid stands between it and the line before."""

    text: str
    marked: bool
    table: bool


def find_chapters(document: Document, contract: TemplateContract) -> tuple[Chapter, ...]:
    """Split the text of a document into chapters.

    A heading stands at a line start, alone or before its text; running sentences that list the chapter names (the
    preamble often does), lists of contents, and the like names of passages within a chapter are none. Cells of
    flattened tables are left out of the text. A chapter without heading is told by its text where the form says how.

    Args:
        document: The document.
        contract: Its template; chapters of other names that are numbered like its chapters get the code "other".

    Returns:
        Chapters in printed order with their passages; text before the first heading has the code "preamble".
    """
    lines = list(_lines(document))
    headings = _headings(lines, contract, flat=not any(True for _ in document.grids()))
    sections = _sections(lines, headings, contract, flat=not any(True for _ in document.grids()))
    chapters = []
    for position, section in enumerate(sections):
        text = "\n".join(section.lines)
        if section.heading or section.lines:
            chapters.append(Chapter(position, section.code, section.heading, text, find_topics(section.code, text)))
    return tuple(chapters)


def _lines(document: Document) -> Iterator[_Line]:
    """The lines of the narrative."""
    table = False
    for block in document.blocks:
        if not isinstance(block, TextBlock):
            table = True
        elif block.role not in ("furniture", "title"):
            for line in block.text.split("\n") if "\n" in block.text else (block.text,):
                if line.strip():
                    yield _Line(line, block.role == "heading", table)
                    table = False


def _headings(lines: list[_Line], contract: TemplateContract, *, flat: bool) -> dict[int, Heading]:
    """The headings by their line."""
    names = names_of(contract)
    found = [one for number, line in enumerate(lines) if (one := read_heading(number, line.text, names))]
    form = next((one.line for one in found if one.code == "statistics"), len(lines))
    # Behind the heading of the flattened statistics table stand its groups, which are called like chapters.
    known = [one for one in found if one.code and not (one.line > form and is_row(one, names))]
    places = {one.line for one in known}
    apart = frozenset(
        place
        for place in places
        if place + 1 not in places or (place + 1 < len(lines) and lines[place + 1].table)
    )  # fmt: skip
    chosen = choose(known, names, apart)
    marked = frozenset(number for number, line in enumerate(lines) if line.marked)
    free = free_headings([one for one in found if not one.code], chosen, names, marked, flat)
    return {one.line: one for one in (*chosen, *free)}


def _sections(
    lines: list[_Line], headings: dict[int, Heading], contract: TemplateContract, *, flat: bool
) -> list[_Section]:
    tables = {table.code for table in contract.tables} | {"statistics"}
    codes = {one.code for one in headings.values()}
    unheaded = {
        code: form
        for code, form in compiled_topics().unheaded.items()
        if code not in codes and any(chapter.code == code for chapter in contract.chapters)
    }
    sections = [_Section(PREAMBLE, "", [])]
    behind_table = False
    for number, line in enumerate(lines):
        heading = headings.get(number)
        here = sections[-1]
        if heading:
            rest = heading.rest.strip()
            sections.append(_Section(heading.code or FREE, heading.heading, [rest] if rest else []))
            behind_table = False
            continue
        behind_table = behind_table or line.table
        text = line.text.strip()
        if flat and here.code in tables and not _is_prose(text):
            behind_table = True
            continue
        for code, (inside, pattern) in list(unheaded.items()):
            if behind_table and here.code in inside and pattern.search(text):
                sections.append(_Section(code, "", []))
                del unheaded[code]
        sections[-1].lines.append(text)
    return sections


def _is_prose(text: str) -> bool:
    return any(end in text for end in _SENTENCE_ENDS) or (len(text) > 60 and not looks_like_value(text))
