"""The log of runs: what each run made of each source, one file of one row for each, also where the source failed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from gongkai.archive.lines import LineWriter, compact_leftovers, read_lines
from gongkai.archive.store import Archive

FOLDER = "runs"


@dataclass(frozen=True, slots=True)
class RunRow:
    """What one run made of one source; a run that is repeated under its name adds a row.

    Attributes:
        run_id: The run.
        source: The source.
        started: When it began, UTC.
        ended: When it ended, UTC.
        years: Report years it asked for, "2023,2024"; "" for all.
        lists: Addresses of the lists it walks, one a line; the folder for a folder.
        is_complete: Every list page was read to the end, and they listed as many reports as the source asserts.
        listed: Links taken for annual reports; the counts up to `not_a_report` are those of the summary of a run.
        new: Never seen before.
        unchanged: Seen before, the same.
        revised: Seen before, another content now.
        skipped: No annual reports, or of other years.
        blocked: Refused by the portal.
        failed: Anything else that went wrong.
        not_a_report: An error page, an empty page.
        requests: Requests sent, retries included.
        bytes: Bytes of their answers.
        errors: How many things went wrong.
        warnings: How many things look odd.
        error: Code of the error that ended the run of the source; "" where it came to its end.
        why: The first error in words.
    """

    run_id: str
    source: str
    started: datetime
    ended: datetime
    years: str = ""
    lists: str = ""
    is_complete: bool = False
    listed: int = 0
    new: int = 0
    unchanged: int = 0
    revised: int = 0
    skipped: int = 0
    blocked: int = 0
    failed: int = 0
    not_a_report: int = 0
    requests: int = 0
    bytes: int = 0
    errors: int = 0
    warnings: int = 0
    error: str = ""
    why: str = ""


def write_run(archive: Archive, row: RunRow) -> None:
    """Append a row to runs/<run_id>/<source>.parquet."""
    compact_leftovers(archive, FOLDER, RunRow, source=row.source, but=row.run_id)
    with LineWriter(
        archive, FOLDER, RunRow, run_id=row.run_id, source=row.source, as_table=True, precious=True
    ) as writer:
        writer.add(row)


def read_runs(archive: Archive, run_id: str = "") -> Iterator[RunRow]:
    """Yield the rows of one run, or of all runs, in order of run and source."""
    return read_lines(archive, FOLDER, RunRow, run_id=run_id)
