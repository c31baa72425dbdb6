"""What stands on one page of a PDF: ruled tables first, tables without rules among the rest, then lines of text."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from gongkai.documents.model import Grid, GridCell
from gongkai.documents.pdf_chars import Char
from gongkai.documents.pdf_columns import Columns
from gongkai.documents.pdf_lines import cell_text, text_lines
from gongkai.documents.pdf_loose import find_loose, lacks_rules
from gongkai.documents.pdf_loose_grid import DOUBTFUL, LooseTable
from gongkai.documents.pdf_rules import Rules
from gongkai.documents.pdf_tables import MOST_RULES, TableBox, find_tables
from gongkai.documents.pdf_text import COLUMN_GAPS, DASHED_NUMBER, FOOT, PageLine
from gongkai.documents.pdf_words import FIGURES
from gongkai.errors import LimitError
from gongkai.settings import Limits

_FRAME_LINES = 12


@dataclass(slots=True)
class PageParts:
    """What stands on one page: grids with their upper edge, lines outside them, warnings."""

    number: int
    height: float
    grids: list[tuple[float, Grid]] = field(default_factory=list)
    lines: list[PageLine] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    chars: int = 0


def check_limit(what: str, found: int, most: int) -> None:
    """Raise a LimitError where more was found than the limits allow."""
    if found > most:
        raise LimitError(
            f"the PDF has too many {what}",
            found=found,
            expected=f"at most {most}",
            do="if it is a report, raise the limit in the GONGKAI_LIMIT_* settings",
        )


@dataclass(slots=True)
class Spent:
    """Counts what all pages together use of the limits; keeps the columns with which the last page ended."""

    limits: Limits
    chars: int = 0
    cells: int = 0
    columns: Columns | None = None

    def add(self, *, chars: int = 0, cells: int = 0) -> None:
        """Count characters and cells.

        Raises:
            LimitError: more than the limits allow.
        """
        self.chars += chars
        self.cells += cells
        check_limit("characters", self.chars, self.limits.text_chars)
        check_limit("table cells", self.cells, self.limits.cells)


def place_page(chars: list[Char], rules: Rules, parts: PageParts, spent: Spent) -> None:
    """Find the tables of a page and give each character its place in them or in a line of text outside.

    Raises:
        LimitError: more cells than the limits allow.
    """
    tables: list[TableBox] = []
    if max(len(rules.horizontal), len(rules.vertical)) > MOST_RULES:
        rules = Rules()
    else:
        tables = find_tables(rules, most_cells=spent.limits.cells, where=f"page {parts.number}")
        spent.add(cells=sum(len(table.cells) for table in tables))
    _place(chars, tables, rules, parts, spent)


def _place(chars: list[Char], tables: list[TableBox], rules: Rules, parts: PageParts, spent: Spent) -> None:
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
        loose, rest = find_loose(rest, rules, None if ruled else spent.columns, parts.height)
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
            found = loose[index - len(ruled)]
            grid, bottom = _loose_grid(found, path, parts), found.bottom
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


def _loose_grid(table: LooseTable, path: str, parts: PageParts) -> Grid:
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


def _grid(table: TableBox, texts: list[tuple[str, bool]], path: str, parts: PageParts) -> Grid:
    cells: list[GridCell] = []
    number, row, order = parts.number, -1, 0
    for index, (box, (text, has_gaps)) in enumerate(zip(table.cells, texts, strict=True)):
        order = order + 1 if box.row == row else 1
        row = box.row
        # Figures far apart or over each other in one region are two columns whose rule is missing, or two numbers.
        is_doubtful = has_gaps and FIGURES.fullmatch(text) is not None
        if is_doubtful:
            parts.warnings.append(f"page {number}: one cell holds figures far apart or over each other: {text!r}")
        if index in table.torn:
            is_doubtful = True
            parts.warnings.append(f"page {number}: a number goes on in the next cell: {text!r}")
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
                DOUBTFUL if is_doubtful else 1.0,
            )
        )
    if table.rebuilt:
        sides = ", ".join(table.rebuilt)
        parts.warnings.append(f"page {number}: rebuilt the missing rule of a table ({sides})")
    if table.ragged:
        parts.warnings.append(f"page {number}: {table.ragged} cells of a table are no rectangles")
    return Grid(len(table.ys) - 1, len(table.xs) - 1, tuple(cells), path, number)
