"""Asking: quarantined reports as questions to a person, in bounded batches, and the answers as decisions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from gongkai.errors import RunError
from gongkai.pipeline.decisions import Decision
from gongkai.pipeline.evidence import page_name, write_evidence
from gongkai.pipeline.load import open_lake
from gongkai.pipeline.quarantine import Case, case, find_report, waiting
from gongkai.pipeline.review import Reviewer, accept, correct, put_off, reject
from gongkai.pipeline.staleness import reasons, settling
from gongkai.settings import get_settings

_HOW = (
    "accept: as it was read. correct: fill in cell and value (one cell; more with `gongkai review correct`). "
    "reject: it stays out for good. later: nothing yet. Say why."
)
_MOST_LINES = 12
_MOST_CHARS = 160


def questions() -> list[dict[str, Any]]:
    """Return the reports to ask about now, each with subject and body (markdown) and a page of evidence.

    At most `review_batch` (settings), the oldest year first; none that was decided on, nor one that was put off less
    than `review_again_days` ago.
    """
    settings = get_settings()
    since = (datetime.now(UTC) - timedelta(days=settings.review_again_days)).isoformat(timespec="seconds")
    due = [row for row in waiting() if not row["decided"] and (row["asked"] or "") < since][: settings.review_batch]
    pages = write_evidence(due)
    return [
        {
            "report_id": row["report_id"],
            "document_sha256": row["document_sha256"],
            "subject": f"{row['agency_name']} {row['report_year']}: {row['status_reason']}"[:_MOST_CHARS],
            "body": _body(case(row["report_id"]), has_page=row["report_id"] in pages),
        }
        for row in due
    ]


def take_answer(
    question: Mapping[str, Any], chosen: str, form: Mapping[str, Any], who: str | None, at: datetime
) -> Decision:
    """Take an answer down as a decision.

    Args:
        question: report_id and document_sha256 as asked.
        chosen: accept, correct, reject or later.
        form: cell, value and why as filled in.
        who: The person; None where nobody answered and the default was taken.
        at: When it was answered: taken down twice, it is one decision.

    Raises:
        RunError: The report was revised since it was asked about, or the answer cannot be taken.
    """
    report_id = str(question["report_id"])
    why = str(form.get("why") or "").strip()
    if who is None:
        said = f"nobody answered in time: {chosen} was taken by default, the report stays as it is"
        by = Reviewer("nobody", said, "airflow", at, is_default=True)
    else:
        by = Reviewer(who, why or "no reason given", "airflow", at)
    if chosen == "later":
        return put_off(report_id, by)
    if find_report(report_id)["document_sha256"] != question["document_sha256"]:
        raise RunError(
            "the report was revised since it was asked about", where=report_id, found=f"the answer {chosen}",
            do="the next run of review_reports asks about the revision, if it waits",
        )  # fmt: skip
    if chosen == "accept":
        return accept(report_id, by)
    if chosen == "reject":
        return reject(report_id, by)
    return correct(report_id, str(form.get("cell") or ""), str(form.get("value") or ""), by)


def decided_years() -> list[int]:
    """Return the report years that were decided on since they were settled."""
    of = settling(open_lake())
    return [year for year in of.years() if "decisions" in reasons(of, year)]


def _body(found: Case, *, has_page: bool) -> str:
    report = found.report
    page = f"{get_settings().evidence_url.rstrip('/')}/{page_name(report['document_sha256'])}"
    lines = [
        f"[Where each value was read]({page})" if has_page else "There is no page of evidence: the document is gone.",
        f"{_plain(report['status_reason'])} · document {report['document_sha256'][:12]} · {_plain(report['url'])}",
        "",
        "**Doubtful cells** (table/row/column)",
        *_some([f"`{'/'.join(row[k] for k in _CELL)}` {_cell(row)}" for row in found.doubtful]),
        "",
        "**Rules that fail**",
        *_some(
            [f"`{row['rule_id']}` {_plain(row['message_en'])}" for row in found.findings if row["outcome"] == "fail"]
        ),
        "",
        *(["**Proposals**", *_some([_plain(row) for row in found.proposals]), ""] if found.proposals else []),
        _HOW,
    ]
    return "\n".join(lines)


_CELL = ("table_code", "row_code", "column_code")


def _finding(row: Mapping[str, Any]) -> str:
    return f"`{row['rule_id']}` {_plain(row['message_en'])}"


def _cell(row: Mapping[str, Any]) -> str:
    beside = f", read again as {_plain(row['second_raw'])}" if row["second_raw"] is not None else ""
    return f"{row['state']}, prints {_plain(row['raw'])}{beside}"


def _some(lines: list[str]) -> list[str]:
    more = [f"- and {len(lines) - _MOST_LINES} more"] if len(lines) > _MOST_LINES else []
    return [f"- {line}" for line in lines[:_MOST_LINES]] + more if lines else ["- none"]


def _plain(said: Any) -> str:
    """What a document or a portal says, as text: no markup of its own gets into the page."""
    text = " ".join(str(said).split())[:_MOST_CHARS]
    return "".join(f"&#{ord(char)};" if char in "<>&[]()!*_`\\|#~\"'" else char for char in text)
