"""What `gongkai extract --jobs 2` gains over one job: wall time of the whole command on a batch of mixed documents."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import time
from collections.abc import Iterator

from tests.bench.bench_startup import COMMAND
from tests.bench.common import ROOT, Figure, Sample

_BATCH = 500
_TARGET = 1.7
_IDLE = 0.8
"""Load of the minute before, above which two cores are not idle and the ratio of wall times says nothing."""


def jobs_ratio(samples: list[Sample], rounds: int, cores: set[int]) -> Iterator[Figure]:
    """Yield documents a second with one job and with two, and the ratio.

    Args:
        samples: Documents, repeated until they are a batch.
        rounds: How often each is measured, in turns.
        cores: The cores that may be used.
    """
    load = os.getloadavg()[0]
    paths = [str(sample.path) for sample in samples] * (_BATCH // len(samples) + 1)
    wall: dict[int, list[float]] = {1: [], 2: []}
    spent: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(max(1, rounds // 2)):
        for jobs in (1, 2):
            seconds, cpu = _run(paths, jobs, cores)
            wall[jobs].append(seconds)
            spent[jobs].append(cpu)
    one, two = (statistics.median(wall[jobs]) for jobs in (1, 2))
    work_one, work_two = (statistics.median(spent[jobs]) for jobs in (1, 2))
    is_idle = load < _IDLE and len(cores) > 1
    note = f"load before: {load:.1f}" + ("" if is_idle else ", not judged: needs two idle cores")
    yield Figure("--jobs 1, mixed formats", len(paths) / one, "docs/s", note=f"{len(paths)} documents")
    yield Figure("--jobs 2, mixed formats", len(paths) / two, "docs/s")
    yield Figure("--jobs 2 against --jobs 1", one / two, "times", _TARGET if is_idle else None, note=note)
    yield Figure("CPU time of two jobs, of that of one", work_two / work_one, "times", 1.15, at_most=True)


def _run(paths: list[str], jobs: int, cores: set[int]) -> tuple[float, float]:
    """Wall seconds and CPU seconds of the command with all its processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    pinned = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)  # children inherit it
    try:
        command = [COMMAND, "extract", *paths, "--jobs", str(jobs), "--format", "jsonl", "-o", os.devnull]
        subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    finally:
        os.sched_setaffinity(0, pinned)
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
