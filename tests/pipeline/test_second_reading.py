"""The second reading in the whole: on the command line, in archives, within its limits, in the lake."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

from gongkai.documents.read import read
from gongkai.pipeline.cell_rows import cell_rows
from gongkai.pipeline.check import check_reports
from gongkai.pipeline.explain_view import kind_of
from gongkai.pipeline.extract import extract_bytes, extract_files
from gongkai.reports import opinion
from gongkai.reports.build import build_report
from gongkai.reports.model import Agreement
from gongkai.reports.serialise import from_json, to_json
from gongkai.settings import ROOT, get_settings

DOCUMENTS = ROOT / "include" / "samples" / "documents"
WRONG_SUM = DOCUMENTS / "xiajiang-government-2024.pdf"


def agreements(report):
    return Counter(cell.agreement for cell in report.cells)


def test_rows_and_stored_extractions_say_what_the_second_reading_says():
    extraction = extract_bytes(WRONG_SUM.read_bytes(), WRONG_SUM.name)
    assert from_json(to_json(extraction)) == extraction
    rows = list(cell_rows("x.pdf", extraction))
    twice = [row for row in rows if row["agreement"]]
    assert {row["agreement"] for row in twice} == {"agree"} and len(twice) > 100
    assert {row["second_method"] for row in twice} == {"pdfplumber/grid"}
    assert {row["second_method"] for row in rows if not row["agreement"]} == {None}


def test_a_wrong_sum_read_twice_is_the_publishers_though_the_report_is_not_read_whole():
    report = extract_bytes(WRONG_SUM.read_bytes(), WRONG_SUM.name).report
    unsure = replace(report, cells=tuple(
        replace(cell, confidence=0.5) if cell.key == ("proactive", "regulations", "issued") else cell
        for cell in report.cells
    ))  # fmt: skip
    once = replace(unsure, cells=tuple(replace(cell, agreement=None) for cell in unsure.cells))
    told = {
        key: {f.attribution for f in check_reports({"x": one}).findings if f.outcome == "fail"}
        for key, one in (("twice", unsure), ("once", once))
    }
    assert told == {"twice": {"publisher"}, "once": {"unknown"}}


def test_the_report_of_an_archive_is_read_twice_and_traced_to_its_member():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("年报.pdf", WRONG_SUM.read_bytes())
    extraction = extract_bytes(buffer.getvalue(), "x.zip")
    assert agreements(extraction.report) == agreements(extract_bytes(WRONG_SUM.read_bytes()).report)
    assert all(cell.path.startswith("年报.pdf!") for cell in extraction.report.cells)
    assert extraction.report.document_sha256 == extraction.sha256


def test_a_second_reading_that_takes_too_long_costs_itself_alone(monkeypatch):
    monkeypatch.setenv("GONGKAI_LIMIT_SECOND_SECONDS", "0")
    get_settings.cache_clear()
    try:
        ((_, extraction),) = extract_files([Path(WRONG_SUM)])
    finally:
        get_settings.cache_clear()
    report = extraction.report
    assert report is not None and set(agreements(report)) == {None}
    assert any("took too much: this is the first alone" in warning for warning in report.warnings)


def test_a_cell_that_two_readings_differ_on_is_shown_as_doubtful():
    cell = extract_bytes(WRONG_SUM.read_bytes()).report.cells[0]
    assert kind_of(replace(cell, confidence=1.0, agreement=Agreement.AGREE)) != "doubt"
    assert kind_of(replace(cell, confidence=1.0, agreement=Agreement.DIFFER)) == "doubt"


def test_only_the_samples_with_wrong_sums_are_read_twice():
    wanted = []
    for path in sorted(DOCUMENTS.glob("*.pdf")):
        document = read(path.read_bytes(), path.name)
        if opinion.is_wanted(document, build_report(document), None, get_settings().limits):
            wanted.append(path.stem)
    assert wanted == [
        "xiajiang-government-2018", "xiajiang-government-2024", "yunling-government-2022", "yunling-health-2018",
    ]  # fmt: skip
