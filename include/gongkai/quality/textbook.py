"""The rules over the text, by template: families of the contract with the cells that the templates have."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache

from gongkai.contracts.load import load_templates
from gongkai.contracts.rules import Rule
from gongkai.contracts.template import TemplateContract
from gongkai.contracts.text_rules import TextFamily, TextRuleForm, load_text_families
from gongkai.reports.figure_forms import load_forms

Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class TextRule:
    """A rule over the text of reports of one template.

    Attributes:
        rule: Id, severity, clause, formula, explanation; no terms.
        family: The family it is of, with its question and wordings.
        indicators: Stated figures that it compares.
        cells: Cells that it compares them with.
    """

    rule: Rule
    family: TextFamily
    indicators: tuple[str, ...]
    cells: tuple[Place, ...]


@cache
def text_rules(template: str) -> tuple[TextRule, ...]:
    """Every rule over the text of reports of a template, in contract order.

    Raises:
        ContractError: data_contracts/quality/text.yml is broken.
    """
    contract = load_templates()[template]
    found: list[TextRule] = []
    for family in load_text_families():
        if family.asks == "stated_cell":
            found += [_rule(family, TextRuleForm(place=place), (place,)) for place in _stated(template)]
            continue
        for form in family.rules:
            cells = _cells(contract, form.cells.get(template, ()))
            if cells or not form.cells:
                found.append(_rule(family, form, cells))
    return tuple(found)


def _stated(template: str) -> list[Place]:
    """Cells of a template that a text can state."""
    places = [form.cells[template] for form in load_forms().figures if template in form.cells]
    return list(dict.fromkeys(places))


def _cells(contract: TemplateContract, patterns: tuple[str, ...]) -> tuple[Place, ...]:
    places = [
        (table.code, row.code, column.code)
        for table in contract.tables
        for row in table.rows
        for column in table.columns_of(row)
    ]
    return tuple(place for place in places if any(fnmatchcase("/".join(place), one) for one in patterns))


def _rule(family: TextFamily, form: TextRuleForm, cells: tuple[Place, ...]) -> TextRule:
    table, row, column = form.place
    told = [f"{row}/{column}" for _, row, column in cells]
    formula = family.formula.format(
        cell=f"{row}/{column}", cells=" + ".join(told), column=column, indicators=", ".join(form.indicators)
    )
    rule = Rule(
        id=f"{family.family}:{table}/{row}/{column}",
        family=family.family,
        table=table,
        row=row,
        column=column,
        severity=family.severity,
        clause=family.clause,
        explain=family.explain,
        formula=formula,
        floor=family.floor,
    )
    return TextRule(rule, family, form.indicators, cells)
