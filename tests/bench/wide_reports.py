"""Writes synthetic reports as wide Parquet, a file a year: python -m tests.bench.wide_reports FOLDER.

A block of agencies is made year after year, so that each report follows the one before it, and repeated under other
names. A share of the reports has one wrong figure; another share leaves its zeros blank.
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

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from tests.bench.bench_quality import Wide, balanced
from tests.bench.common import ROOT, Figure

from gongkai.contracts.load import load_templates
from gongkai.quality import gx
from gongkai.quality.rulebook import rule_book
from gongkai.quality.sql import WideYear, judge_years
from gongkai.quality.wide import ABSENT, SIGNS, layout
from gongkai.reports.model import State

BLOCK = 15_000
TEMPLATE, FIRST = "2021", 2016
REPLAYED = "row_sum:applications/received/total"


def write_years(
    folder: Path, *, years: int = 10, reports: int = 150_000, wrong: float = 0.01, blank: float = 0.05
) -> list[WideYear]:
    """Write years of reports, and return where they are.

    Args:
        folder: Where to.
        years: How many.
        reports: Reports of each.
        wrong: Share of reports with a wrong figure.
        blank: Share of reports that leave zeros blank.
    """
    rng = np.random.default_rng(7)
    contract, made = load_templates()[TEMPLATE], []
    block = min(BLOCK, reports)
    # stocks large enough that ten years of repeals leave them positive
    before = {
        (table.code, row.code, column.code): np.full(block, 1000 if column.code == "in_force" else 0)
        for table in contract.tables
        for row in contract.form(frozenset(), table.code)
        for column in table.columns_of(row)
    }
    for year in range(FIRST, FIRST + years):
        wide = balanced(contract, block, rng, before)
        before = {place: column.copy() for place, column in wide.items()}
        path = folder / f"{year}.parquet"
        pq.write_table(_table(wide, year, reports, rng, wrong, blank), path, compression="zstd", row_group_size=37_500)
        made.append(WideYear(year, {TEMPLATE: str(path)}))
    return made


def _table(wide: Wide, year: int, reports: int, rng: np.random.Generator, wrong: float, blank: float) -> pa.Table:
    """A block of reports, repeated, some of them spoilt."""
    names = {"/".join(place): column for place, column in wide.items()}
    columns = layout(rule_book(), TEMPLATE)
    block, times = len(next(iter(names.values()))), -(-reports // len(next(iter(names.values()))))
    empty = np.flatnonzero(rng.random(reports) < blank)
    spoilt = np.flatnonzero(rng.random(reports) < wrong)
    which = rng.integers(0, len(names), len(spoilt))
    signs = np.full((reports, len(columns)), ord(SIGNS[State.NUMBER]), dtype=np.uint8)
    values: dict[str, pa.Array] = {}
    for at, name in enumerate(columns):
        if name not in names:
            signs[:, at] = ord(ABSENT)
            values[name] = pa.nulls(reports, pa.int64())
            continue
        column = np.tile(names[name].astype(np.int64), times)[:reports]
        column[spoilt[which == list(names).index(name)]] += 1
        mask = np.zeros(reports, dtype=bool)
        mask[empty] = column[empty] == 0
        signs[mask, at] = ord(SIGNS[State.BLANK])
        values[name] = pa.array(column, mask=mask)
    number = [f"{index // block:02d}-{index % block:05d}" for index in range(reports)]
    states = pa.array([row.tobytes().decode() for row in signs])
    return pa.table(
        {
            "report_key": [f"agency-{one}-{year}" for one in number],
            "previous_key": [f"agency-{one}-{year - 1}" for one in number],
            "states": states,
            **values,
        }
    )


def measure(folder: Path, what: str, years: int, reports: int) -> dict[str, float]:
    """Judge the reports of a folder in this process: "sql", "replay" of one rule, or "gx" for one year of them.

    Returns:
        seconds, peak memory in MB, failing verdicts.
    """
    book = rule_book()
    given = [WideYear(year, {TEMPLATE: str(folder / f"{year}.parquet")}) for year in range(FIRST, FIRST + years)]
    start = time.perf_counter()
    if what == "gx":
        before, now = (pq.read_table(one.files[TEMPLATE]) for one in given[-2:])
        failing = len(gx.judge_wide(book, {TEMPLATE: now}, {TEMPLATE: before}).failing)
    else:
        rules = None if what == "sql" else [REPLAYED]
        failing = sum(sum(rule.failed for rule in found.coverage) for _, found in judge_years(book, given, rules=rules))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": time.perf_counter() - start, "peak_mb": peak, "failing": failing}


def wide_figures(cores: Collection[int], years: int = 10, reports: int = 150_000) -> Iterator[Figure]:
    """Yield seconds and peak memory of judging many years of reports, each in a process of its own on all cores."""
    with tempfile.TemporaryDirectory(prefix="gongkai-bench-") as name:
        folder = Path(name)
        write_years(folder, years=years, reports=reports)
        for what, title, count, seconds, memory in (
            ("sql", "all rules in SQL", years, 10.0, 4096.0),
            ("replay", f"replay of {REPLAYED} in SQL", years, 15.0, None),
            ("gx", "Great Expectations", 2, 30.0, 3072.0),
        ):
            found = _apart(folder, what, count, reports, cores)
            judged = reports * (1 if what == "gx" else years)
            told = f"{found['failing']:,.0f} failing verdicts"
            yield Figure(f"{judged:,} reports, {title}", found["seconds"], "s", seconds, at_most=True, note=told)
            yield Figure("peak memory of it", found["peak_mb"], "MB", memory, at_most=True)


def _apart(folder: Path, what: str, years: int, reports: int, cores: Collection[int]) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.wide_reports", str(folder), "--measure", what]
    numbers = ["--years", str(years), "--reports", str(reports)]

    def unpin() -> None:
        if cores:
            os.sched_setaffinity(0, cores)

    done = subprocess.run([*command, *numbers], check=True, capture_output=True, text=True, cwd=ROOT, preexec_fn=unpin)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Write the reports, or measure over those written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--reports", type=int, default=150_000)
    parser.add_argument("--measure", choices=("sql", "replay", "gx"))
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(arguments.folder, arguments.measure, arguments.years, arguments.reports)))
        return
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for year in write_years(arguments.folder, years=arguments.years, reports=arguments.reports):
        print(year.year, *year.files.values())


if __name__ == "__main__":
    main()
