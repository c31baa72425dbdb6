"""Collecting from the shared test portal, with faults switched on; skipped where the corpus is absent."""

import hashlib
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from gongkai.archive.catalog import Catalog
from gongkai.archive.log import Fate, read_listings, read_requests
from gongkai.errors import BlockedError, SourceError
from gongkai.settings import ROOT, Settings
from gongkai.sources.attempts import Retry
from gongkai.sources.collect import collect

SHARED = ROOT.parent / "shared"
SITES = {"site1": "/site1/zwgk/gknb/index.html", "site2": "/site2/zwgk/gknb/index.html"}
QUICK = Retry(attempts=4, wait_initial=0.01, wait_max=0.05, timeout=5.0, total=20.0)

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not (SHARED / "tools" / "portal.py").is_file(), reason="the shared corpus is absent"),
]


@pytest.fixture
def portal(monkeypatch):
    monkeypatch.syspath_prepend(str(SHARED / "tools"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    import importlib

    tool = importlib.import_module("portal")
    site, servers = tool.serve(SHARED / "corpus" / "sample", 0, hosts=1)
    yield site, f"http://127.0.0.1:{servers[0].server_address[1]}"
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def ask(portal, make_source, archive, tmp_path):
    def once(site, run_id, **limits):
        source = make_source(portal[1] + SITES[site], politeness={"concurrency": 4})
        settings = Settings(data=tmp_path, limits=limits) if limits else Settings(data=tmp_path)
        return collect(source, archive, years=None, settings=settings, run_id=run_id, retry=QUICK)

    return once


def fate(archive, run_id, words):
    return next(row for row in read_listings(archive, run_id) if words in row.title and row.parent_url is None)


@pytest.mark.parametrize("site", SITES)
def test_every_report_is_collected_once(portal, ask, archive, site):
    first, second = ask(site, "r1"), ask(site, "r2")
    listed = portal[0].sites[site]
    assert (first.new, first.errors) == (len(listed), ())
    assert (second.new, second.unchanged, second.revised) == (0, len(listed), 0)
    assert {row.status for row in read_requests(archive, "r2")} == {304}
    kept = {entry.sha256 for entry in Catalog.load(archive).entries()}
    for document in listed:
        for name in (document["file"], *document.get("attachments", [])):
            assert archive.put(Path(portal[0].dir / name).read_bytes()) in kept, name
    assert {row.fate for row in read_listings(archive, "r1") if row.reason} == {Fate.SKIPPED}


def codes(archive, run_id="r1"):
    """How often each class of error is in the request log."""
    return Counter(row.error for row in read_requests(archive, run_id) if row.error)


FAULTS = {
    "flaky:2": "server_error",
    "truncate": "truncated",
    "ratelimit:20": "busy",
    "loop": "redirect_loop",
    "huge": "over_limit",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_in_the_log_with_its_class(portal, ask, archive, fault):
    portal[0].set_faults(fault)
    ask("site2", "r1", file_bytes=2**21)
    assert set(codes(archive)) == {FAULTS[fault]}


def test_a_portal_that_is_slow_is_told_as_such(portal, make_source, archive, tmp_path):
    portal[0].set_faults("slow:3")
    source = make_source(portal[1] + SITES["site1"])
    with pytest.raises(SourceError):
        retry = replace(QUICK, timeout=0.2, attempts=2)
        collect(source, archive, years=None, settings=Settings(data=tmp_path), run_id="r1", retry=retry)
    assert codes(archive) == {"timeout": 2}


def test_a_portal_that_refuses_unnamed_clients_is_told_as_such(portal, make_source, archive, tmp_path):
    portal[0].set_faults("noua")
    source = make_source(portal[1] + SITES["site1"])
    settings = Settings(data=tmp_path, user_agent="python-httpx/0.28")
    with pytest.raises(BlockedError):
        collect(source, archive, years=None, settings=settings, run_id="r1", retry=QUICK)
    assert codes(archive) == {"blocked": 1}


def test_all_faults_together_lose_nothing_that_can_be_had_and_store_nothing_false(portal, ask, archive):
    portal[0].set_faults("flaky:2,wrongtype,loop,noua,dup,huge,soft404,ratelimit:40")
    found = ask("site1", "r1", file_bytes=2**21)
    listed = portal[0].sites["site1"]
    assert found.blocked == 0
    kept = {entry.sha256 for entry in Catalog.load(archive).entries()}
    for document in listed:
        for name in (document["file"], *document.get("attachments", [])):
            assert hashlib.sha256(Path(portal[0].dir / name).read_bytes()).hexdigest() in kept, name
    assert {"server_error", "redirect_loop", "over_limit"} <= set(codes(archive))


def test_what_was_cut_off_is_taken_by_the_next_run(portal, ask, archive):
    portal[0].set_faults("truncate")
    assert ask("site1", "r1").failed > 0
    portal[0].set_faults("")
    found = ask("site1", "r2")
    assert (found.failed, found.new + found.unchanged + found.revised) == (0, len(portal[0].sites["site1"]))


def test_a_flaky_portal_is_asked_again(portal, ask, archive):
    portal[0].set_faults("flaky:2,noua")
    found = ask("site1", "r1")
    assert (found.new, found.failed) == (len(portal[0].sites["site1"]), 0)
    assert 500 in {row.status for row in read_requests(archive)}


def test_the_same_report_under_two_addresses_is_one_document(portal, ask, archive):
    portal[0].set_faults("dup")
    found = ask("site1", "r1")
    assert found.new == len(portal[0].sites["site1"]) + 1
    pages = [entry.sha256 for entry in Catalog.load(archive).entries() if entry.parent_url is None]
    assert len(pages) - len(set(pages)) == 1


def test_traps_get_a_fate_each_and_spoil_nothing(portal, ask, archive):
    portal[0].set_faults("loop,huge,bomb,soft404")
    started = time.monotonic()
    found = ask("site2", "r1", file_bytes=2**21)
    assert time.monotonic() - started < 30
    assert found.new == len(portal[0].sites["site2"]) + 1, (
        "the packed document is small; unpacking is the reader's care"
    )
    loop, soft, huge = (fate(archive, "r1", words) for words in ("跳转测试", "页面不存在", "超大附件"))
    assert (loop.fate, soft.fate, huge.fate) == (Fate.FAILED, Fate.NOT_A_REPORT, Fate.FAILED)
    assert "more than 5 redirects" in loop.reason
    assert "over_limit" in huge.reason
    assert fate(archive, "r1", "压缩炸弹").fate is Fate.NEW


def test_truncated_bodies_are_never_archived(portal, ask, archive):
    portal[0].set_faults("truncate")
    found = ask("site1", "r1")
    assert found.failed > 0
    whole = {Path(path).read_bytes() for path in portal[0].dir.iterdir()}
    files = [entry for entry in Catalog.load(archive).entries() if entry.parent_url]
    assert all(archive.get(entry.sha256) in whole for entry in files)


def test_misleading_content_types_change_nothing(portal, ask, archive):
    portal[0].set_faults("wrongtype")
    assert ask("site1", "r1").errors == ()


def test_a_correction_is_a_revision(portal, ask, archive):
    ask("site1", "r1")
    document = next(t for t in portal[0].sites["site1"] if t["format"] == "html" and not t.get("attachments"))
    portal[0].revise(document["file"])
    found = ask("site1", "r2")
    assert (found.revised, found.unchanged) == (1, len(portal[0].sites["site1"]) - 1)


def test_a_portal_with_a_limit_is_waited_for(portal, ask, archive):
    portal[0].set_faults("ratelimit:40")
    found = ask("site2", "r1")
    assert found.blocked == 0
    assert found.new == len(portal[0].sites["site2"])
