"""The committed samples are what samples.build makes, and hold what the portal's users should meet."""

from __future__ import annotations

import io
import zipfile

import pypdfium2
import pytest
from ruamel.yaml import YAML

from samples.build import DOCUMENTS, catalog_text, render, truth_text
from samples.making.book import truth
from samples.making.render_pdf import FONT_FILE

from .mutate import sample_entries
from .truth import truths

PAPERS = {paper.file: (paper, entry.before) for entry in sample_entries().values() for paper in entry.papers()}


def _parts(docx: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        return {name: package.read(name) for name in package.namelist()}


def _pages(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_range() for page in document]


@pytest.mark.parametrize("file", [file for file in PAPERS if not file.endswith(".pdf")])
def test_rebuilding_gives_the_committed_document(file):
    committed, rebuilt = (DOCUMENTS / file).read_bytes(), render(PAPERS[file][0])
    same = _parts(committed) == _parts(rebuilt) if file.endswith(".docx") else committed == rebuilt
    assert same


@pytest.mark.skipif(not FONT_FILE.exists(), reason="the font that builds the PDFs is not installed")
@pytest.mark.parametrize("file", [file for file in PAPERS if file.endswith(".pdf")])
def test_rebuilding_gives_the_committed_pages(file):
    assert _pages((DOCUMENTS / file).read_bytes()) == _pages(render(PAPERS[file][0]))


def test_truth_and_catalogue_are_those_of_the_plan():
    for file, (paper, before) in PAPERS.items():
        committed = (DOCUMENTS / "truth" / f"{file}.json").read_text(encoding="utf-8")
        assert committed == truth_text(truth(paper, before)), file
    committed = (DOCUMENTS / "catalog.yml").read_text(encoding="utf-8")
    assert committed == catalog_text(list(sample_entries().values()))


def test_every_catalogued_file_is_there_and_no_other():
    listed = YAML(typ="safe").load(DOCUMENTS / "catalog.yml")
    files = {entry["file"] for entry in listed} | {entry["corrected_by"] for entry in listed if "corrected_by" in entry}
    assert files == {path.name for path in DOCUMENTS.iterdir() if path.suffix in (".docx", ".html", ".pdf")}
    assert files == set(truths())


def test_samples_are_small():
    assert sum(path.stat().st_size for path in DOCUMENTS.rglob("*") if path.is_file()) < 5 * 2**20


def test_every_family_of_rules_is_broken_somewhere():
    broken = {violation["id"].split(":")[0] for one in truths().values() for violation in one.facts["violations"]}
    assert broken == {
        "row_sum", "column_balance", "resolved_sum", "review_sum", "legacy_sum", "carry_over", "stock", "narrative",
    }  # fmt: skip


def test_every_template_year_format_and_state_occurs():
    facts = [one.facts for one in truths().values()]
    assert {one["template"] for one in facts} == {"legacy", "2019", "2021"}
    assert {one["report_year"] for one in facts} == set(range(2018, 2025))
    for year in range(2018, 2025):
        assert {one["file"].rsplit(".", 1)[1] for one in facts if one["report_year"] == year} == {"docx", "html", "pdf"}
    states = {state for one in truths().values() for state, _, _ in one.cells.values()}
    assert states == {"number", "blank", "not_applicable"}
