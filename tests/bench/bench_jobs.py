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
from tests.bench.idleness import IS_IDLE, busy_seconds, wait_for_idle

_BATCH = 500
_TARGET = 1.7


def jobs_ratio(samples: list[Sample], rounds: int, cores: set[int]) -> Iterator[Figure]:
    """Yield documents a second with one job and with two, and the ratio.

    Args:
        samples: Documents, repeated until they are a batch.
        rounds: How often each is measured, in turns.
        cores: The cores that may be used.
    """
    paths = [str(sample.path) for sample in samples] * (_BATCH // len(samples) + 1)
    wall: dict[int, list[float]] = {1: [], 2: []}
    spent: dict[int, list[float]] = {1: [], 2: []}
    before = wait_for_idle(cores)
    worked, start = busy_seconds(cores), time.perf_counter()
    for _ in range(max(1, rounds // 2)):
        for jobs in (1, 2):
            seconds, cpu = _run(paths, jobs, cores)
            wall[jobs].append(seconds)
            spent[jobs].append(cpu)
    own = sum(map(sum, spent.values()))
    others = (busy_seconds(cores) - worked - own) / (time.perf_counter() - start) / len(cores)
    one, two = (statistics.median(wall[jobs]) for jobs in (1, 2))
    work_one, work_two = (statistics.median(spent[jobs]) for jobs in (1, 2))
    is_idle = before.is_idle and others < IS_IDLE and len(cores) > 1
    note = f"cores busy {before.busy:.0%} before (waited {before.waited:.0f} s), {others:.0%} with others meanwhile"
    if not is_idle:
        note += f"; not judged: needs two cores, busy less than {IS_IDLE:.0%}"
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
