"""What the counters of the kernel say of some cores, and that it is waited for them."""

from __future__ import annotations

import itertools

import pytest
from tests.bench import idleness

LINES = "cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 {user} 0 100 {idle} 50 0 0 0 0 0\ncpu1 900 0 0 0 0 0 0 0 0 0\nintr 12\n"


@pytest.fixture
def ticks(tmp_path, monkeypatch):
    """Counters of a core, told anew at each reading: (busy, idle) ticks."""
    told = []

    class Counters:
        def is_file(self):
            return True

        def read_text(self):
            user, idle = told.pop(0) if len(told) > 1 else told[0]
            return LINES.format(user=user, idle=idle)

    clock = itertools.count()
    monkeypatch.setattr(idleness, "_STAT", Counters())
    monkeypatch.setattr(idleness.os, "sysconf", lambda name: 100)
    monkeypatch.setattr(idleness.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(idleness.time, "monotonic", lambda: float(next(clock)))
    return told


def test_only_the_work_of_the_cores_asked_for_counts(ticks):
    ticks += [(20, 1000)]
    assert idleness.busy_seconds({0}) == 1.2
    assert idleness.busy_seconds({0, 1}) == 10.2


def test_the_share_is_that_of_the_time_between(ticks):
    ticks += [(0, 0), (25, 75)]
    assert idleness.busy_share({0}) == 0.25


def test_it_is_waited_until_the_cores_are_idle(ticks):
    ticks += [(0, 0), (90, 0), (90, 0), (95, 0)]
    found = idleness.wait_for_idle({0})
    assert found.busy == pytest.approx(0.05) and found.is_idle and found.waited > 1


def test_it_is_not_waited_for_ever(ticks):
    ticks += [(number * 100, 0) for number in range(100)]
    found = idleness.wait_for_idle({0}, most=10)
    assert not found.is_idle and 10 <= found.waited < 20


def test_where_the_kernel_does_not_say_the_cores_are_not_idle(tmp_path, monkeypatch):
    monkeypatch.setattr(idleness, "_STAT", tmp_path / "stat")
    assert idleness.busy_share({0}, 0.01) == 1
