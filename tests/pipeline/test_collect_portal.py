"""Collecting from the shared test portal: kills, slow hosts, politeness, proven by the log of the portal itself."""

import hashlib
import importlib
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gongkai.archive.catalog import Catalog
from gongkai.archive.log import read_listings, read_requests
from gongkai.archive.store import Archive
from gongkai.pipeline.collect import collect_sources
from gongkai.settings import ROOT, get_settings

SHARED = ROOT.parent / "shared"
LISTS = {
    "site1": ("html_list", "/site1/zwgk/gknb/index.html"),
    "site2": ("html_list", "/site2/zwgk/gknb/index.html"),
    "site3": ("json_list", "/site3/api/list?page=1&size=15"),
}
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not (SHARED / "tools" / "portal.py").is_file(), reason="the shared corpus is absent"),
]


@pytest.fixture
def serve(monkeypatch, tmp_path):
    """Start a portal; returns (site, address of each host, what is in its log by now)."""
    monkeypatch.syspath_prepend(str(SHARED / "tools"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    tool, started = importlib.import_module("portal"), []

    def start(faults=""):
        log = tmp_path / f"portal{len(started)}.log"
        site, servers = tool.serve(SHARED / "corpus" / "sample", 0, str(log), faults)
        started.extend(servers)
        port = servers[0].server_address[1]

        def asked():
            return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]

        return site, [f"http://127.0.0.{host}:{port}" for host in (1, 2, 3)], asked

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


@pytest.fixture
def add(data, monkeypatch):
    """Write a source file for a site."""
    folder = data / "sources"
    folder.mkdir(parents=True)
    monkeypatch.setenv("GONGKAI_SOURCES", str(folder))
    get_settings.cache_clear()

    def write(name, site, address, **politeness):
        adapter, path = LISTS[site]
        source = {
            "name": name,
            "title": "年报",
            "publisher": "云岫县人民政府",
            "region": {"code": "900121", "name": "云岫县"},
            adapter: {"list_urls": [address + path]},
            "allow_private": True,
            "politeness": {"requests_per_second": 1000, "robots": False, **politeness},
        }
        (folder / f"{name}.yml").write_text(json.dumps(source), encoding="utf-8")  # JSON is YAML

    return write


def most_in_a_second(asked):
    times = sorted(row["t"] for row in asked)
    return max(sum(start <= other < start + 1 for other in times) for start in times)


def check_whole(folder: Path) -> set[str]:
    """Check that all that stands in an archive is whole; return the paths of the addresses that it knows."""
    archive = Archive(str(folder))
    for name in archive.names("documents"):
        sha256, _, rest = name.rpartition("/")[2].partition(".")
        if rest:
            assert json.loads(archive.read(name))["sha256"] == sha256
        else:
            assert hashlib.sha256(archive.read(name)).hexdigest() == sha256
    assert {row.source for row in (*read_requests(archive), *read_listings(archive))} <= set(LISTS)
    entries = Catalog.load(archive).entries()
    assert all(archive.has(entry.sha256) for entry in entries), "what the catalog names is there"
    return {urlsplit(entry.url).path for entry in entries}


@pytest.mark.parametrize("kills", [2, pytest.param(10, marks=pytest.mark.slow)])
def test_a_run_killed_at_random_moments_is_completed_by_the_next(serve, add, data, kills):
    site, hosts, asked = serve()
    for name, host in zip(LISTS, hosts, strict=True):
        add(name, name, host, requests_per_second=40, concurrency=2)
    dice = random.Random()
    seed = dice.randrange(10**6)
    print(f"seed {seed}")  # shown when it fails
    dice.seed(seed)
    finished: set[str] = set()
    repeated = 0

    documents = {*site.by_url, *site.by_file}

    def fetched(since):
        return {row["path"] for row in asked()[since:] if row["status"] == 200} & documents

    for kill in range(kills):
        mark = len(asked())
        process = multiprocessing.get_context("fork").Process(
            target=collect_sources, kwargs={"run_id": f"r{kill}"}, daemon=True
        )
        process.start()
        while len(asked()) == mark and process.is_alive():
            time.sleep(0.002)
        process.join(dice.uniform(0.0, 0.6))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        time.sleep(0.05)  # what was under way reaches the portal's log
        got = fetched(mark)
        assert got & finished == set(), "no finished file is fetched again"
        finished |= check_whole(data / "archive")
        repeated += len(got - finished)
    mark = len(asked())
    run = collect_sources(run_id="last")
    assert [one.errors for one in run.summaries] == [(), (), ()]
    assert fetched(mark) & finished == set()
    known = check_whole(data / "archive")
    print(f"{repeated} downloads under way were lost by {kills} kills")
    assert repeated <= kills * len(hosts) * 2 * 2, "a kill costs what is under way: a page and its file in each lane"
    kept = {entry.sha256 for entry in Catalog.load(Archive(str(data / "archive"))).entries()}
    for document in site.docs:
        for file in (document["file"], *document.get("attachments", [])):
            assert hashlib.sha256((site.dir / file).read_bytes()).hexdigest() in kept, file
    mark = len(asked())
    again = collect_sources(run_id="again")
    assert [one.new + one.revised for one in again.summaries] == [0, 0, 0]
    assert {row["path"].partition("?")[0] for row in asked()[mark:] if row["status"] != 304} == {"/site3/api/list"}
    assert len(known) > len(site.docs)


@pytest.mark.parametrize("fault", ["slow:0.25", pytest.param("ratelimit:8", marks=pytest.mark.slow)])
def test_a_slow_or_limiting_host_holds_up_no_other(serve, add, fault):
    _, hosts, asked = serve()
    _, slow_hosts, slow_asked = serve(fault)
    add("a_slow", "site2", slow_hosts[0])
    add("b_quick", "site3", hosts[1])
    add("c_quick", "site3", hosts[1], concurrency=2)
    run = collect_sources([2019, 2020, 2024], run_id="r1")
    assert [one.listed for one in run.summaries] == [7, 5, 5]
    assert all(not one.errors for one in run.summaries)
    assert max(row["t"] for row in asked()) < max(row["t"] for row in slow_asked()), "the others end first"
    if fault.startswith("ratelimit"):
        assert 429 in {row["status"] for row in slow_asked()}


def commands(count, *arguments):
    """Run `gongkai collect` in several processes at once; each asks the sources of its number."""
    code = "from gongkai.cli import main; main()"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, "collect", "--source", f"s{number}", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for number in range(count)
    ]
    said = [process.communicate(timeout=120)[0].decode() for process in started]
    assert [process.returncode for process in started] == [0] * count, said


