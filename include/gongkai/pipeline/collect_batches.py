"""What the tasks of the collecting DAGs do: plan batches of sources, ask one batch, sum up the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from gongkai.archive.store import Archive
from gongkai.errors import BlockedError, RunError, SourceError
from gongkai.pipeline.batches import batches_of
from gongkai.pipeline.collect import ask, today
from gongkai.pipeline.results import Results, SourceResult
from gongkai.pipeline.tables import text_table
from gongkai.pipeline.touched import Announcements, touched_years
from gongkai.settings import get_settings
from gongkai.sources.registry import load_each

_log = structlog.get_logger(__name__)
_PATIENCE: tuple[type[Exception], ...] = (BlockedError, SourceError, TimeoutError, ConnectionError, Exception)
"""Errors after which a batch is tried again, that of the longest wait first: one wait serves all its sources."""
_MOST_NAMED = 50


class NotEndedError(RunError):
    """The task of a source was ended before the source was."""

    code = "not_ended"


def plan_batches(years: Sequence[int] | None, run_id: str) -> list[list[str]]:
    """Divide all sources into batches, and begin the run anew: what it collected before counts no more.

    Args:
        years: Report years that are asked for; None for all.
        run_id: The run.

    Returns:
        Names of sources, one list a batch; those whose file is broken in a batch of their own, which will fail.

    Raises:
        ContractError: There are no sources.
    """
    settings = get_settings()
    Results(Archive(settings.archive), run_id).forget()
    sources, broken = load_each(settings.sources)
    batches = batches_of(
        sources,
        years,
        today=today(),
        at_once=settings.collect_at_once,
        aim=settings.collect_seconds,
    )
    return [*batches, sorted(broken)] if broken else batches


def ask_batch(years: Sequence[int] | None, names: Sequence[str], run_id: str) -> dict[str, int]:
    """Collect the sources of a batch that have not ended yet in this run.

    Where all have ended and some failed for good, these are asked again: only a person starts the task then.

    Returns:
        Counts: sources of the batch, asked now, done before.

    Raises:
        RunError: Sources failed, and asking them again in this run is no use.
        Exception: Sources failed that may be asked again: the error with the longest wait of the retry policy.
    """
    settings = get_settings()
    results = Results(Archive(settings.archive), run_id)
    before = {name: result for name, result in results.of(names).items() if result.is_final}
    waiting = [name for name in names if name not in before]
    waiting = waiting or [name for name in names if before[name].failed]
    if len(waiting) < len(names):
        _log.info("sources that have ended in this run are not asked again", sources=len(names) - len(waiting))
    failures: dict[str, Exception] = {}
    sources, broken = load_each(settings.sources, waiting)
    for name, wrong in broken.items():
        results.keep(SourceResult.of_error(name, wrong, 0.0))
    for result, error in ask(sources, years, run_id):
        results.keep(result)
        if error is not None and not result.is_final:
            failures[result.summary.source] = error
    if failures:
        raise _most_patient(failures, len(names))
    _refuse_failed(results.of(names), len(names))
    return {"sources": len(names), "asked": len(waiting), "done_before": len(names) - len(waiting)}


def _most_patient(failures: dict[str, Exception], count: int) -> Exception:
    kind = next(kind for kind in _PATIENCE if any(isinstance(error, kind) for error in failures.values()))
    name = min(name for name, error in failures.items() if isinstance(error, kind))
    error = failures[name]
    if not isinstance(error, SourceError):
        return error
    told = BlockedError if isinstance(error, BlockedError) else SourceError
    found = told(
        f"{len(failures)} of {count} sources of the batch failed; the others are done",
        where=_names(failures),
        found=f"{name}: {error.code}: {error}",
        do="the retry asks these only",
    )
    found.__cause__ = error
    return found


def _refuse_failed(results: dict[str, SourceResult], count: int) -> None:
    failed = {name: result for name, result in results.items() if result.failed}
    if failed:
        name = min(failed)
        raise RunError(
            f"{len(failed)} of {count} sources of the batch failed, and asking again is no use; the others are done",
            where=_names(failed),
            found=f"{name}: {failed[name].summary.errors[0]}",
            do="look at these portals, then clear this task: it asks these only",
        )


def _names(names: Iterable[str]) -> str:
    known = sorted(names)
    more = f" and {len(known) - _MOST_NAMED} more" if len(known) > _MOST_NAMED else ""
    return ", ".join(known[:_MOST_NAMED]) + more


@dataclass(frozen=True)
class RunSummary:
    """What one run made of all its sources.

    Attributes:
        run_id: The run.
        results: One for each source, by name; a source whose task was ended has the error `not_ended`.
        runs: The runs whose years are told: this one, and for all years those before it that made none known.
        years_touched: Report years in which they found something new or revised.
    """

    run_id: str
    results: tuple[SourceResult, ...]
    runs: tuple[str, ...]
    years_touched: tuple[int, ...]

    def counts(self) -> dict[str, int]:
        """Sums over all sources: small, however many there are."""
        sums = Counter({"sources": len(self.results), "sources_failed": sum(bool(one.failed) for one in self.results)})
        for result in self.results:
            sums.update({name: value for name, value in result.row().items() if isinstance(value, int)})
        return dict(sums)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for the result of a task."""
        return {"run_id": self.run_id, "years_touched": list(self.years_touched), **self.counts()}

    def table(self) -> list[str]:
        """Lines for people: one a source, those that failed first, and the sums."""
        shown = sorted(self.results, key=lambda one: (not one.failed, not one.summary.errors, one.summary.source))
        rows = [{**one.row(), "seconds": round(one.seconds)} for one in shown]
        columns = [name for name in rows[0] if name != "first_error"] if rows else []
        total = {"source": f"{len(rows)} sources", "seconds": round(sum(one.seconds for one in shown)), **self.counts()}
        return text_table([*rows, total], [*columns, "first_error"])


def sum_up(batches: Iterable[Sequence[str]], years: Sequence[int] | None, run_id: str) -> RunSummary:
    """Sum up a run from what it left in the archive, also where some of its batches failed; tell it in the log.

    Args:
        batches: As they were planned.
        years: Report years that were asked for; None for all, and then what runs before left untold is told too.
        run_id: The run.
    """
    archive = Archive(get_settings().archive)
    names = sorted(name for batch in batches for name in batch)
    found = Results(archive, run_id).of(names)
    results = tuple(found.get(name) or SourceResult.of_error(name, _not_ended(name), 0.0) for name in names)
    runs = [run_id] if years is not None else Announcements(archive, run_id).waiting()
    touched = {year for result in results for year in result.summary.years_touched}
    touched |= {year for of_source in touched_years(archive, runs).values() for year in of_source}
    summary = RunSummary(run_id, results, tuple(runs), tuple(sorted(touched)))
    for line in summary.table():
        _log.info(line)
    return summary


def made_known(summary: RunSummary) -> None:
    """Note that the years of a summary were made known to those who load them."""
    Announcements(Archive(get_settings().archive), summary.run_id).keep(summary.runs)


def _not_ended(source: str) -> NotEndedError:
    return NotEndedError("its task was ended before it", where=source, do="see the log of the batch; run it again")
