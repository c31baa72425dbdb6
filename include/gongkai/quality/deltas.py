"""Differences between printed and expected numbers as pandas frames: a second computation, apart from the SQL.

Values are held as whole millionths, so that sums are exact; where a value is too large for that (digits of several
cells run together make such numbers), its column falls back to Python integers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gongkai.contracts.rules import Rule, Tolerance
from gongkai.quality.rulebook import RuleBook
from gongkai.reports.model import State

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
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
class DeltaFrame:
    """The differences of one template's reports.

    Attributes:
        template: Template code.
        frame: A row a report. `report_key`; for each linear rule a column named by its id: printed minus expected,
            NaN where the rule does not apply or cannot be decided; `broken:<family>:<table>`: number of cells that
            break a rule of single cells; `complete:<family>:<table>`: 1, or NaN where a rule of the family applies
            but what is printed leaves it undecided (a year before that is not known is no gap in the report).
        breaks: For each `broken:` column: rule id -> the rows that break it.
    """

    template: str
    frame: pd.DataFrame
    breaks: dict[str, dict[str, Flags]]


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


def delta_frames(
    book: RuleBook, cells: pa.Table, previous: pa.Table, *, subjects: Collection[str] | None = None
) -> Iterator[DeltaFrame]:
    """Compute the differences, a template at a time; templates without reports are left out.

    Arguments are those of sql.judge, and are taken to have passed its checks.
    """
    import numpy as np

    sheet = _sheet(book, cells)
    number = {key: index for index, key in enumerate(sheet.reports)}
    wanted = sorted(sheet.reports if subjects is None else set(subjects))
    before = dict(zip(previous["report_key"].to_pylist(), previous["previous_key"].to_pylist(), strict=True))
    for code in book.templates:
        keys = [key for key in wanted if sheet.template_of[number[key]] == code]
        if keys:
            rows = np.array([number[key] for key in keys])
            rows_before = np.array([number.get(before.get(key, ""), -1) for key in keys])
            yield _frame(book, sheet, code, keys, rows, rows_before)


def _frame(book: RuleBook, sheet: Sheet, code: str, keys: list[str], rows: Numbers, before: Numbers) -> DeltaFrame:
    import numpy as np
    import pandas as pd

    columns: dict[str, Any] = {"report_key": keys}
    breaks: dict[str, dict[str, Flags]] = {}
    open_rules: dict[str, Flags] = {}
    for rule in book.templates[code].expanded_rules:
        family = f"{rule.family}:{rule.table}"
        if rule.terms:
            columns[rule.id], undecided = _difference(sheet, rule, rows, before)
        else:
            broken, undecided = _broken(sheet, rule, rows)
            breaks.setdefault(f"broken:{family}", {})[rule.id] = broken
        name = f"complete:{family}"
        open_rules[name] = open_rules[name] | undecided if name in open_rules else undecided
    columns |= {name: sum(flags.astype(np.int32) for flags in rules.values()) for name, rules in breaks.items()}
    columns |= {name: np.where(flags, np.nan, 1.0) for name, flags in open_rules.items()}
    return DeltaFrame(code, pd.DataFrame(columns), breaks)


def _difference(sheet: Sheet, rule: Rule, rows: Numbers, before: Numbers) -> tuple[Numbers, Flags]:
    """Printed minus expected (NaN where there is no answer), and where what is printed gives no answer."""
    import numpy as np

    judged = (rule.table, rule.row, rule.column)
    target = sheet.states(judged, rows)
    total: Numbers = np.zeros(len(rows), dtype=np.int64)
    if sum(abs(term.coefficient) for term in rule.terms) >= 90 or (rule.tolerance and rule.tolerance.factor >= 90):
        total = total.astype(object)
    has_part, has_number = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
    unreadable, lacks_previous = target >= TEXT, np.zeros(len(rows), dtype=bool)
    for term in rule.terms:
        where = before if term.previous else rows
        state = sheet.states((rule.table, term.row, term.column), where)
        total = total + term.coefficient * sheet.values((rule.table, term.row, term.column), where)
        has_part |= state != MISSING
        has_number |= state == NUMBER
        unreadable |= state >= TEXT
        if term.previous:
            lacks_previous |= state == MISSING
    applies = (target != MISSING) & (has_part | rule.crosses_years)
    printed = sheet.values(judged, rows)
    difference = np.where(target == NUMBER, printed - total, -total)
    if rule.tolerance is not None:
        difference = _beyond(rule.tolerance, np.where(target == NUMBER, printed, 0), total)
    # a sum against a blank, and a number against nothing but blanks, only count where both mean 0
    blank_side = (target == NOTHING) | ~has_number
    decided = applies & ~unreadable & ~lacks_previous & ~(blank_side & (difference != 0))
    return np.where(decided, difference.astype(float) / SCALE, np.nan), applies & ~decided & ~lacks_previous


def _beyond(tolerance: Tolerance, printed: Numbers, expected: Numbers) -> Numbers:
    """Printed minus expected, 0 where the tolerance covers it."""
    import numpy as np

    high, low = np.maximum(printed, expected), np.minimum(printed, expected)
    covered = (high - low < tolerance.at_least * SCALE) | (high < tolerance.factor * np.maximum(low, SCALE))
    return np.where(covered, 0, printed - expected)


def _broken(sheet: Sheet, rule: Rule, rows: Numbers) -> tuple[Flags, Flags]:
    place = (rule.table, rule.row, rule.column)
    state, value = sheet.states(place, rows), sheet.values(place, rows)
    wrong = value < 0 if rule.check == "non_negative" else value % SCALE != 0
    return (state == NUMBER) & wrong.astype(bool), state >= TEXT


def _sheet(book: RuleBook, cells: pa.Table) -> Sheet:
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
