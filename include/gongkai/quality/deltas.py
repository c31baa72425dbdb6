"""Differences between printed and expected numbers as pandas frames: a second computation, apart from the SQL.

What the reports print is spread by gongkai.quality.sheets.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gongkai.contracts.rules import Rule, Tolerance
from gongkai.quality.rulebook import RuleBook
from gongkai.quality.sheets import MISSING, NOTHING, NUMBER, SCALE, TEXT, Sheet, sheet_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    Flags = np.ndarray[Any, np.dtype[np.bool_]]
    Numbers = np.ndarray[Any, np.dtype[Any]]


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


def delta_frames(
    book: RuleBook, cells: pa.Table, previous: pa.Table, *, subjects: Collection[str] | None = None
) -> Iterator[DeltaFrame]:
    """Compute the differences, a template at a time; templates without reports are left out.

    Arguments are those of sql.judge, and are taken to have passed its checks.
    """
    sheet = sheet_of(book, cells)
    before = dict(zip(previous["report_key"].to_pylist(), previous["previous_key"].to_pylist(), strict=True))
    yield from frames_of(book, sheet, before, subjects)


def frames_of(
    book: RuleBook, sheet: Sheet, before: Mapping[str, str], subjects: Collection[str] | None = None
) -> Iterator[DeltaFrame]:
    """Compute the differences over a sheet; `before` leads from a report to that of the year before."""
    import numpy as np

    number = {key: index for index, key in enumerate(sheet.reports)}
    wanted = sorted(sheet.reports if subjects is None else set(subjects))
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
