"""Cells as matrices of (place, report), from which the second engine computes; apart from the SQL engine's wide tables.

Values are held as whole millionths, so that sums are exact; where a value is too large for that (digits of several
cells run together make such numbers), its column falls back to Python integers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gongkai.quality.rulebook import RuleBook
from gongkai.quality.wide import SIGNS
from gongkai.reports.model import State

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    Place = tuple[str, str, str]
    Flags = np.ndarray[Any, np.dtype[np.bool_]]
    Numbers = np.ndarray[Any, np.dtype[Any]]

SCALE = 10**6
LARGE = 10**17
"""Millionths beyond which sums of 90 terms could leave 64 bits."""
MISSING, NUMBER, NOTHING, TEXT, LOST = range(5)
_CODES = {
    State.NUMBER: NUMBER,
    State.BLANK: NOTHING,
    State.NOT_APPLICABLE: NOTHING,
    State.TEXT: TEXT,
    State.NOT_EXTRACTED: LOST,
}


@dataclass(frozen=True)
class Sheet:
    """Cells as matrices of (place, report)."""

    reports: list[str]
    template_of: list[str | None]
    places: dict[Place, int]
    state: np.ndarray[Any, np.dtype[np.int8]]
    micros: np.ndarray[Any, np.dtype[np.int64]]
    large: dict[int, dict[int, int]]

    def states(self, place: Place, rows: Numbers) -> Numbers:
        """States of a cell in some reports, MISSING where a row is negative."""
        import numpy as np

        return np.where(rows >= 0, self.state[self.places[place]][rows], MISSING)

    def values(self, place: Place, rows: Numbers) -> Numbers:
        """Millionths of a cell in some reports, 0 where it holds no number."""
        import numpy as np

        number = self.places[place]
        column: Numbers = self.micros[number]
        if number in self.large:
            column = column.astype(object)
            for report, value in self.large[number].items():
                column[report] = value
        return np.where(rows >= 0, column[rows], 0)


def sheet_of(book: RuleBook, cells: pa.Table) -> Sheet:
    """Spread cells, one a row, as sql.judge takes them."""
    import numpy as np

    report, reports = _encode(cells["report_key"])
    template, templates = _encode(cells["template"])
    state, states = _encode(cells["state"])
    (table, tables), (row, rows), (column, columns) = (_encode(cells[name]) for name in ("table", "row", "column"))
    places = {key: index for index, key in enumerate(dict.fromkeys((p.table, p.row, p.column) for p in book.places))}
    lookup = np.full((len(tables), len(rows), len(columns)), -1, dtype=np.int32)
    for (of_table, of_row, of_column), index in places.items():
        if of_table in tables and of_row in rows and of_column in columns:
            lookup[tables.index(of_table), rows.index(of_row), columns.index(of_column)] = index
    place = lookup[table, row, column]
    code = np.array([_CODES[State(name)] for name in states], dtype=np.int8)[state]
    code[place < 0] = MISSING
    by_place = np.zeros((len(places), len(reports)), dtype=np.int8)
    by_place[place, report] = code
    micros, large = _micros(cells["value"], code == NUMBER)
    values = np.zeros((len(places), len(reports)), dtype=np.int64)
    values[place, report] = micros
    too_large: dict[int, dict[int, int]] = {}
    for index, value in large.items():
        too_large.setdefault(int(place[index]), {})[int(report[index])] = value
    template_of: list[str | None] = [None] * len(reports)
    of_report = np.full(len(reports), -1)
    of_report[report] = template
    template_of = [templates[index] for index in of_report.tolist()]
    return Sheet(reports, template_of, places, by_place, values, too_large)


def _encode(column: pa.ChunkedArray) -> tuple[Numbers, list[str]]:
    """Strings as numbers, and the strings by number."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    encoded = column.unify_dictionaries().combine_chunks()
    return encoded.indices.to_numpy(zero_copy_only=False), encoded.dictionary.to_pylist()


def _micros(column: pa.ChunkedArray, is_number: Flags) -> tuple[Numbers, dict[int, int]]:
    """Millionths of decimals of scale 6, 0 for what is no number; those too large for 64 bits apart, by index."""
    import numpy as np

    array = column.combine_chunks()
    if not len(array):
        return np.zeros(0, dtype=np.int64), {}
    # a decimal128 is a 128-bit integer, low word first: two 64-bit words a value
    words = np.frombuffer(array.buffers()[1], dtype="<i8").reshape(-1, 2)[array.offset : array.offset + len(array)]
    low, high = words[:, 0], words[:, 1]
    small = (high == low >> 63) & (low > -LARGE) & (low < LARGE)
    large = np.flatnonzero(is_number & ~small)
    values = array.take(large.tolist()).to_pylist() if len(large) else []
    return np.where(is_number & small, low, 0), {
        index: int(value * SCALE) for index, value in zip(large.tolist(), values, strict=True)
    }


def sheet_of_wide(book: RuleBook, tables: Sequence[tuple[str, pa.Table]]) -> Sheet:
    """Spread wide tables (gongkai.quality.wide), each with its template."""
    import numpy as np
    import pyarrow as pa

    places = {key: at for at, key in enumerate(dict.fromkeys((p.table, p.row, p.column) for p in book.places))}
    count = sum(table.num_rows for _, table in tables)
    state, micros = np.zeros((len(places), count), dtype=np.int8), np.zeros((len(places), count), dtype=np.int64)
    reports: list[str] = []
    template_of: list[str | None] = []
    large: dict[int, dict[int, int]] = {}
    code_of = np.zeros(128, dtype=np.int8)
    for one, sign in SIGNS.items():
        code_of[ord(sign)] = _CODES[one]
    for template, table in tables:
        start, end = len(reports), len(reports) + table.num_rows
        own = [(p.table, p.row, p.column) for p in book.places if p.template == template]
        signs = "".join(table["states"].to_pylist()).encode()
        grid = code_of[np.frombuffer(signs, dtype=np.uint8).reshape(-1, len(own))]
        for at, place in enumerate(own):
            number = places[place]
            state[number, start:end] = grid[:, at]
            column = table["/".join(place)]
            read = _whole_micros if pa.types.is_integer(column.type) else _micros
            micros[number, start:end], found = read(column, grid[:, at] == NUMBER)
            if found:
                large.setdefault(number, {}).update({start + index: value for index, value in found.items()})
        reports += table["report_key"].to_pylist()
        template_of += [template] * table.num_rows
    return Sheet(reports, template_of, places, state, micros, large)


def _whole_micros(column: pa.ChunkedArray, is_number: Flags) -> tuple[Numbers, dict[int, int]]:
    """The same of whole numbers."""
    import numpy as np

    whole = column.fill_null(0).to_numpy()
    large = np.flatnonzero(is_number & (np.abs(whole) >= LARGE // SCALE))
    found = {index: int(whole[index]) * SCALE for index in large.tolist()}
    small = is_number.copy()
    small[large] = False
    return np.where(small, whole * SCALE, 0), found
