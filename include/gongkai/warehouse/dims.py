"""What a release needs beside the lake: agencies, regions, which reports were expected, and the rules."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date

from gongkai.contracts.rules import Rule, Term
from gongkai.contracts.template import TemplateContract
from gongkai.quality.textbook import text_rules

_CHECKS = {"non_negative": "{cell} >= 0", "integer": "{cell} is a whole number"}


@dataclass(frozen=True, slots=True, order=True)
class Agency:
    """An organ that publishes reports.

    Attributes:
        agency_id: Stable id.
        agency_name: Normalised name.
        aliases: Other names it reported under.
        region_code: Its region, None where unknown.
        level: national, province, city, county, township; None where unknown.
        kind: government (its report covers the whole area), department, office, zone, institution; None where unknown.
    """

    agency_id: str
    agency_name: str
    aliases: tuple[str, ...] = ()
    region_code: str | None = None
    level: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Region:
    """An administrative region (行政区划); `parent` is the code of the one above."""

    region_code: str
    region_name: str
    level: str | None = None
    parent: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class RegionName:
    """A code and name that a region has or had; what each means stands in contracts/region_names.py."""

    region_code: str
    region_name: str
    level: str | None = None
    first_year: int | None = None
    last_year: int | None = None
    successor_code: str | None = None
    successor_basis: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Expected:
    """A report that ought to exist: agency and report year, the source that should list it, and its last day."""

    agency_id: str
    report_year: int
    source: str | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule as the release tells it."""

    rule_id: str
    template: str
    family: str
    table_code: str
    row_code: str
    column_code: str
    severity: str
    clause: str
    explain_zh: str
    explain_en: str
    formula: str
    coverage_floor: int


@dataclass(frozen=True, slots=True)
class Dims:
    """The dimensions of a release.

    An agency that has reports but is not named here appears in the release with its name alone.
    """

    agencies: tuple[Agency, ...]
    regions: tuple[Region, ...]
    expected: tuple[Expected, ...]
    rules: tuple[RuleRow, ...]
    region_names: tuple[RegionName, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Hash of all that is given, in whatever order."""
        digest = hashlib.sha256()
        for rows in (
            sorted(str(astuple(one)) for one in self.agencies),
            sorted(str(astuple(one)) for one in self.regions),
            sorted(f"{one.agency_id} {one.report_year} {one.source} {one.due_on}" for one in self.expected),
            sorted(str(astuple(one)) for one in self.rules),
            sorted(str(astuple(one)) for one in self.region_names),
        ):
            digest.update("\n".join((str(len(rows)), *rows, "")).encode())
        return digest.hexdigest()


def rule_rows(templates: Iterable[TemplateContract]) -> tuple[RuleRow, ...]:
    """List the rules of the template contracts: those over the tables, then those over the text."""
    return tuple(
        _row(contract.template, rule)
        for contract in templates
        for rule in (*contract.expanded_rules, *(one.rule for one in text_rules(contract.template)))
    )


def _row(template: str, rule: Rule) -> RuleRow:
    return RuleRow(
        rule_id=rule.id,
        template=template,
        family=rule.family,
        table_code=rule.table,
        row_code=rule.row,
        column_code=rule.column,
        severity=rule.severity,
        clause=rule.clause,
        explain_zh=rule.explain.zh,
        explain_en=rule.explain.en,
        formula=formula(rule),
        coverage_floor=rule.floor,
    )


def formula(rule: Rule) -> str:
    """Write a rule as a formula over row/column, e.g. "received/total = received/business + ...".

    Raises:
        KeyError: The rule has a check without words.
    """
    if rule.formula:
        return rule.formula
    cell = f"{rule.row}/{rule.column}"
    if rule.check:
        return _CHECKS[rule.check].format(cell=cell)
    if rule.tolerance:
        near = f"{cell} ~ {_sum(rule.terms)}"
        return f"{near} (differ by less than {rule.tolerance.at_least}, or less than {rule.tolerance.factor} times)"
    return f"{cell} = {_sum(rule.terms)}"


def _sum(terms: Iterable[Term]) -> str:
    text = ""
    for term in terms:
        place = f"{term.row}/{term.column}"
        place = f"previous({place})" if term.previous else place
        size = "" if abs(term.coefficient) == 1 else f"{abs(term.coefficient)} * "
        sign = "-" if term.coefficient < 0 else "+"
        text += f" {sign} {size}{place}" if text else f"{'-' if sign == '-' else ''}{size}{place}"
    return text