def test_two_processes_together_keep_to_the_rate_of_a_host(serve, add):
    _, hosts, asked = serve()
    for number in range(2):
        add(f"s{number}", f"site{number + 1}", hosts[0], requests_per_second=5, concurrency=2)
    commands(2, "--year", "2022", "--year", "2023", "--year", "2024")  # long enough for both, though one starts late
    rows = asked()
    assert len(rows) > 30
    assert most_in_a_second(rows) <= 5
    by_site = defaultdict(list)
    for row in rows:
        by_site[row["path"][1:6]].append(row["t"])
    (begin, end), (begin2, end2) = ((min(times), max(times)) for times in by_site.values())
    assert max(begin, begin2) < min(end, end2), "they ran at the same time"


@pytest.mark.slow
def test_a_crawl_delay_holds_for_two_processes_and_what_is_disallowed_is_not_asked(serve, add):
    _, hosts, asked = serve()
    for number in range(2):
        add(f"s{number}", "site2", hosts[0], requests_per_second=50, concurrency=2, robots=True)
    commands(2, "--year", "2019")
    rows = [row for row in asked() if row["path"] != "/robots.txt"]  # which tells the delay
    times = sorted(row["t"] for row in rows)
    assert len(times) > 4
    assert min(after - before for before, after in pairwise(times)) >= 0.999, "the log has milliseconds"
    assert not [row for row in rows if row["path"].startswith(("/site1/private", "/site2/search"))]
    assert {row["ua"] for row in rows} == {get_settings().user_agent}


def test_outside_its_hours_no_portal_is_asked(serve, add):
    _, hosts, asked = serve()
    hour = time.gmtime().tm_hour + 8  # in China
    add("night", "site2", hosts[0], window=f"{(hour + 4) % 24:02d}:00-{(hour + 5) % 24:02d}:00")
    add("open", "site2", hosts[1], window=f"{(hour - 2) % 24:02d}:00-{(hour + 4) % 24:02d}:00")
    run = collect_sources([2019], run_id="r1")
    assert {row["host"].partition(":")[0] for row in asked()} == {"127.0.0.2"}
    assert run.summaries[1].errors == ()
    refused = [row for row in read_requests(Archive(get_settings().archive)) if row.source == "night"]
    assert {(row.error, row.status) for row in refused} == {("outside_window", None)}
