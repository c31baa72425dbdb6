"""Status: what the current release holds, by year and status, and what needs a look."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gongkai.pipeline.publish import current_release
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
SELECT family, outcome, attribution, count(*)::INT AS findings, count(DISTINCT report_id)::INT AS reports
FROM findings
WHERE $year IS NULL OR report_year = $year
GROUP BY ALL ORDER BY ALL
"""
_LOOK = """
SELECT report_year, source, listed_title, fate, error_code, reason
FROM documents
WHERE fate IN ('failed', 'not_a_report') AND ($year IS NULL OR report_year = $year)
ORDER BY ALL
"""
_MISSING = """
SELECT report_year, agency_name, status, source
FROM coverage
WHERE expected AND NOT found AND ($year IS NULL OR report_year = $year)
ORDER BY ALL
"""


@dataclass(frozen=True)
class Status:
    """What a release holds.

    Attributes:
        release_id: The release.
        path: Its file.
        reports: One row a report year: reports, of them accepted, accepted_with_errors, quarantined; revisions.
        findings: One row a rule family, outcome and attribution: findings, and the reports they are in.
        unread: One row a document that gave no report, with the reason.
        missing: One row an agency and year that was expected and not found.
    """

    release_id: str
    path: Path
    reports: Rows
    findings: Rows
    unread: Rows
    missing: Rows

    def tables(self) -> dict[str, Rows]:
        """The rows by title, for printing."""
        return {
            f"reports ({self.release_id})": self.reports,
            "findings": self.findings,
            "documents that need a look": self.unread,
            "reports expected and not found": self.missing,
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
            path.stem.removeprefix("gongkai-"), path, rows(_REPORTS), rows(_FINDINGS), rows(_LOOK), rows(_MISSING)
        )
