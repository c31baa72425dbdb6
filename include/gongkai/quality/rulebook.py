"""All rules of all templates, numbered, in the shape that set-based engines want."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gongkai.contracts.load import load_templates
from gongkai.contracts.rules import Rule
from gongkai.contracts.template import TemplateContract
from gongkai.errors import RunError

MAX_TERMS = 62
"""Terms of a rule, judged cell included, fit a signed 64-bit mask of what the report's form has."""

PREVIOUS = "previous:"
"""Begins the name of a cell of the year before."""


@dataclass(frozen=True, slots=True)
class CellPlace:
    """A cell of a template by its codes."""

    template: str
    table: str
    row: str
    column: str


@dataclass(frozen=True, slots=True)
class NumberedRule:
    """A rule of a template and its place in the book.

    `columns` of the rule's mask: bit 0 is the judged cell, bit i the i-th term in contract order.
    """

    number: int
    template: str
    rule: Rule

    @property
    def own_bits(self) -> int:
        """Mask of the terms taken from the report itself, the judged cell left out."""
        return sum(1 << place for place, term in enumerate(self.rule.terms, start=1) if not term.previous)

    @property
    def previous_bits(self) -> int:
        """Mask of the terms taken from the report of the year before."""
        return sum(1 << place for place, term in enumerate(self.rule.terms, start=1) if term.previous)

    def cells(self, seen: int) -> tuple[str, ...]:
        """Names of the cells under a mask, judged cell first."""
        rule = self.rule
        own = [f"{rule.table}/{rule.row}/{rule.column}"] if seen & 1 else []
        return tuple(own) + tuple(
            f"{PREVIOUS if term.previous else ''}{rule.table}/{term.row}/{term.column}"
            for place, term in enumerate(rule.terms, start=1)
            if seen >> place & 1
        )


@dataclass(frozen=True)
class RuleBook:
    """The rules of several templates, numbered from 0 over all of them, and the cells they speak of.

    Attributes:
        templates: Contracts by template code.
        rules: Every rule, templates in the order given, rules in contract order; the number is the index.
        places: Every cell of every template; the index is its number.
    """

    templates: Mapping[str, TemplateContract]
    rules: tuple[NumberedRule, ...] = field(init=False)
    places: tuple[CellPlace, ...] = field(init=False)

    def __post_init__(self) -> None:
        pairs = [(code, rule) for code, contract in self.templates.items() for rule in contract.expanded_rules]
        for code, rule in pairs:
            if len(rule.terms) >= MAX_TERMS:
                raise RunError(
                    "the rule has too many terms", where=f"template {code}, {rule.id}", expected=f"< {MAX_TERMS}"
                )
        numbered = tuple(NumberedRule(number, code, rule) for number, (code, rule) in enumerate(pairs))
        places = tuple(
            CellPlace(code, table.code, row.code, column.code)
            for code, contract in self.templates.items()
            for table in contract.tables
            for row in table.rows
            for column in table.columns_of(row)
        )
        object.__setattr__(self, "rules", numbered)
        object.__setattr__(self, "places", places)


def rule_book(templates: Mapping[str, TemplateContract] | None = None) -> RuleBook:
    """Number the rules of some templates (default: all of data_contracts/templates).

    Raises:
        ContractError: A template is broken.
        RunError: A rule has more terms than the engines can hold.
    """
    return RuleBook(templates if templates is not None else load_templates())
