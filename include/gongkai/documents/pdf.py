"""Read a PDF with a text layer: characters and rules by pdfium, tables from the rules, paragraphs from the rest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from gongkai.documents import pdf_native as native
from gongkai.documents.model import Block, Document, Grid
from gongkai.documents.pdf_boxes import has_drawn_rules, with_drawn_rules
from gongkai.documents.pdf_chars import Char, PageChars, drop_chars, read_chars
from gongkai.documents.pdf_fields import field_chars
from gongkai.documents.pdf_guard import check_streams
from gongkai.documents.pdf_hidden import may_hide
from gongkai.documents.pdf_place import PageParts, Spent, check_limit, place_page
from gongkai.documents.pdf_rules import Rules, read_rules
from gongkai.documents.pdf_tables import MOST_RULES
from gongkai.documents.pdf_text import FOOT, PageLine, paragraphs
from gongkai.errors import DamagedDocumentError, EmptyDocumentError
from gongkai.settings import Limits

METHOD = "pdfium-lines"

_PICTURE_PAGE = 0.7
_UNMAPPED_SHARE = 0.02


def read_pdf(data: bytes, limits: Limits) -> Document:
    """Read a PDF into blocks of text and one grid per table and page.

    A page without text layer yields a warning, not text (reading pictures is the work of OCR). Coordinates are points
    from the top left corner of the page as it is shown, its rotation applied.

    Raises:
        EmptyDocumentError: there are no bytes.
        DamagedDocumentError: pdfium cannot open the file, or it has no page that can be loaded.
        UnsupportedFormatError: the file asks for a password.
        LimitError: more bytes, pages, characters, lines or cells than `limits` allows.
    """
    if not data:
        raise EmptyDocumentError("the PDF has no bytes", expected="a PDF")
    check_limit("bytes", len(data), limits.file_bytes)
    check_streams(data, limits)
    with native.LOCK, native.open_document(data) as document:
        count = native.page_count(document)
        if count < 1:
            raise DamagedDocumentError("the PDF has no pages", expected="at least one page", do="fetch it again")
        check_limit("pages", count, limits.pages)
        pages: list[PageParts] = []
        spent = Spent(limits)
        for index in range(count):
            with native.open_page(document, index) as page:
                pages.append(_read_page(document, page, index + 1, spent))
        meta = _meta(document)
    return Document(
        format="pdf",
        sha256=hashlib.sha256(data).hexdigest(),
        blocks=tuple(_ordered(pages)),
        meta=meta,
        pages=count,
        warnings=tuple(_warnings(data, pages)),
        method=METHOD,
    )


def _read_page(document: Any, page: Any, number: int, spent: Spent) -> PageParts:
    where = f"page {number}"
    if page is None:
        return PageParts(number, 0.0, warnings=[f"{where} cannot be loaded: the file is damaged"])
    with native.open_text(page) as text:
        found = read_chars(page, text, most=spent.limits.page_chars, where=where)
        watch = may_hide(text, found)
        rules = read_rules(page, found.frame, most=spent.limits.cells, where=where, watch=watch)
        if rules.unseen:
            found = drop_chars(text, found, rules.unseen.hides)
    fields = field_chars(document, page, found.frame)
    if fields:
        found = replace(found, chars=found.chars + fields)
    parts = PageParts(number, found.frame.height, chars=len(found.chars))
    spent.add(chars=len(found.chars))
    if found.hidden:
        parts.warnings.append(f"{where}: {found.hidden} characters that nobody sees were left out")
    if fields:
        parts.warnings.append(f"{where}: {len(fields)} characters are filled into form fields or typed over the page")
    if not any(not char[4].isspace() for char in found.chars):
        parts.warnings.append(f"{where} has no text layer")
        return parts
    parts.warnings.extend(_doubts(where, found, rules))
    chars = found.chars
    if has_drawn_rules(found.string):
        chars, rules = with_drawn_rules(chars, rules)
    place_page(chars, rules, parts, spent)
    return parts


def blocks_of_pages(
    pages: Iterable[tuple[float, list[Char], Rules]], limits: Limits
) -> tuple[tuple[Block, ...], list[str]]:
    """Make blocks of pages whose characters and rules another reader found, in the same coordinates.

    Args:
        pages: Height (points), characters and joined rules of each page.
        limits: How many characters and cells all pages together may have.

    Returns:
        Blocks in reading order, and what was noticed.

    Raises:
        LimitError: more characters or cells than `limits` allows.
    """
    spent, read = Spent(limits), []
    for number, (height, chars, rules) in enumerate(pages, start=1):
        spent.add(chars=len(chars))
        parts = PageParts(number, height, chars=len(chars))
        place_page(chars, rules, parts, spent)
        read.append(parts)
    return tuple(_ordered(read)), [warning for parts in read for warning in parts.warnings]


def _doubts(where: str, found: PageChars, rules: Rules) -> Iterable[str]:
    if found.sideways:
        yield f"{where} is printed sideways: boxes are those of the page turned upright"
    if found.unmapped > _UNMAPPED_SHARE * len(found.chars):
        yield f"{where}: {found.unmapped} characters have no Unicode value"
    if rules.picture >= _PICTURE_PAGE:
        yield f"{where} is a picture with a text layer: the text may come from character recognition"
    if max(len(rules.horizontal), len(rules.vertical)) > MOST_RULES:
        yield f"{where} is a drawing of more than {MOST_RULES} lines: no tables were looked for"


def _ordered(pages: list[PageParts]) -> Iterable[Block]:
    """Yield grids and paragraphs of all pages in reading order, paragraphs with their paths."""
    lines: list[PageLine] = []
    placed: list[tuple[int, float, Block]] = []
    for parts in pages:
        if parts.lines and lines and _ends_with_table(lines, placed):
            parts.lines[0] = replace(parts.lines[0], break_before=True)
        lines.extend(parts.lines)
        placed.extend((parts.number, top, grid) for top, grid in parts.grids)
    placed.extend((lines[first].page, lines[first].line.top, text) for first, text in paragraphs(lines))
    placed.sort(key=lambda item: item[:2])
    order: dict[int, int] = {}
    for page, _, block in placed:
        if isinstance(block, Grid):
            yield block
            continue
        order[page] = order.get(page, 0) + 1
        yield replace(block, path=f"page[{page}]/p[{order[page]}]")


def _ends_with_table(lines: list[PageLine], placed: list[tuple[int, float, Block]]) -> bool:
    """Tell whether a table is the last thing but furniture on the last page that has text."""
    if not placed:
        return False
    page, top, _ = placed[-1]
    body = [item for item in lines if item.page == page and item.line.bottom < (1 - FOOT) * item.height]
    return page >= lines[-1].page and (not body or body[-1].line.top < top)


def _meta(document: Any) -> dict[str, str]:
    title, producer = native.meta_text(document, "Title"), native.meta_text(document, "Producer")
    return {key: value for key, value in (("title", title), ("producer", producer)) if value}


def _warnings(data: bytes, pages: list[PageParts]) -> Iterable[str]:
    if b"%%EOF" not in data[-2048:]:
        yield "the file does not end as a PDF does: it may be cut off"
    for parts in pages:
        yield from parts.warnings
    if not any(parts.chars for parts in pages):
        yield "no text layer"
