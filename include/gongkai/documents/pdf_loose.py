"""Tables without rules, or with too few: grids from the positions of words.

Columns are what the values of all rows agree on; a value that stands in no column or beside another in the same one
makes its row doubtful, and nothing is ever shifted. A blank cell is a column without a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from gongkai.documents.pdf_chars import Char
from gongkai.documents.pdf_columns import Columns, find_columns, values_of
from gongkai.documents.pdf_labels import NUMBERED, find_labels
from gongkai.documents.pdf_loose_grid import LooseTable, build_grid
from gongkai.documents.pdf_rules import Rules
from gongkai.documents.pdf_tables import TableBox
from gongkai.documents.pdf_text import FOOT, HEADING
from gongkai.documents.pdf_words import Word, WordLine, is_value, split_heads, word_lines

_HEADER_GAP = 3.6
_LINE_GAP = 1.9
_MOST_WORDS = 2500
"""Words on a page beyond which it is no report: their comparison takes time by the square of their number."""
_SENTENCE = 24
_MOST_PENDING = 8
_TALL_ENOUGH = 3


@dataclass(slots=True)
class _Piece:
    """Lines that may be a table: header, rows and what stands between them; indexes into the lines of the page."""

    rows: list[int]
    first: int = 0
    last: int = 0
    header: list[int] = field(default_factory=list)


def find_loose(
    chars: list[Char], rules: Rules, before: Columns | None, height: float
) -> tuple[list[LooseTable], list[Char]]:
    """Find the tables among characters that no rules enclose.

    Args:
        chars: The characters.
        rules: Rules that stand among them: vertical ones part words, horizontal ones part labels.
        before: The columns of the table that ends the page before, None where none does.
        height: Height of the page: numbers at its head and foot are page numbers.

    Returns:
        The tables from top to bottom, and the characters that are in none of them.
    """
    lines = word_lines(chars, rules)
    if sum(len(line.words) for line in lines) > _MOST_WORDS:
        return [], chars
    edge = FOOT * height
    lines = [line for line in lines if edge < line.y < height - edge or not line.is_furniture]
    tables: list[LooseTable] = []
    taken: set[int] = set()
    for piece in _pieces(lines):
        known = tables[-1].columns if tables else before if piece.first <= _MOST_PENDING else None
        table = _table(lines, piece, rules, None if piece.header else known, taken)
        if table is not None:
            tables.append(table)
    return tables, [char for char in chars if id(char) not in taken]


def lacks_rules(table: TableBox, texts: Sequence[tuple[str, bool]]) -> bool:
    """Tell whether cells of a ruled table hold several cells each: only its frame, its rows or its columns are ruled.

    Args:
        table: The table.
        texts: Text of each of its cells, and whether wide gaps stand in it.
    """
    wide = 0
    rows: dict[int, list[list[bool]]] = {}
    for cell, (text, has_gaps) in zip(table.cells, texts, strict=True):
        if has_gaps:
            values = max(_values_at_end(line) for line in text.split("\n"))
            wide += values > 0
            if values >= _TALL_ENOUGH:
                return True
        if "\n" in text:
            rows.setdefault(cell.row, []).append([is_value(line) for line in text.split("\n")])
    if wide >= _TALL_ENOUGH:
        return True
    for cells in rows.values():
        columns = [lines for lines in cells if len(lines) >= _TALL_ENOUGH and sum(lines) >= _TALL_ENOUGH]
        labels = [lines for lines in cells if not any(lines)]
        if columns and any(len(lines) >= max(map(sum, columns)) for lines in labels):
            return True
        if sum(lines[-1] and not lines[0] for lines in cells) > 1:
            return True
    return False


def _values_at_end(line: str) -> int:
    words = line.split(" ")
    found = 0
    while found < len(words) and is_value(words[-1 - found]):
        found += 1
    return found if len(words) > 1 else 0


def _pieces(lines: list[WordLine]) -> list[_Piece]:
    """Split the rows of values into tables: a sentence, a header or much room between two rows part them."""
    pieces: list[_Piece] = []
    for index, line in enumerate(lines):
        if not _is_row(line):
            continue
        if pieces and _belongs(lines, pieces[-1].rows[-1], index):
            pieces[-1].rows.append(index)
        else:
            pieces.append(_Piece([index]))
    end = -1
    found: list[_Piece] = []
    for piece in pieces:
        piece.header = _header(lines, piece.rows[0], end)
        values = sum(len(values_of(lines[row])) for row in piece.rows)
        most = max(len(values_of(lines[row])) for row in piece.rows)
        if not (most >= _TALL_ENOUGH or len(piece.rows) >= _TALL_ENOUGH or (piece.header and values)):
            continue
        piece.first = piece.header[0] if piece.header else piece.rows[0]
        piece.last = end = piece.rows[-1]
        found.append(piece)
    return found


def _is_row(line: WordLine) -> bool:
    return line.is_row or (len(line.words) >= _TALL_ENOUGH and all(word.is_value for word in line.words))


def _belongs(lines: list[WordLine], before: int, row: int) -> bool:
    between = lines[before : row + 1]
    if any(lower.y - upper.y > _HEADER_GAP * lower.size for upper, lower in pairwise(between)):
        return False
    start = min(values_of(lines[index])[0].x0 for index in (before, row))
    edge = max((w.x1 for index in (before, row) for w in lines[index].words if w.x0 < start), default=start)
    for line in between[1:-1]:
        words = line.words
        if any(len(word.text) > _SENTENCE and word.x1 > start for word in words):
            return False
        heads = [word for word in words if not word.is_value and (word.x1 > start or word.x0 >= edge)]
        if heads and (len(words) > 1 or len(heads[0].text) > 1):
            return False
    return True


def _header(lines: list[WordLine], row: int, end: int) -> list[int]:
    """Return the lines over the first row of values that head its columns; labels of the header may stand between."""
    values = values_of(lines[row])
    start = values[0].x0
    edge = max((word.x1 for word in lines[row].words if word.x0 < start), default=start)
    header: list[int] = []
    pending: list[int] = []
    below = lines[row].y
    for index in range(row - 1, end, -1):
        line = lines[index]
        if below - line.y > _HEADER_GAP * line.size or len(pending) > _MOST_PENDING:
            break
        text = " ".join(word.text for word in line.words)
        if any(len(word.text) > _SENTENCE for word in line.words) or (len(line.words) == 1 and HEADING.match(text)):
            break
        below = line.y
        pending.append(index)
        heads = [
            word
            for word in line.words
            if not word.is_value and (word.x1 > start or word.x0 >= edge) and not NUMBERED.match(word.text)
        ]
        if heads and (len(line.words) > 1 or header or _is_over(heads[0], values)):
            header += pending
            pending = []
    return sorted(header)


def _is_over(word: Word, values: Sequence[Word]) -> bool:
    return word.x0 >= values[0].x0 - 6 * word.size


def _table(
    lines: list[WordLine], piece: _Piece, rules: Rules, before: Columns | None, taken: set[int]
) -> LooseTable | None:
    rows = [lines[index] for index in piece.rows]
    for row in rows:
        row.y = values_of(row)[-1].y  # labels of groups on the line stand a little higher or lower
    header = [_heads(lines[index]) for index in piece.header]
    columns = before if before is not None and before.fit(rows) else find_columns(rows, header)
    if columns is None:
        return None
    first, last = _reach(lines, piece, columns)
    body = [line for index, line in enumerate(lines) if first <= index <= last and index not in piece.header]
    in_rows = {id(word) for row in rows for word in values_of(row)}
    start = columns.items[0].x0
    beside = [w for line in body for w in line.words if id(w) not in in_rows and (w.x0 < start and not w.is_value)]
    loose = [w for line in body for w in line.words if id(w) not in in_rows and not (w.x0 < start and not w.is_value)]
    heights = [row.y for row in rows]

    def parted(upper: Word, lower: Word) -> bool:
        x = max(upper.x0, lower.x0)
        return any(upper.y < y < lower.y and x0 <= x <= x1 for y, x0, x1 in rules.horizontal)

    labels, unsure = find_labels(beside, heights, parted)
    table = build_grid(columns, rows, header, labels, loose, unsure)
    for line in (*header, *body):
        for word in line.words:
            taken.update(map(id, word.chars))
    return table


def _heads(line: WordLine) -> WordLine:
    return WordLine(line.y, line.size, [part for word in line.words for part in split_heads(word)])


def _reach(lines: list[WordLine], piece: _Piece, columns: Columns) -> tuple[int, int]:
    """Return the first and last line of a table: labels may begin above its first row and end below its last."""
    start = columns.items[0].x0
    first, last = piece.first, piece.last

    def is_label(index: int, near: int) -> bool:
        line = lines[index]
        return (
            abs(line.y - lines[near].y) <= _LINE_GAP * line.size
            and all(word.x1 <= start and not word.is_value and len(word.text) <= _SENTENCE for word in line.words)
            and not (len(line.words) == 1 and HEADING.match(line.words[0].text))
        )

    if not piece.header:
        while first > 0 and is_label(first - 1, first):
            first -= 1
    while last + 1 < len(lines) and is_label(last + 1, last):
        last += 1
    return first, last
