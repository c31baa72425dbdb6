"""Cells as wide tables, one row a report and one column a cell, which is what the SQL engine reads.

A wide table has the columns of FIXED and a column "table/row/column" for each cell of its template, NULL where the cell
holds no number. `states` says for each cell, in contract order, what it holds: one character a cell (SIGNS).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from gongkai.errors import RunError
from gongkai.quality.rulebook import RuleBook
from gongkai.reports.model import State

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    Numbers = np.ndarray[Any, np.dtype[Any]]

SIGNS = {State.NUMBER: "n", State.BLANK: "b", State.NOT_APPLICABLE: "a", State.TEXT: "t", State.NOT_EXTRACTED: "x"}
ABSENT = "-"
"""The sign of a cell that the report's form does not have."""
FIXED = ("report_key", "previous_key", "is_subject", "states")
LARGE = 10**15
"""From here on numbers are held as decimals: sums of 62 terms could leave 64 bits."""


def layout(book: RuleBook, template: str) -> tuple[str, ...]:
    """Names of the value columns of a template's wide table, in contract order."""
    return tuple(f"{p.table}/{p.row}/{p.column}" for p in book.places if p.template == template)


def pivot(
    book: RuleBook, cells: pa.Table, links: Mapping[str, str], subjects: Collection[str] | None = None
) -> dict[str, pa.Table]:
    """Turn cells, one a row, into a wide table for each template that has reports.

    Args:
        book: The templates.
        cells: As sql.judge takes them; each report of one known template.
        links: Report key -> key of the report of the year before.
        subjects: Reports to judge; None for all.

    Raises:
        RunError: A report has a cell twice, or one that its template does not have.
    """
    import numpy as np
    import pyarrow as pa

    report, reports = encode(cells["report_key"])
    template, templates = encode(cells["template"])
    names = [encode(cells[name]) for name in ("table", "row", "column")]
    state, states = encode(cells["state"])
    sign = np.array([ord(SIGNS[State(name)]) for name in states], dtype=np.uint8)
    values, wide = cells["value"].combine_chunks(), {}
    for code in book.templates:
        if code not in templates:
            continue
        rows = np.flatnonzero(template == templates.index(code))
        columns = layout(book, code)
        place = _places(columns, names)[tuple(part[rows] for part, _ in names)]
        of_report, local = np.unique(report[rows], return_inverse=True)
        keys = [reports[number] for number in of_report.tolist()]
        _refuse(cells, rows, place < 0, "a cell is in no contract of its template", "give only cells that it has")
        flat = local * len(columns) + place
        source = np.full(len(keys) * len(columns), -1, dtype=np.int64)
        source[flat] = rows
        _refuse(cells, rows, source[flat] != rows, "a report has a cell twice", "give each cell of a report once")
        signs = np.full(len(source), ord(ABSENT), dtype=np.uint8)
        signs[flat] = sign[state[rows]]
        grid = source.reshape(len(keys), len(columns))
        fixed = {
            "report_key": pa.array(keys, pa.string()),
            "previous_key": pa.array([links.get(key) for key in keys], pa.string()),
            "is_subject": pa.array([subjects is None or key in subjects for key in keys], pa.bool_()),
            "states": _strings(signs, len(columns)),
        }
        numbers = {name: _column(values, grid[:, at]) for at, name in enumerate(columns)}
        wide[code] = pa.table(fixed | numbers)
    return wide


def encode(column: pa.ChunkedArray) -> tuple[Numbers, list[str]]:
    """Strings as numbers, and the strings by number."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    encoded = column.unify_dictionaries().combine_chunks()
    return encoded.indices.to_numpy(zero_copy_only=False), encoded.dictionary.to_pylist()


def _places(columns: Collection[str], names: list[tuple[Numbers, list[str]]]) -> Numbers:
    """For each (table, row, column) by their numbers the place in the layout, -1 for none."""
    import numpy as np

    known = [{word: number for number, word in enumerate(words)} for _, words in names]
    lookup = np.full([max(len(words), 1) for _, words in names], -1, dtype=np.int64)
    for at, column in enumerate(columns):
        numbers = [words.get(part, -1) for words, part in zip(known, column.split("/"), strict=True)]
        if min(numbers) >= 0:
            lookup[tuple(numbers)] = at
    return lookup


def _refuse(cells: pa.Table, rows: Numbers, wrong: Numbers, what: str, do: str) -> None:
    import numpy as np

    found = rows[np.flatnonzero(wrong)[:3]].tolist()
    if found:
        told = cells.select(["report_key", "table", "row", "column"]).take(found).to_pylist()
        raise RunError(
            what,
            where=", ".join(dict.fromkeys(one["report_key"] for one in told)),
            found="; ".join(f"{one['table']}/{one['row']}/{one['column']}" for one in told),
            do=do,
        )


def _strings(signs: Numbers, width: int) -> pa.Array:
    """One string of `width` characters after the other, made of bytes without copying."""
    import numpy as np
    import pyarrow as pa

    count = len(signs) // width
    offsets = np.arange(count + 1, dtype=np.int64) * width
    return pa.Array.from_buffers(
        pa.large_string(), count, [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(signs.tobytes())]
    )


def _column(values: pa.Array, source: Numbers) -> pa.Array:
    """The values of one cell; whole numbers of usual size as 64-bit integers, which are summed much faster."""
    import pyarrow as pa
    import pyarrow.compute as pc

    column = values.take(pa.array(source, mask=source < 0))
    try:
        whole = pc.cast(column, pa.int64())
    except pa.ArrowInvalid:
        return column
    bounds = pc.min_max(whole)
    low, high = bounds["min"].as_py() or 0, bounds["max"].as_py() or 0
    return whole if low > -LARGE and high < LARGE else column
