"""An archive as an attachment: its report is read and traced, what else it holds is said."""

import hashlib

import pytest
from tests.documents.archive_making import rar_of, seven_of, zip_of

from gongkai.pipeline.extract import extract_bytes
from gongkai.settings import ROOT

SAMPLES = ROOT / "include" / "samples" / "documents"
DOCX = (SAMPLES / "yunling-government-2023.docx").read_bytes()
PDF = (SAMPLES / "yunling-government-2022.pdf").read_bytes()
HTML = (SAMPLES / "yunling-education-2024.html").read_bytes()
NOTE = "一份说明，不是年报。".encode()


def cells(extraction):
    return [(c.table, c.row, c.column, c.state, c.value, c.raw) for c in extraction.report.cells]


@pytest.mark.parametrize("make", [zip_of, rar_of, seven_of])
def test_the_report_is_read_and_traced_to_the_archive(make):
    data = make({"说明.txt": NOTE, "年报.docx": DOCX})
    found = extract_bytes(data, "附件.zip")
    assert cells(found) == cells(extract_bytes(DOCX))
    assert (found.sha256, found.report.document_sha256) == (hashlib.sha256(data).hexdigest(),) * 2
    assert (found.format, found.report.format) == ("docx", "docx")
    assert all(cell.path is None or cell.path.startswith("年报.docx!table[") for cell in found.report.cells)
    assert found.report.warnings[:2] == (
        "read from 年报.docx of an archive",
        "members of the archive that are no reports: 说明.txt",
    )


def test_exact_formats_come_first_and_no_report_is_lost_in_silence():
    found = extract_bytes(zip_of({"a.pdf": PDF, "c.html": HTML, "b.docx": DOCX, "d.docx": DOCX + b"\0"}))
    assert found.report.identity.report_year == 2023
    assert "members of the archive with the same report: d.docx" in found.report.warnings
    others = next(warning for warning in found.report.warnings if "other reports" in warning)
    assert "a.pdf (云岭县人民政府 2022)" in others
    assert "c.html (云岭县教育局 2024)" in others


def test_a_report_in_an_archive_in_an_archive():
    found = extract_bytes(zip_of({"内.zip": zip_of({"年报.docx": DOCX})}))
    assert next(cell.path for cell in found.report.cells if cell.path).startswith("内.zip!年报.docx!table[")


def test_an_archive_without_a_report_says_what_is_in_it():
    found = extract_bytes(zip_of({"说明.txt": NOTE}), "附件.zip")
    assert (found.report, found.error_code) == (None, "not_a_report")
    assert "说明.txt" in found.reason
    assert "附件.zip" in found.reason
    empty = extract_bytes(zip_of({"a/": b""}))
    assert "no members" in empty.reason


def test_a_damaged_archive_costs_itself():
    found = extract_bytes(seven_of({"年报.docx": DOCX})[:200], "附件.7z")
    assert (found.report, found.error_code) == (None, "damaged")
    assert "附件.7z" in found.reason
