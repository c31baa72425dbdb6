"""Measure speed and size: `python -m tests.bench [--corpus DIR]...`; exit status 1 where a target is missed."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from tests.bench.bench_fetch import fetching
from tests.bench.bench_jobs import jobs_ratio
from tests.bench.bench_load import loading
from tests.bench.bench_localise import localising
from tests.bench.bench_quality import checking
from tests.bench.bench_reading import REFERENCE, against_pdfplumber, large, memory, rates
from tests.bench.bench_release import releasing
from tests.bench.bench_scans import scans
from tests.bench.bench_search import searching
from tests.bench.bench_startup import startup
from tests.bench.common import default_folders, load_samples, pin_to_one_core, show
from tests.bench.wide_reports import wide_figures
from tests.bench.yardstick import machine_speed

PARTS = (
    "rates",
    "pdf",
    "scans",
    "memory",
    "large",
    "jobs",
    "startup",
    "quality",
    "localise",
    "fetch",
    "search",
    "load",
    "release",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--corpus", type=Path, action="append", help="folder of documents; default: samples and corpus")
    parser.add_argument("--rounds", type=int, default=5, help="how often each thing is measured; medians are shown")
    parser.add_argument("--only", choices=PARTS, action="append")
    arguments = parser.parse_args()
    samples = load_samples(arguments.corpus or default_folders())
    if not samples:
        parser.error("no documents: name a folder with --corpus")
    wanted = arguments.only or PARTS
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    pin_to_one_core()
    speed = machine_speed()
    print(f"speed of this machine: {speed:.2f} of the one the targets were set on; seconds and rates are scaled by it")
    missed = 0
    if "rates" in wanted:
        missed += show("documents a second, one core", rates(samples, arguments.rounds), speed)
    if "pdf" in wanted:
        of_pdf = [sample for sample in samples if sample.format == "pdf"]
        chosen = [sample for sample in of_pdf if sample.path.name == REFERENCE] or of_pdf[:1]
        for sample in chosen:
            missed += show(
                "PDF against plain pdfplumber, in turns", against_pdfplumber(sample, 2 * arguments.rounds), speed
            )
    if "memory" in wanted:
        missed += show("peak memory of a fresh process for one document", memory(samples, 6), speed)
    if "scans" in wanted:
        missed += show("scanned pages at 200 dpi, one core", scans(min(arguments.rounds, 3)), speed)
    if "large" in wanted:
        with tempfile.TemporaryDirectory() as folder:
            missed += show("peak memory of a fresh process for documents of unusual size", large(Path(folder)), speed)
    if "jobs" in wanted and cores:
        missed += show("several documents at once", jobs_ratio(samples, arguments.rounds, cores), speed)
    if "startup" in wanted:
        missed += show("start-up of the command", startup(samples, arguments.rounds), speed)
    if "quality" in wanted:
        missed += show("checking by rules", checking(reports=10_000), speed)
        missed += show("checking ten years at once, all cores", wide_figures(cores), speed)
    if "localise" in wanted:
        missed += show("finding the cells to blame", localising(), speed)
    if "fetch" in wanted:
        missed += show("fetching from a portal on loopback", fetching(cores), speed)
    if "search" in wanted:
        missed += show("searching the text of a release, one core", searching(rounds=arguments.rounds), speed)
    if "load" in wanted:
        missed += show("loading a year, processor seconds", loading(cores), speed)
    if "release" in wanted:
        missed += show("releases of ten years of 150,000 reports, all cores", releasing(cores), speed)
    print(f"\n{missed} targets missed" if missed else "\nall targets met")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
