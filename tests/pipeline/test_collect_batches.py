"""What the mapped tasks do: plan, one batch and its retry, the sum of the run."""

import multiprocessing
import os
import signal
import time

import pytest
from tests.pipeline.portals import add_source, serve

from gongkai.archive.store import Archive
from gongkai.errors import BlockedError, ContractError, RunError
from gongkai.pipeline import collect as stage
from gongkai.pipeline.collect_batches import ask_batch, made_known, plan_batches, sum_up
from gongkai.settings import get_settings

ALL = list(range(2018, 2025))
SHORT = "{min: 100}"


@pytest.fixture
def sources(data, monkeypatch):
    folder = data / "sources"
    monkeypatch.setenv("GONGKAI_SOURCES", str(folder))
    get_settings.cache_clear()
    return folder


@pytest.fixture
def portals():
    with serve(host=1) as one, serve(host=2) as other:
        yield one, other


def test_the_plan_names_each_source_once_and_a_broken_file_in_a_batch_of_its_own(sources, portals):
    add_source(sources, "a", portals[0].url)
    add_source(sources, "b", portals[1].url)
    (sources / "broken.yml").write_text("name: broken\n")
    assert plan_batches(None, "r1") == [["a", "b"], ["broken"]]
    with pytest.raises(RunError, match=r"1 of 1 sources.*broken: broken_contract"):
        ask_batch(None, ["broken"], "r1")
    assert ask_batch(None, ["a", "b"], "r1")["asked"] == 2


def test_without_sources_the_plan_fails(sources):
    with pytest.raises(ContractError, match="GONGKAI_SOURCES"):
        plan_batches(None, "r1")


def test_a_retry_asks_the_sources_only_that_failed(sources, portals):
    add_source(sources, "a", portals[0].url)
    add_source(sources, "b", portals[1].url)
    portals[1].status = 403
    [batch] = plan_batches(None, "r1")
    with pytest.raises(BlockedError, match=r"b: 1 of 2 sources of the batch failed.*the retry asks these only"):
        ask_batch(None, batch, "r1")
    portals[1].status, mark = 0, len(portals[0].asked)
    assert ask_batch(None, batch, "r1") == {"sources": 2, "asked": 1, "done_before": 1}
    assert portals[0].paths(since=mark) == []
    assert len(portals[1].paths(200)) == 8
    assert ask_batch(None, batch, "r1")["asked"] == 0
    assert plan_batches(None, "r1") == [batch]
    assert ask_batch(None, batch, "r1")["asked"] == 2, "a plan that is made again begins the run anew"


def test_another_run_asks_all_again(sources, portals):
    add_source(sources, "a", portals[0].url)
    ask_batch(None, ["a"], "r1")
    assert ask_batch(None, ["a"], "r2")["asked"] == 1


def test_what_asking_again_does_not_mend_is_not_asked_again_by_a_retry(sources, portals):
    add_source(sources, "short", portals[0].url, assertions=SHORT)
    add_source(sources, "blocked", portals[1].url)
    portals[1].status = 403
    batch = ["blocked", "short"]
    with pytest.raises(BlockedError):
        ask_batch([2020], batch, "r1")
    portals[1].status, mark = 0, len(portals[0].asked)
    with pytest.raises(RunError, match=r"short: 1 of 2 sources.*short_list.*clear this task"):
        ask_batch([2020], batch, "r1")
    assert portals[0].paths(since=mark) == []
    with pytest.raises(RunError):  # a person cleared the task
        ask_batch([2020], batch, "r1")
    assert len(portals[0].paths(since=mark)) == 2
    summary = sum_up([batch], [2020], "r1")
    assert summary.counts()["sources_failed"] == 1
    assert summary.years_touched == (2020,), "what the short list gave is loaded"


def test_a_bug_is_raised_as_it_is_and_the_longest_wait_wins(sources, portals, monkeypatch):
    add_source(sources, "a", portals[0].url)
    add_source(sources, "b", portals[1].url)
    true = stage.collect

    def collect(source, *arguments, **options):
        if source.name == "a":
            raise ZeroDivisionError
        return true(source, *arguments, **options)

    monkeypatch.setattr(stage, "collect", collect)
    with pytest.raises(ZeroDivisionError):
        ask_batch(None, ["a", "b"], "r1")
    portals[1].status = 403
    with pytest.raises(BlockedError, match="2 of 2 sources"):
        ask_batch(None, ["a", "b"], "r2")


