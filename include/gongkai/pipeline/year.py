"""Build the tables of one report year from its extractions: pure, but for what it reads of the year before."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from gongkai.contracts.load import load_templates
from gongkai.lake.rows import facts
from gongkai.lake.schema import table_of
from gongkai.lake.store import Lake
from gongkai.pipeline.agencies import Directory
from gongkai.pipeline.candidates import Candidate, Reading, readings
from gongkai.pipeline.check import agreements_of, cells_table, is_certain, links_table, text_result
from gongkai.pipeline.extractions import Extractions
from gongkai.pipeline.settle import Revision, Settled, Status, settle, status_of
from gongkai.quality.check import check
from gongkai.quality.copied import CHAPTER, Overviews, add_overview, overviews_of
from gongkai.quality.model import CheckResult, Finding, Outcome
from gongkai.reports.identity import due_date, is_government
from gongkai.reports.model import Identity, Report, State
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


def build_year(year: int, found: Sequence[Candidate], extractions: Extractions, lake: Lake) -> BuiltYear:
    """Settle and check the reports of a year.

    Args:
        year: The report year.
        found: Candidates of the year.
        extractions: What reading them gave; candidates without are left for a later call.
        lake: Gives the reports in force of the year before.

    Raises:
        RunError: A check is broken, or the two engines differ.
    """
    read = readings(found, year, extractions)
    settled = settle((one for one in read if one.extraction.report), Directory(load_sources(get_settings().sources)))
    result = _check(year, settled, lake)
    texts = text_result(_first_published(settled), _overviews(year, settled, lake))
    rows: dict[str, Rows] = {name: [] for name in lake.tables}
    by_report: dict[str, list[Finding]] = defaultdict(list)
    for finding in result.findings.worth_showing():
        by_report[finding.report_key].append(finding)
    statuses: Counter[str] = Counter()
    for one in settled:
        told = [finding for finding in texts.findings[one.report_id] if finding.is_worth_showing]
        by_report[one.report_id] += told
        row = _report_row(one, by_report[one.report_id])
        statuses[row["status"]] += 1
        rows["reports"].append(row)
        rows["revisions"] += [_revision_row(one, revision) for revision in one.revisions]
        rows["findings"] += [_finding_row(one, finding) for finding in by_report[one.report_id]]
        for name, lines in facts(
            one.report, one.report_id, one.in_force.revision_id, one.agency_id, load_templates()
        ).items():
            rows[name] += lines
    rows["documents"] = _document_rows(year, read, settled, extractions)
    rows["rule_coverage"] = [
        {
            "report_year": year, "template": rule.template, "rule_id": rule.rule_id, "applicable": rule.applicable,
            "passed": rule.passed, "passed_if_blank_is_zero": rule.passed_if_blank_is_zero, "failed": rule.failed,
            "undecidable": rule.undecidable,
        }
        for rule in (*result.coverage, *texts.coverage)
    ]  # fmt: skip
    counts = {
        "reports": len(settled),
        **{status.value: statuses[status.value] for status in Status},
        "unread": sum(row["fate"] in ("failed", "not_a_report") for row in rows["documents"]),
        "findings": len(rows["findings"]),
    }
    return BuiltYear(
        {name: table_of(rows[name], lake.tables[name]) for name in lake.tables}, counts, result.validations
    )


def _check(year: int, settled: Sequence[Settled], lake: Lake) -> CheckResult:
    """Judge the reports of a year, with the agencies' reports in force of the year before as the lake holds them."""
    reports = {one.report_id: one.report for one in settled}
    certain = [key for key, report in reports.items() if is_certain(report)]
    cells = cells_table(reports)
    links: dict[str, str] = {}
    if year - 1 in lake.years():
        before = lake.read("reports", [year - 1]).select(["report_id", "agency_id", "template", "status"]).to_pylist()
        by_agency = {row["agency_id"]: row["report_id"] for row in before}
        links = {one.report_id: by_agency[one.agency_id] for one in settled if one.agency_id in by_agency}
        certain += [row["report_id"] for row in before if row["status"] != Status.QUARANTINED]
        templates = {row["report_id"]: row["template"] for row in before}
        cells = pa.concat_tables([cells, _cells_of(lake, year - 1, set(links.values()), templates)])
    return check(
        cells,
        links_table(links),
        subjects=list(reports),
        certain=certain,
        agreements=agreements_of(reports),
        engines="both",
    )


def _first_published(settled: Sequence[Settled]) -> dict[str, Report]:
    """The reports in force, with the day when the first of their revisions was published: corrections come later."""
    reports = {}
    for one in settled:
        days = [
            day
            for revision in one.revisions
            if (found := revision.reading.extraction.report)
            and (day := found.identity.published or revision.reading.candidate.hints.published)
        ]
        first = min(days, default=None)
        reports[one.report_id] = replace(one.report, identity=replace(one.report.identity, published=first))
    return reports


def _overviews(year: int, settled: Sequence[Settled], lake: Lake) -> Overviews:
    """What agencies wrote this year, and the year before as the lake holds it."""
    found = overviews_of({one.report_id: one.report for one in settled})
    if year - 1 not in lake.years():
        return found
    reports = {row["report_id"]: row for row in lake.read("reports", [year - 1]).to_pylist()}
    texts = lake.read("narratives", [year - 1])
    told = pc.and_(pc.equal(texts["chapter_code"], CHAPTER), pc.equal(texts["topic_no"], 0))
    for row in texts.filter(told).select(["report_id", "text"]).to_pylist():
        before = reports[row["report_id"]]
        identity = Identity(
            before["agency_name"], "", year - 1, before["title"], None, {}, region_code=before["region_code"]
        )
        add_overview(found, identity, [row["text"]])
    return found


def _cells_of(lake: Lake, year: int, report_ids: set[str], templates: Mapping[str, str]) -> pa.Table:
    from gongkai.quality.tables import cells_schema

    table = lake.read("cells", [year])
    table = table.filter(pc.is_in(table["report_id"], pa.array(sorted(report_ids), pa.string())))
    template = pa.array([templates[one] for one in table["report_id"].to_pylist()], pa.string())
    columns = [table["report_id"], template, table["table_code"], table["row_code"], table["column_code"]]
    return pa.table([*columns, table["state"], table["value"]], names=cells_schema().names).cast(cells_schema())


def _report_row(one: Settled, findings: Sequence[Finding]) -> dict[str, Any]:
    report, reading = one.report, one.in_force.reading
    failed = [f for f in findings if f.outcome is Outcome.FAIL]
    errors = [f for f in failed if f.severity == "error"]
    crossing = {rule.id for rule in load_templates()[report.template].expanded_rules if rule.crosses_years}
    # A doubtful reading of the year before is no reason to doubt this report.
    doubtful = sum(f.attribution != "publisher" for f in errors if f.rule_id not in crossing)
    status, reason = status_of(one, [f.rule_id for f in errors], doubtful)
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


def _finding_row(one: Settled, finding: Finding) -> dict[str, Any]:
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
        "severity": finding.severity,
        "printed": finding.printed,
        "expected": finding.expected,
        "attribution": finding.attribution,
        "reason": finding.reason.value,
        "cells": list(finding.cells),
        "message_zh": finding.message_zh,
        "message_en": finding.message_en,
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
                "extractor": extractions.fingerprint,
            }
        )
    return rows
