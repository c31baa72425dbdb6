"""From a folder of documents to the lake: traced, repeatable, in any order of years."""

from __future__ import annotations

import shutil

import pytest
from tests.papers import SOURCE

from gongkai.pipeline.collect import collect_sources
from gongkai.pipeline.load import archived_years, load_year, open_lake, plan_extract, settle_year
from gongkai.settings import ROOT, get_settings

DOCUMENTS = ROOT / "include" / "samples" / "documents"


@pytest.fixture
def papers(one_engine, tmp_path, monkeypatch, data):
    """A folder source; returns where its documents are."""
    sources = tmp_path / "sources"
    folder = sources / "papers"
    folder.mkdir(parents=True)
    (sources / "papers.yml").write_text(SOURCE, encoding="utf-8")
    monkeypatch.setenv("GONGKAI_SOURCES", str(sources))
    get_settings.cache_clear()
    return folder


def put(papers, name, year, to=None):
    """Place a sample under a name that says its year."""
    stem = to or f"{year}年政府信息公开工作年度报告-{name}"
    shutil.copy(DOCUMENTS / name, papers / f"{stem}{(DOCUMENTS / name).suffix}")


def parquet(data):
    return {path.relative_to(data): path.read_bytes() for path in sorted((data / "lake").rglob("*.parquet"))}


def rows(table, *years):
    return open_lake().read(table, years or None).to_pylist()


def test_a_year_is_loaded_traced_and_repeatable(both_engines, papers, data):
    put(papers, "yunling-education-2023.pdf", 2023)
    put(papers, "yunling-government-2023.docx", 2023)
    collect_sources()
    assert archived_years() == [2023]
    assert sum(map(len, plan_extract(2023))) == 2
    first = load_year(2023)
    assert (first["reports"], first["extracted"], first["changed"]) == (2, 2, [2023])
    bytes_before = parquet(data)
    collect_sources()
    again = load_year(2023)
    assert (again["reports"], again["extracted"], again["changed"]) == (2, 0, [])
    assert parquet(data) == bytes_before
    cell = next(row for row in rows("cells") if row["page"] and row["state"] == "number")
    document = next(row for row in rows("documents") if row["document_sha256"] == cell["document_sha256"])
    assert document["fate"] == "report" and cell["raw"].strip() and cell["x1"] > cell["x0"]


def test_neighbouring_years_loaded_in_any_order_give_the_same_lake(papers, data):
    for year in (2022, 2023, 2024):
        name = next(path.name for path in DOCUMENTS.glob(f"yunling-health-{year}.*"))
        put(papers, name, year)
    collect_sources()
    for year in (2022, 2023, 2024):
        load_year(year)
    ascending = parquet(data)
    shutil.rmtree(data / "lake")
    for year in (2024, 2022, 2023):
        load_year(year)
    assert parquet(data) == ascending
    judged = {row["rule_id"]: row for row in rows("rule_coverage", 2024)}
    assert judged["carry_over:applications/carried_in/total"]["undecidable"] == 0


def test_a_changed_extractor_reads_neighbouring_years_again_before_settling_them(papers, data, monkeypatch):
    for year in (2022, 2023):
        name = next(path.name for path in DOCUMENTS.glob(f"yunling-health-{year}.*"))
        put(papers, name, year)
    collect_sources()
    load_year(2022)
    load_year(2023)
    before = {row["report_id"]: row["status"] for row in rows("reports")}
    monkeypatch.setattr("gongkai.pipeline.extractions.extractor_fingerprint", lambda: "another")
    settle_year(2022)  # reaches into 2023, none of whose documents this extractor has read
    assert {row["report_id"]: row["status"] for row in rows("reports")} == before
    assert {row["extractor"].partition(".")[0] for row in rows("documents")} == {"another"}


def test_a_year_without_documents_gets_no_partition(papers, data):
    put(papers, "yunling-health-2022.docx", 2022)
    collect_sources()
    load_year(2022)
    load_year(2019)
    assert open_lake().years() == [2022]


def test_a_report_under_the_wrong_year_is_filed_under_its_own(papers, data):
    put(papers, "yunling-government-2022.pdf", 2022, to="2023年政府信息公开工作年度报告")
    collect_sources()
    loaded = load_year(2023)
    assert loaded["reports"] == 0
    assert [row["report_year"] for row in rows("reports")] == [2022]
    before = parquet(data)
    assert load_year(2022)["changed"] == [] and parquet(data) == before


