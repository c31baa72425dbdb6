"""Which lines of a narrative are headings of chapters, however they are numbered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from gongkai.contracts.template import TemplateContract
from gongkai.reports.labels import split_numbering
from gongkai.reports.numerals import chinese_number

_LONGEST_HEADING = 42
_LONGEST_LINE = 60
_FUZZY = 88
_LONG_NAME = 12
_SHORT_NAME = 5
_SHORTEST_NAME = 4
_LEAST_TEXT = 15
_DIGITS = "一二三四五六七八九十"
_NUMBERED = re.compile(
    rf"\s{{0,8}}(?:第\s{{0,8}}(?P<part>[{_DIGITS}]{{1,3}}|\d{{1,2}})\s{{0,8}}(?:部分|章)[、，,：:.]?"
    rf"|(?P<chinese>[{_DIGITS}]{{1,3}})\s{{0,8}}[、，,.．]"
    rf"|[（(]\s{{0,8}}(?P<bracket>[{_DIGITS}]{{1,3}}|\d{{1,2}})\s{{0,8}}[）)][、.．]?"
    r"|(?P<digit>\d{1,2})\s{0,8}[、.．](?!\d))"
)
_LISTED = ("；", ";", "，", "、", ",")
"""A line that ends so is one of a list of contents."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a template calls its chapters and its table rows, normalised.

    Attributes:
        codes: Code of each chapter by each of its names.
        fuzzy: Names long enough to be told with a slip.
        long: Names that may end a line.
        longest_first: (name, code), long names before those that they begin with.
        order: Codes of the chapters in order.
        rows: Labels of table rows.
    """

    codes: dict[str, str]
    fuzzy: tuple[str, ...]
    long: tuple[str, ...]
    longest_first: tuple[tuple[str, str], ...]
    order: tuple[str, ...]
    rows: frozenset[str]


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that can be the heading of a chapter.

    Attributes:
        line: Its number among the lines.
        code: The chapter's code; "" for a numbered line of another name.
        style: How it is numbered: "part", "chinese", "bracket", "digit", "".
        number: Its number, 0 where none is printed.
        heading: The heading as printed.
        rest: Text that stands behind it on the line.
    """

    line: int
    code: str
    style: str
    number: int
    heading: str
    rest: str = ""


_KNOWN: dict[str, tuple[TemplateContract, Names]] = {}


def names_of(contract: TemplateContract) -> Names:
    """The names that a template knows, told once for each contract."""
    known = _KNOWN.get(contract.template)
    if known is None or known[0] is not contract:
        chapters = tuple(
            (split_numbering(label)[1], chapter.code)
            for chapter in contract.chapters
            for label in (chapter.label, *chapter.aliases)
        )
        rows = frozenset(
            split_numbering(label)[1]
            for table in contract.tables
            for row in table.rows
            for label in (row.label, *row.aliases, *row.within)
        )
        known = _KNOWN[contract.template] = (
            contract,
            Names(
                dict(reversed(chapters)),
                tuple(name for name, _ in chapters if len(name) > _SHORT_NAME),
                tuple(name for name, _ in chapters if len(name) >= _LONG_NAME),
                tuple(sorted(chapters, key=lambda pair: -len(pair[0]))),
                tuple(chapter.code for chapter in contract.chapters),
                rows,
            ),
        )
    return known[1]


def read_heading(line: int, text: str, names: Names) -> Heading | None:
    """Tell whether a line can be the heading of a chapter, alone or before its text.

    Args:
        line: Number of the line.
        text: The line.
        names: What the template calls its chapters.
    """
    numbered = _NUMBERED.match(text)
    if numbered is None and len(text) > _LONGEST_LINE:
        return None
    printed = text.strip()
    if printed.endswith(_LISTED):
        return None
    style = numbered.lastgroup or "" if numbered else ""
    number = _value(numbered[style]) if numbered and style else 0
    if len(printed) <= _LONGEST_LINE:
        label = split_numbering(printed)[1]
        # A full stop behind a name is dropped with the label's other marks; within a sentence no name fits.
        if 0 < len(label) <= _LONGEST_HEADING and (code := _chapter(label, names)):
            return Heading(line, code, style, number, printed.rstrip("。 "))
    cut = _with_text(printed, names, bool(numbered))
    if cut:
        code, end = cut
        return Heading(line, code, style, number, printed[:end].strip(), printed[end:].lstrip(" 　\t。:：."))
    return Heading(line, "", style, number, printed) if style else None


