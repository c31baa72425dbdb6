"""The grid of a table without rules: header, rows of values and their labels brought to rows and columns."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field

from gongkai.documents.model import BBox, GridCell
from gongkai.documents.pdf_columns import Columns, values_of
from gongkai.documents.pdf_labels import Label, find_labels
from gongkai.documents.pdf_words import Word, WordLine

CONFIDENCE = 0.8
"""Of a cell whose column is known by the words above and below it alone."""
DOUBTFUL = 0.4
"""Of a cell that may be another column's: below what the matcher takes."""

_HEAD_LEADING = 1.6
_SAME_ROW = 0.5
_REACH = 2.2
"""Font sizes within which a stray word may belong to the value over or under it."""


@dataclass(slots=True)
class LooseTable:
    """A table found among words.

    Attributes:
        cells: Its cells, without paths and pages.
        n_rows: Number of rows.
        n_cols: Number of columns.
        top: Upper edge.
        bottom: Lower edge.
        columns: Its columns, for what follows on the next page.
        doubts: Number of cells that may be another column's.
    """

    cells: list[GridCell]
    n_rows: int
    n_cols: int
    top: float
    bottom: float
    columns: Columns
    doubts: int


@dataclass(slots=True)
class _Part:
    """A cell before its row is known by number; `word` is None for a blank one and for labels."""

    col: int
    span: int
    text: str
    box: BBox
    confidence: float = CONFIDENCE
    is_value: bool = False


@dataclass(slots=True)
class _Row:
    y: float
    size: float
    parts: list[_Part] = field(default_factory=list)


def build_grid(
    columns: Columns,
    rows: Sequence[WordLine],
    header: Sequence[WordLine],
    labels: Sequence[Label],
    loose: Iterable[Word],
    unsure: Container[int] = (),
) -> LooseTable:
    """Put a table on a grid.

    A row of values without a label, in a table with labels, is no row but what a cell above or below it goes on with:
    these are doubted, as are all cells next to words of which nothing is known.

    Args:
        columns: Its columns.
        rows: Its rows of values.
        header: Lines of its header.
        labels: Labels with the rows they stand at.
        loose: Words among the values that are in no row.
        unsure: Rows whose label may be another's.
    """
    at: dict[int, list[Label]] = {}
    for label in labels:
        if label.row is not None:
            at.setdefault(label.row, []).append(label)
    depth = max(map(len, at.values()), default=1 if labels else 0)
    most = max(len(values_of(row)) for row in rows)
    found = _header_rows(columns, header, depth)
    stray = list(loose)
    for index, row in enumerate(rows):
        here = sorted(at.get(index, ()), key=lambda label: label.box[0])
        if not here and (at or 2 * len(values_of(row)) < most):
            stray += values_of(row)
            continue
        made = _Row(row.y, row.size)
        made.parts += [_Part(depth - len(here) + i, 1, one.text, one.box) for i, one in enumerate(here)]
        made.parts += _value_parts(columns, row, depth, unsure=index in unsure)
        found.append(made)
    for label in labels:
        if label.row is None:
            top, bottom = label.box[1], label.box[3]
            made = _Row((top + bottom) / 2, label.words[0].size, [_Part(0, 1, label.text, label.box)])
            if label.is_blank:
                # At a page break it may be the half of a label whose values stand on the other page.
                inside = rows[0].y < made.y < rows[-1].y
                blank = WordLine(made.y, made.size, [])
                made.parts[0].col = max(depth - 1, 0)
                made.parts += _value_parts(columns, blank, depth, unsure=label.is_doubtful or not inside)
            found.append(made)
    _doubt(found, stray, columns, depth)
    found.sort(key=lambda row: row.y)
    cells = [
        GridCell(number, part.col, 1, part.span, part.text, bbox=_rounded(part.box), confidence=part.confidence)
        for number, row in enumerate(found)
        for part in sorted(row.parts, key=lambda part: part.col)
    ]
    boxes = [part.box for row in found for part in row.parts]
    return LooseTable(
        cells,
        len(found),
        depth + len(columns.items),
        min(box[1] for box in boxes),
        max(box[3] for box in boxes),
        columns.carried(),
        sum(cell.confidence < CONFIDENCE for cell in cells),
    )


def _rounded(box: BBox) -> BBox:
    return (round(box[0], 2), round(box[1], 2), round(box[2], 2), round(box[3], 2))


def _header_rows(columns: Columns, header: Sequence[WordLine], depth: int) -> list[_Row]:
    """Rows of header cells: words under each other over one column are one cell."""
    rows: list[_Row] = []

    def add(words: Sequence[Word], col: int, span: int) -> None:
        box = (min(w.x0 for w in words), words[0].top, max(w.x1 for w in words), words[-1].bottom)
        y, size = (box[1] + box[3]) / 2, words[0].size
        row = next((one for one in rows if abs(one.y - y) <= _SAME_ROW * size and _is_free(one, col, span)), None)
        if row is None:
            rows.append(row := _Row(y, size))
        row.parts.append(_Part(col, span, "\n".join(word.text for word in words), box))

    heads = {id(word) for column in columns.items for word in column.heads}
    heads |= {id(word) for word, _, _ in columns.spanning}
    for index, column in enumerate(columns.items):
        for block in _blocks(column.heads):
            add(block, depth + index, 1)
    for word, first, last in columns.spanning:
        add([word], depth + first, last - first + 1)
    beside = [word for line in header for word in line.words if id(word) not in heads]
    for label in find_labels(beside, (), _never)[0]:
        add(label.words, 0, max(depth, 1))
    return rows


def _never(upper: Word, lower: Word) -> bool:
    return upper is lower


def _is_free(row: _Row, col: int, span: int) -> bool:
    return all(part.col + part.span <= col or col + span <= part.col for part in row.parts)


def _blocks(words: Iterable[Word]) -> list[list[Word]]:
    blocks: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.y):
        if blocks and word.y - blocks[-1][-1].y <= _HEAD_LEADING * word.size:
            blocks[-1].append(word)
        else:
            blocks.append([word])
    return blocks


def _value_parts(columns: Columns, row: WordLine, depth: int, *, unsure: bool) -> list[_Part]:
    """One cell a column; where a word stands in none or in several, nothing in the row is sure."""
    words: list[list[Word]] = [[] for _ in columns.items]
    for word in values_of(row):
        met = columns.of(word)
        unsure = unsure or len(met) != 1
        if met:
            words[met[0]].append(word)
    borders = columns.borders()
    top, bottom = row.y - row.size / 2, row.y + row.size / 2
    parts = []
    for index, inside in enumerate(words):
        doubted = unsure or len(inside) > 1 or any(word.doubtful for word in inside)
        text = " ".join(word.text for word in inside)
        box = (borders[index], top, borders[index + 1], bottom)
        parts.append(_Part(depth + index, 1, text, box, DOUBTFUL if doubted else CONFIDENCE, True))
    return parts


def _doubt(rows: Sequence[_Row], stray: Iterable[Word], columns: Columns, depth: int) -> None:
    """Doubt the values that a stray word may be a piece of."""
    for word in stray:
        met = columns.of(word) or range(len(columns.items))
        cols = {depth + index for index in met}
        for row in rows:
            if abs(row.y - word.y) <= _REACH * max(row.size, word.size):
                for part in row.parts:
                    if part.is_value and part.col in cols:
                        part.confidence = DOUBTFUL