def test_nothing_is_lost(papers, data):
    put(papers, "yunling-government-2022.pdf", 2022)
    for name, content in {
        "2022年信息公开年报甲.pdf": b"%PDF-1.7 no pdf at all",
        "2022年信息公开年报乙.docx": (DOCUMENTS / "yunling-government-2021.docx").read_bytes()[:9000],
        "2022年信息公开年报丙.html": "<html><body><h1>404 页面不存在</h1></body></html>".encode(),
    }.items():
        (papers / name).write_bytes(content)
    collect_sources()
    loaded = load_year(2022)
    assert (loaded["reports"], loaded["unread"]) == (1, 3)
    refused = {row["listed_title"][-1]: row for row in rows("documents", 2022) if row["fate"] != "report"}
    assert {key: row["fate"] for key, row in refused.items()} == {"甲": "failed", "乙": "failed", "丙": "not_a_report"}
    assert all(row["reason"] and row["error_code"] for row in refused.values())


def test_a_corrected_report_is_a_revision_and_the_old_one_stays(papers, data):
    put(papers, "yunling-health-2021.html", 2021, to="2021年政府信息公开工作年度报告")
    collect_sources()
    load_year(2021)
    put(papers, "yunling-health-2021-corrected.html", 2021, to="2021年政府信息公开工作年度报告")
    collect_sources()
    assert load_year(2021)["changed"] == [2021]
    (report,) = rows("reports", 2021)
    revisions = sorted(rows("revisions", 2021), key=lambda row: row["revision_no"])
    assert report["n_revisions"] == 2
    assert [row["fate"] for row in revisions] == ["superseded", "in_force"]
    assert report["revision_id"] == revisions[1]["revision_id"]
    assert {row["revision_id"] for row in rows("cells", 2021)} == {report["revision_id"]}
    # what the correction changed, why each content has its status, and what would have made the first one right
    (change,) = rows("revision_changes", 2021)
    assert [change[key] for key in ("table_code", "row_code", "column_code")] == ["applications", "granted", "total"]
    assert (change["raw_before"], change["raw_after"]) == ("5", "4")
    assert (change["from_revision_id"], change["to_revision_id"]) == tuple(row["revision_id"] for row in revisions)
    reasons = {row["revision_id"]: (row["status"], row["code"]) for row in rows("status_reasons", 2021)}
    assert reasons == {
        revisions[0]["revision_id"]: ("superseded", "superseded"), revisions[1]["revision_id"]: ("accepted", "clean"),
    }  # fmt: skip
    assert rows("proposals", 2021) == []


def test_a_wrong_sum_has_its_guilty_cell_its_blame_and_a_proposal(papers, data):
    put(papers, "yunling-health-2021.html", 2021)
    collect_sources()
    load_year(2021)
    (report,) = rows("reports", 2021)
    (proposal,) = rows("proposals", 2021)
    place = "applications/granted/total"
    assert "/".join(proposal[key] for key in ("table_code", "row_code", "column_code")) == place
    assert (proposal["raw"], proposal["printed"], proposal["proposed"]) == ("5", 5, 4)
    assert (proposal["fault_kind"], proposal["is_unique"]) == ("wrong_digit", True)
    assert len(proposal["violated"]) == 2 and set(proposal["violated"]) <= set(proposal["proof"])
    assert '"method": "html-lxml/grid"' in proposal["evidence"]
    failed = [row for row in rows("findings", 2021) if row["outcome"] == "fail"]
    assert {(row["rule_id"], *row["guilty_cells"], row["attribution"]) for row in failed} == {
        (rule, place, "publisher") for rule in proposal["violated"]
    }
    assert {row["facts"][0] for row in failed} == {"digits_as_stated"}
    assert {row["document_sha256"] for row in failed} == {report["document_sha256"]}
    (reason,) = rows("status_reasons", 2021)
    assert (report["status"], reason["code"], reason["value"]) == ("accepted_with_errors", "fails_publisher", 2)
    (cell,) = [row for row in rows("cells", 2021) if (row["row_code"], row["column_code"]) == ("granted", "total")]
    assert cell["value"] == 5  # as printed: a proposal is never applied
