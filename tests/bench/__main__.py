"""Measure speed and size: `python -m tests.bench [--corpus DIR]...`; exit status 1 where a target is missed."""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.bench.bench_quality import checking
from tests.bench.bench_reading import REFERENCE, against_pdfplumber, memory, rates
from tests.bench.bench_startup import startup
from tests.bench.common import default_folders, load_samples, pin_to_one_core, show


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--corpus", type=Path, action="append", help="folder of documents; default: samples and corpus")
    parser.add_argument("--rounds", type=int, default=5, help="how often each thing is measured; medians are shown")
    parser.add_argument("--only", choices=("rates", "pdf", "memory", "startup", "quality"), action="append")
    arguments = parser.parse_args()
    samples = load_samples(arguments.corpus or default_folders())
    if not samples:
        parser.error("no documents: name a folder with --corpus")
    wanted = arguments.only or ("rates", "pdf", "memory", "startup", "quality")
    pin_to_one_core()
    missed = 0
    if "rates" in wanted:
        missed += show("documents a second, one core", rates(samples, arguments.rounds))
    if "pdf" in wanted:
        of_pdf = [sample for sample in samples if sample.format == "pdf"]
        chosen = [sample for sample in of_pdf if sample.path.name == REFERENCE] or of_pdf[:1]
        for sample in chosen:
            missed += show("PDF against plain pdfplumber, in turns", against_pdfplumber(sample, 2 * arguments.rounds))
    if "memory" in wanted:
        missed += show("peak memory of a fresh process for one document", memory(samples, 6))
    if "startup" in wanted:
        missed += show("start-up of the command", startup(samples, arguments.rounds))
    if "quality" in wanted:
        missed += show("checking by rules", checking(reports=10_000))
    print(f"\n{missed} targets missed" if missed else "\nall targets met")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
