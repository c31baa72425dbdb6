"""An archive of many reports of one year with their extractions, as collecting and extracting would leave them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.bench.common import SAMPLES
from tests.bench.searchable import Chapters

from gongkai.archive.catalog import CatalogWriter, Observation
from gongkai.archive.store import Archive
from gongkai.pipeline.candidates import all_candidates, open_archive, open_extractions
from gongkai.pipeline.extract import extract_file
from gongkai.reports.model import Cell, Chapter, Report, State, StatedFigure
from gongkai.reports.serialise import Extraction

YEAR = 2024
SOURCE = """
name: papers
title: 年报
publisher: 云岭县人民政府
region: {code: "900121", name: 云岭县}
adapter: folder
folder: {path: papers}
"""
_MODELS = ("yunling-government-2024.html", "yunling-health-2024.html", "xiajiang-transport-2024.docx")
_START = datetime(2025, 1, 10, tzinfo=UTC)
_WRONG_EACH = 20
"""One report in so many prints a sum that its parts do not give."""


def write_sources(folder: Path) -> None:
    """Write the one source that lists all documents."""
    folder.mkdir(parents=True)
    (folder / "papers.yml").write_text(SOURCE, encoding="utf-8")


def add_documents(
    numbers: Sequence[int], *, revision: int = 1, year: int = YEAR, edit: Callable[[Report], Report] = lambda one: one
) -> None:
    """Archive a document for each number and keep its extraction; a later revision states another number.

    Args:
        numbers: Each stands for one agency and its address.
        revision: From 1; what is added later is newer.
        year: The report year.
        edit: What the documents state, given what they would.
    """
    archive, pages = open_archive(), {}
    catalog = CatalogWriter(archive, run_id=f"run{revision}-{year}", source="papers")
    for number in numbers:
        agency = f"云岭县第{number}管理局"
        at = _START + timedelta(days=30 * revision, seconds=number)
        sha256 = _archived(archive, f"<html>{agency} {year} {revision}</html>")
        title = f"{agency}{year}年政府信息公开工作年度报告"
        url = f"http://portal.example/{year}/{number}.html"
        pages[sha256] = (number, agency, title)
        catalog.observe(
            Observation(at, f"run{revision}-{year}", "papers", "page", url, sha256, title, _START.date(), year)
        )
    catalog.close()
    _keep_extractions(pages, revision, year, edit)


def _archived(archive: Archive, text: str) -> str:
    """Put a document where the archive would: without the sync to disk, which is not what is measured."""
    data = text.encode()
    sha256 = hashlib.sha256(data).hexdigest()
    path = archive.local_path(f"documents/{sha256[:2]}/{sha256}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return sha256


def _keep_extractions(
    pages: dict[str, tuple[int, str, str]], revision: int, year: int, edit: Callable[[Report], Report]
) -> None:
    extractions, models, chapters = open_extractions(), list(_models()), Chapters(seed=year * 10 + revision)
    for candidate in all_candidates(open_archive()):
        if page := pages.get(candidate.entry.sha256):
            report = _report(models[page[0] % len(models)], *page, candidate.entry.sha256, chapters, revision, year)
            report = edit(report)
            extractions.put(Extraction(candidate.entry.sha256, report.format, report), candidate.hints)
            if report.identity.report_year != year:
                extractions.note_year(candidate.entry.sha256, report.identity.report_year)


def _models() -> Iterator[Report]:
    for name in _MODELS:
        report = extract_file(SAMPLES / name).report
        assert report is not None
        yield report


def _report(
    model: Report, number: int, agency: str, title: str, sha256: str, chapters: Chapters, revision: int, year: int
) -> Report:
    cells = list(model.cells)
    if number % _WRONG_EACH == 0:
        _raise(cells, ("applications", "received", "total"), 1)
    if revision > 1:
        _raise(cells, ("proactive", "penalties", "decisions"), revision)
    received = next(cell.value for cell in cells if cell.key == ("applications", "received", "total"))
    assert received is not None
    told = [Chapter(no, *one) for no, one in enumerate(chapters.of(agency), start=1)]
    sentence = f"本年共收到政府信息公开申请{received}件。"
    start = len(sentence) - len(f"{received}件。")
    told[0] = replace(told[0], text=sentence + told[0].text)
    figure = StatedFigure(
        *("applications", "received", "total", received, sentence, 1, start, start + len(str(received))),
        indicator="applications_received",
    )
    identity = replace(model.identity, agency=agency, agency_printed=agency, title=title, report_year=year)
    return replace(
        model, identity=identity, cells=tuple(cells), chapters=tuple(told), figures=(figure,), document_sha256=sha256
    )


def _raise(cells: list[Cell], key: tuple[str, str, str], by: int) -> None:
    for at, cell in enumerate(cells):
        if cell.key == key and cell.state is State.NUMBER and cell.value is not None:
            cells[at] = replace(cell, value=cell.value + by, raw=str(cell.value + by))
