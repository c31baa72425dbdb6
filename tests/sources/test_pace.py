import fcntl
import json
import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import pytest
from werkzeug import Response

from gongkai.archive.log import request_log
from gongkai.archive.store import Archive
from gongkai.errors import RunError
from gongkai.settings import Settings
from gongkai.sources.http import Fetcher
from gongkai.sources.pace import Pace, host_of
from gongkai.sources.pace_state import LONGEST_PAUSE, Moment, State, Terms

FORK = multiprocessing.get_context("fork")


@dataclass
class Clock:
    """A clock that moves only when somebody sleeps."""

    steady: float = 100.0
    wall: float = 1e9
    boot: str = "b"

    def __post_init__(self):
        self.slept = []

    def __call__(self):
        return Moment(self.boot, self.steady, self.wall)

    def sleep(self, seconds):
        self.slept.append(round(seconds, 3))
        self.steady += seconds
        self.wall += seconds


def ask(pace, host="a", interval=0.5, slots=1):
    with pace.turn(host, Terms(interval, slots)) as turn:
        turn.sent()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pace(tmp_path, clock):
    return Pace(tmp_path, clock, clock.sleep)


def test_requests_to_a_host_keep_their_distance(pace, clock):
    for _ in range(3):
        ask(pace)
    clock.sleep(10)
    ask(pace)
    assert clock.slept == [0.525, 0.525, 10], "a little longer than asked for: requests may be held up on their way"


def test_a_slower_pace_holds_from_the_next_request_on(pace, clock):
    ask(pace, interval=0.05)  # robots.txt, read before its crawl-delay is known
    ask(pace, interval=1.0)
    assert clock.slept == [1.05]


def test_hosts_do_not_wait_for_each_other(pace, clock):
    ask(pace, "a", 5)
    ask(pace, "b", 5)
    assert clock.slept == []


def test_of_several_sources_on_a_host_the_strictest_counts_while_it_asks(pace, clock):
    ask(pace, interval=2.0)
    ask(pace, interval=0.1)
    ask(pace, interval=0.1)
    assert clock.slept == [2.1, 2.1]
    clock.sleep(3601)
    ask(pace, interval=0.1)
    ask(pace, interval=0.1)
    assert clock.slept[3:] == [0.105], "who has not asked for an hour counts no more"


def test_another_process_goes_on_where_one_left(tmp_path, clock):
    ask(Pace(tmp_path, clock, clock.sleep))
    ask(Pace(tmp_path, clock, clock.sleep))
    assert clock.slept == [0.525]


def test_a_pause_holds_for_all_and_is_bounded(pace, clock):
    pace.pause("a", 7)
    pace.pause("a", 2)
    ask(pace)
    pace.pause("a", 1e9)
    ask(pace)
    assert clock.slept == [7, LONGEST_PAUSE]


@pytest.mark.parametrize("jump", [-1e6, 1e6])
def test_a_clock_that_is_set_changes_nothing_on_one_machine(pace, clock, jump):
    ask(pace)
    clock.wall += jump
    ask(pace)
    assert clock.slept == [0.525]


def test_between_machines_a_clock_that_is_behind_costs_one_interval_at_most(tmp_path, clock):
    ask(Pace(tmp_path, clock, clock.sleep))
    other = Clock(boot="another", steady=5.0, wall=clock.wall - 3000)
    ask(Pace(tmp_path, other, other.sleep))
    assert other.slept == [0.525]


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"last": 3}', b'{"last": null, "pause_from": 1}', b"\xff"])
def test_a_broken_file_costs_one_interval(tmp_path, pace, clock, data):
    (tmp_path / "a.json").write_bytes(data)
    ask(pace)
    ask(pace)
    assert clock.slept == [0.525, 0.525]


def test_what_is_kept_comes_back(clock):
    state = State(last=clock(), terms={"0.5/2": 1e9})
    state.hold(clock(), 3)
    assert State.parse(state.dump(), clock()) == state
    assert len(state.dump()) < 4096


