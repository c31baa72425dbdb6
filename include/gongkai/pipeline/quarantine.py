"""Quarantine: which reports wait for a person, and what there is to see of one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc

from gongkai.errors import RunError
from gongkai.pipeline.decisions import Decision, Kind, open_decisions, undone
from gongkai.pipeline.load import open_lake
from gongkai.reports.model import State

Row = dict[str, Any]
SURE = 0.9
"""A cell read with less confidence is shown as doubtful."""

WAITING = (
    "report_id", "agency_name", "report_year", "status_reason", "n_failed_rules", "document_sha256", "url",
)  # fmt: skip
_CELL = ("table_code", "row_code", "column_code")
_SHORTEST_HASH = 8


@dataclass(frozen=True, slots=True)
class Case:
    """A report with all that a reviewer wants to see of it, as rows of the lake."""

    report: Row
    findings: list[Row]
    doubtful: list[Row]
    proposals: list[Row]
    decisions: list[Decision]

    def tables(self) -> dict[str, list[Row]]:
        """The parts by title, for printing."""
        named_cells = [{"cell": "/".join(row[name] for name in _CELL)} | _brief(row, _SEEN) for row in self.doubtful]
        return {
            "report": [{"field": name, "value": value} for name, value in self.report.items() if value is not None],
            "findings": [_brief(row, _FOUND) for row in self.findings],
            "doubtful cells": named_cells,
            "proposals": self.proposals,
            "decisions": [decision_row(one) for one in self.decisions],
        }

    def as_dict(self) -> dict[str, Any]:
        """Everything, for programs."""
        return {
            "report": self.report, "findings": self.findings, "doubtful": self.doubtful, "proposals": self.proposals,
            "decisions": [decision_row(one) for one in self.decisions],
        }  # fmt: skip


_FOUND = ("rule_id", "outcome", "outcome_corrected", "severity", "printed", "expected", "attribution", "message_en")
_SEEN = ("state", "value", "raw", "note", "agreement", "second_raw", "confidence", "corrected_state", "corrected_value")


def decision_row(one: Decision) -> Row:
    """Return a decision as it is listed."""
    what = one.rule_id or "/".join(part for part in one.cell if part) or one.undoes
    if one.kind is Kind.CORRECT and one.state:
        what += f" = {one.value if one.state is State.NUMBER else one.state.value}"
    return {
        "decision_id": one.decision_id, "kind": one.kind.value, "report_id": one.report_id, "what": what,
        "at": one.at.isoformat(timespec="seconds"), "who": one.who, "why": one.why, "via": one.via,
        "is_default": one.is_default,
    }  # fmt: skip


def waiting(year: int | None = None) -> list[Row]:
    """Return the reports in quarantine that nobody decided on, by year and agency.

    Each says in `asked` when somebody last put it off, and in `decided` which decisions were made since its year was
    settled: those take effect with the next load.

    Args:
        year: Only this report year.
    """
    lake = open_lake()
    years = None if year is None else [year]
    reports = lake.read("reports", years)
    reports = reports.filter(pc.and_(pc.equal(reports["status"], "quarantined"), pc.is_null(reports["decision_id"])))
    settled = set(lake.read("decisions", years)["decision_id"].to_pylist())
    made = open_decisions().all()
    void = undone(made)
    by_document: dict[str, list[Decision]] = {}
    for one in made:
        if one.decision_id not in void:
            by_document.setdefault(one.document_sha256, []).append(one)
    rows = []
    for row in reports.to_pylist():
        ours = by_document.get(row["document_sha256"], [])
        put_off = [one.at for one in ours if one.kind is Kind.LATER]
        new = [one.decision_id for one in ours if one.decision_id not in settled and one.kind is not Kind.LATER]
        asked = max(put_off).isoformat(timespec="seconds") if put_off else None
        rows.append(_brief(row, WAITING) | {"asked": asked, "decided": ", ".join(new) or None})
    return sorted(rows, key=lambda row: (row["report_year"], row["agency_name"], row["report_id"]))


def case(report: str) -> Case:
    """Return a report with its findings, doubtful cells, proposals and decisions.

    Args:
        report: Its id, or the beginning of its document's sha256.

    Raises:
        RunError: There is no such report, or several.
    """
    lake, row = open_lake(), find_report(report)
    year, key = [row["report_year"]], pc.field("report_id") == row["report_id"]
    cells = lake.read("cells", year).filter(key).to_pylist()
    doubtful = [cell for cell in cells if _is_doubtful(cell)]
    proposals: list[Row] = []
    if "proposals" in lake.tables:
        proposals = lake.read("proposals", year).filter(key).to_pylist()
    made = [one for one in open_decisions().all() if one.document_sha256 == row["document_sha256"]]
    return Case(row, lake.read("findings", year).filter(key).to_pylist(), doubtful, proposals, made)


def find_report(name: str) -> Row:
    """Return the row of a report.

    Args:
        name: Its id, or the beginning of its document's sha256.

    Raises:
        RunError: There is no such report, or several.
    """
    reports = open_lake().read("reports")
    found = reports.filter(pc.field("report_id") == name).to_pylist()
    if not found and len(name) >= _SHORTEST_HASH:
        found = reports.filter(pc.starts_with(pc.field("document_sha256"), name)).to_pylist()
    if len(found) != 1:
        raise RunError(
            "no such report" if not found else "several reports are named so", found=name,
            expected=f"a report_id, or {_SHORTEST_HASH} or more characters of a document's sha256",
            do="gongkai review list shows those that wait",
        )  # fmt: skip
    return dict(found[0])


def _is_doubtful(cell: Row) -> bool:
    lost = cell["state"] in (State.NOT_EXTRACTED.value, State.TEXT.value)
    disputed = cell["agreement"] is not None and cell["agreement"] != "agree"
    return lost or disputed or cell["confidence"] < SURE or cell["decision_id"] is not None


def _brief(row: Row, names: Iterable[str]) -> Row:
    return {name: row.get(name) for name in names}
