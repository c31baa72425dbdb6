"""A settled report as rows of the tables `reports` and `revisions`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from gongkai.pipeline.reviewed import ACCEPTED, REJECTED, Review
from gongkai.pipeline.settle import Revision, Settled
from gongkai.quality.model import Finding, Outcome
from gongkai.quality.standing import Status, StatusReason
from gongkai.reports.identity import due_date, is_government
from gongkai.reports.model import State


def report_row(
    one: Settled,
    findings: Sequence[Finding],
    review: Review,
    status: Status,
    reasons: Sequence[StatusReason],
    published: tuple[date | None, str | None],
) -> dict[str, Any]:
    """Return the row of a report.

    Args:
        one: The report.
        findings: Of its rules, with the outcomes that count.
        review: What was decided of it.
        status: Its status.
        reasons: Why.
        published: What `first_published` says.
    """
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


def first_published(one: Settled) -> tuple[date | None, str | None]:
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


def revision_row(one: Settled, revision: Revision, n_addresses: int) -> dict[str, Any]:
    """Return the row of one document of a report."""
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
