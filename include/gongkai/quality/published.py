"""Publication after the statutory date (article 49 of the regulation): family `publication`."""

from __future__ import annotations

from decimal import Decimal

from gongkai.quality.model import Outcome
from gongkai.quality.text_verdicts import PASSED, Subject, TextVerdict
from gongkai.quality.textbook import TextRule
from gongkai.reports.identity import due_date, is_correction


def judge(_: TextRule, subject: Subject) -> TextVerdict | None:
    """Compare the day of publication with the day it was due.

    Returns:
        None where no day of publication is known, or the report is a correction, whose first publication is not.
    """
    identity = subject.report.identity
    if identity.published is None or is_correction(identity.title):
        return None
    due = due_date(identity.report_year, government=subject.covers_area)
    late = (identity.published - due).days
    if late <= 0:
        return PASSED
    return TextVerdict(
        Outcome.FAIL,
        Decimal(late),
        Decimal(0),
        zh=f"{identity.published.isoformat()} 公布，晚于法定的 {due.isoformat()} {late} 天",
        en=f"published {identity.published.isoformat()}, {late} days after the statutory {due.isoformat()}",
    )
