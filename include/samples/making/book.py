"""Puts plan, figures and text together into papers, the truth of each, and the portal's catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from gongkai.contracts.load import load_templates
from samples.making import evaluate
from samples.making.figures import Figures, Ledger
from samples.making.narrative import TEXTS, Writer
from samples.making.paper import Key, Paper, Printed
from samples.making.plan import Plan, PlannedAgency, PlannedReport, Planted, template_of

_FULL_WIDTH = str.maketrans("0123456789.-", "０１２３４５６７８９．－")


@dataclass(frozen=True, slots=True)
class Entry:
    """A listed report: its paper, the corrected one if any, and the cells of the year before.

    `before` is None where that year was not published.
    """

    paper: Paper
    column: str
    before: Mapping[Key, Printed] | None
    corrected: Paper | None = None
    corrected_on: date | None = None

    def papers(self) -> Iterator[Paper]:
        """The paper and its corrected version."""
        yield self.paper
        if self.corrected:
            yield self.corrected


def entries(plan: Plan) -> Iterator[Entry]:
    """Make every listed report of the plan, agency by agency, year by year."""
    for agency in plan.agencies:
        ledger = Ledger(agency.name, agency.scale, makes_regulations=agency.makes_regulations)
        planned = {report.year: report for report in agency.reports}
        before: Mapping[Key, Printed] | None = None
        for year in range(2018 if agency.invented else min(planned), max(planned) + 1):
            report = planned.get(year)
            figures = ledger.year(year, template_of(year), _known(report), bool(report and report.single_other))
            if report is None:
                before = None
                continue
            entry = _entry(agency, report, figures, before)
            before = (entry.corrected or entry.paper).sheet
            yield entry


def _entry(
    agency: PlannedAgency, report: PlannedReport, figures: Figures, before: Mapping[Key, Printed] | None
) -> Entry:
    paper = _paper(agency, report, figures, report.planted)
    if report.corrected_on is None:
        return Entry(paper, agency.column, before)
    corrected = _paper(agency, report, figures, (), note=str(TEXTS["correction"]))
    stem, suffix = paper.file.split(".")
    corrected = replace(
        corrected,
        file=f"{stem}-corrected.{suffix}",
        published=report.corrected_on,
        index_no=paper.index_no,
        remarks=("更正后的文件",),
    )
    return Entry(paper, agency.column, before, corrected, report.corrected_on)


def _site(agency: PlannedAgency) -> str:
    if not agency.invented:
        return str(TEXTS["sites"]["not_invented"])
    return str(TEXTS["sites"][agency.column])


def _known(report: PlannedReport | None) -> dict[Key, Decimal]:
    known: dict[Key, Decimal] = {}
    for name, values in report.known.items() if report else ():
        table_code, row_code = name.split("/")
        table = load_templates()[template_of(report.year if report else 0)].table_by_code[table_code]
        columns = table.columns_of(table.row_by_code[row_code])
        for column, value in zip(columns, values, strict=True):
            if value is not None:
                known[table_code, row_code, column.code] = value
    return known


def _paper(
    agency: PlannedAgency, report: PlannedReport, figures: Figures, planted: tuple[Planted, ...], note: str = ""
) -> Paper:
    sheet = _sheet(report, _shifted(figures, planted), planted)
    misstated = {_key(name): _whole(sheet[_key(name)]) + by for plant in planted for name, by in plant.state.items()}
    writer = Writer(agency.name, report.year, _site(agency), agency.topic, sheet, misstated)
    extra = [note] * bool(note) + [str(TEXTS["not_invented"])] * (not agency.invented)
    preface, chapters = writer.preface(template_of(report.year), extra), writer.chapters(template_of(report.year))
    number = f"{agency.slug.split('-')[0].upper()}{sum(map(ord, agency.slug)) % 900:03}"
    return Paper(
        file=f"{agency.slug}-{report.year}.{report.style.split('_')[0]}",
        agency=agency.name,
        report_year=report.year,
        template=template_of(report.year),
        title=report.title.format(agency=agency.name, year=report.year),
        published=report.published,
        style=report.style,
        sheet=sheet,
        preface=preface,
        chapters=chapters,
        stated=tuple(writer.stated),
        index_no=f"{number}/{report.published.year}-{report.published.timetuple().tm_yday:05}",
        site=_site(agency),
        remarks=tuple(plant.why for plant in planted),
    )


def _shifted(figures: Figures, planted: tuple[Planted, ...]) -> Figures:
    shifted = dict(figures)
    for plant in planted:
        for name, by in plant.add.items():
            shifted[_key(name)] += by
    return shifted


def _sheet(report: PlannedReport, figures: Figures, planted: tuple[Planted, ...]) -> dict[Key, Printed]:
    """Cells in contract order, printed in the report's manner."""
    overridden = {_key(name): raw for plant in planted for name, raw in plant.print.items()}
    missing = overridden.keys() - figures.keys()
    if missing:
        raise ValueError(f"{report.year}: plan.yml prints cells that the form does not have: {missing}")
    sheet: dict[Key, Printed] = {}
    for table in load_templates()[template_of(report.year)].tables:
        for row in table.rows:
            for column in table.columns_of(row):
                key = (table.code, row.code, column.code)
                if key in figures:
                    sheet[key] = Printed.of(overridden.get(key, in_print(report.numbers, key, figures[key])))
    return sheet


def in_print(manner: str, key: Key, value: Decimal) -> str:
    """Print a number in a report's manner: plain, thousands, full_width or blank_zero."""
    plain = f"{value.normalize():f}"
    if manner == "thousands":
        return f"{value.normalize():,f}"
    if manner == "full_width":
        return plain.translate(_FULL_WIDTH)
    if manner == "blank_zero" and value == 0 and key[0] == "applications" and key[2] not in ("natural_person", "total"):
        return ""
    return plain


def _key(name: str) -> Key:
    table, row, column = name.split("/")
    return table, row, column


def _whole(cell: Printed) -> int:
    if cell.value is None:
        raise ValueError("plan.yml misstates a cell without a number")
    return int(cell.value)


def truth(paper: Paper, before: Mapping[Key, Printed] | None) -> dict[str, object]:
    """What a reader must find in a paper, and which rules its printed numbers break."""
    violations: list[dict[str, object]] = [
        {"id": one.id, "printed": _json(one.printed), "expected": _json(one.expected)}
        for one in evaluate.judge(paper.sheet, before)
        if one.outcome == "fail"
    ]
    violations += [
        {
            "id": f"narrative:{'/'.join(one.key)}",
            "printed": _json(paper.sheet[one.key].value),
            "stated": _json(one.number),
        }
        for one in evaluate.contradicted(paper.sheet, paper.stated)
    ]
    return {
        "file": paper.file,
        "style": paper.style,
        "agency": paper.agency,
        "report_year": paper.report_year,
        "template": paper.template,
        "title": paper.title,
        "published": paper.published.isoformat(),
        "remarks": list(paper.remarks),
        "violations": violations,
        "stated": [[*one.key, _json(one.number)] for one in paper.stated],
        "cells": [[*key, _json(cell.value), cell.state, cell.raw] for key, cell in paper.sheet.items()],
    }


def _json(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
