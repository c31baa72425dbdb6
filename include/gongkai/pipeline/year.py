"""Build the tables of one report year from its extractions: pure, but for what it reads of the year before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from gongkai.contracts.load import load_templates
from gongkai.lake.rows import facts
from gongkai.lake.schema import table_of
from gongkai.lake.store import Lake
from gongkai.pipeline.agencies import Directory
from gongkai.pipeline.candidates import Candidate, Reading, readings
from gongkai.pipeline.decisions import Decision
from gongkai.pipeline.extractions import Extractions
from gongkai.pipeline.judging import told, verdicts, year_before
from gongkai.pipeline.reviewed import Judged, Review, judge
from gongkai.pipeline.settle import Revision, Settled, Status, settle, status_of
from gongkai.pipeline.verdicts import Shown
from gongkai.quality.model import Finding, Outcome
from gongkai.reports.identity import due_date, is_government
from gongkai.reports.model import State
from gongkai.settings import get_settings
from gongkai.sources.registry import load_sources

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class BuiltYear:
    """All tables of the lake for one report year, and what there is to say of it."""

    tables: dict[str, pa.Table]
    counts: dict[str, int]

    @property
    def n_documents(self) -> int:
        """Number of documents of the year, those without a report included."""
        return int(self.tables["documents"].num_rows)


def build_year(
    year: int, found: Sequence[Candidate], extractions: Extractions, lake: Lake, decisions: Sequence[Decision] = ()
) -> BuiltYear:
    """Settle and check the reports of a year.

    Args:
        year: The report year.
        found: Candidates of the year.
        extractions: What reading them gave; candidates without are left for a later call.
        lake: Gives the reports in force of the year before.
        decisions: What reviewers decided, of whatever year.

    Raises:
        RunError: A check is broken, or the two engines differ.
    """
    read = readings(found, year, extractions)
    settled = settle((one for one in read if one.extraction.report), Directory(load_sources(get_settings().sources)))
    reviewed = judge(year, decisions, settled)
    before = year_before(year, lake)
    result, by_report = verdicts(settled, reviewed, before)
    rows: dict[str, Rows] = {name: [] for name in lake.tables}
    statuses: Counter[str] = Counter()
    for one in settled:
        review = reviewed.of(one.report_id)
        row = _report_row(one, [shown.in_force for shown in by_report[one.report_id]], review)
        statuses[row["status"]] += 1
        rows["reports"].append(row)
        rows["revisions"] += [_revision_row(one, revision) for revision in one.revisions]
        rows["findings"] += [_finding_row(one, shown) for shown in (*by_report[one.report_id], *told(one, review))]
        ids = (one.report_id, one.in_force.revision_id, one.agency_id)
        for name, lines in facts(one.report, *ids, load_templates(), review.as_corrections()).items():
            rows[name] += lines
    rows["decisions"] = [_decision_row(year, one) for one in reviewed.judged]
    rows["documents"] = _document_rows(year, read, settled, extractions)
    rows["rule_coverage"] = [
        {
            "report_year": year, "template": rule.template, "rule_id": rule.rule_id, "applicable": rule.applicable,
            "passed": rule.passed, "passed_if_blank_is_zero": rule.passed_if_blank_is_zero, "failed": rule.failed,
            "undecidable": rule.undecidable,
        }
        for rule in result.coverage
    ]  # fmt: skip
    counts = {
        "reports": len(settled),
        **{status.value: statuses[status.value] for status in Status},
        "unread": sum(row["fate"] in ("failed", "not_a_report") for row in rows["documents"]),
        "findings": len(rows["findings"]),
    }
    return BuiltYear({name: table_of(rows[name], lake.tables[name]) for name in lake.tables}, counts)


def _report_row(one: Settled, findings: Sequence[Finding], review: Review) -> dict[str, Any]:
    report, reading = one.report, one.in_force.reading
    failed = [f for f in findings if f.outcome is Outcome.FAIL]
    errors = [f for f in failed if f.severity == "error"]
    crossing = {rule.id for rule in load_templates()[report.template].expanded_rules if rule.crosses_years}
    # A doubtful reading of the year before is no reason to doubt this report.
    doubtful = sum(f.attribution != "publisher" for f in errors if f.rule_id not in crossing)
    over = replace(one, report=review.overlay(report))
    by_rules, why = status_of(over, [f.rule_id for f in errors], doubtful)
    status, reason = review.status(by_rules, why, fails=bool(errors))
    states = Counter(cell.state for cell in report.cells)
    published = report.identity.published or reading.candidate.hints.published
    due = due_date(one.report_year, government=is_government(one.agency))
    return {
        "report_id": one.report_id,
        "agency_id": one.agency_id,
        "agency_name": one.agency,
        "region_code": one.region_code,
        "report_year": one.report_year,
        "template": report.template,
        "title": report.identity.title,
        "published_on": published,
        "status": status.value,
        "status_reason": reason,
        "revision_id": one.in_force.revision_id,
        "document_sha256": reading.extraction.sha256,
        "format": report.format,
        "source": reading.candidate.entry.source,
        "url": reading.candidate.entry.url,
        "n_revisions": one.n_revisions,
        "n_cells": len(report.cells),
        "n_numbers": states[State.NUMBER],
        "n_blank": states[State.BLANK],
        "n_not_extracted": states[State.NOT_EXTRACTED],
        "n_failed_rules": len(failed),
        "n_corrected": len(review.corrections),
        "decision_id": review.verdict.decision_id if review.verdict and reason != why else None,
        "days_late": max(0, (published - due).days) if published else None,
    }


def _revision_row(one: Settled, revision: Revision) -> dict[str, Any]:
    reading = revision.reading
    entry, report = reading.candidate.entry, reading.extraction.report
    assert report is not None
    return {
        "revision_id": revision.revision_id,
        "report_id": one.report_id,
        "report_year": one.report_year,
        "agency_id": one.agency_id,
        "revision_no": revision.number,
        "document_sha256": reading.extraction.sha256,
        "format": report.format,
        "source": entry.source,
        "url": entry.url,
        "listed_title": reading.candidate.title,
        "listed_date": reading.candidate.hints.published,
        "published_on": report.identity.published,
        "first_seen": entry.first_seen,
        "in_force": revision is one.in_force,
        "fate": revision.fate.value,
        "template": report.template,
        "title": report.identity.title,
    }


def _finding_row(one: Settled, shown: Shown) -> dict[str, Any]:
    finding = shown.finding
    return {
        "report_id": one.report_id,
        "revision_id": one.in_force.revision_id,
        "agency_id": one.agency_id,
        "report_year": one.report_year,
        "rule_id": finding.rule_id,
        "family": finding.family,
        "table_code": finding.table,
        "row_code": finding.row,
        "column_code": finding.column,
        "outcome": finding.outcome.value,
        "outcome_corrected": shown.corrected.value if shown.corrected else None,
        "severity": finding.severity,
        "printed": finding.printed,
        "expected": finding.expected,
        "attribution": finding.attribution,
        "reason": finding.reason.value,
        "cells": list(finding.cells),
        "decision_id": shown.decision_id,
        "message_zh": finding.message_zh,
        "message_en": finding.message_en,
    }


def _decision_row(year: int, judged: Judged) -> dict[str, Any]:
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


def _document_rows(year: int, read: Sequence[Reading], settled: Sequence[Settled], extractions: Extractions) -> Rows:
    """One row for each content and address: the report it is, or why it is none."""
    report_ids = {revision.reading.extraction.sha256: one.report_id for one in settled for revision in one.revisions}
    parents = {(r.candidate.entry.source, r.candidate.entry.parent_url) for r in read}
    rows: Rows = []
    for reading in read:
        entry, extraction = reading.candidate.entry, reading.extraction
        links_files = (entry.source, entry.url) in parents
        fate = (
            "report" if extraction.report
            else "attachment_page" if links_files and extraction.error_code in ("no_tables", "not_a_report")
            else "not_a_report" if extraction.error_code == "not_a_report"
            else "failed"
        )  # fmt: skip
        rows.append(
            {
                "document_sha256": entry.sha256,
                "url": entry.url,
                "source": entry.source,
                "report_year": year,
                "listed_title": reading.candidate.title,
                "format": extraction.format,
                "fate": fate,
                "error_code": extraction.error_code,
                "reason": extraction.reason,
                "report_id": report_ids.get(entry.sha256) if extraction.report else None,
                "extractor": extractions.version_of(extraction),
            }
        )
    return rows
