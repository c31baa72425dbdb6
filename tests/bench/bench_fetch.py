"""Fetching from a portal on loopback without limits: speed of one core, memory for large files and long lists."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from tests.bench.common import ROOT, Figure, peak_memory
from tests.bench.fetch_portal import LARGE, REPORTS
from tests.bench.idleness import busy_share

_LINKS = 100_000
_PACE = 5
"""Requests a second that two collecting processes may send together."""
_SOURCE = """
name: {name}
title: 测试
publisher: 云岭县人民政府
region: {{code: "900121", name: 云岭县}}
html_list: {{list_urls: ["{url}"]}}
allow_private: true
politeness: {{requests_per_second: {rate}, concurrency: 2}}
"""
_RATE = 1e6
"""Requests a second that are allowed: no limit. The form of sources allows fewer, so it is set past its checks."""


def fetching(cores: set[int]) -> Iterator[Figure]:
    """Yield the figures.

    Args:
        cores: The cores of the machine: the portal runs on them all, what is measured on the one it is pinned to.
    """
    with portal(cores) as address, tempfile.TemporaryDirectory() as folder:
        cpu, wall = _requests(address, Path(folder))
        load = f"cores busy {busy_share(cores):.0%} before"
        yield Figure(
            "requests, each logged", REPORTS / cpu, "1/s", 100, note=f"of CPU time; {REPORTS / wall:.0f} by the clock"
        )
        data = Path(folder) / "data"
        seconds, found, _ = _collect(f"{address}/{REPORTS}/0/", data)
        yield Figure(f"{REPORTS} reports collected", seconds, "s", note=f"{found.new} new; {load}")
        before = _documents(data)
        seconds, found, spent = _collect(f"{address}/{REPORTS}/0/", data)
        archived = _documents(data) - before
        note = f"{found.unchanged} unchanged; CPU {spent:.1f} s; {load}"
        yield Figure("the same, unchanged", seconds, "s", 15, at_most=True, note=note)
        yield Figure("archived by it", archived, "files", 0, at_most=True)
        code = "from tests.bench.bench_fetch import large; import sys; large(*sys.argv[1:])"
        yield Figure("one file of 100 MB", _peak(code, address, folder), "MB", 200, at_most=True)
        code = "from tests.bench.bench_fetch import many; import sys; many(*sys.argv[1:])"
        yield Figure(f"{_LINKS:,} listed links, known", _peak(code, address, folder), "MB", 200, at_most=True)
        code = "from tests.bench.bench_fetch import whole; import sys; whole(*sys.argv[1:])"
        note = "the command `gongkai collect`, of a year that none is of"
        yield Figure(f"{_LINKS:,} on one page", _peak(code, address, folder), "MB", 250, at_most=True, note=note)
        yield from _together(address, Path(folder) / "together")


def _together(address: str, folder: Path) -> Iterator[Figure]:
    """Two processes of the command that collect from one host: what the portal saw of them."""
    sources = folder / "sources"
    sources.mkdir(parents=True)
    for name in ("one", "two"):
        text = _SOURCE.format(name=name, url=f"{address}/15/0/", rate=_PACE)
        (sources / f"{name}.yml").write_text(text, encoding="utf-8")
    before = len(httpx.get(f"{address}/times/").json()) + 1
    env = os.environ | {"GONGKAI_DATA": str(folder), "GONGKAI_SOURCES": str(sources)}
    code = "from gongkai.cli import main; main()"
    processes = [
        subprocess.Popen([sys.executable, "-c", code, "collect", "--source", name], env=env, stdout=subprocess.DEVNULL)
        for name in ("one", "two")
    ]
    ended = [process.wait() for process in processes]
    times = httpx.get(f"{address}/times/").json()[before:-1]
    most = max(sum(start <= other < start + 1 for other in times) for start in times)
    note = f"two processes, {len(times)} requests; exit {ended}"
    yield Figure(f"most in any second, of {_PACE} allowed", most, "requests", _PACE, at_most=True, note=note)
    rate = (len(times) - 1) / (times[-1] - times[0])
    yield Figure("what they send together", rate, "requests/s", 0.8 * _PACE, note="the pace is used")


@contextmanager
def portal(cores: set[int]) -> Iterator[str]:
    """Start the portal; yields its address."""
    command = [sys.executable, "-m", "tests.bench.fetch_portal"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        if hasattr(os, "sched_setaffinity") and cores:
            os.sched_setaffinity(process.pid, cores)
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(10)


def _peak(code: str, *arguments: str) -> float:
    return peak_memory(f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}", *arguments)


def _source(url: str, **politeness: Any) -> Any:
    from gongkai.sources.model import Source

    source = Source.model_validate(
        {
            "name": "bench",
            "title": "测试",
            "publisher": "云岭县人民政府",
            "region": {"code": "900121", "name": "云岭县"},
            "adapter": "html_list",
            "html_list": {"list_urls": [url], "max_pages": 2000, "hosts": ["127.0.0.1:1"]},
            "allow_private": True,
            "politeness": {"concurrency": 2, **politeness},
        }
    )
    return source.model_copy(update={"politeness": source.politeness.model_copy(update={"requests_per_second": _RATE})})


def _requests(address: str, folder: Path) -> tuple[float, float]:
    """Seconds of CPU and of the clock for requests one after the other."""
    from gongkai.archive.log import request_log
    from gongkai.archive.store import Archive
    from gongkai.settings import Settings
    from gongkai.sources.http import Fetcher

    settings = Settings(data=folder / "requests")
    with (
        request_log(Archive(settings.archive), "r", "bench") as log,
        Fetcher(_source(f"{address}/1/0/"), settings=settings, log=log, run_id="r") as fetcher,
    ):
        fetcher.get(f"{address}/report/0.html")
        cpu, wall = time.process_time(), time.perf_counter()
        for number in range(REPORTS):
            fetcher.get(f"{address}/report/{number}.html")
        return time.process_time() - cpu, time.perf_counter() - wall


def _collect(url: str, data: Path) -> tuple[float, Any, float]:
    """Seconds of one collection, what it found, and seconds of CPU."""
    from gongkai.archive.store import Archive
    from gongkai.settings import Settings
    from gongkai.sources.collect import collect

    settings = Settings(data=data)
    wall, cpu = time.perf_counter(), time.process_time()
    run_id = f"r{time.time_ns()}"
    found = collect(_source(url), Archive(settings.archive), years=None, settings=settings, run_id=run_id)
    return time.perf_counter() - wall, found, time.process_time() - cpu


def _documents(data: Path) -> int:
    return sum(1 for path in (data / "archive" / "documents").rglob("*") if path.is_file())


def large(address: str, folder: str) -> None:
    """Fetch a large file into an archive."""
    from gongkai.archive.log import request_log
    from gongkai.archive.store import Archive
    from gongkai.settings import Settings
    from gongkai.sources.http import Fetcher

    settings = Settings(data=Path(folder) / "large")
    archive = Archive(settings.archive)
    with (
        request_log(archive, "r", "bench") as log,
        Fetcher(_source(f"{address}/1/0/"), settings=settings, log=log, run_id="r") as fetcher,
    ):
        answer = fetcher.get(f"{address}/large/1.pdf")
        assert answer.content is not None
        assert answer.content.size == LARGE
        assert archive.put_file(answer.content.open()) == answer.sha256


def whole(address: str, folder: str) -> None:
    """Collect from one page of links, by the command as it is typed."""
    from gongkai.cli import main

    sources = Path(folder) / "whole" / "sources"
    sources.mkdir(parents=True)
    text = _SOURCE.format(name="whole", url=f"{address}/whole/{_LINKS}/", rate=_PACE)
    (sources / "whole.yml").write_text(text, encoding="utf-8")
    os.environ |= {"GONGKAI_DATA": str(sources.parent / "data"), "GONGKAI_SOURCES": str(sources)}
    sys.argv = ["gongkai", "collect", "--source", "whole", "--year", "2001"]
    try:
        main()
    except SystemExit as end:
        assert not end.code, end
    from pyarrow import parquet  # not before: the memory is the command's

    (listing,) = (sources.parent / "data" / "archive" / "listings").rglob("*.parquet")
    found = parquet.read_metadata(listing).num_rows
    assert found == _LINKS, found


def many(address: str, folder: str) -> None:
    """Walk a long list whose links are all known, on a host that is gone: each gets its row."""
    from datetime import UTC, datetime

    from gongkai.archive.catalog import PAGE, Observation
    from gongkai.archive.lines import LineWriter
    from gongkai.archive.store import Archive
    from gongkai.settings import Settings
    from gongkai.sources.attempts import Retry
    from gongkai.sources.collect import collect

    settings = Settings(data=Path(folder) / "many")
    archive = Archive(settings.archive)
    with LineWriter(archive, "catalog", Observation, run_id="r0", source="bench") as catalog:
        for number in range(_LINKS):
            url, title = f"http://127.0.0.1:1/report/{number}.html", f"云岭县第{number}局2023年政府信息公开工作年度报告"
            when = datetime.fromtimestamp(1.7e9 + number, UTC)
            catalog.add(
                Observation(when, "r0", "bench", PAGE, url, f"{number:064d}", title, None, 2023, etag=f'"{number}"')
            )
    quick = Retry(attempts=1, wait_initial=0.01)
    source = _source(f"{address}/{_LINKS}/1/", robots=False)
    found = collect(source, archive, years=None, settings=settings, run_id="r1", retry=quick)
    assert found.failed == _LINKS, found
