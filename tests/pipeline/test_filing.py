"""Documents are filed by year and agency, and known again without being read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.bench.many_documents import add_documents, write_sources

from gongkai.pipeline.agencies import Directory
from gongkai.pipeline.candidates import all_candidates, open_archive, open_extractions
from gongkai.pipeline.filing import KEPT, agencies_of, by_agency, document_rows, file_documents, n_addresses
from gongkai.quality.copied import Wrote, digest_of
from gongkai.settings import get_settings
from gongkai.sources.registry import load_sources

from .filed import filed


@pytest.fixture
def found(tmp_path, monkeypatch, data):
    """Two documents that were extracted; one is of another year than listed, and of the same agency."""
    write_sources(tmp_path / "sources")
    monkeypatch.setenv("GONGKAI_SOURCES", str(tmp_path / "sources"))
    get_settings.cache_clear()
    add_documents([1])
    add_documents([2], edit=lambda one: replace(one, identity=replace(one.identity, report_year=2020)))
    return all_candidates(open_archive())


def test_a_document_is_filed_as_its_extraction_says(found):
    extractions = open_extractions()
    for one in file_documents(found, extractions, Directory(load_sources(get_settings().sources)), {}):
        report = extractions.get(one.sha256, one.candidate.hints).report
        assert one.name == report.identity.agency
        wrote = Wrote(one.agency_id, one.report_year, one.name)
        assert one.digest == digest_of(wrote, report.identity.title, report.chapters)
        assert (one.report_year, one.template, one.format) == (report.identity.report_year, "2021", report.format)
        assert one.digest and one.agency_id and not one.error_code
        assert one.extractor == extractions.version_of(extractions.get(one.sha256, one.candidate.hints))


def test_what_is_known_is_not_read(found):
    directory, nowhere = Directory(()), open_extractions()
    first = list(file_documents(found, nowhere, directory, {}))
    known = {one.print: {name: getattr(one, name) for name in KEPT} for one in first[:1]}
    assert sorted(one.report_year for one in first) == [2020, 2024]
    nowhere.outline = lambda *asked: None
    assert list(file_documents(found, nowhere, directory, known)) == first[:1]


def test_documents_are_grouped_and_counted():
    documents = [
        filed("b", "a2"),
        filed("a"),
        filed("a", "a2", url="u3"),
        filed("a", url="u4"),
        filed("e", error="empty"),
    ]
    assert {agency: len(found) for agency, found in by_agency(documents).items()} == {"a1": 2, "a2": 2}
    assert list(by_agency(documents)) == ["a1", "a2"]
    assert agencies_of(documents) == {"a" * 64: {"a1", "a2"}, "b" * 64: {"a2"}}
    assert n_addresses([*documents, filed("a")])["a" * 64] == 3


def test_every_document_has_a_row_that_says_what_became_of_it():
    documents = [
        filed("a", "a2", url="x.pdf", parent="page"),
        filed("b", error="no_tables", url="page"),
        filed("c", error="no_tables", url="u3"),
        filed("d", error="not_a_report", url="u4"),
        filed("e", error="encrypted", url="page", source="other"),
    ]
    rows = list(document_rows(2023, documents))
    assert [row["fate"] for row in rows] == ["report", "attachment_page", "failed", "not_a_report", "failed"]
    assert [row["report_id"] for row in rows] == ["a2-2023", None, None, None, None]
    assert rows[2]["reason"] == "why"
