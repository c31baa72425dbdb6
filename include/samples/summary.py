"""What `make run` prints at its end: reports by year and status, findings by family, the release and how to ask it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from gongkai.pipeline.publish import warehouse_folder
from gongkai.pipeline.status import Status, status
from gongkai.pipeline.tables import print_table

QUERIES = {
    "applications received and granted, by year": (
        "SELECT report_year, agency_name, received, granted FROM mart.applications_by_year ORDER BY ALL"
    ),
    "figures of publishers that contradict each other": (
        "SELECT report_year, agency_name, printed, expected, message_zh FROM mart.publisher_errors ORDER BY ALL"
    ),
    "where a number stands in its document": (
        "SELECT report_id, value, raw, page, path FROM cells "
        "WHERE row_code = 'received' AND column_code = 'total' ORDER BY ALL"
    ),
}
"""Example queries by what they answer; the tests run each against a release."""


def print_summary() -> None:
    """Print the summary of the current release.

    Raises:
        RunError: Nothing was published.
    """
    found = status()
    print_table(found.reports, "reports by year and status")
    print_table(_by_family(found), "findings by rule family")
    if found.unread:
        print_table(found.unread, "documents that need a look")
    print(f"{sum(row['reports'] for row in found.reports)} reports in release {found.release_id}")
    print(f"release: {_short(found.path)}")
    pointer = _short(warehouse_folder() / "gongkai.duckdb")
    print(f"\nask it ({pointer} always names the current release):")
    for answers, sql in QUERIES.items():
        print(f"  -- {answers}\n  {sql};")
    print("for example, from Python or with the duckdb command line:")
    connect = f"duckdb.connect('{pointer}', read_only=True)"
    print(f"""  .venv/bin/python -c "import duckdb; {connect}.sql('FROM mart.disclosure_rate ORDER BY ALL').show()\"""")
    print(f"  duckdb -readonly {pointer} 'FROM mart.publisher_errors ORDER BY ALL'")


def _by_family(found: Status) -> list[dict[str, int | str]]:
    """Count findings by family, one column for each outcome."""
    outcomes = sorted({row["outcome"] for row in found.findings})
    counts: Counter[tuple[str, str]] = Counter()
    for row in found.findings:
        counts[row["family"], row["outcome"]] += row["findings"]
    families = sorted({family for family, _ in counts})
    return [{"family": one, **{name: counts[one, name] for name in outcomes}} for one in families]


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
