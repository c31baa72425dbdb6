"""Read a PDF with a text layer: characters and rules by pdfium, tables from the rules, paragraphs from the rest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from gongkai.documents import pdf_native as native
from gongkai.documents.model import Block, Document, Grid, GridCell
from gongkai.documents.pdf_chars import Char, PageChars, drop_chars, read_chars
from gongkai.documents.pdf_columns import Columns
from gongkai.documents.pdf_guard import check_streams
from gongkai.documents.pdf_lines import cell_text, text_lines
from gongkai.documents.pdf_loose import find_loose, lacks_rules
from gongkai.documents.pdf_loose_grid import LooseTable
from gongkai.documents.pdf_rules import Rules, read_rules
from gongkai.documents.pdf_tables import MOST_RULES, TableBox, find_tables
from gongkai.documents.pdf_text import COLUMN_GAPS, DASHED_NUMBER, FOOT, PageLine, paragraphs
from gongkai.errors import DamagedDocumentError, EmptyDocumentError, LimitError
from gongkai.settings import Limits

METHOD = "pdfium-lines"

_PICTURE_PAGE = 0.7
_FRAME_LINES = 12
_UNMAPPED_SHARE = 0.02


@dataclass(slots=True)
class _PageParts:
    """What stands on one page: grids with their upper edge, lines outside them, warnings."""

    number: int
    height: float
    grids: list[tuple[float, Grid]] = field(default_factory=list)
    lines: list[PageLine] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    chars: int = 0


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
    _check("bytes", len(data), limits.file_bytes)
    check_streams(data, limits)
    with native.LOCK, native.open_document(data) as document:
        count = native.page_count(document)
        if count < 1:
            raise DamagedDocumentError("the PDF has no pages", expected="at least one page", do="fetch it again")
        _check("pages", count, limits.pages)
        pages: list[_PageParts] = []
        spent = _Spent(limits)
        for index in range(count):
            with native.open_page(document, index) as page:
                pages.append(_read_page(page, index + 1, spent))
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


def _check(what: str, found: int, most: int) -> None:
    if found > most:
        raise LimitError(
            f"the PDF has too many {what}",
            found=found,
            expected=f"at most {most}",
            do="if it is a report, raise the limit in the GONGKAI_LIMIT_* settings",
        )


@dataclass(slots=True)
class _Spent:
    """Counts what all pages together use of the limits; keeps the columns with which the last page ended."""

    limits: Limits
    chars: int = 0
    cells: int = 0
    columns: Columns | None = None

    def add(self, *, chars: int = 0, cells: int = 0) -> None:
        self.chars += chars
        self.cells += cells
        _check("characters", self.chars, self.limits.text_chars)
        _check("table cells", self.cells, self.limits.cells)


def _read_page(page: Any, number: int, spent: _Spent) -> _PageParts:
    where = f"page {number}"
    if page is None:
        return _PageParts(number, 0.0, warnings=[f"{where} cannot be loaded: the file is damaged"])
    with native.open_text(page) as text:
        found = read_chars(page, text, most=spent.limits.page_chars, where=where)
        rules = read_rules(page, found.frame, most=spent.limits.cells, where=where) if found.chars else Rules()
        if rules.unseen:
            found = drop_chars(text, found, rules.unseen.hides)
    parts = _PageParts(number, found.frame.height, chars=len(found.chars))
    spent.add(chars=len(found.chars))
    if found.hidden:
        parts.warnings.append(f"{where}: {found.hidden} characters that nobody sees were left out")
    if not any(not char[4].isspace() for char in found.chars):
        parts.warnings.append(f"{where} has no text layer")
        return parts
    parts.warnings.extend(_doubts(where, found, rules))
    _find_and_place(found.chars, rules, parts, spent)
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
    spent, read = _Spent(limits), []
    for number, (height, chars, rules) in enumerate(pages, start=1):
        spent.add(chars=len(chars))
        parts = _PageParts(number, height, chars=len(chars))
        _find_and_place(chars, rules, parts, spent)
        read.append(parts)
    return tuple(_ordered(read)), [warning for parts in read for warning in parts.warnings]


def _find_and_place(chars: list[Char], rules: Rules, parts: _PageParts, spent: _Spent) -> None:
    tables: list[TableBox] = []
    if max(len(rules.horizontal), len(rules.vertical)) <= MOST_RULES:
        tables = find_tables(rules, most_cells=spent.limits.cells, where=f"page {parts.number}")
        spent.add(cells=sum(len(table.cells) for table in tables))
    _place(chars, tables, rules, parts, spent)


def _doubts(where: str, found: PageChars, rules: Rules) -> Iterable[str]:
    if found.sideways:
        yield f"{where} is printed sideways: boxes are those of the page turned upright"
    if found.unmapped > _UNMAPPED_SHARE * len(found.chars):
        yield f"{where}: {found.unmapped} characters have no Unicode value"
    if rules.picture >= _PICTURE_PAGE:
        yield f"{where} is a picture with a text layer: the text may come from character recognition"
    if max(len(rules.horizontal), len(rules.vertical)) > MOST_RULES:
        yield f"{where} is a drawing of more than {MOST_RULES} lines: no tables were looked for"


def _place(chars: list[Char], tables: list[TableBox], rules: Rules, parts: _PageParts, spent: _Spent) -> None:
    """Give each character to the innermost table that holds its centre, the rest to the lines outside."""
    numbers, rest = _page_number(chars, parts.height)
    ruled: list[tuple[TableBox, list[tuple[str, bool]]]] = []
    for table in tables:
        inside, outside = table.split(rest)
        if _is_frame(table, inside, tables):
            continue
        texts = [cell_text(chars) if chars else ("", False) for chars in inside]
        if not lacks_rules(table, texts):
            rest = outside
            ruled.append((table, texts))
    lines = text_lines(numbers + rest)
    loose: list[LooseTable] = []
    if sum(line.gaps > 0 for line in lines) > 1 or any(line.gaps >= COLUMN_GAPS for line in lines):
        loose, rest = find_loose(rest, rules, spent.columns, goes_on=not ruled and spent.columns is not None)
        lines = text_lines(numbers + rest)
        spent.add(cells=sum(len(table.cells) for table in loose))
    tops = [(table.ys[0], table.xs[0], index) for index, (table, _) in enumerate(ruled)]
    tops += [(table.top, 0.0, len(ruled) + index) for index, table in enumerate(loose)]
    spans: list[tuple[float, float]] = []
    for position, (top, _, index) in enumerate(sorted(tops), start=1):
        path = f"page[{parts.number}]/table[{position}]"
        if index < len(ruled):
            grid, bottom = _grid(*ruled[index], path, parts), ruled[index][0].ys[-1]
        else:
            table = loose[index - len(ruled)]
            grid, bottom = _loose_grid(table, path, parts), table.bottom
        parts.grids.append((top, grid))
        spans.append((top, bottom))
    spent.columns = None
    if loose and spans[-1][1] == loose[-1].bottom:
        spent.columns = loose[-1].columns
    before = 0.0
    for line in sorted(lines, key=lambda line: (line.top + line.bottom, line.x0)):
        middle = (line.top + line.bottom) / 2
        is_broken = any(before <= (top + bottom) / 2 < middle for top, bottom in spans)
        parts.lines.append(PageLine(parts.number, parts.height, line, break_before=is_broken))
        before = middle


def _loose_grid(table: LooseTable, path: str, parts: _PageParts) -> Grid:
    parts.warnings.append(f"page {parts.number}: columns of a table without rules are told by the places of its words")
    if table.doubts:
        parts.warnings.append(f"page {parts.number}: {table.doubts} cells of it may belong to another column")
    cells, row, order = [], -1, 0
    for cell in table.cells:
        order = order + 1 if cell.row == row else 1
        row = cell.row
        cells.append(replace(cell, path=f"{path}/row[{row + 1}]/cell[{order}]", page=parts.number))
    return Grid(table.n_rows, table.n_cols, tuple(cells), path, parts.number)


def _page_number(chars: list[Char], height: float) -> tuple[list[Char], list[Char]]:
    """Split off a dashed page number at the foot: it must not land in a cell of a table that reaches down there."""
    edge = (1 - FOOT) * height
    foot = [char for char in chars if char[1] > edge]
    if not foot or len(foot) > 12 or not DASHED_NUMBER.fullmatch("".join(char[4] for char in foot).strip()):
        return [], chars
    return foot, [char for char in chars if char[1] <= edge]


def _is_frame(table: TableBox, inside: list[list[Char]], tables: list[TableBox]) -> bool:
    """Tell a frame around text or around other tables from a table: one region, which holds a table or many lines."""
    if len(table.cells) > 1:
        return False
    x0, top, x1, bottom = table.box
    holds = any(
        x0 <= other.box[0] and other.box[2] <= x1 and top <= other.box[1] and other.box[3] <= bottom
        for other in tables
        if other is not table
    )
    return holds or not inside[0] or len(text_lines(inside[0])) > _FRAME_LINES


def _grid(table: TableBox, texts: list[tuple[str, bool]], path: str, parts: _PageParts) -> Grid:
    cells: list[GridCell] = []
    number, row, order = parts.number, -1, 0
    for box, (text, has_gaps) in zip(table.cells, texts, strict=True):
        order = order + 1 if box.row == row else 1
        row = box.row
        # Figures far apart in one region are two columns whose rule is missing, not one number.
        is_doubtful = has_gaps and text.replace(" ", "").replace("\n", "").isdigit()
        if is_doubtful:
            parts.warnings.append(f"page {number}: one cell holds figures far apart: {text!r}")
        x0, top, x1, bottom = box.box
        cells.append(
            GridCell(
                row,
                box.col,
                box.row_span,
                box.col_span,
                text,
                f"{path}/row[{row + 1}]/cell[{order}]",
                number,
                (round(x0, 2), round(top, 2), round(x1, 2), round(bottom, 2)),
                0.4 if is_doubtful else 1.0,
            )
        )
    if table.rebuilt:
        sides = ", ".join(table.rebuilt)
        parts.warnings.append(f"page {number}: rebuilt the missing rule of a table ({sides})")
    if table.ragged:
        parts.warnings.append(f"page {number}: {table.ragged} cells of a table are no rectangles")
    return Grid(len(table.ys) - 1, len(table.xs) - 1, tuple(cells), path, number)


def _ordered(pages: list[_PageParts]) -> Iterable[Block]:
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


def _warnings(data: bytes, pages: list[_PageParts]) -> Iterable[str]:
    if b"%%EOF" not in data[-2048:]:
        yield "the file does not end as a PDF does: it may be cut off"
    for parts in pages:
        yield from parts.warnings
    if not any(parts.chars for parts in pages):
        yield "no text layer"
