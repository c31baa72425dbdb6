"""What changed is evaluated again, and nothing else."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from tests.papers import SOURCE

from gongkai.lake.store import Lake
from gongkai.pipeline import extractions, load
from gongkai.pipeline.collect import collect_sources
from gongkai.pipeline.decisions import Decision, Kind, fingerprint
from gongkai.pipeline.load import load_stale, load_year, open_lake, plan_extract
from gongkai.pipeline.review import Reviewer, accept
from gongkai.pipeline.staleness import stale_rows
from gongkai.reports import build, sums
from gongkai.settings import ROOT, get_settings

from .conftest import without_great_expectations

DOCUMENTS = ROOT / "include" / "samples" / "documents"
AT = datetime(2025, 1, 1, tzinfo=UTC)
COUNTS = ("reports", "accepted", "accepted_with_errors", "quarantined", "unread", "findings")
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


@pytest.fixture(scope="module")
def three_years(tmp_path_factory):
    """Sources and data with a report in each of three years, loaded."""
    whole = tmp_path_factory.mktemp("three_years")
    papers = whole / "sources" / "papers"
    papers.mkdir(parents=True)
    (papers.parent / "papers.yml").write_text(SOURCE, encoding="utf-8")
    for year, name in PAPERS.items():
        shutil.copy(DOCUMENTS / name, papers / f"{year}年政府信息公开工作年度报告.html")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GONGKAI_SOURCES", str(papers.parent))
        patch.setenv("GONGKAI_DATA", str(whole / "data"))
        without_great_expectations(patch)
        forget()
        collect_sources()
        assert {row["because"] for row in load_stale()} == {"never settled"}
    forget()
    return whole


@pytest.fixture
def contracts(three_years, one_engine, tmp_path, monkeypatch, data):
    """Contracts of its own, and three years of its own that were loaded with them."""
    shutil.copytree(three_years, tmp_path, dirs_exist_ok=True)
    folder = shutil.copytree(ROOT / "data_contracts", tmp_path / "contracts0")
    monkeypatch.setenv("GONGKAI_SOURCES", str(tmp_path / "sources"))
    monkeypatch.setenv("GONGKAI_CONTRACTS", str(folder))
    forget()
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


def test_a_new_document_and_what_a_source_says_of_agencies_are_told(contracts, tmp_path):
    papers = tmp_path / "sources" / "papers"
    shutil.copy(DOCUMENTS / "yunling-water-2024.html", papers / "2024年政府信息公开工作年度报告.html")
    collect_sources()
    assert stale() == {2024: "never settled"}
    assert load_year(2024)["extracted"] == 1
    form = papers.parent / "papers.yml"
    form.write_text(SOURCE.replace("title: 年报", "title: 信息公开年报"), encoding="utf-8")
    assert stale() == {}
    form.write_text(SOURCE.replace("900121", "900122"), encoding="utf-8")
    assert stale() == dict.fromkeys((2018, 2021, 2022, 2024), "sources")


@pytest.fixture
def settled(contracts, monkeypatch):
    """The years that are settled from now on, in order."""
    years = []
    write = load.write_year
    monkeypatch.setattr(load, "write_year", lambda of, year, note: years.append(year) or write(of, year, note))
    return years


def parquet(data):
    return {path.relative_to(data): path.read_bytes() for path in sorted((data / "lake").rglob("*.parquet"))}


def revise(tmp_path):
    """The portal shows the corrected report of 2021, and it is collected."""
    page = tmp_path / "sources" / "papers" / "2021年政府信息公开工作年度报告.html"
    shutil.copy(DOCUMENTS / "yunling-health-2021-corrected.html", page)
    collect_sources()


def test_a_year_that_is_named_is_left_at_once_where_nothing_changed(settled, data):
    before = parquet(data)
    first = load_year(2021)
    assert (first["reports"], first["extracted"], first["changed"]) == (1, 0, [])
    assert load_year(2019) == {"year": 2019, "extracted": 0, **dict.fromkeys((*COUNTS, "settled"), 0), "changed": []}
    assert load_year(2019)["reports"] == 0
    assert settled == [2019]
    assert parquet(data) == before


def test_a_year_left_alone_needs_no_extraction(settled, data):
    shutil.rmtree(data / "lake" / "_extracted")
    assert plan_extract(2021) == []
    assert load_year(2021)["extracted"] == 0 and settled == []
    assert not (data / "lake" / "_extracted").exists()


def test_an_extraction_that_was_removed_is_made_again_where_its_report_is_settled_anew(settled, data):
    (report,) = open_lake().read("reports", [2021]).to_pylist()
    accept(report["report_id"], Reviewer("王芳", "as printed"))
    shutil.rmtree(data / "lake" / "_extracted")
    row = load_year(2021)
    assert (row["extracted"], row["settled"], row["changed"]) == (0, 1, [2021])
    grown = parquet(data)
    shutil.rmtree(data / "lake")
    for year in PAPERS:
        load_year(year)
    assert parquet(data) == grown


def test_a_year_whose_year_before_changed_is_settled_again_and_no_other(settled, tmp_path):
    revise(tmp_path)
    assert load_year(2021)["changed"][0] == 2021
    assert settled == [2021, 2022]
    assert stale() == {}


def test_texts_of_the_year_before_matter_too(contracts):
    lake = open_lake()
    tables = {name: lake.read(name, [2021]) for name in lake.tables}
    texts = tables["narratives"]
    at = texts.schema.get_field_index("text")
    others = pa.array([f"{text}。" for text in texts["text"].to_pylist()])
    lake.write_year(2021, tables | {"narratives": texts.set_column(at, texts.schema.field(at), others)})
    assert stale() == {2021: "partition", 2022: "year before"}
    assert again() == {2021: 0, 2022: 0}


def test_a_load_that_died_before_the_year_after_is_ended_by_the_next(settled, tmp_path, monkeypatch):
    revise(tmp_path)
    writing = Lake.writing

    def die(lake, year):
        if year == 2022:
            raise KeyboardInterrupt
        return writing(lake, year)

    with monkeypatch.context() as patch:
        patch.setattr(Lake, "writing", die)
        with pytest.raises(KeyboardInterrupt):
            load_year(2021)
    settled.clear()
    load_year(2021)
    assert settled == [2022] and stale() == {}


def test_a_part_that_is_gone_or_a_damaged_manifest_is_made_again(settled, data):
    before = parquet(data)
    next((data / "lake/cells/report_year=2021").iterdir()).unlink()
    assert stale() == {2021: "partition"}
    assert load_year(2021)["changed"] == [2021] and parquet(data) == before
    (data / "lake/_manifest/report_year=2022.json").write_text("{", encoding="utf-8")
    assert load_year(2022)["changed"] == [2022] and parquet(data) == before
    assert settled == [2021, 2022]


def test_a_lake_that_grew_by_and_by_is_the_one_built_from_nothing(settled, tmp_path, data):
    revise(tmp_path)
    load_year(2022)
    load_stale()
    (report,) = open_lake().read("reports", [2022]).to_pylist()
    accept(report["report_id"], Reviewer("王芳", "as printed"))
    load_year(2021)
    load_year(2022)
    load_year(2018)
    grown = parquet(data)
    assert 2018 not in settled
    shutil.rmtree(data / "lake")
    for year in (2022, 2021, 2018):
        load_year(year)
    assert parquet(data) == grown


def decision(name, year, document, undoes=""):
    return Decision(name, Kind.UNDO if undoes else Kind.ACCEPT, AT, "王芳", "so", "command", "a-1", year, document,
                    undoes=undoes)  # fmt: skip


def test_a_decision_counts_where_its_document_is_and_so_does_what_undoes_it():
    ours, filed = decision("d-1", 2021, "x"), decision("d-2", 2020, "y")
    other = decision("d-3", 2020, "z")
    undo = decision("d-4", 2020, "", "d-2")
    chain = [ours, filed, undo, decision("d-5", 2019, "", "d-4")]
    prints = {fingerprint(chain[:length], 2021, {"y"}) for length in range(5)}
    assert len(prints) == 5
    assert fingerprint([ours, other, decision("d-6", 2020, "", "d-3")], 2021, {"y"}) == fingerprint([ours], 2021, set())
