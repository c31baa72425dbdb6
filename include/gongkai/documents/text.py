"""Reads plain text as other tools leave it: lines, and tables whose cells begin with a TAB."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gongkai.documents.budget import Budget
from gongkai.documents.digest import sha256_hex
from gongkai.documents.encoding import decode
from gongkai.documents.model import Block, Document, Grid, TextBlock
from gongkai.documents.page_rules import load_page_rules
from gongkai.documents.placing import Draft, make_grid
from gongkai.documents.properties import read_properties
from gongkai.errors import EmptyDocumentError
from gongkai.settings import Limits

METHOD = "txt-lines"

_BOOKMARK = re.compile(r"\[bookmark: [^\]\n]{0,80}\]")
_HEAD_LINES, _LONGEST_PROPERTY = 40, 120
_LONGEST_CELL = 80
_WIDE_GAP = re.compile(r"[ \xa0\u3000]{2,}")


def read_txt(data: bytes, limits: Limits) -> Document:
    """Read text into lines and grids.

    Tools that turn Word into text write each table cell as a line that begins with a TAB, and an empty line after each
    row (seen in texts beside published reports); lines without TAB within a row go on with the cell. Lines with several
    TABs, as copied from a spreadsheet, are rows too.

    Raises:
        EmptyDocumentError: Only white space.
        LimitError: More text or cells than `limits` allows.
    """
    decoded = decode(data)
    text = _BOOKMARK.sub("", decoded.text)  # left by Word: "[bookmark: _GoBack]2024年以来"
    if not text.strip():
        raise EmptyDocumentError("the text is only white space", where="txt")
    budget = Budget(limits, "txt")
    budget.take_text(text)
    lines = text.rstrip("\n").split("\n")
    budget.take_cells(text.count("\t") + len(lines))
    return Document(
        format="txt",
        sha256=sha256_hex(data),
        blocks=tuple(_blocks(lines)),
        meta=head_properties(lines) | {"encoding": decoded.encoding},
        warnings=decoded.warnings,
        method=METHOD,
    )


def head_properties(lines: list[str]) -> dict[str, str]:
    """Return what the first lines state of the document, where a page was saved as text with its property list."""
    texts: list[str] = []
    for line in lines[:_HEAD_LINES]:
        if line.strip() and len(line) <= _LONGEST_PROPERTY and not line.startswith("\t"):
            texts += _WIDE_GAP.split(line.strip())
    return read_properties(texts, load_page_rules())


def _blocks(lines: list[str]) -> Iterator[Block]:
    """Yield a block for each line outside tables, and a grid for each table."""
    tables = 0
    rows: list[list[list[str]]] = []  # rows of cells of lines
    first = gap = 0
    open_row = False
    usual_gap = None if any(line.startswith("\t") for line in lines) else _usual_gap(lines)
    for number, line in enumerate(lines, 1):
        tabs = line[1:].rstrip().count("\t")
        whole_row = tabs > 1 or (tabs == 1 and (bool(rows) or "\t" in "".join(lines[number : number + 1])[1:]))
        if line.startswith("\t") or whole_row:
            first = first if rows else number
            if whole_row:
                rows.append([[cell] for cell in line.split("\t")])
            elif open_row:
                rows[-1].append([line[1:]])
            else:
                rows.append([[line[1:]]])
            open_row, gap = not whole_row, 0
        elif open_row and line:
            rows[-1][-1].append(line)
        elif line.strip():
            if rows:
                tables += 1
                yield from _table(rows, first, tables)
                rows = []
            open_row, gap = False, 0
            yield TextBlock(line, f"line[{number}]")
        else:
            open_row, gap = False, gap + 1
            if (line and not rows) or _is_extra(gap, usual_gap):
                yield TextBlock("", f"line[{number}]")
    if rows:
        yield from _table(rows, first, tables + 1)


def _is_extra(gap: int, usual: int | None) -> bool:
    """Tell whether the blank line that makes a gap this long stands for a blank value."""
    return usual is not None and gap > usual and (gap - usual) % (usual + 1) == 0


def _usual_gap(lines: list[str]) -> int | None:
    """Blank lines that stand between two lines of text as a rule: 0 or 1; None where there is no rule.

    Where every value stands on a line of its own, one blank line more than usual may be a blank cell.
    """
    gaps: dict[int, int] = {}
    gap = 0
    for line in lines:
        if line.strip():
            gaps[gap] = gaps.get(gap, 0) + 1
            gap = 0
        else:
            gap += 1
    usual = max(gaps, key=lambda key: gaps[key], default=0)
    return usual if usual in (0, 1) else None


def _table(rows: list[list[list[str]]], first: int, number: int) -> Iterator[Block]:
    """Yield the rows as a grid; as paragraphs if they are but text with TABs in it."""
    texts = [["\n".join(cell) for cell in row] for row in rows]
    longest = sum(max(map(len, row)) for row in texts)
    if max(map(len, texts)) == 1 or longest > _LONGEST_CELL * len(texts):
        for text in (cell for row in texts for cell in row):
            if text.strip():
                yield TextBlock(text, f"line[{first}]")
        return
    yield grid_of_texts(texts, f"table[{number}]")


def grid_of_texts(rows: Iterable[Iterable[str]], path: str) -> Grid:
    """Build a grid of cells without spans, each row from column 0."""
    drafts = [
        [
            Draft(text, f"{path}/row[{number}]/cell[{position}]", col=position - 1)
            for position, text in enumerate(row, 1)
        ]
        for number, row in enumerate(rows, 1)
    ]
    return make_grid(drafts, max(map(len, drafts), default=0), path, nested=False)
