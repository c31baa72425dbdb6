"""Reads markdown as OCR and conversion tools leave it: pipe tables, headings, paragraphs, HTML tables."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from gongkai.documents.budget import Budget
from gongkai.documents.digest import sha256_hex
from gongkai.documents.encoding import decode
from gongkai.documents.html import parse_page
from gongkai.documents.html_flow import FlowReader
from gongkai.documents.model import Block, Document, TextBlock
from gongkai.documents.page_rules import load_page_rules
from gongkai.documents.text import grid_of_texts, head_properties
from gongkai.errors import EmptyDocumentError
from gongkai.settings import Limits

METHOD = "md-lines"

_ATX = re.compile(r" {0,3}#{1,6}[ \t]+")
_RULE_CELL = re.compile(r"\s*:?-+:?\s*")
_SPLIT = re.compile(r"(?<!\\)\|")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.{1,300}?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*])([*_])(?=[^\s*_])([^*_\n]+?)(?<=\S)\1(?![\w*])")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>~])")
_LINK = re.compile(r"!?\[([^\]\n]{0,300})\]\([^)\s]{1,300}+(?:[ \t][^)\n]{0,100})?\)")
_TAG = re.compile(r"</?(?:sup|sub|u|b|i|strong|em|span|font|center|div|p)(?:\s[^<>\n]{0,300})?/?>", re.IGNORECASE)
_TABLE_OPEN, _TABLE_CLOSE = re.compile(r"<table[\s>]", re.IGNORECASE), re.compile(r"</table\s*>", re.IGNORECASE)
_LONGEST_MARKED = 5000
_SPECIAL = re.compile(r"[<*_\[\\&]")
_HORIZONTAL = re.compile(r"\s*([-*_])(?:\s*\1){2,}\s*")
_FENCE = re.compile(r"\s*(```|~~~)")


def read_md(data: bytes, limits: Limits) -> Document:
    """Read markdown into blocks of text and grids.

    A pipe table keeps its rows as they are, with fewer or more cells than its head; <br> becomes newline. Emphasis,
    links and escapes are resolved to what is shown.

    Raises:
        EmptyDocumentError: Only white space.
        LimitError: More text or cells than `limits` allows.
    """
    decoded = decode(data)
    if not decoded.text.strip():
        raise EmptyDocumentError("the text is only white space", where="md")
    budget = Budget(limits, "md")
    budget.take_text(decoded.text)
    lines = decoded.text.split("\n")
    budget.take_cells(decoded.text.count("|") + len(lines))
    pictures = decoded.text.count("![")
    warnings = [*decoded.warnings, *([f"{pictures} pictures, whose text is not read"] if pictures else [])]
    return Document(
        format="md",
        sha256=sha256_hex(data),
        blocks=tuple(_blocks(lines, budget, limits)),
        meta=head_properties(lines) | {"encoding": decoded.encoding},
        warnings=tuple(warnings),
        method=METHOD,
    )


def plain(text: str) -> str:
    """Return markdown text of one paragraph or cell as it is shown.

    Single "*" and "_" only count as emphasis where they enclose words: "2*3" and "a_b" stay.
    """
    if not _SPECIAL.search(text):
        return text
    text = _BREAK.sub("\n", text)
    if len(text) > _LONGEST_MARKED:
        return html.unescape(text)
    text = _LINK.sub(lambda link: "" if link[0].startswith("!") else link[1], text)
    text = _STRONG.sub(r"\2", text)
    text = _EMPHASIS.sub(r"\2", text)
    text = _TAG.sub("", text)
    return html.unescape(_ESCAPE.sub(r"\1", text))


def _blocks(lines: list[str], budget: Budget, limits: Limits) -> Iterator[Block]:
    tables = 0
    number = 0
    while number < len(lines):
        line = lines[number]
        end = number + 1
        if _is_row(line) and (line.lstrip().startswith("|") or _is_rule_at(lines, number + 1)):
            while end < len(lines) and _is_row(lines[end]):
                end += 1
            tables += 1
            # The rule stands under the head; further down a row of "-" prints "not applicable" in every cell.
            head = [position for position in (number, number + 1) if position < end and _is_rule(lines[position])]
            rows = [_cells(lines[position]) for position in range(number, end) if position not in head[:1]]
            yield grid_of_texts(rows, f"table[{tables}]")
        elif _TABLE_OPEN.search(line):
            while end < len(lines) and not _TABLE_CLOSE.search(lines[end - 1]):
                end += 1
            yield from _html_blocks("\n".join(lines[number:end]), number + 1, budget, limits)
        elif mark := _ATX.match(line):
            if text := plain(line[mark.end() :].rstrip(" \t#")).strip():
                yield TextBlock(text, f"line[{number + 1}]", role="heading")
        elif not _HORIZONTAL.fullmatch(line) and not _FENCE.match(line):
            text = plain(line).strip(" \t")
            if text.strip():
                yield TextBlock(text, f"line[{number + 1}]")
        number = end


def _is_row(line: str) -> bool:
    return "|" in line and bool(line.strip())


def _is_rule(line: str) -> bool:
    cells = _cells(line)
    return bool(cells) and "-" in line and all(_RULE_CELL.fullmatch(cell) for cell in cells)


def _is_rule_at(lines: list[str], number: int) -> bool:
    return number < len(lines) and "|" in lines[number] and _is_rule(lines[number])


def _cells(line: str) -> list[str]:
    """Cells of a row, their padding removed; the outer pipes may be missing."""
    parts = _SPLIT.split(line.strip())
    if len(parts) > 1 and not parts[0].strip():
        parts = parts[1:]
    if len(parts) > 1 and not parts[-1].strip() and line.rstrip().endswith("|"):
        parts = parts[:-1]
    return [plain(part.strip(" \t")) for part in parts]


def _html_blocks(text: str, line: int, budget: Budget, limits: Limits) -> Iterator[Block]:
    """Blocks of an HTML table inside markdown, as some OCR tools write tables with merged cells."""
    root = parse_page(text, limits)
    body = root.find("body")
    body = root if body is None else body
    reader = FlowReader([body], [], [root], load_page_rules(), budget)
    reader.read(body)
    for block in reader.blocks:
        yield block if not isinstance(block, TextBlock) else TextBlock(block.text, f"line[{line}]", role=block.role)
