"""Releases of many reports: what building, changing and asking them costs, and how large they are.

python -m tests.bench.bench_release publish LAKE WAREHOUSE --years 10 --reports 150000
python -m tests.bench.bench_release ask WAREHOUSE
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.bench.common import ROOT, Figure
from tests.bench.release_queries import QUERIES
from tests.bench.wide_lake import synthetic_dims, write_year
from tests.bench.wide_reports import TEMPLATE, write_years
from tests.bench.yardstick import machine_speed

from gongkai.lake.store import Lake
from gongkai.warehouse.publish import publish

YEARS, REPORTS, DAILY = 10, 150_000, 1000


def measure_publish(lake: Path, house: Path, years: int, reports: int) -> dict[str, Any]:
    """Publish in this process: seconds, peak memory in MB, size of the DuckDB file in MB."""
    dims, at = synthetic_dims(reports, years), Lake(str(lake))
    start = time.perf_counter()
    made = publish(at, house, keep=2, dims=dims)
    seconds = time.perf_counter() - start
    assert made.changed
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak_mb": peak, "file_mb": made.path.stat().st_size / 2**20}


def measure_queries(house: Path) -> dict[str, float]:
    """Ask each query four times on one connection; milliseconds of the best of the last three."""
    import duckdb

    found = {}
    with duckdb.connect(str(house / "gongkai.duckdb"), read_only=True) as con:
        for name, query in QUERIES.items():
            taken = []
            for _ in range(4):
                start = time.perf_counter()
                con.execute(query).fetchall()
                taken.append(time.perf_counter() - start)
            found[name] = 1000 * min(taken[1:])
    return found


def releasing(cores: Collection[int], *, years: int = YEARS, reports: int = REPORTS) -> Iterator[Figure]:
    """Yield the figures of releases of `years` times `reports`, and how they grow from a tenth of that."""
    with tempfile.TemporaryDirectory(prefix="gongkai-bench-") as name:
        small, full = Path(name) / "small", Path(name) / "full"
        tenths = [_built(small, years, reports // 10, cores)]
        large = _built(full, years, reports, cores)
        tenths += [_publish(small, years, reports // 10, cores, house) for house in ("second", "third")]
        total = years * reports
        told = f"a tenth of it: {', '.join(format(one['seconds'], '.1f') for one in tenths)} s"
        yield _seconds(f"{total:,} reports, full build", large, 120, told)
        yield Figure("peak memory of it", large["peak_mb"], "MB", 4096, at_most=True)
        yield Figure("its DuckDB file", large["file_mb"], "MB", 1536, at_most=True, note="wide facts, answers, dims")
        cells = max(path.stat().st_size for path in (full / "lake" / "cells").glob("*/*.parquet")) / 2**20
        yield Figure("cells of one year", cells, "MB", 250, at_most=True, note=f"{reports:,} reports, with provenance")
        # Seconds of a short run vary by a tenth: three of them, before and after the long one.
        tenth = statistics.median(one["seconds"] * one["speed"] for one in tenths)
        growth = large["seconds"] * large["speed"] / tenth / 10
        yield Figure("growth of the build, of that of the reports", growth, "times", 1.0, at_most=True)
        asked = _run(cores, "ask", str(full / "house"))
        speed = asked.pop("speed")
        slow = max(asked, key=lambda one: asked[one])
        median = statistics.median(asked.values())
        yield Figure(f"{len(asked)} queries, median", median, "ms", 50, at_most=True, speed=speed)
        yield Figure("the slowest of them", asked[slow], "ms", 500, at_most=True, note=slow, speed=speed)
        wide = sorted((full / "wide").glob("*.parquet"))[-1]
        for changed, title, limit in ((reports, "one year changed", 25), (DAILY, f"{DAILY:,} reports changed", 60)):
            write_year(full / "lake", int(wide.stem), str(wide), changed=changed)
            again = _publish(full, years, reports, cores)
            note = f"{again['peak_mb']:.0f} MB, file {again['file_mb']:.0f} MB"
            yield _seconds(f"{title}, published", again, limit, note)


def _seconds(name: str, run: Mapping[str, float], limit: float, note: str) -> Figure:
    note = f"{note}; speed {run['speed']:.2f}"
    return Figure(name, run["seconds"], "s", limit, at_most=True, note=note, speed=run["speed"])


def _built(folder: Path, years: int, reports: int, cores: Collection[int]) -> dict[str, Any]:
    (folder / "wide").mkdir(parents=True)
    for year in write_years(folder / "wide", years=years, reports=reports):
        write_year(folder / "lake", year.year, year.files[TEMPLATE])
    return _publish(folder, years, reports, cores)


def _publish(folder: Path, years: int, reports: int, cores: Collection[int], house: str = "house") -> dict[str, Any]:
    numbers = ["--years", str(years), "--reports", str(reports)]
    return _run(cores, "publish", str(folder / "lake"), str(folder / house), *numbers)


def _run(cores: Collection[int], *arguments: str) -> dict[str, Any]:
    """Run this module on all cores; what it printed, and the speed of the machine before and after it, the mean."""

    def unpin() -> None:
        if cores:
            os.sched_setaffinity(0, cores)

    command = [sys.executable, "-m", "tests.bench.bench_release", *arguments]
    before = machine_speed()
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, preexec_fn=unpin)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found | {"speed": (before + machine_speed()) / 2}


def main() -> None:
    """Publish or ask in this process, and print what was measured as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("publish", "ask"))
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--years", type=int, default=YEARS)
    parser.add_argument("--reports", type=int, default=REPORTS)
    arguments = parser.parse_args()
    if arguments.what == "ask":
        print(json.dumps(measure_queries(*arguments.folders)))
    else:
        print(json.dumps(measure_publish(*arguments.folders, arguments.years, arguments.reports)))


if __name__ == "__main__":
    main()
