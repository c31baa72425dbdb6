"""What quality says of reports as rows of the lake: findings, proposals, reasons of a status, changed cells."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from gongkai.lake.rows import fitting
from gongkai.pipeline.reviewed import Judged
from gongkai.pipeline.settle import Fate, Revision, Settled
from gongkai.pipeline.verdicts import Shown
from gongkai.quality.explanation import Fault
from gongkai.quality.identities import Key
from gongkai.quality.standing import StatusReason, superseded_by
from gongkai.reports.model import Agreement, Cell, Report, State, StatedFigure
from gongkai.reports.numbers import parse_value

Row = dict[str, Any]

MOST_EXPLANATIONS = 20
"""Of a fault with more explanations only so many are kept: nobody chooses among hundreds."""


def finding_row(one: Settled, shown: Shown) -> Row:
    """Return the row of a finding, with the content that a decision on it is kept by."""
    finding = shown.finding
    place = (finding.table, finding.row, finding.column)
    cell = next((cell for cell in one.report.cells if cell.key == place), None)
    return _ids(one) | {
        "document_sha256": one.report.document_sha256,
        "rule_id": finding.rule_id,
        "family": finding.family,
        "table_code": finding.table,
        "row_code": finding.row,
        "column_code": finding.column,
        "outcome": finding.outcome.value,
        "outcome_corrected": shown.corrected.value if shown.corrected else None,
        "severity": finding.severity,
        "printed": finding.printed,
        "raw": cell.raw if cell else None,
        "expected": finding.expected,
        "attribution": finding.attribution,
        "facts": list(finding.facts),
        "basis_zh": finding.basis_zh,
        "basis_en": finding.basis_en,
        "reason": finding.reason.value,
        "cells": list(finding.cells),
        "guilty_cells": list(finding.guilty),
        "decision_id": shown.decision_id,
        "message_zh": finding.message_zh,
        "message_en": finding.message_en,
    }


def decision_row(year: int, judged: Judged) -> Row:
    """Return the row of a decision that touches a year, and whether it holds."""
    one = judged.decision
    return {
        "decision_id": one.decision_id,
        "report_year": year,
        "report_id": one.report_id,
        "kind": one.kind.value,
        "standing": judged.standing.value,
        "standing_reason": judged.why,
        "decided_at": one.at,
        "decided_by": one.who,
        "reason": one.why,
        "via": one.via,
        "is_default": one.is_default,
        "document_sha256": one.document_sha256,
        "rule_id": one.rule_id or None,
        "table_code": one.table or None,
        "row_code": one.row or None,
        "column_code": one.column or None,
        "raw": one.raw,
        "corrected_state": one.state.value if one.state else None,
        "corrected_value": one.value,
        "undoes": one.undoes or None,
    }


def proposal_rows(one: Settled, faults: Sequence[Fault]) -> Iterator[Row]:
    """Yield a row for each cell of each explanation of each fault; nothing of it is ever applied."""
    if not faults:
        return
    cells = {cell.key: fitting(cell) for cell in one.report.cells}
    stated = _stated(one.report.figures)
    for fault_no, fault in enumerate(faults, start=1):
        for explanation_no, explanation in enumerate(fault.explanations[:MOST_EXPLANATIONS], start=1):
            for correction in explanation.corrections:
                cell = cells[correction.key]
                yield _ids(one) | {
                    "document_sha256": one.report.document_sha256,
                    "fault_no": fault_no,
                    "explanation_no": explanation_no,
                    "table_code": cell.table,
                    "row_code": cell.row,
                    "column_code": cell.column,
                    "raw": cell.raw,
                    "state": cell.state.value,
                    "printed": cell.value,
                    "proposed": correction.proposed,
                    "proposed_state": State.BLANK.value if correction.proposed is None else State.NUMBER.value,
                    "fault_kind": explanation.kind.value,
                    "is_unique": fault.is_unique,
                    "n_explanations": len(fault.explanations),
                    "violated": list(fault.violated),
                    "proof": list(explanation.proof),
                    "evidence": json.dumps(_evidence(cell, correction.proposed, stated), ensure_ascii=False),
                }


def reason_rows(one: Settled, reasons: Iterable[StatusReason]) -> Iterator[Row]:
    """Yield why a report has its status, and why its older contents have none."""
    for reason in reasons:
        yield _reason_row(one, one.in_force, reason)
    for revision in one.contents:
        if revision.fate is Fate.SUPERSEDED:
            for reason in superseded_by(one.in_force.revision_id):
                yield _reason_row(one, revision, reason)


def change_rows(one: Settled) -> Iterator[Row]:
    """Yield the cells in which each content of a report differs from the one before it."""
    for before, after in pairwise(one.contents):
        old, new = _by_key(before), _by_key(after)
        for key in dict.fromkeys([*old, *new]):
            was, now = old.get(key), new.get(key)
            if was is not None and now is not None and (was.state, was.value) == (now.state, now.value):
                continue
            yield {
                "report_id": one.report_id,
                "agency_id": one.agency_id,
                "report_year": one.report_year,
                "from_revision_id": before.revision_id,
                "to_revision_id": after.revision_id,
                "from_revision_no": before.number,
                "to_revision_no": after.number,
                "table_code": key[0],
                "row_code": key[1],
                "column_code": key[2],
                **_printed("before", was),
                **_printed("after", now),
            }


def _ids(one: Settled) -> Row:
    return {
        "report_id": one.report_id,
        "revision_id": one.in_force.revision_id,
        "agency_id": one.agency_id,
        "report_year": one.report_year,
    }


def _reason_row(one: Settled, revision: Revision, reason: StatusReason) -> Row:
    return _ids(one) | {
        "revision_id": revision.revision_id,
        "code": reason.code,
        "status": reason.status,
        "is_decisive": reason.is_decisive,
        "measure": reason.measure,
        "threshold": reason.threshold,
        "value": reason.value,
        "detail": list(reason.detail),
        "reason_zh": reason.zh,
        "reason_en": reason.en,
    }


def _evidence(cell: Cell, proposed: object, stated: Mapping[Key, set[object]]) -> Row:
    """What else speaks for or against a proposal: how the cell was read, what others say it holds."""
    told: Row = {"method": cell.method, "confidence": cell.confidence}
    if cell.agreement is not None:
        told |= {"agreement": cell.agreement.value, "second_method": cell.second_method}
    if cell.agreement is Agreement.DIFFER and cell.second_raw is not None:
        told["second_raw"] = cell.second_raw
        told["second_reading_gives_proposed"] = parse_value(cell.second_raw).number == proposed
    if cell.key in stated:
        told["text_states_proposed"] = proposed in stated[cell.key]
    return told


def _stated(figures: Iterable[StatedFigure]) -> dict[Key, set[object]]:
    found: dict[Key, set[object]] = {}
    for figure in figures:
        if figure.table and figure.kind == "exact":
            found.setdefault((figure.table, figure.row, figure.column), set()).add(figure.value)
    return found


def _by_key(revision: Revision) -> dict[Key, Cell]:
    report: Report | None = revision.reading.extraction.report
    return {} if report is None else {cell.key: fitting(cell) for cell in report.cells}


def _printed(when: str, cell: Cell | None) -> Row:
    if cell is None:
        return {f"state_{when}": "not_in_form", f"value_{when}": None, f"raw_{when}": None}
    return {f"state_{when}": cell.state.value, f"value_{when}": cell.value, f"raw_{when}": cell.raw}
