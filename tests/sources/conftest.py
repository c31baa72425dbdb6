"""Shared by the tests of collecting: a source for a local server, an archive, quick retries."""

import importlib
import sys
from collections.abc import Callable

import pytest

from gongkai.archive.log import request_log
from gongkai.archive.store import Archive
from gongkai.settings import Limits, Settings
from gongkai.sources.attempts import Retry
from gongkai.sources.collect import collect
from gongkai.sources.http import Fetcher
from gongkai.sources.model import Source
from gongkai.sources.registry import load_source

from .shared_portal import SHARED, SharedPortal

QUICK = Retry(attempts=3, wait_initial=0.01, wait_max=0.02, retry_after_max=1.0, timeout=0.5, total=2.0)


@pytest.fixture
def archive(tmp_path):
    return Archive(str(tmp_path / "archive"))


@pytest.fixture
def settings(tmp_path):
    return Settings(data=tmp_path, limits=Limits(file_bytes=100_000))


@pytest.fixture
def make_source() -> Callable[..., Source]:
    """A source for list addresses on loopback; keyword arguments replace parts of it."""

    def make(*list_urls: str, options: dict | None = None, politeness: dict | None = None, **more) -> Source:
        return Source.model_validate(
            {
                "name": "test",
                "title": "测试",
                "publisher": "云岭县人民政府",
                "region": {"code": "900121", "name": "云岭县"},
                "adapter": "html_list",
                "html_list": {"list_urls": list_urls, **(options or {})},
                "allow_private": True,
                "politeness": {"requests_per_second": 100, "robots": False, **(politeness or {})},
                **more,
            }
        )

    return make


@pytest.fixture
def fetcher(make_source, archive, settings, httpserver):
    """Make a fetcher for the local server; its requests are in the log of run "r"."""
    opened = []

    def make(**more) -> Fetcher:
        log = request_log(archive, "r", "test")
        made = Fetcher(
            make_source(httpserver.url_for("/list"), **more), settings=settings, log=log, run_id="r", retry=QUICK
        )
        opened.append((made, log))
        return made

    yield make
    for made, log in opened:
        made.__exit__(None, None, None)
        log.close()


@pytest.fixture
def run(archive, settings):
    """Collect a source; each call is a run of its own, named r1, r2, ..."""
    count = 0

    def collect_once(source, years=None, retry=QUICK):
        nonlocal count
        count += 1
        return collect(source, archive, years=years, settings=settings, run_id=f"r{count}", retry=retry)

    return collect_once


@pytest.fixture
def shared_portal(monkeypatch, tmp_path):
    """The shared test portal over its sample corpus, without faults."""
    monkeypatch.syspath_prepend(str(SHARED / "tools"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    tool = importlib.import_module("portal")
    log = tmp_path / "portal.jsonl"
    site, servers = tool.serve(SHARED / "corpus" / "sample", 0, log=log, hosts=1)
    yield SharedPortal(site, f"http://127.0.0.1:{servers[0].server_address[1]}", log)
    for server in servers:
        server.shutdown()
        server.server_close()
    site.log.close()


@pytest.fixture
def write_source(tmp_path):
    """Write a source file of at most ten lines and load it, as a person who adds a portal does."""

    def write(text: str, name: str = "portal") -> Source:
        lines = [line for line in text.strip().splitlines() if line.strip()]
        assert len(lines) <= 10, "a new portal takes at most ten lines"
        path = tmp_path / "sources" / f"{name}.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return load_source(path)

    return write
