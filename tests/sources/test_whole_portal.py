"""The shared test portal as a whole, by the function that the DAG's task calls and by the portal's own log."""

from collections import Counter
from itertools import pairwise

import pytest
from ruamel.yaml import YAML

from gongkai.archive.catalog import Catalog
from gongkai.archive.log import Fate, read_listings
from gongkai.archive.store import Archive
from gongkai.pipeline.collect import collect_sources
from gongkai.pipeline.load import extract_batch, plan_extract
from gongkai.settings import get_settings

from .shared_portal import HAS_PORTAL, LISTS, kept

QUICK = {"politeness": {"concurrency": 4, "requests_per_second": 100, "robots": False}}
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not HAS_PORTAL, reason="the shared corpus is absent"),
]


@pytest.fixture
def write(shared_portal, data, monkeypatch, tmp_path):
    """Write the source files of sites; returns the archive."""
    folder = tmp_path / "sources"
    folder.mkdir()
    monkeypatch.setenv("GONGKAI_SOURCES", str(folder))
    get_settings.cache_clear()

    def make(*sites, **more):
        for site in sites:
            with (folder / f"{site}.yml").open("w", encoding="utf-8") as file:
                YAML().dump(shared_portal.source(site, **more), file)
        return Archive(get_settings().archive)

    return make


def test_every_document_of_three_sites_is_archived_as_it_lies_in_the_corpus(shared_portal, write):
    archive = write(*LISTS, **QUICK)
    run = collect_sources(run_id="r1")
    documents = [document for site in LISTS for document in shared_portal.documents(site)]
    assert {summary.source: (summary.new, summary.errors) for summary in run.summaries} == {
        site: (len(shared_portal.documents(site)), ()) for site in LISTS
    }
    for document in documents:
        assert shared_portal.files(document) <= kept(archive), document["file"]
    assert kept(archive) == set().union(*map(shared_portal.contents, documents)), "and nothing else"
    for document in (name for one in documents for name in shared_portal.files(one)):
        assert archive.get(document)
    listed = Counter((row.source, row.url) for row in read_listings(archive, "r1") if row.parent_url is None)
    entries = {(site, shared_portal.url + url) for site in LISTS for _, _, url in shared_portal.site.entries(site)}
    assert listed == dict.fromkeys(entries, 1), "each list was walked to its end"
    decoys = [row for row in read_listings(archive, "r1") if "/decoy/" in row.url]
    assert {row.fate for row in decoys} == {Fate.SKIPPED}
    assert not [request for request in shared_portal.asked() if "/decoy/" in request["path"]]


def test_a_correction_is_one_revision_and_only_that_report_is_loaded_again(shared_portal, write):
    archive = write("site1", **QUICK)
    collect_sources(run_id="r1")
    quick = Counter(one["report_year"] for one in shared_portal.documents("site1") if one["format"] in {"pdf", "doc"})
    changed = min(
        (one for one in shared_portal.documents("site1") if one["format"] == "html" and not one.get("attachments")),
        key=lambda one: (quick[one["report_year"]], one["file"]),
    )
    year = changed["report_year"]
    for batch in plan_extract(year):
        extract_batch(year, batch)
    assert plan_extract(year) == []
    before = {(entry.url, entry.sha256) for entry in Catalog.load(archive).entries()}
    shared_portal.site.revise(changed["file"])
    (summary,) = collect_sources(run_id="r2").summaries
    assert (summary.revised, summary.new, summary.unchanged) == (1, 0, len(shared_portal.documents("site1")) - 1)
    assert summary.years_touched == (year,)
    entries = Catalog.load(archive).entries()
    assert before < {(entry.url, entry.sha256) for entry in entries}, "the old one is kept"
    old, new = (entry for entry in entries if entry.url == shared_portal.url + changed["url"])
    assert (old.revision_no, old.is_current, new.revision_no, new.is_current) == (1, False, 2, True)
    assert archive.get(old.sha256) != archive.get(new.sha256)
    assert old.first_seen < new.first_seen
    assert plan_extract(year) == [[new.sha256]]
    others = {one["report_year"] for one in shared_portal.documents("site1")} - {year}
    assert all(entry.sha256 != new.sha256 for other in others for entry in Catalog.load(archive).entries(other))


def test_the_second_run_asks_only_conditionally(shared_portal, write):
    write("site1", "site2", **QUICK)
    collect_sources(run_id="r1")
    first = shared_portal.asked()
    assert not any(request["if_none_match"] or request["if_modified_since"] for request in first)
    collect_sources(run_id="r2")
    second = shared_portal.asked()
    assert {request["status"] for request in second} == {304}
    assert all(request["if_none_match"] and request["if_modified_since"] for request in second)
    assert {request["path"] for request in second} == {request["path"] for request in first}


def test_the_rate_of_a_source_is_kept_by_the_log_of_the_portal(shared_portal, write):
    write("site1", "site2", politeness={"concurrency": 4, "requests_per_second": 20, "robots": False})
    collect_sources(years=[2022, 2023, 2024])
    requests = shared_portal.asked()
    assert len(requests) > 10
    starts = sorted(request["t"] for request in requests)
    most = max(sum(start <= other < start + 1 for other in starts) for start in starts)
    assert most <= 21, "20 a second, and one for the inexactness of the log"


def test_crawl_delay_and_disallowed_paths_by_the_log_of_the_portal(shared_portal, write):
    """robots.txt asks for a second between requests; the source would allow a hundred in it."""
    hidden = shared_portal.documents("site1")[0]
    shared_portal.site.by_url.pop(hidden["url"])
    hidden["url"] = "/site1/private/1.html"
    archive = write("site1", politeness={"concurrency": 4, "requests_per_second": 100})
    collect_sources(years=[hidden["report_year"]], run_id="r1")
    requests = shared_portal.asked()
    assert requests[0]["path"] == "/robots.txt"
    assert len(requests) > 4
    times = [request["t"] for request in requests if request["path"] != "/robots.txt"]
    assert min(later - earlier for earlier, later in pairwise(sorted(times))) >= 0.95
    assert not [request for request in requests if "/private/" in request["path"]], "listed, disallowed, never asked"
    (row,) = (row for row in read_listings(archive, "r1") if row.url.endswith(hidden["url"]))
    assert (row.fate, row.answer) == (Fate.BLOCKED, "robots")
