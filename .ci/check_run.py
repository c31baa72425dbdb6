# ruff: noqa: T201 - it talks to people
"""Check what `make run` made: the release opens and holds as many reports as the summary says.

Usage: check_run.py LOG, the output of `make run`. Ends with a line as pytest's: "N passed" or "N failed, M passed".
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import duckdb


def main(log: Path) -> int:
    """Run the checks; returns the number of failures as exit status."""
    data = Path(os.environ.get("GONGKAI_DATA") or Path(__file__).parents[1] / "data")
    said = re.search(r"^(\d+) reports in release (\S+)$", log.read_text(encoding="utf-8"), re.MULTILINE)
    if said is None:
        print("FAILED: the output of make run has no line 'N reports in release ID'")
        return 1
    with duckdb.connect(str(data / "warehouse" / "gongkai.duckdb"), read_only=True) as con:
        reports, years = _one(con, "SELECT count(*), count(DISTINCT report_year) FROM reports")
        (release,) = _one(con, "SELECT release_id FROM releases WHERE is_current")
        (in_views,) = _one(con, "SELECT count(DISTINCT agency_id) FROM mart.applications_by_year")
    checks = {
        f"reports: the summary says {said[1]}, the release holds {reports}": int(said[1]) == reports > 0,
        f"release: the summary says {said[2]}, the file says {release}": said[2] == release,
        f"report years: 7 were backfilled, the release holds {years}": years == 7,
        f"schema mart answers for {in_views} agencies": in_views > 0,
    }
    for what, passed in checks.items():
        print(f"{'passed' if passed else 'FAILED'}: {what}")
    failed = sum(not passed for passed in checks.values())
    print((f"{failed} failed, " if failed else "") + f"{len(checks) - failed} passed")
    return min(failed, 1)


def _one(con: duckdb.DuckDBPyConnection, sql: str) -> tuple[int | str, ...]:
    row = con.execute(sql).fetchone()
    assert row is not None
    return tuple(row)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
