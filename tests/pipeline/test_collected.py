"""From a folder of a source, collected again and again, to what a release says of each address and expected report."""

import shutil
from datetime import UTC, date, datetime

import duckdb
import pytest

from gongkai.pipeline.candidates import open_archive
from gongkai.pipeline.collect import collect_sources
from gongkai.pipeline.collected import collected
from gongkai.pipeline.load import archived_years, load_year, open_lake
from gongkai.pipeline.publish import publish
from gongkai.pipeline.status import status
from gongkai.settings import ROOT, get_settings
from gongkai.sources import recording
from gongkai.sources.registry import load_sources

DOCUMENTS = ROOT / "include" / "samples" / "documents"
SOURCE = """
name: papers
title: 信息公开年报
publisher: 云岭县人民政府
region: {code: "900121", name: 云岭县}
adapter: folder
folder: {path: papers}
expect:
  years: {first: 2021, last: 2024}
  agencies:
    - name: 云岭县卫生健康局
      aliases: [云岭县卫健局]
      region: {code: "900121", name: 云岭县}
      level: county
      kind: department
    - {name: 云岭县人民政府, region: {code: "900121", name: 云岭县}, level: county, kind: government}
"""


@pytest.fixture
def papers(one_engine, tmp_path, data, monkeypatch):
    """An empty folder that is the one source."""
    folder = tmp_path / "sources" / "papers"
    folder.mkdir(parents=True)
    (tmp_path / "sources" / "papers.yml").write_text(SOURCE, encoding="utf-8")
    monkeypatch.setenv("GONGKAI_SOURCES", str(tmp_path / "sources"))
    get_settings.cache_clear()
    return folder


def put(papers, name, to):
    shutil.copy(DOCUMENTS / name, papers / f"{to}{(DOCUMENTS / name).suffix}")


def title(agency, year):
    return f"{agency}{year}年政府信息公开工作年度报告"


def found():
    """What a release would say of collecting."""
    return collected(open_archive(), open_lake(), load_sources(get_settings().sources), runs=2)


def addresses():
    return {row["url"]: row for row in found().addresses.to_pylist()}


HEALTH = "yunling-health-2022.docx"
GONE = title("云岭县卫生健康局", 2022)
URL = f"folder:{GONE}.docx"


def test_a_removed_report_is_noted_and_one_that_comes_back_is_there_again(papers):
    put(papers, HEALTH, GONE)
    put(papers, "yunling-government-2022.pdf", title("云岭县人民政府", 2022))
    collect_sources()
    (papers / f"{GONE}.docx").rename(papers.parent / "away.docx")
    collect_sources([2022])  # a run for one year concludes nothing
    assert addresses()[URL]["removed_on"] is None
    before = found().fingerprint
    collect_sources()
    now = addresses()[URL]
    assert abs((now["removed_on"] - datetime.now(UTC).date()).days) <= 1 and not now["is_current"]
    assert [row["url"] for row in found().listings.to_pylist() if row["removed_on"]] == [URL]
    gap = next(row for row in found().gaps.to_pylist() if row["url"] == URL)
    assert (gap["outcome"], gap["reason"]) == ("removed", f"removed: listed until {now['removed_on']}")
    assert found().fingerprint != before
    collect_sources()
    assert addresses()[URL]["removed_on"] == now["removed_on"]  # the first walk that missed it says when
    (papers.parent / "away.docx").rename(papers / f"{GONE}.docx")
    collect_sources()
    assert (addresses()[URL]["removed_on"], addresses()[URL]["is_current"]) == (None, True)
    assert found().fingerprint == before


def test_an_incomplete_walk_or_one_of_other_lists_removes_nothing(papers, monkeypatch):
    put(papers, HEALTH, GONE)
    put(papers, "yunling-government-2022.pdf", title("云岭县人民政府", 2022))
    collect_sources()
    (papers / f"{GONE}.docx").unlink()
    row = recording.RunRow
    for change in ({"is_complete": False}, {"lists": "elsewhere"}):
        with monkeypatch.context() as patch:
            patch.setattr(recording, "RunRow", lambda *given, change=change, **more: row(*given, **more | change))
            collect_sources()
        assert addresses()[URL]["removed_on"] is None
    collect_sources()
    assert addresses()[URL]["removed_on"] is not None


