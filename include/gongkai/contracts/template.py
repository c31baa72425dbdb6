"""The contract of one report template: its tables, rows, columns and labels, typed and checked."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gongkai.contracts.rules import Rule, RuleFamily, expand


class Strict(BaseModel):
    """Base of all contract models: immutable, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Bilingual(Strict):
    """A text in Chinese and English."""

    zh: str
    en: str


Kind = Literal["count", "amount", "change"]
"""count: whole and >= 0; amount: money, decimals allowed; change: whole, may be negative."""


class Layout(StrEnum):
    """How a table is printed."""

    ROWS = "rows"
    """One labelled line a row; the values stand at its right."""
    SINGLE_ROW = "single_row"
    """All rows side by side on one line of values, under header lines."""


class Column(Strict):
    """A column of a table: code, printed label and its variants, unit, and what values it takes."""

    code: str
    label: str
    aliases: tuple[str, ...] = ()
    unit: str = ""
    kind: Kind = "count"


class Row(Strict):
    """A row of a table.

    Attributes:
        code: Public code, e.g. "refused.state_secret".
        label: Label as the notice prints it, without leading numbering.
        number: Leading numbering as the notice prints it ("（一）", "1."), "" where it has none.
        aliases: Other labels seen in real reports.
        within: Labels of the groups the row stands under, outermost first.
        columns: Codes of the columns that the row has; empty for all of the table.
        unit: Unit of the row where the columns have none (legacy).
        kind: Kind of the row's values where it differs from the column's (legacy).
        is_total: True for a row that sums others.
        instead_of: Rows that this one stands for in a variant of the form. A report prints either them or it.
        heading: True for a line that has a label but no value.
    """

    code: str
    label: str
    number: str = ""
    aliases: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    unit: str = ""
    kind: Kind | None = None
    is_total: bool = False
    instead_of: tuple[str, ...] = ()
    heading: bool = False


class Table(Strict):
    """A table of a template.

    Attributes:
        code: Public code: proactive, applications, review, legacy.
        title: Its heading in the report.
        aliases: Other headings seen.
        layout: How it is printed.
        columns: Columns in printed order.
        rows: Rows in printed order.
        ignore: Labels of header lines and remarks that belong to the table but hold no value.
    """

    code: str
    title: str
    aliases: tuple[str, ...] = ()
    layout: Layout = Layout.ROWS
    columns: tuple[Column, ...] = Field(min_length=1)
    rows: tuple[Row, ...] = Field(min_length=1)
    ignore: tuple[str, ...] = ()

    @cached_property
    def column_by_code(self) -> dict[str, Column]:
        """Columns by their code."""
        return {column.code: column for column in self.columns}

    @cached_property
    def row_by_code(self) -> dict[str, Row]:
        """Rows by their code."""
        return {row.code: row for row in self.rows}

    def columns_of(self, row: Row) -> tuple[Column, ...]:
        """Columns that a row has, in printed order; none for a heading."""
        if row.heading:
            return ()
        return tuple(self.column_by_code[code] for code in row.columns) if row.columns else self.columns

    @model_validator(mode="after")
    def _codes_agree(self) -> Table:
        for what, codes in (("column", [c.code for c in self.columns]), ("row", [r.code for r in self.rows])):
            twice = {code for code in codes if codes.count(code) > 1}
            if twice:
                raise ValueError(f"table {self.code}: {what} code given twice: {', '.join(sorted(twice))}")
        for row in self.rows:
            for code in row.columns:
                if code not in self.column_by_code:
                    raise ValueError(f"table {self.code}, row {row.code}: unknown column {code}")
            for code in row.instead_of:
                if code not in self.row_by_code:
                    raise ValueError(f"table {self.code}, row {row.code}: instead_of names unknown row {code}")
        return self


class Chapter(Strict):
    """A chapter of the report: code, heading as the notice prints it, and headings seen instead."""

    code: str
    number: str = ""
    label: str
    aliases: tuple[str, ...] = ()


class Years(Strict):
    """Report years for which a template is prescribed: evidence only, what is printed decides."""

    first: int | None = None
    last: int | None = None


class TemplateContract(Strict):
    """One file of data_contracts/templates: everything the code knows of a template."""

    template: str
    prescribed_by: str
    description: Bilingual
    report_years: Years
    chapters: tuple[Chapter, ...]
    tables: tuple[Table, ...] = Field(min_length=1)
    rules: tuple[RuleFamily, ...] = ()

    @cached_property
    def table_by_code(self) -> dict[str, Table]:
        """Tables by their code."""
        return {table.code: table for table in self.tables}

    def has_cell(self, table: str, row: str, column: str) -> bool:
        """Tell whether the template has a cell."""
        found = self.table_by_code.get(table)
        line = found.row_by_code.get(row) if found else None
        return bool(found and line and any(one.code == column for one in found.columns_of(line)))

    @cached_property
    def expanded_rules(self) -> tuple[Rule, ...]:
        """Every rule of the template with its id, in contract order."""
        cells = {
            table.code: tuple(
                (row.code, column.code, row.kind or column.kind)
                for row in table.rows
                for column in table.columns_of(row)
            )
            for table in self.tables
        }
        variants = {
            table.code: {code for row in table.rows if row.instead_of for code in (row.code, *row.instead_of)}
            for table in self.tables
        }
        return tuple(
            rule for family in self.rules for rule in expand(family, cells[family.table], variants[family.table])
        )

    @model_validator(mode="after")
    def _rules_fit(self) -> TemplateContract:
        for family in self.rules:
            if family.table not in self.table_by_code:
                raise ValueError(f"rule family {family.family}: unknown table {family.table}")
        ids = [rule.id for rule in self.expanded_rules]
        twice = {rule_id for rule_id in ids if ids.count(rule_id) > 1}
        if twice:
            raise ValueError(f"rule id given twice: {', '.join(sorted(twice)[:3])}")
        return self

    def form(self, row_codes: frozenset[str], table: str) -> tuple[Row, ...]:
        """Rows of a table in the variant that a report prints.

        Args:
            row_codes: Codes of the rows found in the report.
            table: Table code.

        Returns:
            All rows but those of the variant not printed; the notice's own form where neither or both are found.
        """
        rows = self.table_by_code[table].rows
        dropped: set[str] = set()
        for row in rows:
            if row.instead_of:
                printed_alone = row.code in row_codes and not row_codes.intersection(row.instead_of)
                dropped.update(row.instead_of if printed_alone else (row.code,))
        return tuple(row for row in rows if row.code not in dropped)
