"""Cells of extractions as plain rows, as `gongkai extract` prints them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gongkai.reports.model import State
from gongkai.reports.serialise import Extraction

COLUMNS = (
    "file", "agency", "report_year", "template", "table", "row", "column", "value", "state", "raw", "note",
    "page", "bbox", "path", "method", "confidence", "agreement", "second_method", "second_raw",
)  # fmt: skip
Rows = Iterator[dict[str, Any]]
DOCUMENT_TABLE = "document"
"""The table of the one row that a document without report has; its note is the reason."""


def cell_rows(file: str, extraction: Extraction) -> Rows:
    """Yield one row a cell; for a document without report one row with table "document" that says why.

    Args:
        file: Path as given.
        extraction: What reading it gave.
    """
    report = extraction.report
    if report is None:
        empty: dict[str, Any] = dict.fromkeys(COLUMNS)
        yield empty | {
            "file": file, "table": DOCUMENT_TABLE, "row": "error", "column": extraction.error_code,
            "state": State.NOT_EXTRACTED.value, "note": extraction.reason,
        }  # fmt: skip
        return
    for cell in report.cells:
        yield {
            "file": file,
            "agency": report.identity.agency,
            "report_year": report.identity.report_year,
            "template": report.template,
            "table": cell.table,
            "row": cell.row,
            "column": cell.column,
            "value": cell.value,
            "state": cell.state.value,
            "raw": cell.raw,
            "note": cell.note,
            "page": cell.page,
            "bbox": list(cell.bbox) if cell.bbox else None,
            "path": cell.path,
            "method": cell.method,
            "confidence": cell.confidence,
            "agreement": cell.agreement.value if cell.agreement else None,
            "second_method": cell.second_method,
            "second_raw": cell.second_raw,
        }


def is_complete(extraction: Extraction) -> bool:
    """Tell whether a document gave a report with every cell of its form."""
    report = extraction.report
    return report is not None and all(cell.state is not State.NOT_EXTRACTED for cell in report.cells)
