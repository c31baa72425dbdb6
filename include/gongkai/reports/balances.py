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
        keys = {one.total, *(key for key, _ in one.parts)}
        values = [numbers.get(key) for key, _ in one.parts]
        whole = numbers.get(one.total)
        if whole is None or None in values:
            if not joined.isdisjoint(keys):
                return False
            continue
        if whole != sum(factor * (value or 0) for (_, factor), value in zip(one.parts, values, strict=True)):
            return False
        if one.is_across:
            proved |= keys
    return joined <= proved