def _chapter(label: str, names: Names) -> str:
    """Code of the chapter that a label names, perhaps with a slip; "" where it names none."""
    if code := names.codes.get(label):
        return code
    for name in names.long:
        if label.endswith(name):  # 附件：2018年政府信息公开工作情况统计表
            return names.codes[name]
    near = process.extractOne(label, names.fuzzy, scorer=fuzz.ratio, score_cutoff=_FUZZY)
    return names.codes[near[0]] if near else ""


def _with_text(printed: str, names: Names, numbered: bool) -> tuple[str, int] | None:
    """(code, end of the heading) where a line begins with a chapter's name and goes on with its text."""
    label = split_numbering(printed[:_LONGEST_LINE])[1]
    for name, code in names.longest_first:
        if len(name) < _SHORTEST_NAME or not label.startswith(name):
            continue
        end = next(
            (
                at
                for at in range(len(name), min(len(printed), _LONGEST_LINE) + 1)
                if split_numbering(printed[:at])[1] == name
            ),
            0,
        )
        behind = printed[end : end + 1]
        if not end or not behind:
            continue
        if behind in "：:" or (numbered and (behind in " 　\t。." or behind.isdigit())):
            return code, end
        if numbered and len(printed) - end >= _LEAST_TEXT and code == "overview":
            return code, end  # 一、总体情况我局坚持……
    return None


def _value(number: str) -> int:
    return int(number) if number.isdigit() else chinese_number(number) or 0


def is_row(heading: Heading, names: Names) -> bool:
    """Tell whether a line is the label of a table row as well."""
    return split_numbering(heading.heading)[1] in names.rows


def choose(candidates: Sequence[Heading], names: Names, apart: frozenset[int]) -> list[Heading]:
    """Choose among the lines that can be headings of known chapters those that are.

    Chapters are numbered in one way; a name that is numbered in another (（一）主动公开政府信息情况 within chapter 一)
    is a heading only where its number is the chapter's own and no line in the usual way has the name. Of two lines of
    one name a table of contents goes, else the second.

    Args:
        candidates: Lines with a code, in order.
        names: Chapters in contract order.
        apart: Numbers of candidates' lines that something other than another candidate follows.
    """
    styles: dict[str, set[str]] = {}
    for one in candidates:
        styles.setdefault(one.style, set()).add(one.code)
    usual = max(styles, key=lambda style: (len(styles[style]), style == "chinese", style == "part"), default="chinese")
    usual = "chinese" if not usual and len(styles.get("chinese", ())) * 2 >= len(styles[""]) else usual
    chosen: dict[str, Heading] = {}
    for one in candidates:
        if one.style != usual:
            own = not one.style or one.number == names.order.index(one.code) + 1
            if one.code in styles.get(usual, ()) or not own:
                continue
        before = chosen.get(one.code)
        if before is None or (before.line not in apart and one.line in apart):
            chosen[one.code] = one
    return sorted(chosen.values(), key=lambda one: one.line)


def free_headings(
    candidates: Sequence[Heading], chosen: Sequence[Heading], names: Names, marked: frozenset[int], flat: bool
) -> list[Heading]:
    """Headings of chapters that the template does not name: short numbered lines that go on counting.

    Args:
        candidates: Numbered lines without a code, in order.
        chosen: Headings of known chapters.
        names: Row labels of the template, which are no headings.
        marked: Lines that the file marks as headings.
        flat: True where tables are lines of text, misread row labels among them.
    """
    styles = [one.style for one in chosen if one.style]
    usual = max(set(styles), key=styles.count) if styles else "chinese"
    found: list[Heading] = []
    for one in candidates:
        short = len(one.heading) <= 36 and not any(end in one.heading for end in "。；;！？")
        if one.style != usual or usual in ("bracket", "digit") or not (short or one.line in marked):
            continue
        label = split_numbering(one.heading)[1]
        if label in names.rows or (flat and any(fuzz.ratio(label, row) >= 75 for row in names.rows)):
            continue
        last = max(
            (other for other in (*chosen, *found) if other.line < one.line and other.number),
            key=lambda other: other.line,
            default=None,
        )
        if (last.number if last else 0) < one.number <= (last.number if last else 0) + 3:
            found.append(one)
    return found
