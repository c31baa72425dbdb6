"""Build the tables of one report year from its extractions: pure, but for what it reads of the year before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from gongkai.contracts.load import load_templates
from gongkai.lake.rows import facts
from gongkai.lake.schema import Gathered
from gongkai.lake.store import Lake
from gongkai.pipeline.agencies import Directory
from gongkai.pipeline.candidates import Candidate, Reading, readings
from gongkai.pipeline.check import EXACT_FORMATS
from gongkai.pipeline.decisions import Decision
from gongkai.pipeline.extractions import Extractions
from gongkai.pipeline.judging import verdicts, year_before
from gongkai.pipeline.quality_rows import change_rows, decision_row, finding_row, proposal_rows, reason_rows
from gongkai.pipeline.reviewed import ACCEPTED, REJECTED, Review, judge
from gongkai.pipeline.settle import Revision, Settled, settle
from gongkai.pipeline.telling import tell_year
from gongkai.quality.model import Finding, Outcome
from gongkai.quality.standing import Status, StatusReason, measures, settle_status
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
    validations: Mapping[str, Mapping[str, Any]]

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
    judged = verdicts(settled, reviewed, year_before(year, lake))
    doubtful = judged.result.findings.failing_reports()
    published = {one.report_id: _first_published(one) for one in settled}
    days = {report_id: day for report_id, (day, _) in published.items()}
    told = tell_year(year, settled, days, reviewed, judged, lake)
    rows = {name: Gathered(contract) for name, contract in lake.tables.items()}
    statuses: Counter[str] = Counter()
    n_findings = 0
    across = {
        code: {rule.id for rule in template.expanded_rules if rule.crosses_years}
        for code, template in load_templates().items()
    }
    addresses = Counter(sha for sha, *_ in {(r.extraction.sha256, _address(r)) for r in read})
    for one in settled:
        review = reviewed.of(one.report_id)
        found_in = [*judged.shown.get(one.report_id, ()), *told.shown[one.report_id]]
        in_force = [shown.in_force for shown in found_in]
        status, reasons = _status(one, in_force, review, across[one.report.template])
        statuses[status.value] += 1
        rows["reports"].add([_report_row(one, in_force, review, status, reasons, published[one.report_id])])
        rows["status_reasons"].add(reason_rows(one, reasons))
        rows["revisions"].add(
            _revision_row(one, revision, addresses[revision.reading.extraction.sha256]) for revision in one.revisions
        )
        rows["revision_changes"].add(change_rows(one))
        rows["findings"].add(finding_row(one, shown) for shown in found_in)
        n_findings += len(found_in)
        if one.report_id in doubtful:
            rows["proposals"].add(proposal_rows(one, judged.blames.of(one.report_id).faults))
        ids = (one.report_id, one.in_force.revision_id, one.agency_id)
        for name, lines in facts(one.report, *ids, load_templates(), review.as_corrections()).items():
            rows[name].add(lines)
    documents = _document_rows(year, read, settled, extractions)
    rows["documents"].add(documents)
    rows["decisions"].add(decision_row(year, one) for one in reviewed.judged)
    rows["rule_coverage"].add(
        {
            "report_year": year, "template": rule.template, "rule_id": rule.rule_id, "applicable": rule.applicable,
            "passed": rule.passed, "passed_if_blank_is_zero": rule.passed_if_blank_is_zero, "failed": rule.failed,
            "undecidable": rule.undecidable,
        }
        for rule in (*judged.result.coverage, *told.coverage)
    )  # fmt: skip
    counts = {
        "reports": len(settled),
        **{status.value: statuses[status.value] for status in Status},
        "unread": sum(row["fate"] in ("failed", "not_a_report") for row in documents),
        "findings": n_findings,
    }
    return BuiltYear({name: found.table() for name, found in rows.items()}, counts, judged.result.validations)


def _status(
    one: Settled, findings: Sequence[Finding], review: Review, across: Collection[str]
) -> tuple[Status, tuple[StatusReason, ...]]:
    """The status by the policy over what counts, corrected or as read, and by what a reviewer said of it."""
    measured = measures(review.overlay(one.report), findings, across, exact_formats=EXACT_FORMATS)
    fails = any(finding.outcome is Outcome.FAIL and finding.severity == "error" for finding in findings)
    return review.status(*settle_status(measured), fails=fails)


def _report_row(
    one: Settled,
    findings: Sequence[Finding],
    review: Review,
    status: Status,
    reasons: Sequence[StatusReason],
    published: tuple[date | None, str | None],
) -> dict[str, Any]:
    report, reading = one.report, one.in_force.reading
    failed = [f for f in findings if f.outcome is Outcome.FAIL]
    decided = any(reason.code in (ACCEPTED, REJECTED) for reason in reasons)
    states = Counter(cell.state for cell in report.cells)
    due = due_date(one.report_year, government=is_government(one.agency))
    first, first_from = published
    return {
        "report_id": one.report_id,
        "agency_id": one.agency_id,
        "agency_name": one.agency,
        "region_code": one.region_code,
        "report_year": one.report_year,
        "template": report.template,
        "title": report.identity.title,
        "published_on": report.identity.published or reading.candidate.hints.published,
        "first_published_on": first,
        "published_from": first_from,
        "due_on": due,
        "status": status.value,
        "status_reason": "; ".join(reason.en for reason in reasons if reason.is_decisive),
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
        "decision_id": review.verdict.decision_id if review.verdict and decided else None,
        "days_late": max(0, (first - due).days) if first else None,
    }


def _address(reading: Reading) -> tuple[str, str]:
    return reading.candidate.entry.source, reading.candidate.entry.url


def _first_published(one: Settled) -> tuple[date | None, str | None]:
    """The day on which the first content of a report was published, and where it stands: in the report or its listing.

    A correction makes no report late. Days within the report year are misprints or last year's; they count only where
    there is no other.
    """
    days: list[tuple[bool, date, str]] = []
    for revision in one.revisions:
        stated = revision.reading.extraction.report
        day, place = stated.identity.published if stated else None, "report"
        if day is None:
            day, place = revision.reading.candidate.hints.published, "listing"
        if day is not None:
            days.append((day.year <= one.report_year, day, place))
    return min(days)[1:] if days else (None, None)


def _revision_row(one: Settled, revision: Revision, n_addresses: int) -> dict[str, Any]:
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
        "n_addresses": n_addresses,
        "in_force": revision is one.in_force,
        "fate": revision.fate.value,
        "template": report.template,
        "title": report.identity.title,
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
                "first_seen": entry.first_seen,
                "extractor": extractions.version_of(extraction),
            }
        )
    return rows
