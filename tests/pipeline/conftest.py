"""A year with one report that waits for a person: loaded once, a copy for each test."""

from __future__ import annotations

import shutil

import pytest
from tests.papers import SOURCE

from gongkai.pipeline import judging
from gongkai.pipeline.collect import collect_sources
from gongkai.pipeline.load import load_year
from gongkai.quality.check import check
from gongkai.settings import get_settings

from .reviewing import DOCUMENTS, TITLE, YEAR, spoiled


def without_great_expectations(patch):
    """It costs a second a check."""
    patch.setattr(judging, "check", lambda *tables, **options: check(*tables, **options | {"engines": "sql"}))


@pytest.fixture
def one_engine(request, monkeypatch):
    """One engine judges, except in the tests that ask for both."""
    if "both_engines" not in request.fixturenames:
        without_great_expectations(monkeypatch)


@pytest.fixture
def both_engines():
    """Both engines judge."""


@pytest.fixture(scope="session")
def loaded(tmp_path_factory):
    """Sources and data with one report, of 2023, that says in a cell of table 三 what is no number."""
    whole = tmp_path_factory.mktemp("review")
    folder = whole / "sources" / "papers"
    folder.mkdir(parents=True)
    (folder.parent / "papers.yml").write_text(SOURCE, encoding="utf-8")
    page = (DOCUMENTS / "xiajiang-transport-2023.html").read_text(encoding="utf-8")
    (folder / f"{TITLE}.html").write_text(spoiled(page), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GONGKAI_SOURCES", str(folder.parent))
        patch.setenv("GONGKAI_DATA", str(whole / "data"))
        get_settings.cache_clear()
        collect_sources()
        load_year(YEAR)
    get_settings.cache_clear()
    return whole


@pytest.fixture
def papers(one_engine, loaded, tmp_path, monkeypatch, data):
    """A copy of its own; returns where its documents are."""
    shutil.copytree(loaded, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("GONGKAI_SOURCES", str(tmp_path / "sources"))
    get_settings.cache_clear()
    return tmp_path / "sources" / "papers"
