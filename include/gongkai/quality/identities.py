"""The identities of a template as equations: which cell stands in which, with what coefficient, beside which others.

Written as `printed total - sum of parts = 0`, so that an error in a cell shows as the same residual in every identity
that the cell is in, times its coefficient there. Made once a template.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from gongkai.contracts.load import load_templates
from gongkai.contracts.rules import Rule
from gongkai.contracts.template import Kind, Layout, TemplateContract
from gongkai.reports.model import Cell, State

Key = tuple[str, str, str]
"""Table, row and column code of a cell."""

Form = Mapping[Key, Cell]
"""Cells of a report by their key; a cell that the report's form does not have is no key."""

Number = int | Decimal
"""Whole numbers are int, for speed."""

_MOST = 10**18
"""No cell can hold a number of more digits than this."""

LOST = frozenset({State.NOT_EXTRACTED, State.TEXT})


@dataclass(frozen=True, slots=True)
class Identity:
    """One linear rule: target = sum of terms (this report) + sum of previous (the report of the year before)."""

    number: int
    rule: Rule
    target: Key
    terms: tuple[tuple[Key, int], ...]
    previous: tuple[tuple[Key, int], ...]


class Incidence:
    """Which cells of a template are in which identities.

    Attributes:
        identities: Those that a report must fulfil, and those across years, in contract order.
        coefficients: For each cell the identities that it is in, by number, with its coefficient in the residual.
        masks: For each cell the same identities as bits.
        own: The bits of the identities within one report.
        lines: Cells printed side by side, line by line.
        stacks: Cells printed one under another, column by column.
        kinds: Kind of each cell's values.
    """

    def __init__(self, contract: TemplateContract) -> None:
        rules = [
            rule
            for rule in contract.expanded_rules
            if rule.terms and rule.tolerance is None and (rule.severity == "error" or rule.crosses_years)
        ]
        self.identities = tuple(_identity(number, rule) for number, rule in enumerate(rules))
        self.coefficients: dict[Key, tuple[tuple[int, int], ...]] = {}
        for one in self.identities:
            for key, coefficient in ((one.target, 1), *((key, -factor) for key, factor in one.terms)):
                self.coefficients[key] = (*self.coefficients.get(key, ()), (one.number, coefficient))
        self.masks = {key: sum(1 << number for number, _ in found) for key, found in self.coefficients.items()}
        self.own = sum(1 << one.number for one in self.identities if not one.previous)
        self.lines, self.stacks = _neighbours(contract)
        self.kinds: dict[Key, Kind] = {
            (table.code, row.code, column.code): row.kind or column.kind
            for table in contract.tables
            for row in table.rows
            for column in table.columns_of(row)
        }

    def cells(self, number: int) -> tuple[Key, ...]:
        """Return the cells of this report that an identity speaks of, its total first."""
        one = self.identities[number]
        return (one.target, *(key for key, _ in one.terms))

    def admits(self, key: Key, value: Number) -> bool:
        """Tell whether a cell may hold a number at all: counts are whole, and only changes may be negative."""
        kind = self.kinds[key]
        if not -_MOST < value < _MOST or (value < 0 and kind != "change"):
            return False
        return kind == "amount" or value == int(value)


@cache
def incidence(template: str) -> Incidence:
    """Return the incidence of a template of data_contracts/templates, made once a process."""
    return Incidence(load_templates()[template])


def _identity(number: int, rule: Rule) -> Identity:
    keyed = [((rule.table, term.row, term.column), term) for term in rule.terms]
    return Identity(
        number,
        rule,
        (rule.table, rule.row, rule.column),
        tuple((key, term.coefficient) for key, term in keyed if not term.previous),
        tuple((key, term.coefficient) for key, term in keyed if term.previous),
    )


def _neighbours(contract: TemplateContract) -> tuple[tuple[tuple[Key, ...], ...], tuple[tuple[Key, ...], ...]]:
    lines: list[tuple[Key, ...]] = []
    stacks: list[tuple[Key, ...]] = []
    for table in contract.tables:
        rows = [
            [(table.code, row.code, column.code) for column in table.columns_of(row)]
            for row in table.rows
            if not row.heading
        ]
        if table.layout is Layout.SINGLE_ROW:
            lines.append(tuple(key for row in rows for key in row))
            continue
        lines += [tuple(row) for row in rows]
        stacks += [tuple(key for row in rows for key in row if key[2] == one.code) for one in table.columns]
    return tuple(lines), tuple(stacks)


class Residuals:
    """What the identities say of one report: by how much each total differs from its parts, blanks counted as 0.

    Attributes:
        values: Number of each cell that states one or is blank.
        lost: Cells that were not extracted or hold words.
        known: Residual by identity, of those whose cells all state something.
        one_lost: The same for identities within the report of which exactly one cell is lost, with that cell.
    """

    def __init__(self, matrix: Incidence, form: Form, previous: Form | None) -> None:
        self.matrix, self.form = matrix, form
        self.values = {key: _number(cell.value) for key, cell in form.items() if cell.state not in LOST}
        self.lost = {key for key, cell in form.items() if cell.state in LOST}
        self.known: dict[int, Number] = {}
        self.one_lost: dict[int, tuple[Key, Number]] = {}
        for one in matrix.identities:
            self._judge(one, previous or {})

    def _judge(self, one: Identity, previous: Form) -> None:
        values, form = self.values, self.form
        if one.target not in form or any(key not in previous or previous[key].state in LOST for key, _ in one.previous):
            return
        total = values.get(one.target, 0)
        residual, lost, parts, numbers = total, [], 0, 0
        if one.target in self.lost:
            lost.append(one.target)
        for key, factor in one.terms:
            if key in values:
                residual -= factor * values[key]
                parts += 1
                numbers += form[key].state is State.NUMBER
            elif key in self.lost:
                lost.append(key)
        for key, factor in one.previous:
            residual -= factor * _number(previous[key].value)
        if not (parts or lost or one.previous):
            return
        if lost:
            if len(lost) == 1 and not one.previous:
                self.one_lost[one.number] = (lost[0], residual)
        elif numbers or one.previous or not total:
            # a total over parts that are all blank says nothing: many reports print totals alone
            self.known[one.number] = residual


def _number(value: Decimal | None) -> Number:
    if value is None:
        return 0
    whole = int(value)
    return whole if whole == value else value
