"""Loading a year of many reports: the first time, with nothing changed, with some documents revised; and how it grows.

python -m tests.bench.bench_load make FOLDER --reports 2000
python -m tests.bench.bench_load load FOLDER

The extractions are written beforehand: what is measured is all that loading does besides reading documents.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from tests.bench.common import ROOT, Figure, show
from tests.bench.many_documents import YEAR, add_documents, write_sources

from gongkai.pipeline.load import load_year

REPORTS, REVISED = 8000, 20


def measure_load() -> dict[str, Any]:
    """Load the year in this process: seconds of processors, peak memory in MB, and whether it was written."""
    start = time.process_time()
    counts = load_year(YEAR)
    seconds = time.process_time() - start
    assert counts["extracted"] == 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {name: counts[name] for name in ("reports", "settled")}
    return {"seconds": seconds, "peak_mb": peak, "changed": bool(counts["changed"])} | told


def loading(cores: Collection[int], *, reports: int = REPORTS, revised: int = REVISED) -> Iterator[Figure]:
    """Yield what loading a year costs, and how that grows from a quarter of it."""
    with tempfile.TemporaryDirectory(prefix="gongkai-bench-") as name:
        few, many = Path(name) / "few", Path(name) / "many"
        _run(cores, "make", few, reports // 4)
        _run(cores, "make", many, reports)
        small, large = _run(cores, "load", few), _run(cores, "load", many)
        assert large["changed"] and large["settled"] == reports
        yield Figure(f"{reports // 4:,} reports, the first time", small["seconds"], "s", 25, at_most=True)
        each = 1000 / (reports - reports // 4)
        more = each * (large["seconds"] - small["seconds"])
        yield Figure("each report more", more, "ms", 7, at_most=True, note=f"{large['seconds']:.0f} s for {reports:,}")
        told = f"of a quarter of it {small['peak_mb']:.0f}"
        yield Figure(f"peak memory of {reports:,}", large["peak_mb"], "MB", 1600, at_most=True, note=told)
        again = _run(cores, "load", many)
        assert not again["changed"]
        yield Figure("nothing changed", again["seconds"], "s", 4, at_most=True, note=f"{again['peak_mb']:.0f} MB")
        _run(cores, "revise", few, revised)
        _run(cores, "revise", many, revised)
        small, large = _run(cores, "load", few), _run(cores, "load", many)
        assert large["changed"] and large["settled"] == revised
        told = f"{large['peak_mb']:.0f} MB; of {reports // 4:,} {small['seconds']:.1f} s"
        what = f"{revised} documents of {reports:,} revised"
        yield Figure(what, large["seconds"], "s", 25, at_most=True, note=told)
        more = each * (large["seconds"] - small["seconds"])
        yield Figure("each report more that stands", more, "ms", 2, at_most=True, note="it is copied, and counted")


def _run(cores: Collection[int], what: str, folder: Path, reports: int = 0) -> dict[str, Any]:
    def unpin() -> None:
        if cores:
            os.sched_setaffinity(0, cores)

    command = [sys.executable, "-m", "tests.bench.bench_load", what, str(folder), "--reports", str(reports)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT, preexec_fn=unpin)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Do one step in this process, and print what was measured as JSON; or measure all and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("make", "load", "revise", "all"))
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--reports", type=int, default=REPORTS)
    arguments = parser.parse_args()
    if arguments.what == "all":
        show("loading a year", loading(os.sched_getaffinity(0), reports=arguments.reports), 1.0)
        return
    os.environ |= {
        "GONGKAI_DATA": str(arguments.folder / "data"),
        "GONGKAI_SOURCES": str(arguments.folder / "sources"),
    }
    if arguments.what == "load":
        print(json.dumps(measure_load()))
        return
    if arguments.what == "make":
        write_sources(arguments.folder / "sources")
    add_documents(range(arguments.reports), revision=1 if arguments.what == "make" else 2)
    print(json.dumps({"reports": arguments.reports}))


if __name__ == "__main__":
    main()