def test_the_summary_has_a_row_a_source_and_bounded_sums(sources, portals):
    add_source(sources, "good", portals[0].url)
    add_source(sources, "refusing", portals[1].url)
    portals[1].status = 403
    batches = [["good", "refusing"], ["never"]]
    with pytest.raises(BlockedError):
        ask_batch(None, batches[0], "r1")
    summary = sum_up(batches, None, "r1")
    assert summary.years_touched == tuple(ALL)
    counts = summary.counts()
    assert (counts["sources"], counts["sources_failed"], counts["listed"], counts["new"]) == (3, 2, 7, 7)
    assert all(isinstance(value, int) for value in counts.values())
    head, *lines = summary.table()
    assert head.split()[:3] == ["source", "listed", "new"]
    assert [line.split()[0] for line in lines] == ["never", "refusing", "good", "3"], "what failed stands first"
    assert "not_ended: " in lines[0]
    assert "blocked: " in lines[1]
    assert len({line.index(" 7 ") for line in lines[2:]}) == 1, "columns are aligned"


def work(names):
    ask_batch(None, names, "r1")


def kill_when(condition, names):
    """Run a batch in a process and kill it when something is so."""
    process = multiprocessing.get_context("fork").Process(target=work, args=(names,))
    process.start()
    deadline = time.monotonic() + 60
    while not condition():
        assert process.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    process.join()


def test_a_killed_batch_is_completed_by_its_retry_and_no_year_is_forgotten(sources, portals):
    with serve(host=3, reports=30, delay=0.05) as slow:
        for name, portal in zip(("a", "b", "slow"), (*portals, slow), strict=True):
            add_source(sources, name, portal.url)
        [batch] = plan_batches(None, "r1")
        collected = Archive(get_settings().archive)
        kill_when(lambda: len(collected.names("collected")) == 2 and len(slow.asked) > 15, batch)
        had = set(slow.paths(200)[:-1]) - {"/"}
        marks = [len(portal.asked) for portal in (*portals, slow)]
        assert ask_batch(None, batch, "r1") == {"sources": 3, "asked": 1, "done_before": 2}
        assert [portal.paths(since=mark) for portal, mark in zip(portals, marks, strict=False)] == [[], []]
        assert set(slow.paths(200, since=marks[2])) & had == set(), "what had arrived is not fetched again"
        assert len(slow.paths(200, since=marks[2])) >= 30 - len(had) - 1
        row = next(one for one in sum_up([batch], None, "r1").results if one.summary.source == "slow")
        assert row.summary.new + row.summary.unchanged == 30


def test_years_that_a_killed_attempt_archived_are_told(sources, portals):
    """The retry finds them unchanged; they are loaded all the same."""
    portal = portals[0]
    portal.delay = 0.05
    add_source(sources, "a", portal.url)
    kill_when(lambda: len(portal.asked) >= 5, ["a"])
    ask_batch(None, ["a"], "r1")
    summary = sum_up([["a"]], None, "r1")
    [result] = summary.results
    assert 0 < result.summary.new < 7
    assert summary.years_touched == tuple(ALL)


def test_years_of_a_run_that_told_none_are_told_by_the_next_sweep(sources, portals):
    add_source(sources, "a", portals[0].url)
    ask_batch(None, ["a"], "killed")  # and its summary never came
    ask_batch(None, ["a"], "r2")
    summary = sum_up([["a"]], None, "r2")
    assert summary.years_touched == tuple(ALL)
    assert sum_up([["a"]], [2020], "r2").years_touched == (), "a run for one year tells its own only"
    made_known(summary)
    assert sum_up([["a"]], None, "r2").years_touched == tuple(ALL), "the summary may be tried again"
    ask_batch(None, ["a"], "r3")
    assert sum_up([["a"]], None, "r3").years_touched == tuple(ALL), "the killed run may still be going on"
    archive = get_settings().archive
    for path in Archive(archive).local_path("catalog/killed").iterdir():
        os.utime(path, (time.time() - 100_000,) * 2)
    made_known(sum_up([["a"]], None, "r3"))
    portals[0].text = "，已更正"
    ask_batch([2021], ["a"], "r4")
    assert sum_up([["a"]], None, "r4").years_touched == (2021,)