def test_the_name_of_a_host_is_no_way_out_of_the_folder(tmp_path, pace):
    ask(pace, "../../x:80/..")
    assert {path.parent for path in tmp_path.rglob("*")} == {tmp_path}
    assert {path.suffix for path in tmp_path.iterdir()} == {".queue", ".json", ".slot0"}


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://WWW.a.gov.cn/x", "www.a.gov.cn"),
        ("https://www.a.gov.cn:443/", "www.a.gov.cn"),
        ("http://www.a.gov.cn./", "www.a.gov.cn"),
        ("http://www.a.gov.cn:8080/", "www.a.gov.cn:8080"),
        ("http://[::1]:80/", "::1"),
    ],
)
def test_one_machine_has_one_queue(url, host):
    assert host_of(url) == host


def test_threads_get_turns_of_their_own(tmp_path):
    pace, starts = Pace(tmp_path), []

    def one(_):
        with pace.turn("a", Terms(0.02, 4)) as turn:
            starts.append(time.monotonic())
            turn.sent()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(12)))
    gaps = [after - before for before, after in pairwise(starts)]
    assert min(gaps) >= 0.02


def test_no_more_requests_are_under_way_than_there_are_slots(tmp_path):
    pace, lock, under_way, seen = Pace(tmp_path), threading.Lock(), 0, []

    def one(_):
        nonlocal under_way
        with pace.turn("a", Terms(0.0, 2)) as turn:
            turn.sent()
            with lock:
                under_way += 1
                seen.append(under_way)
            time.sleep(0.02)
            with lock:
                under_way -= 1

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(one, range(12)))
    assert max(seen) == 2


def hold(folder, told):
    with Pace(folder).turn("a", Terms(0.6)):
        told.set()
        time.sleep(60)


def test_a_killed_process_lets_go_of_its_turn_and_slot(tmp_path):
    told = FORK.Event()
    process = FORK.Process(target=hold, args=(tmp_path, told))
    process.start()
    assert told.wait(10)
    os.kill(process.pid, signal.SIGKILL)
    started = time.monotonic()
    ask(Pace(tmp_path), interval=0.6)
    assert 0.1 < time.monotonic() - started < 5, "the killed one has asked: its interval is kept"
    process.join()


def fetch_for(seconds, folder, source, name):
    settings, log = Settings(data=folder), request_log(Archive(str(folder / "archive")), name, "test")
    with log, Fetcher(source, settings=settings, log=log, run_id=name) as fetcher:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            fetcher.get(f"{source.html_list.list_urls[0]}?{name}")


def test_two_processes_together_keep_to_the_rate_of_a_host(httpserver, make_source, tmp_path):
    times = []

    def answer(request):
        times.append((time.monotonic(), request.query_string.decode()))
        return Response("x")

    httpserver.expect_request("/list").respond_with_handler(answer)
    source = make_source(httpserver.url_for("/list"), politeness={"requests_per_second": 10, "concurrency": 2})
    processes = [FORK.Process(target=fetch_for, args=(2.5, tmp_path, source, name)) for name in ("one", "two")]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    moments = [moment for moment, _ in times]
    assert max(sum(start <= other < start + 1 for other in moments) for start in moments) <= 10
    counts = [sum(name == who for _, name in times) for who in ("one", "two")]
    assert sum(counts) >= 15, "and it is used"
    assert min(counts) >= 0.3 * sum(counts), "fairly"


def test_a_folder_that_cannot_be_used_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(RunError, match="set GONGKAI_PACE"):
        Pace(tmp_path / "file" / "pace")

    def unlocked(_file, _how):
        raise OSError("no locks available")

    monkeypatch.setattr(fcntl, "flock", unlocked)
    with pytest.raises(RunError, match="no locks available"):
        ask(Pace(tmp_path))


def test_a_file_of_a_host_stays_small(tmp_path):
    pace = Pace(tmp_path)
    for number in range(50):
        ask(pace, interval=number / 1e6)
    assert len(json.loads((tmp_path / "a.json").read_bytes())["terms"]) == 50
    assert (tmp_path / "a.json").stat().st_size < 4096
