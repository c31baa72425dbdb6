"""A page of one release that any browser opens from disk: coverage, trends, quality, and each report's own figures.

<folder>/index.html                 the page, with the aggregates in it
<folder>/echarts.common.min.js      Apache ECharts, as it was shipped
<folder>/data/index-<year>.js       the reports of a year, loaded when the year is chosen
<folder>/data/<year>-<part>.js      figures and findings of some reports, loaded when one is opened
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gongkai.contracts.load import load_templates
from gongkai.contracts.yaml import load_plain
from gongkai.errors import ContractError, RunError
from gongkai.settings import get_settings
from gongkai.warehouse.pages import render, script_json
from gongkai.warehouse.releases import open_release

if TYPE_CHECKING:
    import duckdb

_FOLDER = Path(__file__).with_name("dashboard_page")
_SQL = Path(__file__).with_name("dashboard_sql")
_ECHARTS = _FOLDER / "echarts-6.1.0"
_ECHARTS_NAME = "echarts.common.min.js"
_SUMMARIES = ("coverage", "applications", "disposal", "rates", "findings", "publishers", "quarantined", "missing")
_PART = 100
"""Reports of one file: a few hundred kilobytes."""
_ASKED = 2000
"""Reports whose cells are asked for at once: each question reads the cells of the whole year."""
_SAFE_INTEGER = 2**53
_POLICY = (
    "default-src 'none'; script-src '{script}' 'self' file:; style-src-elem '{style}'; style-src-attr 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)
"""`file:` since a page from disk has no origin; style-src-attr since ECharts sets the style of its elements."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """What was written: the page, reports with figures in it, reports beyond the limit, bytes in all."""

    page: Path
    release_id: str
    n_reports: int
    n_left_out: int
    n_bytes: int


def write(release: Path, folder: Path, limit: int) -> Dashboard:
    """Write the dashboard of a release; a folder that holds one already is replaced as a whole.

    Args:
        release: File of the release; only schema mart and main are read.
        folder: Where to write.
        limit: Most reports that get figures of their own; the aggregates count all.

    Raises:
        RunError: The folder holds something else, or the file is no release.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / _ECHARTS_NAME).exists():
        raise RunError("the folder holds something else than a dashboard", where=str(folder), do="name another folder")
    building = folder.with_name(f".{folder.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    (building / "data").mkdir(parents=True)
    try:
        with open_release(release) as con:
            summary: Row = {name: rows(con, name) for name in _SUMMARIES}
            (about,) = rows(con, "release")
            reports = rows(con, "reports", [limit])
            index = _write_reports(con, reports, building / "data")
        summary |= {"release": about, "years": index, "labels": labels(), "forms": _forms(), "limit": limit}
        page = render(_FOLDER, policy=_POLICY, data=script_json(summary))
        (building / "index.html").write_text(page, encoding="utf-8")
        for path in _ECHARTS.iterdir():
            shutil.copyfile(path, building / path.name)
        n_bytes = sum(path.stat().st_size for path in building.rglob("*") if path.is_file())
        _replace(building, folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    left = about["n_reports"] - len(reports)
    return Dashboard(folder / "index.html", about["release_id"], len(reports), left, n_bytes)


def rows(con: duckdb.DuckDBPyConnection, name: str, parameters: Sequence[Any] = ()) -> list[Row]:
    """Run a query of dashboard_sql; rows by column, numbers as JSON can hold them."""
    found = con.execute(_query(name), list(parameters))
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, map(_plain, row), strict=True)) for row in found.fetchall()]


def _query(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")


def labels(path: Path | None = None) -> Row:
    """Read the labels of the page, each in Chinese and English.

    Raises:
        ContractError: One lacks a language.
    """
    path = path or get_settings().contracts / "dashboard" / "labels.yml"
    texts: Row = {}
    for key, text in load_plain(path).items():
        if not isinstance(text, dict) or set(text) != {"zh", "en"}:
            raise ContractError("a label has zh and en", where=str(path), found=str(key))
        texts[str(key)] = {"zh": str(text["zh"]), "en": str(text["en"])}
    return texts


def _plain(value: Any) -> Any:
    """Return a number that JavaScript reads exactly, or its digits after "=" where none would be."""
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, int) and abs(value) > _SAFE_INTEGER:
        return f"={value}"
    return value


