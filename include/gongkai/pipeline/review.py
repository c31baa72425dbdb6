"""Review: taking down what a person decides of a report.

The command line and the DAG call the same functions. A decision is checked against what the lake holds now, written
beside it, and takes effect when its year is settled again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow.compute as pc

from gongkai.contracts.load import load_templates
from gongkai.errors import RunError
from gongkai.pipeline.decisions import Decision, Decisions, Kind, content_of, named, open_decisions, undone
from gongkai.pipeline.load import open_lake
from gongkai.pipeline.quarantine import Row, find_report
from gongkai.reports.model import State
from gongkai.reports.numbers import parse_value

_WHOLE, _DECIMALS = 18, 6


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who decides, why, from where, and when; a moment given makes the same answer the same decision."""

    who: str
    why: str
    via: str = "command"
    at: datetime | None = None
    is_default: bool = False


def accept(report: str, by: Reviewer, rule: str = "") -> Decision:
    """Accept a report as it was read, or the failing of one rule as the publisher's.

    Raises:
        RunError: No such report, or the rule does not fail there.
    """
    row = find_report(report)
    cells = _cells(row)
    if not rule:
        return _keep(row, Kind.ACCEPT, by, content=content_of({key: cell["raw"] for key, cell in cells.items()}))
    findings = open_lake().read("findings", [row["report_year"]]).filter(pc.field("report_id") == row["report_id"])
    failing = {one["rule_id"]: one for one in findings.to_pylist() if _fails(one)}
    if rule not in failing:
        raise RunError(
            "the rule does not fail in this report", where=row["report_id"], found=rule,
            expected=", ".join(failing) or "no rule fails", do=f"look at gongkai review show {row['report_id']}",
        )  # fmt: skip
    one = failing[rule]
    own = tuple(name for name in one["cells"] if not name.startswith("previous:"))
    texts = {key: cells[key]["raw"] for key in map(_key, own) if key in cells}
    judged = (one["table_code"], one["row_code"], one["column_code"])
    raw = cells[judged]["raw"] if judged in cells else None
    said: Row = {"rule_id": rule, "cells": own, "raw": raw, "content": content_of(texts)}
    return _keep(row, Kind.ACCEPT, by, **said, **dict(zip(("table", "row", "column"), judged, strict=True)))


def correct(report: str, cell: str, value: str, by: Reviewer) -> Decision:
    """Say what the document prints in a cell; the value that was read stays beside it.

    Args:
        report: Id of the report.
        cell: "table/row/column".
        value: As printed: a number, "" or "blank", or a sign such as "/".
        by: Who and why.

    Raises:
        RunError: No such report or cell, or the value is none that a cell can hold.
    """
    row, cells = find_report(report), _cells(find_report(report))
    key = _key(cell)
    if key not in cells:
        like = [name for name in map("/".join, cells) if name.rsplit("/", 1)[0] == cell.rsplit("/", 1)[0]]
        raise RunError(
            "the report has no such cell", where=row["report_id"], found=cell,
            expected=", ".join(like[:8]) or "table/row/column", do=f"look at gongkai review show {row['report_id']}",
        )  # fmt: skip
    state, number = _value(value, cell, _unit(row["template"], key))
    raw = cells[key]["raw"]
    return _keep(
        row, Kind.CORRECT, by, table=key[0], row=key[1], column=key[2], raw=raw, state=state, value=number,
        content=content_of({key: raw}),
    )  # fmt: skip


def reject(report: str, by: Reviewer) -> Decision:
    """Leave a report in quarantine for good: its document is not to be published.

    Raises:
        RunError: No such report.
    """
    return _keep(find_report(report), Kind.REJECT, by)


def put_off(report: str, by: Reviewer) -> Decision:
    """Note that a report was asked about and nothing was decided.

    Raises:
        RunError: No such report.
    """
    return _keep(find_report(report), Kind.LATER, by)


def undo(decision_id: str, by: Reviewer) -> Decision:
    """Undo a decision, an undo too; both stay on record.

    Raises:
        RunError: There is no such decision, or it is undone already.
    """
    decisions = open_decisions()
    made = decisions.all()
    target = next((one for one in made if one.decision_id == decision_id), None)
    if target is None:
        raise RunError("no such decision", found=decision_id, do="gongkai review show REPORT lists those of a report")
    if before := undone(made).get(decision_id):
        raise RunError("the decision is undone already", where=decision_id, found=f"{before.decision_id}: {before.why}")
    row = {name: getattr(target, name) for name in ("report_id", "report_year", "document_sha256")}
    return _keep(row, Kind.UNDO, by, undoes=decision_id, decisions=decisions)


def _keep(report: Row, kind: Kind, by: Reviewer, decisions: Decisions | None = None, **said: Any) -> Decision:
    decision = named(
        Decision(
            "",
            kind,
            by.at or datetime.now(UTC),
            by.who,
            by.why,
            by.via,
            report["report_id"],
            report["report_year"],
            report["document_sha256"],
            is_default=by.is_default,
            **said,
        )
    )
    (decisions or open_decisions()).add([decision])
    return decision


def _cells(report: Row) -> dict[tuple[str, str, str], Row]:
    rows = open_lake().read("cells", [report["report_year"]]).filter(pc.field("report_id") == report["report_id"])
    return {(row["table_code"], row["row_code"], row["column_code"]): row for row in rows.to_pylist()}


def _key(name: str) -> tuple[str, str, str]:
    parts = name.strip().split("/")
    if len(parts) != 3:
        raise RunError("a cell is named by three codes", found=name, expected="table/row/column")
    return parts[0], parts[1], parts[2]


def _unit(template: str, key: tuple[str, str, str]) -> str:
    table = load_templates()[template].table_by_code[key[0]]
    return table.row_by_code[key[1]].unit or table.column_by_code[key[2]].unit


def _value(text: str, cell: str, unit: str) -> tuple[State, Decimal | None]:
    state, number, _ = parse_value("" if text.strip() == "blank" else text, unit)
    fits = number is None or (abs(number) < Decimal(10) ** _WHOLE and number == round(number, _DECIMALS))
    if state not in (State.NUMBER, State.BLANK, State.NOT_APPLICABLE) or not fits:
        raise RunError(
            "this is nothing that a cell can hold", where=cell, found=repr(text[:80]),
            expected='the number as printed, "blank", or a sign such as "/"',
        )  # fmt: skip
    return state, number


def _fails(finding: Row) -> bool:
    return bool((finding["outcome_corrected"] or finding["outcome"]) == "fail")
