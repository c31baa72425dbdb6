"""Status: what the current release holds, by year and status, and what needs a look."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from gongkai.pipeline.candidates import open_archive
from gongkai.pipeline.collected import last_runs
from gongkai.pipeline.publish import current_release
from gongkai.pipeline.seen import seen
from gongkai.settings import TIMEZONE, get_settings
from gongkai.warehouse.releases import open_release

Rows = list[dict[str, Any]]

_REPORTS = """
SELECT report_year,
       count(*)::INT AS reports,
       count(*) FILTER (status = 'accepted')::INT AS accepted,
       count(*) FILTER (status = 'accepted_with_errors')::INT AS accepted_with_errors,
       count(*) FILTER (status = 'quarantined')::INT AS quarantined,
       sum(n_revisions)::INT AS revisions
FROM reports
WHERE $year IS NULL OR report_year = $year
GROUP BY ALL ORDER BY ALL
"""
_FINDINGS = """
SELECT family, coalesce(outcome_corrected, outcome) AS outcome, attribution,
       count(*)::INT AS findings, count(DISTINCT report_id)::INT AS reports
FROM findings
WHERE coalesce(outcome_corrected, outcome) <> 'pass' AND ($year IS NULL OR report_year = $year)
GROUP BY ALL ORDER BY ALL
"""
_LOOK = """
SELECT report_year, source, listed_title, fate, error_code, reason
FROM documents
WHERE fate IN ('failed', 'not_a_report') AND ($year IS NULL OR report_year = $year)
ORDER BY ALL
"""
_COVERAGE = """
SELECT report_year, expected, found, missing, late, changed, removed, blocked, failed, not_a_report, gone, not_due
FROM mart.coverage_by_year
WHERE $year IS NULL OR report_year = $year
ORDER BY ALL
"""
_MISSING = """
SELECT report_year, agency_name, outcome, reason, due_on, source, url
FROM coverage
WHERE expected AND NOT found AND ($year IS NULL OR report_year = $year)
ORDER BY ALL
"""
_ODD = """
SELECT report_year, agency_name, due_on, published_on, published_from, days_late, changed, removed_on, source
FROM coverage
WHERE found AND (days_late > 0 OR changed OR removed_on IS NOT NULL) AND ($year IS NULL OR report_year = $year)
ORDER BY ALL
"""
_RUN = (
    *("source", "ended", "years", "is_complete", "listed", "new", "unchanged", "revised", "skipped", "blocked"),
    *("failed", "not_a_report", "requests", "bytes", "errors", "warnings", "why"),
)


@dataclass(frozen=True)
class Status:
    """What a release holds.

    Attributes:
        release_id: The release.
        path: Its file.
        reports: One row a report year: reports, of them accepted, accepted_with_errors, quarantined; revisions.
        findings: One row a rule family, outcome and attribution: findings, and the reports they are in.
        unread: One row a document that gave no report, with the reason.
        coverage: One row a report year: reports expected, found, missing, late, changed, removed, and why missing.
        missing: One row an agency and year that was expected and not found, and why.
        odd: One row a report that was late, changed, or removed from its portal.
        runs: One row a source: what its last run made of it, as the archive says, whether or not a release tells it.
    """

    release_id: str
    path: Path
    reports: Rows
    findings: Rows
    unread: Rows
    coverage: Rows
    missing: Rows
    odd: Rows
    runs: Rows

    def tables(self) -> dict[str, Rows]:
        """The rows by title, for printing."""
        return {
            f"reports ({self.release_id})": self.reports,
            "findings": self.findings,
            "documents that need a look": self.unread,
            "coverage": self.coverage,
            "reports expected and not found": self.missing,
            "reports late, changed or removed": self.odd,
            "last run of each source": self.runs,
        }

    def as_dict(self) -> dict[str, Any]:
        """Plain values for logs and task results."""
        return asdict(self) | {"path": str(self.path)}


def status(year: int | None = None) -> Status:
    """Read the state of the current release.

    Args:
        year: Only this report year; None for all.

    Raises:
        RunError: Nothing was published yet.
    """
    path = current_release()
    with open_release(path) as con:

        def rows(sql: str) -> Rows:
            found = con.execute(sql, {"year": year})
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

        return Status(
            release_id=path.stem.removeprefix("gongkai-"),
            path=path,
            reports=rows(_REPORTS),
            findings=rows(_FINDINGS),
            unread=rows(_LOOK),
            coverage=rows(_COVERAGE),
            missing=rows(_MISSING),
            odd=rows(_ODD),
            runs=_last_runs(),
        )


def _last_runs() -> Rows:
    """What the last run made of each source, its end in Chinese time."""
    known = last_runs(seen(open_archive(), get_settings().lake, keep=False))
    zone = ZoneInfo(TIMEZONE)
    return [
        {
            **{name: row[name] for name in _RUN},
            "ended": f"{row['ended'].replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M}",
        }
        for _, row in sorted(known.items())
    ]