def _forms() -> Row:
    """The rows and columns of each template, in printed order, with their printed labels.

    A row names its columns by position: in this order, row by row, stand the values of a report.
    """
    forms: Row = {}
    for code, form in load_templates().items():
        forms[code] = {}
        for table in form.tables:
            at = {column.code: number for number, column in enumerate(table.columns)}
            forms[code][table.code] = {
                "title": table.title,
                "columns": [[column.code, column.label] for column in table.columns],
                "rows": [
                    [
                        row.code,
                        f"{row.number}{row.label}",
                        row.is_total,
                        [at[one.code] for one in table.columns_of(row)],
                    ]
                    for row in table.rows
                ],
            }
    return forms


@cache
def _places(template: str) -> dict[str, dict[tuple[str, str], int]]:
    """Where each cell of a template stands among the values of its table."""
    return {
        table.code: {
            place: number
            for number, place in enumerate((row.code, one.code) for row in table.rows for one in table.columns_of(row))
        }
        for table in load_templates()[template].tables
    }


def _write_reports(con: duckdb.DuckDBPyConnection, reports: Sequence[Row], folder: Path) -> list[list[int]]:
    """Write an index for each year, and the reports in parts; return years with their number of reports."""
    years = []
    for year, found in groupby(reports, key=lambda one: one["report_year"]):
        chosen = sorted(found, key=lambda one: str(one["report_id"]))
        index = []
        pages = _pages(con, year, chosen)
        for part, start in enumerate(range(0, len(chosen), _PART)):
            some, name = dict(islice(pages, _PART)), f"{year}-{part}"
            _script(folder / f"{name}.js", name, some)
            for one in chosen[start : start + _PART]:
                failed = sum(finding["outcome"] == "fail" for finding in some[one["report_id"]]["findings"])
                key = ("report_id", "agency_name", "kind", "level", "status")
                index.append([*(one[word] for word in key), failed, name])
        _script(folder / f"index-{year}.js", f"index-{year}", index)
        years.append([year, len(index)])
    return years


def _pages(con: duckdb.DuckDBPyConnection, year: int, reports: Sequence[Row]) -> Iterator[tuple[str, Row]]:
    for start in range(0, len(reports), _ASKED):
        yield from _some_pages(con, year, reports[start : start + _ASKED])


def _some_pages(con: duckdb.DuckDBPyConnection, year: int, reports: Sequence[Row]) -> Iterator[tuple[str, Row]]:
    ids = [one["report_id"] for one in reports]
    templates = {one["report_id"]: one["template"] for one in reports}
    cells: dict[str, dict[str, list[Any]]] = {one: {} for one in ids}
    found = con.execute(_query("report_cells"), [year, ids])
    while batch := found.fetchmany(10_000):
        for report_id, table, row, column, value, state in batch:
            places = _places(templates[report_id]).get(table, {})
            if (row, column) not in places:
                raise RunError(
                    "the release has a cell that no form has now",
                    found=f"{report_id}: {table}/{row}/{column}",
                    do="publish again with the contracts as they are, then write the dashboard",
                )
            # None is a cell that the report's form does not have; a cell without a number has its state.
            values = cells[report_id].setdefault(table, [None] * len(places))
            values[places[row, column]] = _plain(value) if state == "number" else state
    findings: dict[str, list[Row]] = {one: [] for one in ids}
    for finding in rows(con, "report_findings", [year, ids]):
        findings[finding.pop("report_id")].append(finding)
    for one in reports:
        yield one["report_id"], {**one, "cells": cells[one["report_id"]], "findings": findings[one["report_id"]]}


def _script(path: Path, name: str, value: Mapping[str, Any] | Sequence[Any]) -> None:
    # A page from disk may load scripts, but may not read files: so data comes as a call.
    path.write_text(f"gongkai({script_json(name)},{script_json(value)});\n", encoding="utf-8")


def _replace(building: Path, folder: Path) -> None:
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    building.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
