"""Reports that were settled anew as rows of the lake, but for the tables that speak of a whole year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

import pyarrow as pa

from gongkai.contracts.load import load_templates
from gongkai.contracts.tables import TableContract
from gongkai.lake.rows import facts
from gongkai.lake.schema import Gathered
from gongkai.pipeline.check import EXACT_FORMATS
from gongkai.pipeline.judging import Judgement
from gongkai.pipeline.quality_rows import change_rows, finding_row, proposal_rows, reason_rows
from gongkai.pipeline.report_rows import report_row, revision_row
from gongkai.pipeline.reviewed import Review, Reviewed
from gongkai.pipeline.settle import Settled
from gongkai.pipeline.telling import Told
from gongkai.quality.model import Finding, Outcome
from gongkai.quality.standing import Status, StatusReason, measures, settle_status

OF_YEARS = ("documents", "decisions", "rule_coverage")
"""Tables of the lake whose rows are of no one report: the year has them as a whole."""

Published = Mapping[str, tuple[date | None, str | None]]
"""What report_rows.first_published says, by report."""


def report_tables(
    settled: Iterable[Settled],
    published: Published,
    reviewed: Reviewed,
    judged: Judgement,
    told: Told,
    addresses: Counter[str],
    contracts: Mapping[str, TableContract],
) -> dict[str, pa.Table]:
    """Return the rows of reports by table.

    Args:
        settled: The reports, of one year.
        published: When and by what they were first published.
        reviewed: What was decided of them.
        judged: What the rules over the tables say.
        told: What the rules over the text say.
        addresses: Number of addresses by content.
        contracts: The tables of the lake.
    """
    rows = {name: Gathered(contract) for name, contract in contracts.items() if name not in OF_YEARS}
    templates = load_templates()
    doubtful = judged.result.findings.failing_reports()
    across = {
        code: {rule.id for rule in template.expanded_rules if rule.crosses_years}
        for code, template in templates.items()
    }
    for one in settled:
        review = reviewed.of(one.report_id)
        found = [*judged.shown.get(one.report_id, ()), *told.shown[one.report_id]]
        in_force = [shown.in_force for shown in found]
        status, reasons = _status(one, in_force, review, across[one.report.template])
        rows["reports"].add([report_row(one, in_force, review, status, reasons, published[one.report_id])])
        rows["status_reasons"].add(reason_rows(one, reasons))
        rows["revisions"].add(
            revision_row(one, revision, addresses[revision.reading.extraction.sha256]) for revision in one.revisions
        )
        rows["revision_changes"].add(change_rows(one))
        rows["findings"].add(finding_row(one, shown) for shown in found)
        if one.report_id in doubtful:
            rows["proposals"].add(proposal_rows(one, judged.blames.of(one.report_id).faults))
        ids = (one.report_id, one.in_force.revision_id, one.agency_id)
        for name, lines in facts(one.report, *ids, templates, review.as_corrections()).items():
            rows[name].add(lines)
    return {name: found.table() for name, found in rows.items()}


def _status(
    one: Settled, findings: Sequence[Finding], review: Review, across: Collection[str]
) -> tuple[Status, tuple[StatusReason, ...]]:
    """The status by the policy over what counts, corrected or as read, and by what a reviewer said of it."""
    measured = measures(review.overlay(one.report), findings, across, exact_formats=EXACT_FORMATS)
    fails = any(finding.outcome is Outcome.FAIL and finding.severity == "error" for finding in findings)
    return review.status(*settle_status(measured), fails=fails)
