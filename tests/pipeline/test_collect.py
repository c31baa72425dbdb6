"""All sources of a run: side by side by host, each with its own result."""

import signal
import subprocess
import sys
import time

import pytest
from tests.pipeline.portals import add_source, serve

from gongkai.errors import BlockedError
from gongkai.pipeline import collect as stage
from gongkai.pipeline.collect import collect_sources
from gongkai.settings import get_settings


@pytest.fixture
def sources(data, monkeypatch):
    folder = data / "sources"
    monkeypatch.setenv("GONGKAI_SOURCES", str(folder))
    get_settings.cache_clear()
    return folder


@pytest.fixture
def quick():
    with serve(host=2) as portal:
        yield portal


def rows(run):
    return {row["source"]: row for row in run.rows()}


def test_a_slow_host_holds_up_only_its_own_sources(sources, quick):
    with serve(host=1, reports=4, delay=0.4) as slow:
        add_source(sources, "a_slow", slow.url)
        add_source(sources, "b_slow", slow.url + "?b")
        add_source(sources, "c_quick", quick.url)
        add_source(sources, "d_quick", quick.url + "?d")
        run = collect_sources(run_id="r1")
        assert [one.source for one in run.summaries] == ["a_slow", "b_slow", "c_quick", "d_quick"], "by name"
        assert [one.listed for one in run.summaries] == [4, 4, 7, 7]
        assert quick.asked[-1].at < slow.asked[-1].at, "the others are done while the slow host is asked"
        second = next(one.at for one in slow.asked if one.path == "/?b")
        assert sum(one.at < second for one in slow.asked) == 5, "sources of one host come one after another"


def test_at_most_so_many_hosts_are_asked_at_once(sources, quick, monkeypatch):
    monkeypatch.setenv("GONGKAI_COLLECT_AT_ONCE", "1")
    get_settings.cache_clear()
    with serve(host=1, delay=0.02) as other:
        add_source(sources, "a", other.url)
        add_source(sources, "b", quick.url)
        collect_sources(run_id="r1")
        assert other.asked[-1].at < quick.asked[0].at or quick.asked[-1].at < other.asked[0].at


@pytest.mark.parametrize(
    "error", [ValueError("a bug"), MemoryError(), UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad")]
)
def test_whatever_a_source_raises_is_a_row_of_its_own(sources, quick, monkeypatch, error):
    add_source(sources, "bad", quick.url)
    add_source(sources, "good", quick.url + "?g")
    true = stage.collect

    def collect(source, *arguments, **options):
        if source.name == "bad":
            raise error
        return true(source, *arguments, **options)

    monkeypatch.setattr(stage, "collect", collect)
    run = collect_sources(run_id="r1")
    assert rows(run)["good"]["new"] == 7
    assert rows(run)["bad"]["first_error"].startswith(f"unexpected: {type(error).__name__}")
    assert run.failures == {"bad": error}
    assert run.needs_a_look


def test_a_portal_that_refuses_is_a_row_and_where_all_refuse_the_run_fails(sources, quick):
    with serve(host=1, status=403) as refusing:
        add_source(sources, "a", refusing.url)
        add_source(sources, "b", quick.url)
        run = collect_sources(run_id="r1")
        assert rows(run)["a"]["first_error"].startswith("blocked: ")
        assert rows(run)["b"]["new"] == 7
        with pytest.raises(BlockedError):
            collect_sources(sources=["a"], run_id="r2")


def test_a_short_list_fails_its_source_and_keeps_what_was_found(sources, quick):
    add_source(sources, "short", quick.url, assertions="{min: 100}")
    run = collect_sources(run_id="r1")
    [row] = run.rows()
    assert (row["new"], row["first_error"].partition(":")[0]) == (7, "short_list")


def test_an_interrupted_run_ends_after_the_requests_under_way(sources):
    with serve(host=1, reports=500, delay=0.02) as portal:
        add_source(sources, "a", portal.url)
        process = subprocess.Popen(
            [sys.executable, "-c", "from gongkai.cli import main; main()", "collect"],
            stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - ignored in jobs of a shell
        )
        while len(portal.asked) < 5:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
        assert process.returncode == 130
        assert b"Traceback" not in said
        assert len(portal.asked) < 60
