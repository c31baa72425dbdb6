"""Small lakes made by hand: reports of three templates with figures of the domain, and every table around them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa

from gongkai.contracts.load import load_templates
from gongkai.contracts.tables import load_tables
from gongkai.lake.rows import facts
from gongkai.lake.schema import lake_tables, table_of
from gongkai.quality.textbook import text_rules
from gongkai.reports.model import Cell, Chapter, Identity, Report, State, StatedFigure

APPLICANTS = ("natural_person", "business", "research", "nonprofit", "legal_service", "other_org", "total")
REVIEW = ("upheld", "corrected", "other", "pending", "total")

# 宿迁市 and 淮安市, as printed; the rows not named are 0.
SUQIAN = {
    2023: {
        "received": (3402, 99, 0, 4, 5, 1, 3511),
        "carried_in": (91, 3, 0, 0, 2, 0, 96),
        "resolved_total": (3375, 99, 0, 4, 7, 1, 3486),
        "carried_out": (118, 3, 0, 0, 0, 0, 121),
    },
    2024: {
        "received": (3440, 75, 0, 1, 6, 3, 3525),
        "carried_in": (118, 3, 0, 0, 0, 0, 121),
        "resolved_total": (3440, 73, 0, 1, 5, 2, 3521),
        "carried_out": (118, 5, 0, 0, 1, 1, 125),
    },
}
HUAIAN_REVIEW = {
    "review": (72, 64, 178, 37, 351),
    "litigation_direct": (13, 4, 8, 1, 26),
    "litigation_after_review": (12, 1, 1, 6, 20),
}


def cells_of(applications=(), review=(), proactive=(), legacy=()):
    """Overrides by (table, row, column) from rows of figures; None stands for a blank cell."""
    cells = {}
    for table, columns, rows in (("applications", APPLICANTS, applications), ("review", REVIEW, review)):
        for row, figures in dict(rows).items():
            cells |= {(table, row, column): figure for column, figure in zip(columns, figures, strict=True)}
    for (row, column), figure in dict(proactive).items():
        cells["proactive", row, column] = figure
    for row, figure in dict(legacy).items():
        cells["legacy", row, "value"] = figure
    return cells


def report(agency, year, template, cells=None, *, single_other=False, sha="", chapters=(), figures=()):
    """A report whose form is complete: cells not named state 0."""
    contract = load_templates()[template]
    made = []
    for table in contract.tables:
        printed = frozenset({"other"}) if single_other else frozenset()
        for row in contract.form(printed, table.code):
            for column in contract.table_by_code[table.code].columns_of(row):
                given = (cells or {}).get((table.code, row.code, column.code), 0)
                made.append(_cell(table.code, row.code, column.code, given))
    identity = Identity(agency, agency, year, f"{agency}{year}年政府信息公开工作年度报告", date(year + 1, 1, 20), {})
    sha = sha or sha_of(f"{agency}{year}")
    return Report(identity, template, tuple(made), tuple(chapters), tuple(figures), sha, "html", "html-lxml")


def _cell(table, row, column, given):
    place = {"path": f"table[1]/{row}/{column}", "method": "html-lxml/grid", "confidence": 1.0}
    if isinstance(given, State):
        return Cell(table, row, column, given, raw=None if given is State.NOT_EXTRACTED else "某", **place)
    if given is None:
        return Cell(table, row, column, State.BLANK, raw="", **place)
    return Cell(table, row, column, State.NUMBER, Decimal(str(given)), raw=str(given), **place)


@dataclass
class Entry:
    """A report in the sample lake."""

    report: Report
    agency_id: str
    status: str = "accepted"
    revision_no: int = 1
    findings: list[dict] = field(default_factory=list)
    older: str = ""  # sha256 of the revision that this one supersedes

    @property
    def report_id(self):
        return f"{self.agency_id}-{self.report.identity.report_year}"

    @property
    def revision_id(self):
        return f"{self.report_id}-r{self.revision_no}"


def sha_of(name):
    import hashlib

    return hashlib.sha256(name.encode()).hexdigest()


def year_rows(year, entries):
    """Rows by table of one year."""
    rows = {name: [] for name in lake_tables()}
    templates = load_templates()
    for entry in entries:
        made = facts(entry.report, entry.report_id, entry.revision_id, entry.agency_id, templates)
        for name, found in made.items():
            rows[name] += found
        rows["reports"].append(_report_row(entry))
        rows["revisions"] += _revision_rows(entry)
        rows["documents"].append(_document_row(entry))
        ids = {"report_id": entry.report_id, "revision_id": entry.revision_id, "agency_id": entry.agency_id}
        rows["findings"] += [ids | {"report_year": year} | finding for finding in entry.findings]
    for template, contract in templates.items():
        judged = [entry for entry in entries if entry.report.template == template]
        for rule in (*contract.expanded_rules, *(one.rule for one in text_rules(template))):
            outcomes = [found["outcome"] for e in judged for found in e.findings if found["rule_id"] == rule.id]
            counts = {
                "failed": outcomes.count("fail"),
                "undecidable": outcomes.count("undecidable"),
                "passed_if_blank_is_zero": outcomes.count("pass_if_blank_is_zero"),
            }
            counts |= {"applicable": len(judged), "passed": len(judged) - sum(counts.values())}
            rows["rule_coverage"].append({"report_year": year, "template": template, "rule_id": rule.id} | counts)
    return rows


def year_tables(year, entries) -> dict[str, pa.Table]:
    contracts = load_tables()
    return {name: table_of(rows, contracts[name]) for name, rows in year_rows(year, entries).items()}


def _report_row(entry):
    made = entry.report
    states = [cell.state for cell in made.cells]
    return {
        "report_id": entry.report_id,
        "agency_id": entry.agency_id,
        "agency_name": made.identity.agency,
        "report_year": made.identity.report_year,
        "template": made.template,
        "title": made.identity.title,
        "published_on": made.identity.published,
        "status": entry.status,
        "revision_id": entry.revision_id,
        "document_sha256": made.document_sha256,
        "format": made.format,
        "source": "sample",
        "url": f"http://portal.example/{entry.revision_id}.html",
        "n_revisions": entry.revision_no,
        "n_cells": len(states),
        "n_numbers": states.count(State.NUMBER),
        "n_blank": states.count(State.BLANK),
        "n_not_extracted": states.count(State.NOT_EXTRACTED),
        "n_failed_rules": sum(found["outcome"] == "fail" for found in entry.findings),
        "days_late": 0,
    }


def _revision_rows(entry):
    row = _report_row(entry)
    common = {key: row[key] for key in ("report_id", "report_year", "agency_id", "format", "source", "url", "template")}
    seen = datetime(row["report_year"] + 1, 2, 1, 8, tzinfo=UTC)
    made = []
    for number in range(1, entry.revision_no + 1):
        last = number == entry.revision_no
        made.append(
            common
            | {
                "revision_id": f"{entry.report_id}-r{number}",
                "revision_no": number,
                "document_sha256": row["document_sha256"] if last else sha_of(f"{entry.report_id}-r{number}"),
                "first_seen": seen.replace(day=number),
                "in_force": last,
                "fate": "in_force" if last else "superseded",
                "title": row["title"],
            }
        )
    return made


def _document_row(entry):
    row = _report_row(entry)
    common = {key: row[key] for key in ("document_sha256", "url", "source", "report_year", "format", "report_id")}
    return common | {"listed_title": row["title"], "fate": "report", "extractor": "sample-1"}


def finding(rule_id, *, outcome="fail", printed=None, expected=None, attribution="publisher"):
    family, _, place = rule_id.partition(":")
    table, row, column = place.rsplit("/", 2)
    return {
        "rule_id": rule_id,
        "family": family,
        "table_code": table,
        "row_code": row,
        "column_code": column,
        "outcome": outcome,
        "severity": "error",
        "printed": printed,
        "expected": expected,
        "attribution": attribution,
        "cells": [place],
        "message_zh": "分项之和与总计不符",
        "message_en": "the parts do not add up to the total",
    }


def sample_entries():
    """Entries by year: a chain of years, a wrong sum, a blank, a correction, a quarantined report, a legacy one."""
    text = "2024年，全市共收到政府信息公开申请3525件。"
    chapters = [Chapter(1, "overview", "一、总体情况", text)]
    figures = [
        StatedFigure("applications", "received", "total", Decimal(3525), text, 1, text.index("3525"), 26, "area")
    ]
    granted = {"granted": (2000, 40, 0, 1, 3, 1, 2045), "partial": (300, 10, 0, 0, 0, 0, 310)}
    return {
        2018: [
            Entry(
                report(
                    "济宁市科技局", 2018, "legacy", cells_of(legacy={"3.3": 1, "3.3.1": 1, "3.3.2": 1, "8.4": 0.75})
                ),
                "jining-kjj",
                "accepted_with_errors",
                findings=[finding("legacy_sum:legacy/3.3/value", printed=Decimal(1), expected=Decimal(2))],
            )
        ],
        2020: [
            Entry(
                report(
                    "乌海市工信局",
                    2020,
                    "2019",
                    cells_of(
                        proactive={
                            ("penalties", "prior_items"): 25,
                            ("penalties", "change"): -1,
                            ("other_services", "prior_items"): 2,
                            ("other_services", "change"): 2,
                            ("other_services", "decisions"): 114,
                            ("procurement", "amount_cny"): "251000.5",
                        }
                    ),
                ),
                "wuhai-gxj",
            )
        ],
        2023: [
            Entry(report("宿迁市人民政府", 2023, "2021", cells_of(SUQIAN[2023]), sha=sha_of("sq2023")), "suqian"),
            Entry(
                report("某县人民政府", 2023, "2021", {("applications", "received", "total"): State.NOT_EXTRACTED}),
                "mouxian",
                "quarantined",
            ),
        ],
        2024: [
            Entry(
                report(
                    "宿迁市人民政府",
                    2024,
                    "2021",
                    cells_of(SUQIAN[2024] | granted, proactive={("fees", "amount_10k_cny"): "96171.6"}),
                    sha=sha_of("sq2024"),
                    chapters=chapters,
                    figures=figures,
                ),
                "suqian",
                revision_no=2,
            ),
            Entry(
                report(
                    "淮安市人民政府",
                    2024,
                    "2021",
                    cells_of({"granted": (None,) * 7}, HUAIAN_REVIEW),
                    single_other=True,
                    sha=sha_of("ha2024"),
                ),
                "huaian",
                findings=[finding("resolved_sum:applications/resolved_total/total", outcome="pass_if_blank_is_zero")],
            ),
        ],
    }


def fill(lake, entries=None):
    """Write all years of the sample into a lake."""
    return [lake.write_year(year, year_tables(year, found)) for year, found in (entries or sample_entries()).items()]
