"""Reports that satisfy every rule, and ways to spoil them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from decimal import Decimal

import pyarrow as pa
import pytest

from gongkai.contracts.load import load_templates
from gongkai.quality.tables import cells_schema, previous_schema
from gongkai.reports.model import Cell, State

Place = tuple[str, str, str]
Form = dict[Place, Cell]


def number(place: Place, value: int | str | Decimal) -> Cell:
    return Cell(*place, State.NUMBER, Decimal(value))


def nothing(place: Place, state: State = State.BLANK) -> Cell:
    return Cell(*place, state)


def balanced_form(template: str, seed: int = 0, *, single_other: bool = False, after: Form | None = None) -> Form:
    """A form in which every rule holds, the rules over two years too where the year before is given."""
    rng = random.Random(seed)
    contract = load_templates()[template]
    printed = frozenset({"other"}) if single_other else frozenset()
    values = {
        (table.code, row.code, column.code): rng.randint(10, 40)
        for table in contract.tables
        for row in contract.form(printed, table.code)
        for column in table.columns_of(row)
    }
    rules = sorted(contract.expanded_rules, key=lambda rule: -len(rule.row))  # parts before their wholes
    for family in ("carry_over", "stock", "resolved_sum", "review_sum", "legacy_sum", "column_balance", "row_sum"):
        for rule in rules:
            judged = (rule.table, rule.row, rule.column)
            before = [(rule.table, term.row, term.column) for term in rule.terms if term.previous]
            if rule.family != family or judged not in values or not set(before) <= set(after or {}):
                continue
            total = 0
            for term in rule.terms:
                place = (rule.table, term.row, term.column)
                if term.previous:
                    total += term.coefficient * int(after[place].value)
                else:
                    total += term.coefficient * values.get(place, 0)
            if family == "column_balance":
                received = (rule.table, "received", rule.column)
                values[received] += values[judged] - total
            else:
                values[judged] = total
    return {place: number(place, value) for place, value in values.items()}


def cells_table(forms: Mapping[str, tuple[str, Form]]) -> pa.Table:
    """Cells of several reports as the engines take them: report key -> (template, form)."""
    rows = [
        (key, template, *place, cell.state.value, cell.value)
        for key, (template, form) in forms.items()
        for place, cell in form.items()
    ]
    schema = cells_schema()
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
    return pa.table([pa.array(list(c), f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)


def links_table(links: Mapping[str, str]) -> pa.Table:
    """Report key -> key of the year before."""
    return pa.table([list(links), list(links.values())], schema=previous_schema())


@pytest.fixture(scope="session")
def balanced() -> Callable[..., Form]:
    return balanced_form


@pytest.fixture(scope="session")
def as_cells() -> Callable[[Mapping[str, tuple[str, Form]]], pa.Table]:
    return cells_table


@pytest.fixture(scope="session")
def as_links() -> Callable[[Mapping[str, str]], pa.Table]:
    return links_table


@pytest.fixture(scope="session")
def judge_one(as_cells, as_links):
    """Check one 2021 report by SQL alone: (form, form of the year before or None) -> {rule id: finding}."""
    from gongkai.quality.check import check

    def judge(form: Form, before: Form | None = None, template: str = "2021", **options):
        forms = {"now": (template, form)} | ({"before": (template, before)} if before is not None else {})
        links = as_links({"now": "before"} if before is not None else {})
        result = check(as_cells(forms), links, subjects=["now"], engines="sql", **options)
        # changes between years have tests of their own: numbers that break a sum on purpose are often implausible too
        return {finding.rule_id: finding for finding in result.findings if finding.family != "year_change"}

    return judge
