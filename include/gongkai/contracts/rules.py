"""The cross-sum rules (勾稽关系) of a template: families as the contract writes them, expanded to single rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Severity = Literal["error", "warning"]
CellKey = tuple[str, str, str]
"""(row code, column code, kind of the column)."""


class Explanation(BaseModel):
    """What a rule says, for readers of findings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str
    en: str


class Sum(BaseModel):
    """One identity: target = sum of terms (this report) + sum of previous (the agency's report of the year before).

    Keys are column codes where the family goes over rows, and row codes where it goes over columns; a key may be
    a pattern such as "refused.*"; values are coefficients.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    target: str
    terms: dict[str, int] = Field(default_factory=dict)
    previous: dict[str, int] = Field(default_factory=dict)


class Tolerance(BaseModel):
    """Two numbers are taken as equal unless they differ by `at_least` and the greater is `factor` times the other.

    Numbers below 1 count as 1, so that growth from nothing is judged by its size alone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    factor: int = Field(ge=2)
    at_least: int = Field(ge=1)

    def covers(self, one: Decimal, other: Decimal) -> bool:
        """Tell whether two numbers are taken as equal."""
        low, high = sorted((one, other))
        return high - low < self.at_least or high < self.factor * max(low, Decimal(1))


class RuleFamily(BaseModel):
    """A family of rules as the contract writes it.

    Attributes:
        family: row_sum, column_balance, ... the first part of the rule id.
        table: Table the rules speak of.
        each: What the family goes over: a rule for each row, each column, or each cell.
        over: Codes it goes over; empty for all that have the target.
        kinds: With each=cell: only cells of columns of these kinds; empty for all.
        sums: With each=row or column: the identities.
        check: With each=cell: what every number must be.
        tolerance: With each=row or column: how far the two sides may differ; none for not at all.
        severity: error or warning.
        clause: The notice or regulation that the rule comes from.
        explain: The rule in words.
        floor: Reports of the template from which on each rule must have met one.
        floor_of_variants: The same for rules over rows that only a variant of the form prints.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    family: str
    table: str
    each: Literal["row", "column", "cell"]
    over: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    sums: tuple[Sum, ...] = ()
    check: Literal["", "non_negative", "integer"] = ""
    tolerance: Tolerance | None = None
    severity: Severity = "error"
    clause: str
    explain: Explanation
    floor: int = Field(1, ge=1)
    floor_of_variants: int = Field(1000, ge=1)


@dataclass(frozen=True, slots=True)
class Term:
    """coefficient x cell(row, column), of this report or of the year before."""

    row: str
    column: str
    coefficient: int
    previous: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule with its id "family:table/row/column".

    A linear rule has terms and demands cell(row, column) = sum of terms, within its tolerance where it has one. A cell
    rule has no terms and a `check`. A rule over the text has neither; its `formula` says what it demands.
    """

    id: str
    family: str
    table: str
    row: str
    column: str
    severity: Severity
    clause: str
    explain: Explanation
    terms: tuple[Term, ...] = ()
    check: str = ""
    tolerance: Tolerance | None = None
    formula: str = ""
    floor: int = 1

    def holds(self, printed: Decimal, expected: Decimal) -> bool:
        """Tell whether the two sides of a linear rule are equal, within its tolerance where it has one."""
        return printed == expected or (self.tolerance is not None and self.tolerance.covers(printed, expected))

    @property
    def crosses_years(self) -> bool:
        """True where the rule needs the report of the year before."""
        return any(term.previous for term in self.terms)


def expand(family: RuleFamily, cells: Iterable[CellKey], variants: Collection[str] = ()) -> list[Rule]:
    """Turn a family into its rules.

    Args:
        family: As written in the contract.
        cells: The cells of the family's table, in contract order.
        variants: Codes of rows that some reports print instead of others.

    Raises:
        ValueError: A code or pattern of the family names no cell of the table.
    """
    keys = list(cells)
    if family.each == "cell":
        return [
            _rule(family, row, column, variants, check=family.check)
            for row, column, kind in keys
            if not family.kinds or kind in family.kinds
        ]
    by_row = family.each == "row"
    lines: dict[str, list[str]] = {}
    for row, column, _ in keys:
        line, place = (row, column) if by_row else (column, row)
        lines.setdefault(line, []).append(place)
    rules: list[Rule] = []
    for line in family.over or lines:
        if line not in lines:
            raise ValueError(f"rule family {family.family}: table {family.table} has no {family.each} {line}")
        for one in family.sums:
            if one.target not in lines[line]:
                if family.over:
                    raise ValueError(f"rule family {family.family}: {line} has no cell {one.target}")
                continue
            terms = [
                *_terms(family, one.terms, line, lines[line], by_row, previous=False),
                *_terms(family, one.previous, line, lines[line], by_row, previous=True),
            ]
            row, column = (line, one.target) if by_row else (one.target, line)
            rules.append(_rule(family, row, column, variants, terms=tuple(terms)))
    return rules


def _terms(
    family: RuleFamily, wanted: Mapping[str, int], line: str, places: list[str], by_row: bool, *, previous: bool
) -> list[Term]:
    terms = []
    for pattern, coefficient in wanted.items():
        found = [place for place in places if fnmatchcase(place, pattern)]
        if not found:
            raise ValueError(f"rule family {family.family}: {pattern!r} names no cell of {family.table}/{line}")
        terms += [Term(line if by_row else place, place if by_row else line, coefficient, previous) for place in found]
    return terms


def _rule(
    family: RuleFamily,
    row: str,
    column: str,
    variants: Collection[str],
    *,
    terms: tuple[Term, ...] = (),
    check: str = "",
) -> Rule:
    return Rule(
        id=f"{family.family}:{family.table}/{row}/{column}",
        family=family.family,
        table=family.table,
        row=row,
        column=column,
        severity=family.severity,
        clause=family.clause,
        explain=family.explain,
        terms=terms,
        check=check,
        tolerance=family.tolerance,
        floor=family.floor_of_variants if row in variants else family.floor,
    )
