"""What a reading is worth: exact, flagged, or wrong. A harder document may be flagged; it may never be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gongkai.reports.model import Report
from samples.making.paper import Key, Printed


@dataclass(frozen=True)
class Outcome:
    """How a report compares with what was printed.

    Attributes:
        wrong: Cells that state what the document does not say, with (stated, printed).
        missing: Cells whose printed number was not taken; each of them is flagged by its state.
    """

    wrong: dict[Key, tuple[str, str]]
    missing: frozenset[Key]

    @property
    def is_exact(self) -> bool:
        return not self.wrong and not self.missing


def judge_reading(report: Report, sheet: Mapping[Key, Printed]) -> Outcome:
    """Compare a report with the sheet it was printed from.

    A number that is not the printed one is wrong; so is "blank" or "not applicable" where a number is printed, and any
    statement about a cell that the form does not have. `not_extracted` and `text` are flags: they send the report to
    quarantine.
    """
    wrong: dict[Key, tuple[str, str]] = {}
    stated: set[Key] = set()
    for cell in report.cells:
        key = (cell.table, cell.row, cell.column)
        if cell.state.value in ("not_extracted", "text"):
            continue
        stated.add(key)
        printed = sheet.get(key)
        truth = None if printed is None else (printed.state, printed.value)
        said = (cell.state.value, cell.value)
        blank_for_blank = printed is not None and printed.value is None and cell.value is None
        if truth != said and not blank_for_blank:
            wrong[key] = (str(said), str(truth))
    missing = {key for key, printed in sheet.items() if printed.value is not None and key not in stated}
    return Outcome(wrong, frozenset(missing))
