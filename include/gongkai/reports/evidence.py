"""What the identities of the form say of a placement: they confirm it, they would hold for another, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import Enum

from gongkai.contracts.rules import Rule
from gongkai.documents.model import GridCell
from gongkai.reports.assign import Placed
from gongkai.reports.model import State
from gongkai.reports.numbers import parse_value
from gongkai.reports.targets import Target

Numbers = Mapping[tuple[str, str], Decimal | None]
"""(row, column) to the number printed; blanks and "not applicable" are 0, None is words in place of a number."""
_ZERO = Decimal(0)
_NOTHING = frozenset(["", "0"])


class Evidence(Enum):
    """What one identity says of the places of its cells."""

    CONFIRMS = "it holds, and the total stands for itself: it equals none of its parts"
    MISFITS = "it fails, and would hold if another of its cells were the total"
    FAILS = "it fails, whichever of its cells is the total"
    SILENT = "it says nothing of places: zeros, or a single part"


def numbers_of(target: Target, cells: Iterable[GridCell | None]) -> dict[tuple[str, str], Decimal | None]:
    """Return the numbers of a target's cells; those not extracted are left out."""
    found: dict[tuple[str, str], Decimal | None] = {}
    for (row, column), cell in zip(target.cells, cells, strict=True):
        if cell is None:
            continue
        value = parse_value(cell.text, column.unit or row.unit)
        found[row.code, column.code] = None if value.state is State.TEXT else value.number or _ZERO
    return found


def weigh_rule(rule: Rule, numbers: Numbers) -> Evidence:
    """Say what an identity tells of the placement of the numbers it looks at.

    A wrong sum alone tells nothing: publishers print wrong sums. But where parts and total only fail because the total
    stands in the place of a part, the columns were taken in a wrong order.
    """
    total = numbers.get((rule.row, rule.column))
    parts = [numbers.get((term.row, term.column)) for term in rule.terms]
    if total is None or (not any(parts) and not total):
        return Evidence.SILENT
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return Evidence.SILENT
    made = sum(term.coefficient * part for term, part in zip(rule.terms, known, strict=True))
    if made == total:
        return Evidence.SILENT if total in known else Evidence.CONFIRMS
    whole = sum(known, total)
    return Evidence.MISFITS if 2 * max(known, default=_ZERO) == whole else Evidence.FAILS


def weigh_row(rules: Iterable[Rule], target: Target, placed: Placed) -> list[Evidence]:
    """Weigh the identities of one row."""
    if all(cell is None or cell.text in _NOTHING for cell in placed.cells):
        return []
    numbers = numbers_of(target, placed.cells)
    return [weigh_rule(rule, numbers) for rule in rules]
