"""Checks reports by the rules of their templates, by one engine or by two that must agree."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Literal

from gongkai.contracts.template import TemplateContract
from gongkai.quality import sql
from gongkai.quality.findings import Findings
from gongkai.quality.model import CheckResult
from gongkai.quality.rulebook import rule_book
from gongkai.quality.tables import cells_schema, conform, previous_schema

if TYPE_CHECKING:
    import pyarrow as pa


def check(
    cells: pa.Table,
    previous: pa.Table,
    *,
    subjects: Collection[str] | None = None,
    templates: Mapping[str, TemplateContract] | None = None,
    certain: Collection[str] | None = None,
    engines: Literal["sql", "both"] = "both",
) -> CheckResult:
    """Judge reports, of whatever years and templates, by all rules that apply to them.

    Args:
        cells: One row per cell of a report's form as printed, columns of tables.cells_schema(). A cell without a
            row is no part of that report's form: its term is left out of sums, and a rule on it does not apply.
        previous: report_key and previous_key of the agency's report of the year before, of whatever template; its
            cells are in `cells` too.
        subjects: Keys of the reports to judge; None for all. Others in `cells` only serve as the year before.
        templates: Contracts by template code; default data_contracts/templates.
        certain: Keys of reports whose reading is beyond doubt (exact formats, or two readings that agree): a rule
            that fails there is the publisher's, elsewhere unknown. A rule over two years needs both.
        engines: "sql" for SQL alone (quick to start), "both" to have Great Expectations judge again.

    Raises:
        RunError: The input contradicts the contracts or itself, a check is broken, or the engines differ.
    """
    cells = conform(cells, cells_schema(), "cells")
    previous = conform(previous, previous_schema(), "previous")
    book = rule_book(templates)
    found = sql.judge(book, cells, previous, subjects=subjects, certain=certain or ())
    if engines == "sql":
        return CheckResult(Findings(found.table, book), found.coverage, None)
    from gongkai.quality import gx
    from gongkai.quality.compare import demand_same

    second = gx.judge(book, cells, previous, subjects=subjects)
    demand_same(book, found.table, second)
    return CheckResult(Findings(found.table, book), found.coverage, True, second.validations)
