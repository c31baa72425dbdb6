"""The identities of the form (勾稽关系) as balances of total and parts, judged for any reading of a document's rows."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from gongkai.contracts.rules import Rule
from gongkai.contracts.template import TemplateContract
from gongkai.reports.targets import Target

Key = tuple[str, str, str]
"""(table, row, column)."""


@dataclass(frozen=True, slots=True)
class Balance:
    """total = sum of the parts that the document's form has; `is_across` where they stand in different rows."""

    total: Key
    parts: tuple[tuple[Key, int], ...]
    is_across: bool

    @property
    def keys(self) -> set[Key]:
        """The keys of its total and its parts."""
        return {self.total, *(key for key, _ in self.parts)}

    def holds(self, numbers: Mapping[Key, Decimal | None]) -> bool | None:
        """Tell whether it holds for some numbers, None where one that it looks at is not known."""
        whole = numbers.get(self.total)
        made = Decimal(0)
        for key, factor in self.parts:
            part = numbers.get(key)
            if part is None:
                return None
            made += factor * part
        return None if whole is None else whole == made


def keys_of(target: Target) -> list[Key]:
    """Return the key of each of a target's cells."""
    return [(target.table.code, row.code, column.code) for row, column in target.cells]


def keyed(target: Target, numbers: Mapping[tuple[str, str], Decimal | None]) -> dict[Key, Decimal | None]:
    """Return a target's numbers by key."""
    return {(target.table.code, row, column): number for (row, column), number in numbers.items()}


def cells_of(rule: Rule) -> list[Key]:
    """Return the keys of all cells that a rule looks at."""
    return [(rule.table, rule.row, rule.column), *((rule.table, term.row, term.column) for term in rule.terms)]


def balance_of(rule: Rule, rows: Container[str] | None = None) -> Balance:
    """The identity of a rule, on a form that has only some rows."""
    parts = tuple(
        ((rule.table, term.row, term.column), term.coefficient)
        for term in rule.terms
        if rows is None or term.row in rows
    )
    return Balance((rule.table, rule.row, rule.column), parts, any(key[1] != rule.row for key, _ in parts))


def balances_of(
    contract: TemplateContract, targets: Sequence[Target], known: Mapping[Key, Decimal | None]
) -> list[Balance]:
    """The identities that look at a cell of some rows, on the form that the document prints."""
    own = {key for target in targets for key in keys_of(target)}
    seen = {(table, row) for table, row, _ in (*known, *own)}
    forms = {
        table.code: {row.code for row in contract.form(frozenset(r for t, r in seen if t == table.code), table.code)}
        for table in contract.tables
    }
    return [
        balance_of(rule, forms[rule.table])
        for rule in contract.expanded_rules
        if rule.terms and not rule.crosses_years and not own.isdisjoint(cells_of(rule))
    ]


def holds(identities: Sequence[Balance], numbers: Mapping[Key, Decimal | None], joined: set[Key]) -> bool:
    """Tell whether no identity fails, and whether one across rows proves each joined number.

    An identity that looks at a joined number must be one that can be judged. The sum of a row alone proves nothing:
    1 | 0 at its end may be 10, and may be a 1 and a total that the publisher left at 0 (xiajiang 2022, table four).
    """
    proved: set[Key] = set()
    for one in identities:
        verdict = one.holds(numbers)
        if verdict is False or (verdict is None and not joined.isdisjoint(one.keys)):
            return False
        if verdict and one.is_across:
            proved |= one.keys
    return joined <= proved