def test_a_quiet_run_moves_the_last_sight_and_changes_nothing_else(papers):
    put(papers, HEALTH, GONE)
    collect_sources()
    first, fingerprint = addresses()[URL], found().fingerprint
    collect_sources()
    collect_sources([2020])
    then = addresses()[URL]
    assert then["first_seen"] == first["first_seen"]
    assert first["last_seen"] < then["last_seen"] < then["last_listed"]  # the run for 2020 listed it and did not look
    assert found().fingerprint == fingerprint
    runs = [(row["years"], row["new"], row["unchanged"], row["skipped"]) for row in found().collect_runs.to_pylist()]
    assert sorted(runs) == [("", 0, 1, 0), ("", 1, 0, 0), ("2020", 0, 0, 1)]


def test_a_replaced_report_has_a_row_for_each_content(papers):
    put(papers, "yunling-health-2021.html", title("云岭县卫生健康局", 2021))
    collect_sources()
    put(papers, "yunling-health-2021-corrected.html", title("云岭县卫生健康局", 2021))
    collect_sources()
    collect_sources()
    old, new = sorted(found().addresses.to_pylist(), key=lambda row: row["revision_no"])
    assert old["url"] == new["url"] and old["document_sha256"] != new["document_sha256"]
    assert (old["is_current"], new["is_current"]) == (False, True)
    assert old["first_seen"] <= old["last_seen"] < new["first_seen"] < new["last_seen"] == new["last_listed"]


def test_a_release_says_of_each_expected_report_what_was_found_and_why_not(papers):
    put(papers, HEALTH, GONE)
    put(papers, HEALTH, f"{GONE}（重发）")
    (papers / f"{title('云岭县卫健局', 2023)}.pdf").write_bytes(b"%PDF-1.7 no pdf at all")
    (papers / f"{title('云岭县卫生健康局', 2024)}.pdf").symlink_to(papers / "nowhere.pdf")
    collect_sources()
    for year in archived_years():
        load_year(year)
    made = publish()
    with duckdb.connect(made["path"], read_only=True) as con:

        def ask(sql):
            return con.execute(sql).fetchall()

        rows = ask(
            "SELECT report_year, outcome, split_part(reason, ':', 1), url IS NOT NULL, due_on FROM coverage "
            "WHERE agency_name = '云岭县卫生健康局' ORDER BY 1"
        )
        assert rows == [
            (2021, "missing", "not_listed", False, date(2022, 1, 31)),
            (2022, "found", None, True, date(2023, 1, 31)),
            (2023, "failed", "damaged", True, date(2024, 1, 31)),
            (2024, "failed", "source_error", True, date(2025, 1, 31)),
        ]
        due = "SELECT outcome, due_on FROM coverage WHERE agency_name = '云岭县人民政府' AND report_year = 2024"
        assert ask(due) == [("missing", date(2025, 3, 31))]
        by_year = "SELECT report_year, expected, found, missing, failed FROM mart.coverage_by_year ORDER BY 1"
        assert ask(by_year) == [(2021, 2, 0, 2, 0), (2022, 2, 1, 1, 0), (2023, 2, 0, 2, 1), (2024, 2, 0, 2, 1)]
        # One content at two addresses is one document with two addresses.
        assert ask("SELECT count(*), count(DISTINCT document_sha256) FROM addresses WHERE listed_year = 2022") == [
            (2, 1)
        ]
        assert ask("SELECT n_addresses FROM revisions") == [(2,)] and ask("SELECT n_revisions FROM reports") == [(1,)]
        assert ask("SELECT len(urls), is_current FROM mart.document_history WHERE n_addresses = 2") == [(2, True)]
        assert ask("SELECT fate, reason FROM listings WHERE listed_year = 2024")[0][0] == "failed"
    collect_sources()
    assert load_year(2022)["changed"] == [] and not publish()["changed"]
    said = status(2022)
    (run,), (years,) = said.runs, said.coverage
    assert (run["source"], run["listed"], run["new"], run["unchanged"], run["failed"]) == ("papers", 4, 0, 3, 1)
    assert (years["expected"], years["found"], years["missing"]) == (2, 1, 1)
    assert [(row["agency_name"], row["outcome"]) for row in said.missing] == [("云岭县人民政府", "missing")]


def test_a_report_is_late_by_its_first_publication_and_says_where_that_day_stands(papers):
    put(papers, "yunling-health-2021.html", title("云岭县卫生健康局", 2021))
    put(papers, "yunling-health-2021-corrected.html", f"{title('云岭县卫生健康局', 2021)}（更正）")
    collect_sources()
    load_year(2021)
    (report,) = open_lake().read("reports", [2021]).to_pylist()
    first, due = report["first_published_on"], date(2022, 1, 31)
    assert first < report["published_on"] and report["published_from"] == "report"
    assert (report["due_on"], report["days_late"]) == (due, max(0, (first - due).days))
