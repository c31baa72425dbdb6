"""Records what a run made of a source in the archive's log of runs, whatever way the run ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from gongkai.archive.log import Fate, RequestLog, now
from gongkai.archive.runs import RunRow, write_run
from gongkai.archive.store import Archive
from gongkai.errors import GongkaiError
from gongkai.sources.model import Source


@dataclass
class Progress:
    """What is told of a run while it goes on.

    Attributes:
        fates: Listed links by what became of them.
        reports: Listed reports of all years, asked for or not, by year.
        errors: What went wrong, in words.
        warnings: What looks odd.
        is_walked: Every list page was read, to the end of the lists.
        is_short: They list less than the source asserts.
        log: Counts the requests.
    """

    fates: Counter[Fate] = field(default_factory=Counter)
    reports: Counter[int | None] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    is_walked: bool = False
    is_short: bool = False
    log: RequestLog | None = None

    @property
    def listed(self) -> int:
        """Links taken for annual reports."""
        return self.fates.total() - self.fates[Fate.SKIPPED]


@contextmanager
def recorded(
    progress: Progress, archive: Archive, source: Source, run_id: str, years: Collection[int] | None
) -> Iterator[None]:
    """Write a row to the log of runs when the block ends, also by an error.

    Args:
        progress: What the block tells of itself.
        archive: Where the log is.
        source: The source that is collected.
        run_id: The run.
        years: Report years that it asks for; None for all.
    """
    started, failure = now(), None
    try:
        yield
    except BaseException as error:
        failure = error
        raise
    finally:
        write_run(archive, _row(progress, source, run_id, years, started, failure))


def _row(
    progress: Progress,
    source: Source,
    run_id: str,
    years: Collection[int] | None,
    started: datetime,
    failure: BaseException | None,
) -> RunRow:
    code = failure.code if isinstance(failure, GongkaiError) else type(failure).__name__ if failure else ""
    errors = [*([f"{code}: {failure}"] if failure else []), *progress.errors]
    lists = source.portal.list_urls if source.portal else [str(source.folder.path)] if source.folder else []
    return RunRow(
        run_id,
        source.name,
        started,
        now(),
        years=",".join(str(year) for year in sorted(years)) if years is not None else "",
        lists="\n".join(lists),
        # A list that shows nothing at all is more likely broken than empty.
        is_complete=progress.is_walked and not progress.is_short and progress.reports.total() > 0,
        listed=progress.listed,
        **{fate.value: progress.fates[fate] for fate in Fate},
        requests=progress.log.sent if progress.log else 0,
        bytes=progress.log.bytes if progress.log else 0,
        errors=len(errors),
        warnings=len(progress.warnings),
        error=code,
        why=errors[0] if errors else "",
    )
