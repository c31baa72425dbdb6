"""How long checking takes: synthetic reports in bulk, judged by SQL and by Great Expectations.

    python -m tests.bench.bench_quality --reports 100000 --engines both

The reports satisfy every rule but for a share of them with one wrong digit; a share of their zeros is left blank. Each
engine runs in a process of its own, so that its peak memory can be told.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from tests.bench.common import ROOT, Figure

from gongkai.contracts.load import load_templates
from gongkai.contracts.rules import Rule
from gongkai.contracts.template import TemplateContract

Place = tuple[str, str, str]
Wide = dict[Place, np.ndarray]
"""One array of numbers per cell of the form, an entry a report."""


def balanced(contract: TemplateContract, reports: int, rng: np.random.Generator, after: Wide | None = None) -> Wide:
    """Numbers that satisfy every rule.

    Args:
        contract: The template.
        reports: How many.
        rng: Where the numbers come from.
        after: The reports of the year before; where None, every second report follows the one before it.
    """
    wide: Wide = {
        (table.code, row.code, column.code): rng.integers(0, 40, reports) * (rng.random(reports) < 0.3)
        for table in contract.tables
        for row in contract.form(frozenset(), table.code)
        for column in table.columns_of(row)
    }
    for rule in contract.expanded_rules:
        if rule.crosses_years and not rule.tolerance:
            _follow(wide, rule, reports, after)
    for family in ("resolved_sum", "review_sum", "legacy_sum", "column_balance", "row_sum"):
        # parts before their wholes: of nested sums the longer code is the inner one
        for rule in sorted(contract.expanded_rules, key=lambda rule: -len(rule.row)):
            places = [((rule.table, term.row, term.column), term.coefficient) for term in rule.terms]
            judged = (rule.table, rule.row, rule.column)
            if rule.family != family or judged not in wide:
                continue
            total = sum(wide[place] * coefficient for place, coefficient in places if place in wide)
            if family == "column_balance":
                wide[places[0][0]] = wide[places[0][0]] + wide[judged] - total
            else:
                wide[judged] = total
    return wide


def _follow(wide: Wide, rule: Rule, reports: int, after: Wide | None) -> None:
    """Make the judged cell of a rule over two years what the year before demands."""
    judged = (rule.table, rule.row, rule.column)
    if after is not None:
        parts = (
            term.coefficient * (after if term.previous else wide)[rule.table, term.row, term.column]
            for term in rule.terms
        )
        wide[judged] = sum(parts, np.zeros(reports, dtype=np.int64))
        return
    follows = np.full(reports // 2, 0)
    for term in rule.terms:
        start = 0 if term.previous else 1
        cell = wide[rule.table, term.row, term.column]
        follows = follows + term.coefficient * cell[start : 2 * (reports // 2) : 2]
    wide[judged][::2] += 80
    wide[judged][1::2] = follows + (80 if rule.family == "stock" else 0)


def as_long(
    wide: Wide, template: str, rng: np.random.Generator, *, wrong: float = 0.02, blank: float = 0.02
) -> pa.Table:
    """The same as cells, one a row, in report order: a share of reports with a wrong digit, of zeros left blank."""
    places, matrix = list(wide), np.column_stack(list(wide.values()))
    reports, width = matrix.shape
    hit = np.flatnonzero(rng.random(reports) < wrong)
    matrix[hit, rng.integers(0, width, len(hit))] += 1
    is_number = (rng.random(matrix.size) >= blank) | (matrix.ravel() != 0)
    values = pc.cast(pa.array(matrix.ravel().astype(np.int32)), pa.decimal128(24, 6))

    def encoded(numbers: np.ndarray, words: list[str]) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array(numbers.astype(np.int32)), pa.array(words))

    def of_place(part: int) -> pa.DictionaryArray:
        words = sorted({place[part] for place in places})
        return encoded(np.tile([words.index(place[part]) for place in places], reports), words)

    keys = [f"agency-{number:08d}-{template}" for number in range(reports)]
    return pa.table(
        {
            "report_key": encoded(np.repeat(np.arange(reports), width), keys),
            "template": encoded(np.zeros(matrix.size), [template]),
            "table": of_place(0),
            "row": of_place(1),
            "column": of_place(2),
            "state": encoded(~is_number, ["number", "blank"]),
            "value": pc.if_else(pa.array(is_number), values, pa.scalar(None, pa.decimal128(24, 6))),
        }
    )


def generate(reports: int, template: str, seed: int = 1) -> tuple[pa.Table, pa.Table]:
    """Cells of that many reports, and links of every second to the one before it."""
    rng = np.random.default_rng(seed)
    cells = as_long(balanced(load_templates()[template], reports, rng), template, rng)
    keys = cells["report_key"].chunk(0).dictionary.to_pylist()
    return cells, pa.table({"report_key": keys[1::2], "previous_key": keys[: 2 * len(keys[1::2]) : 2]})


def measure(reports: int, template: str, engines: str) -> dict[str, Any]:
    """Generate, check once, and tell seconds and peak memory of this process."""
    from gongkai.quality.check import check

    cells, previous = generate(reports, template)
    before = _peak()
    start, start_cpu = time.perf_counter(), time.process_time()
    result = check(cells, previous, engines=engines)  # type: ignore[arg-type]
    return {
        "engines": engines,
        "template": template,
        "reports": reports,
        "cells": cells.num_rows,
        "findings": len(result.findings),
        "seconds": round(time.perf_counter() - start, 2),
        "cpu_seconds": round(time.process_time() - start_cpu, 2),
        "input_mb": round(before),
        "peak_mb": round(_peak()),
    }


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(reports: int = 100_000, template: str = "2021", engines: tuple[str, ...] = ("sql", "both")) -> list[dict]:
    """Measure each engine in a process of its own."""
    lines = []
    for engine in engines:
        command = [sys.executable, "-m", "tests.bench.bench_quality", "--one", "--engines", engine]
        arguments = ["--reports", str(reports), "--template", template]
        done = subprocess.run([*command, *arguments], check=True, capture_output=True, text=True, cwd=ROOT)
        lines.append(json.loads(done.stdout.splitlines()[-1]))
    return lines


def checking(reports: int = 10_000) -> Iterator[Figure]:
    """Yield seconds and peak memory of checking that many reports, for the frame of the benchmarks."""
    for line in run(reports):
        engines = {"sql": "SQL", "both": "SQL and Great Expectations"}[line["engines"]]
        note = f"{line['cells']:,} cells, {line['findings']:,} findings"
        yield Figure(f"check {reports:,} reports, {engines}", line["seconds"], "s", note=note)
        yield Figure(f"peak memory of it, {line['input_mb']} MB of input included", line["peak_mb"], "MB")


def main(argv: list[str] | None = None) -> None:
    """Measure and print one JSON line an engine."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=100_000)
    parser.add_argument("--template", default="2021")
    parser.add_argument("--engines", choices=("sql", "both", "each"), default="each")
    parser.add_argument("--one", action="store_true", help="measure in this process")
    args = parser.parse_args(argv)
    if args.one:
        print(json.dumps(measure(args.reports, args.template, args.engines)))
        return
    for line in run(args.reports, args.template, ("sql", "both") if args.engines == "each" else (args.engines,)):
        print(json.dumps(line))


if __name__ == "__main__":
    main()
