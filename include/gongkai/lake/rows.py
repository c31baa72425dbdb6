"""Report -> rows of the fact tables: wide where people query, long where they trace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Any

from gongkai.contracts.template import Row, TemplateContract
from gongkai.reports.model import Cell, Chapter, Report, State, Topic

Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Correction:
    """What a reviewer says that a cell prints, and the decision that says so."""

    state: State
    value: Decimal | None
    decision_id: str


Corrections = Mapping[tuple[str, str, str], Correction]

FACT_TABLES = (
    "applications",
    "proactive_disclosure",
    "review_litigation",
    "legacy_statistics",
    "narratives",
    "stated_figures",
    "cells",
)

# Digits before and after the point of the DECIMAL columns; must agree with data_contracts/warehouse (tested).
_CELL = (18, 6)
_AMOUNTS = {"amount_10k_cny": (12, 6), "amount_cny": (16, 2)}
_LEGACY = (14, 4)


def facts(
    report: Report,
    report_id: str,
    revision_id: str,
    agency_id: str,
    templates: Mapping[str, TemplateContract],
    corrections: Corrections | None = None,
) -> Rows:
    """Turn a report into rows of the lake.

    A wide value is NULL unless its cell states a number that the column can hold: a blank is never 0, and a count
    with decimals or a number of absurd length is kept in `cells` alone. Rows are those of the form as printed. A
    corrected cell gives its corrected value to the wide tables, which count such values in n_corrected; `cells` keeps
    both.

    Args:
        report: The report, of the revision in force.
        report_id: Its id, stable over revisions.
        revision_id: Id of this revision.
        agency_id: The agency.
        templates: Template contracts by code.
        corrections: What reviewers say that cells print.

    Returns:
        A list of rows for each of FACT_TABLES, empty where the report has none.
    """
    ids = {
        "report_id": report_id,
        "revision_id": revision_id,
        "agency_id": agency_id,
        "report_year": report.identity.report_year,
        "template": report.template,
    }
    contract = templates[report.template]
    cells = [fitting(cell) for cell in report.cells]
    rows: Rows = {name: [] for name in FACT_TABLES}
    corrected = corrections or {}
    lines: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        lines.setdefault((cell.table, cell.row), []).append(_in_force(cell, corrected.get(cell.key)))
    for (table, code), line in lines.items():
        row = contract.table_by_code[table].row_by_code[code]
        counted = {"n_corrected": sum(cell.key in corrected for cell in line)}
        if table == "applications":
            blanks = sum(cell.state is State.BLANK for cell in line)
            wide = {"is_total": row.is_total, "blanks": blanks} | counted | _wide(line)
            rows["applications"].append(ids | _label(row) | wide)
        elif table == "proactive":
            rows["proactive_disclosure"].append(ids | _label(row) | counted | _wide(line))
        elif table == "review":
            rows["review_litigation"].append(ids | {"procedure": code} | counted | _wide(line))
        else:
            rows["legacy_statistics"].append(ids | counted | _statistic(row, contract, line))
    rows["narratives"] = [ids | row for chapter in report.chapters for row in _passages(chapter)]
    rows["stated_figures"] = _figures(report, ids)
    rows["cells"] = [_cell_row(cell, report, ids) | _overlay(corrected.get(cell.key)) for cell in cells]
    return rows


def _in_force(cell: Cell, correction: Correction | None) -> Cell:
    return fitting(replace(cell, state=correction.state, value=correction.value)) if correction else cell


def _overlay(correction: Correction | None) -> dict[str, Any]:
    if correction is None:
        return {}
    return {
        "corrected_state": correction.state.value,
        "corrected_value": correction.value,
        "decision_id": correction.decision_id,
    }


def _label(row: Row) -> dict[str, Any]:
    return {"row_code": row.code, "row_label_zh": row.label}


def _wide(line: list[Cell]) -> dict[str, Any]:
    return {cell.column: _value(cell) for cell in line}


def _value(cell: Cell) -> Decimal | int | None:
    if cell.state is not State.NUMBER or cell.value is None:
        return None
    if cell.column in _AMOUNTS:
        return cell.value if _fits(cell.value, *_AMOUNTS[cell.column]) else None
    return int(cell.value) if _fits(cell.value, 18, 0) else None


def _statistic(row: Row, contract: TemplateContract, line: list[Cell]) -> dict[str, Any]:
    (cell,) = line
    value = cell.value if cell.state is State.NUMBER else None
    return {
        "code": row.code,
        "label_zh": row.label,
        "unit": row.unit or contract.table_by_code[cell.table].column_by_code[cell.column].unit,
        "value": value if value is not None and _fits(value, *_LEGACY) else None,
        "is_total": row.is_total,
    }


def _passages(chapter: Chapter) -> Iterator[dict[str, Any]]:
    """The row of a chapter, then one for each of its passages on a topic."""
    whole = Topic("", chapter.heading, 0, len(chapter.text))
    for number, topic in enumerate((whole, *chapter.topics)):
        yield {
            "chapter_no": chapter.position,
            "topic_no": number,
            "chapter_code": chapter.code,
            "topic_code": topic.code,
            "heading": topic.heading,
            "text": chapter.text[topic.start : topic.end],
            "start_offset": topic.start,
            "n_chars": topic.end - topic.start,
        }


def _figures(report: Report, ids: Mapping[str, Any]) -> list[dict[str, Any]]:
    # The same number may be found by two patterns; one row each, as the key of the contract demands.
    found: dict[tuple[object, ...], dict[str, Any]] = {}
    for figure in report.figures:
        if not _fits(figure.value, *_CELL):
            continue
        row = {
            "indicator": figure.indicator,
            "kind": figure.kind,
            "table_code": figure.table,
            "row_code": figure.row,
            "column_code": figure.column,
            "value": figure.value,
            "sentence": figure.sentence,
            "chapter_no": figure.chapter,
            "start_offset": figure.start,
            "end_offset": figure.end,
            "scope": figure.scope,
        }
        cell = (figure.table, figure.row, figure.column)
        found.setdefault((figure.chapter, figure.start, figure.end, *cell, figure.indicator), row)
    return [dict(ids) | row for row in found.values()]


def _cell_row(cell: Cell, report: Report, ids: Mapping[str, Any]) -> dict[str, Any]:
    x0, top, x1, bottom = cell.bbox or (None, None, None, None)
    return {
        "report_id": ids["report_id"],
        "revision_id": ids["revision_id"],
        "report_year": ids["report_year"],
        "table_code": cell.table,
        "row_code": cell.row,
        "column_code": cell.column,
        "state": cell.state.value,
        "value": cell.value,
        "raw": None if cell.state is State.NOT_EXTRACTED else cell.raw,
        "note": cell.note,
        "page": cell.page,
        "x0": x0,
        "top": top,
        "x1": x1,
        "bottom": bottom,
        "path": cell.path,
        "method": cell.method,
        "confidence": cell.confidence,
        "agreement": cell.agreement.value if cell.agreement else None,
        "second_method": cell.second_method,
        "second_raw": cell.second_raw,
        "document_sha256": report.document_sha256,
    }


def fitting(cell: Cell) -> Cell:
    """Return the cell as the lake can hold it: a number of absurd length (digits run together) stays as its text."""
    if cell.state is not State.NUMBER or cell.value is None or _fits(cell.value, *_CELL):
        return cell
    note = f"{cell.value} does not fit DECIMAL({sum(_CELL)},{_CELL[1]})"
    return replace(cell, state=State.TEXT, value=None, note=f"{cell.note}; {note}" if cell.note else note)


def _fits(value: Decimal, whole: int, decimals: int) -> bool:
    """Tell whether a number has at most so many digits before and after the point, ending zeros aside."""
    if not value.is_finite():
        return False
    return not value or (abs(value) < _limit(whole) and value == round(value, decimals))


@cache
def _limit(whole: int) -> Decimal:
    return Decimal(10) ** whole
