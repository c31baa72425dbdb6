"""Columns of a table without rules, by what all its rows agree on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gongkai.documents.pdf_words import Word, WordLine

_FIRM = 3
"""So many headed columns make a header: a value under none of them is in doubt."""
_FITTING = 0.8
_FLUSH = 1.5
_LOWER = 0.8
_OVER = 2.0


@dataclass(slots=True, eq=False)
class Column:
    """A column of values: what its words cover, and the words that head it."""

    x0: float
    x1: float
    heads: list[Word] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)

    def meets(self, word: Word) -> bool:
        """Tell whether a word overlaps it."""
        return word.meets(self.x0, self.x1)

    def take(self, word: Word) -> None:
        """Widen it by a value."""
        self.words.append(word)
        self.x0, self.x1 = min(self.x0, word.x0), max(self.x1, word.x1)


@dataclass(slots=True)
class Columns:
    """The columns of a table.

    Attributes:
        items: Ordered from left to right.
        spanning: Header words with the columns from which to which they stand, first and last.
        edge: Where labels end.
    """

    items: list[Column]
    spanning: list[tuple[Word, int, int]]
    edge: float

    def borders(self) -> list[float]:
        """Left and right ends of all columns, one more than there are columns: between two words, their middle."""
        between = [(left.x1 + right.x0) / 2 for left, right in zip(self.items, self.items[1:], strict=False)]
        first = max(self.edge, self.items[0].x0 - 4.0) if self.edge < self.items[0].x0 else self.items[0].x0
        return [first, *between, self.items[-1].x1]

    def of(self, word: Word) -> list[int]:
        """Return which columns a word overlaps."""
        return [index for index, column in enumerate(self.items) if column.meets(word)]

    def beside(self, word: Word) -> list[int]:
        """Return the columns to the left and to the right of a word that stands between two."""
        after = sum(column.x1 <= word.x0 for column in self.items)
        return [after - 1, after] if 0 < after < len(self.items) else []

    def carried(self) -> Columns:
        """The same places without the header, for what follows on the next page."""
        return Columns([Column(column.x0, column.x1) for column in self.items], [], self.edge)

    def fit(self, lines: Iterable[WordLine]) -> bool:
        """Tell whether the values of some rows stand in these columns, all but a few."""
        found = [len(self.of(word)) == 1 for line in lines for word in values_of(line)]
        return sum(found) >= _FITTING * len(found)


def values_of(line: WordLine) -> list[Word]:
    """The words of a row behind its last label: those that end it and are values."""
    found: list[Word] = []
    for word in reversed(line.words):
        if not word.is_value:
            break
        found.append(word)
    return found[::-1]


def find_columns(rows: Sequence[WordLine], header: Sequence[WordLine]) -> Columns | None:
    """Find the columns of a table.

    The narrowest words come first, so that a number that reaches into its neighbour joins no two columns. Header words
    are taken from the bottom up: the lowest ones head single columns, higher ones may span several.

    Args:
        rows: Its rows of values.
        header: The lines over them.

    Returns:
        None where there are none.
    """
    columns: list[Column] = []
    values = sorted((word for line in rows for word in values_of(line)), key=lambda word: word.x1 - word.x0)
    for word in values:
        met = [column for column in columns if column.meets(word)]
        if not met:
            columns.append(Column(word.x0, word.x1, words=[word]))
        elif len(met) == 1:
            met[0].take(word)
    if not columns:
        return None
    labels = [word for line in rows for word in line.words[: len(line.words) - len(values_of(line))]]
    start = min(column.x0 for column in columns)
    edge = max((word.x1 for word in labels if word.x0 < start), default=float("-inf"))
    valued = list(columns)
    spanning: list[Word] = []
    for word in sorted((word for line in header for word in line.words), key=lambda word: (-word.y, word.x0)):
        if word.x0 < edge - _OVER and word.x1 <= start:
            continue
        met = [column for column in columns if column.meets(word)]
        if len(met) > 1:
            spanning.append(word)
        elif met:
            met[0].heads.append(word)
            if met[0] not in valued:
                met[0].take(word)
        else:
            columns.append(Column(word.x0, word.x1, [word]))
    columns.sort(key=lambda column: column.x0)
    for column in [one for one in columns if one not in valued]:
        if _is_over_neighbours(columns, columns.index(column)):
            columns.remove(column)
            spanning += column.heads
    columns = _paired(columns, valued)
    if sum(bool(column.heads) for column in columns) >= _FIRM:
        columns = [column for column in columns if column.heads]
    found = Columns(columns, [], edge)
    for word in spanning:
        met_at = found.of(word) or found.beside(word)
        if met_at:
            found.spanning.append((word, met_at[0], met_at[-1]))
    return found


def _is_flush(column: Column, step: int) -> bool:
    """Tell whether the values of a column end (-1) or begin (1) at one place."""
    sides = [word.x1 if step < 0 else word.x0 for word in column.words]
    return not sides or max(sides) - min(sides) <= _FLUSH


def _is_over_neighbours(columns: Sequence[Column], place: int) -> bool:
    """Tell whether a column of header words alone is none: headers on both sides reach lower, so these span them."""
    if not 0 < place < len(columns) - 1:
        return False
    lowest = [max((word.y for word in column.heads), default=0.0) for column in columns[place - 1 : place + 2]]
    return min(lowest[0], lowest[2]) > lowest[1] + _LOWER * columns[place].heads[0].size


def _paired(columns: list[Column], valued: Sequence[Column]) -> list[Column]:
    """Bring values under headers that they do not overlap: figures set to the right, headers to the middle.

    Only where all such values stand on the same side of a header that has none, and on that side alone.
    """
    bare = [column for column in columns if not column.heads]
    empty = {id(column) for column in columns if column.heads and not any(column is one for one in valued)}
    if not bare or not empty:
        return columns
    sides: list[list[tuple[Column, Column]]] = []
    for step in (-1, 1):
        if 2 * len(bare) < len(valued) and not all(_is_flush(column, step) for column in valued):
            continue  # a few values between columns are no manner of setting all of them
        pairs = []
        for column in bare:
            place = columns.index(column) + step
            if 0 <= place < len(columns) and id(columns[place]) in empty:
                pairs.append((columns[place], column))
        if len(pairs) == len(bare):
            sides.append(pairs)
    if len(sides) != 1:
        return columns
    for head, column in sides[0]:
        head.x0, head.x1 = min(head.x0, column.x0), max(head.x1, column.x1)
    return [column for column in columns if column.heads]
