"""What changed is evaluated again, and nothing else."""

from __future__ import annotations

import shutil

import pytest
from tests.papers import SOURCE

from gongkai.pipeline import extractions, judging
from gongkai.pipeline.collect import collect_sources
from gongkai.pipeline.load import load_stale, load_year, open_lake
from gongkai.pipeline.review import Reviewer, accept
from gongkai.pipeline.staleness import stale_rows
from gongkai.quality.check import check
from gongkai.reports import build, sums
from gongkai.settings import ROOT, get_settings

DOCUMENTS = ROOT / "include" / "samples" / "documents"
PAPERS = {2018: "yunling-education-2018.html", 2021: "yunling-health-2021.html", 2022: "xiajiang-government-2022.html"}


def forget():
    """What a process reads once it reads again: the next load is that of another process."""
    get_settings.cache_clear()
    for read_once in (
        extractions.extractor_fingerprint,
        extractions.template_fingerprints,
        build.matchers,
        sums.sums_of,
    ):
        read_once.cache_clear()


@pytest.fixture
def contracts(tmp_path, monkeypatch, data):
    """Contracts of its own, and three years that were loaded with them."""
    folder = shutil.copytree(ROOT / "data_contracts", tmp_path / "contracts0")
    papers = tmp_path / "sources" / "papers"
    papers.mkdir(parents=True)
    (papers.parent / "papers.yml").write_text(SOURCE, encoding="utf-8")
    for year, name in PAPERS.items():
        shutil.copy(DOCUMENTS / name, papers / f"{year}年政府信息公开工作年度报告.html")
    monkeypatch.setenv("GONGKAI_SOURCES", str(papers.parent))
    monkeypatch.setenv("GONGKAI_CONTRACTS", str(folder))
    monkeypatch.setattr(judging, "check", lambda *tables, **options: check(*tables, **options | {"engines": "sql"}))
    forget()
    collect_sources()
    assert {row["because"] for row in load_stale()} == {"never settled"}
    yield folder
    forget()


@pytest.fixture
def change(contracts, tmp_path, monkeypatch):
    """Change a template contract; returns what is stale then."""

    def change(template, old, new):
        folder = shutil.copytree(get_settings().contracts, tmp_path / f"contracts{template}{len(new)}")
        path = folder / "templates" / f"{template}.yml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        monkeypatch.setenv("GONGKAI_CONTRACTS", str(folder))
        forget()
        return stale()

    return change


def stale():
    return {row["report_year"]: row["because"] for row in stale_rows(open_lake())}


def again():
    return {row["year"]: row["extracted"] for row in load_stale() if row["because"]}


def test_nothing_is_stale_after_a_load_and_loading_leaves_the_years_alone(contracts):
    assert stale() == {}
    rows = load_stale()
    assert [(row["year"], row["reports"], row["because"], row["changed"]) for row in rows] == [
        (2018, 1, "", []),
        (2021, 1, "", []),
        (2022, 1, "", []),
    ]


def test_a_changed_rule_checks_again_the_years_of_its_template_without_reading_anything(change):
    assert change("2021", "- family: carry_over", "- family: carried") == {
        2021: "rules of 2021",
        2022: "rules of 2021",
    }
    assert again() == {2021: 0, 2022: 0}
    assert stale() == {}


def test_a_changed_alias_reads_the_documents_of_its_template_alone(change):
    assert change("legacy", "aliases: [主动公开政府信息数]", "aliases: [主动公开政府信息数, 主动公开信息数]") == {
        2018: "labels and sums of legacy"
    }
    assert again() == {2018: 1}
    assert stale() == {}


def test_a_decision_touches_its_year_and_the_next_where_it_matters_there(contracts, data):
    (report,) = open_lake().read("reports", [2021]).to_pylist()
    accept(report["report_id"], Reviewer("王芳", "as printed"))
    assert stale() == {2021: "decisions"}
    assert again() == {2021: 0}
    assert stale() == {}


def test_a_new_document_and_a_changed_source_are_told(contracts, tmp_path):
    papers = tmp_path / "sources" / "papers"
    shutil.copy(DOCUMENTS / "yunling-water-2024.html", papers / "2024年政府信息公开工作年度报告.html")
    collect_sources()
    assert stale() == {2024: "never settled"}
    assert load_year(2024)["extracted"] == 1
    (papers.parent / "papers.yml").write_text(SOURCE.replace("年报", "信息公开年报"), encoding="utf-8")
    assert set(stale().values()) == {"sources"}
