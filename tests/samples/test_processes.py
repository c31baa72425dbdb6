import os
import subprocess
import sys
import time

import psutil
import pytest

from gongkai.errors import RunError
from samples.processes import Components, leftovers, members

# A child with a grandchild in a process group of its own, as Airflow starts tasks; both deaf to SIGTERM if asked.
FAMILY = """
import os, signal, sys, time
if sys.argv[1] == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setpgid(0, 0)
print("up", flush=True)
time.sleep(600)
"""


@pytest.fixture
def components(tmp_path):
    (tmp_path / "logs").mkdir()
    made = Components(tmp_path, dict(os.environ))
    yield made
    made.stop()


def start(components, tmp_path, kind):
    components.start("family", [sys.executable, "-c", FAMILY, kind])
    deadline = time.monotonic() + 30
    while (tmp_path / "logs" / "family.log").read_text().count("up") < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    leaders = [int(line.split()[0]) for line in (tmp_path / "sessions").read_text().splitlines()]
    assert len(members(leaders)) == 2
    return leaders


def test_stopping_reaches_grandchildren_in_their_own_group(components, tmp_path):
    leaders = start(components, tmp_path, "kind")
    components.stop()
    assert members(leaders) == []
    assert not (tmp_path / "sessions").exists()


def test_what_does_not_listen_is_killed(components, tmp_path, monkeypatch):
    monkeypatch.setattr("samples.processes.STOP_TIMEOUT", 0.5)
    leaders = start(components, tmp_path, "deaf")
    components.stop()
    assert members(leaders) == []


def test_leftovers_of_a_killed_run_are_ended_by_the_next(components, tmp_path):
    leaders = start(components, tmp_path, "kind")
    Components(tmp_path, dict(os.environ)).end_leftovers()
    assert members(leaders) == []


def test_leftovers_are_never_processes_of_others():
    """A session id on file may belong to someone else by now; the time at which its leader started tells."""
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    try:
        started = psutil.Process(other.pid).create_time()
        assert leftovers({other.pid: started - 60}) == []
        assert [process.pid for process in leftovers({other.pid: started})] == [other.pid]
    finally:
        other.kill()
        other.wait()


def test_a_child_that_ends_by_itself_is_noticed(components, tmp_path):
    components.start("portal", [sys.executable, "-c", "print('port is taken'); raise SystemExit(3)"])
    deadline = time.monotonic() + 30
    while members([int((tmp_path / "sessions").read_text().split()[0])]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with pytest.raises(RunError, match=r"portal ended with status 3.*\nport is taken"):
        components.check()
