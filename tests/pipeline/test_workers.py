"""The pool of processes: results in order, and calls that hang, crash, take all memory or raise."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gongkai.documents.effort import Effort, begin
from gongkai.errors import ContractError, CrashedError, LimitError, SlowDocumentError
from gongkai.pipeline.extract import extract_bytes, extract_files, extract_many
from gongkai.pipeline.workers import run
from gongkai.settings import ROOT, Limits, get_settings

DOCUMENTS = ROOT / "include" / "samples" / "documents"
ACTS = ROOT / "tests" / "pipeline" / "acts.py"


@pytest.fixture(autouse=True)
def acts_can_be_imported(monkeypatch):
    """What runs in the processes stands in a module of its own, which a fresh Python can import by its name."""
    monkeypatch.setenv("PYTHONPATH", str(ACTS.parent), prepend=os.pathsep)
    monkeypatch.syspath_prepend(str(ACTS.parent))


@pytest.fixture(params=["fork", "spawn"])
def start(request):
    return request.param


def acts():
    import acts

    return acts


def held() -> int:
    """Bytes that this process holds already: what is forked from it begins with them."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return max(int(line.split()[1]) * 1024 for line in lines if line.startswith(("VmData", "VmRSS")))


def outcomes(function, arguments, limits=None, **options):
    return list(
        run(
            function,
            [(f"call {n}", args) for n, args in enumerate(arguments)],
            limits or Limits(memory=2**33),
            **options,
        )
    )


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_results_come_in_order(start, jobs):
    found = outcomes(acts().double, [(n, 0.03 if n == 0 else 0.0) for n in range(60)], jobs=jobs, start=start)
    assert found == [2 * n for n in range(60)]


def test_large_arguments_and_results(start):
    data = os.urandom(3 * 2**20)
    assert outcomes(acts().echo, [(data,)] * 5, jobs=2, start=start) == [data] * 5


def test_a_call_that_hangs_costs_itself(start):
    limits = Limits(seconds=0.6, memory=2**33)
    began = time.monotonic()
    found = outcomes(acts().double, [(1, 0.0), (2, 60.0), (3, 0.0), (4, 0.0)], limits, jobs=2, start=start)
    assert [found[0], *found[2:]] == [2, 6, 8]
    assert isinstance(found[1], SlowDocumentError)
    assert "call 1" in str(found[1])
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("how", ["segfault", "bug", "hang"])
def test_what_was_kept_is_the_result_of_a_call_that_fails_later(start, how):
    limits = Limits(seconds=20, second_seconds=0.3, memory=2**33)
    calls = [(how, 30.0 if how == "hang" else 0.0), ("nothing", 0.0)]
    assert outcomes(acts().keep_then, calls, limits, start=start) == ["the first", "the second"]


def test_what_one_call_kept_is_no_result_of_the_next():
    limits = Limits(seconds=0.5, memory=2**33)
    found = outcomes(acts().keep_if, [(True, 0.0), (False, 20.0)], limits)
    assert found[0] == "done" and isinstance(found[1], SlowDocumentError)


@pytest.mark.parametrize("how", ["segfault", "abort", "exit"])
def test_a_call_that_crashes_costs_itself(start, how):
    found = outcomes(acts().act, [("ok",), (how,), ("ok",), (how,), ("ok",)], jobs=2, start=start)
    assert found[::2] == ["ok"] * 3
    assert all(isinstance(one, CrashedError) for one in found[1::2])
    assert {"segfault": "SIGSEGV", "abort": "SIGABRT", "exit": "exit status 7"}[how] in str(found[1])


def test_a_call_that_takes_all_memory_costs_itself(start):
    most = held() + 200 * 2**20
    found = outcomes(acts().act, [("ok",), ("greedy",), ("ok",)], Limits(memory=most), start=start)
    assert found[::2] == ["ok", "ok"]
    assert isinstance(found[1], LimitError)
    assert f"{most >> 20} MB" in str(found[1])


def test_memory_that_the_kernel_does_not_count_is_watched():
    # A fresh process, whose memory does not hang on what this one holds; the act maps 600 MB.
    found = outcomes(acts().act, [("maps",), ("ok",)], Limits(memory=400 * 2**20), start="spawn")
    assert isinstance(found[0], LimitError)
    assert found[1] == "ok"


def test_exceptions_of_a_call_become_its_reason():
    found = outcomes(acts().act, [("bug",), ("ok",)], jobs=1)
    assert isinstance(found[0], CrashedError)
    assert "ZeroDivisionError" in str(found[0])
    assert "acts.py:" in str(found[0])
    assert found[1] == "ok"


def test_errors_of_the_run_are_raised(start):
    with pytest.raises(ContractError, match="broken here"):
        outcomes(acts().act, [("contract",)], start=start)


def test_an_effort_is_allowed_more_time():
    limits = Limits(seconds=0.5, scan_page_seconds=5.0, memory=2**33, scan_memory=2**33)
    found = outcomes(acts().slow_page, [(1.2, True), (1.2, False)], limits)
    assert found[0] == "read"
    assert isinstance(found[1], SlowDocumentError)


def test_an_effort_tells_only_who_watches():
    begin(Effort.PAGE)  # nobody does in this process


def test_processes_end_with_the_run(start):
    pids = outcomes(acts().pid, [()] * 6, jobs=2, start=start)
    assert os.getpid() not in pids
    assert not any(is_alive(pid) for pid in set(pids))


def test_a_run_left_early_leaves_no_process(start):
    results = run(acts().pid_then_wait, [("", (0.0,)), ("", (60.0,))], Limits(), jobs=2, start=start)
    pid = next(results)
    results.close()
    assert not is_alive(pid)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_orphan_after_an_interrupted_run(start, sign, tmp_path):
    log = tmp_path / "pids"
    code = (
        "import acts, signal; from gongkai.pipeline.workers import run; from gongkai.settings import Limits\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's background jobs ignore it
        f"calls = [('', ({str(log)!r}, 60.0))] * 2\n"
        f"list(run(acts.note_pid_then_wait, calls, Limits(), jobs=2, start={start!r}))"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    assert until(lambda: log.exists() and len(log.read_text().split()) == 2)
    parent.send_signal(sign)
    parent.wait(10)
    assert until(lambda: not any(is_alive(int(pid)) for pid in log.read_text().split()))


def test_files_and_bytes_are_read_as_in_this_process():
    files = sorted(path for path in DOCUMENTS.iterdir() if path.is_file())[:8]
    here = [extract_bytes(path.read_bytes(), path.name) for path in files]
    assert [one for _, one in extract_files(files, jobs=2)] == here
    assert list(extract_many(((path.read_bytes(), path.name, None, {}) for path in files), jobs=2)) == here


def test_a_document_beyond_the_limits_keeps_its_row(monkeypatch, tmp_path):
    monkeypatch.setenv("GONGKAI_LIMIT_SECONDS", "0.001")
    get_settings.cache_clear()
    path = next(DOCUMENTS.glob("*.pdf"))
    try:
        ((found, extraction),) = extract_files([path])
    finally:
        get_settings.cache_clear()
    assert found == path
    assert (extraction.error_code, len(extraction.sha256)) == ("timeout", 64)
    assert path.name in extraction.reason


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def until(condition, seconds: float = 15.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False
