"""Collect: ask every source, archive what is new; no source holds up or stops another."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from gongkai.archive.store import Archive
from gongkai.errors import GongkaiError
from gongkai.pipeline.batches import heaviest_first, lanes_by_host
from gongkai.pipeline.results import SourceResult
from gongkai.pipeline.side_by_side import side_by_side
from gongkai.settings import TIMEZONE, get_settings
from gongkai.sources.collect import CollectSummary, ShortListError, StoppedError, collect
from gongkai.sources.model import Source
from gongkai.sources.registry import choose_sources, load_sources

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class CollectRun:
    """What one run made of all sources, in the order of their names.

    Attributes:
        run_id: Names the run in the logs.
        results: One for each source.
        failures: The errors with which sources failed as a whole, by name.
    """

    run_id: str
    results: tuple[SourceResult, ...]
    failures: Mapping[str, Exception] = field(default_factory=dict)

    @property
    def summaries(self) -> tuple[CollectSummary, ...]:
        """What was made of each source."""
        return tuple(result.summary for result in self.results)

    @property
    def years_touched(self) -> list[int]:
        """Report years with something new or revised."""
        return sorted({year for summary in self.summaries for year in summary.years_touched})

    @property
    def needs_a_look(self) -> bool:
        """True where a source or a listed link did not give what it should."""
        return any(summary.errors or summary.warnings for summary in self.summaries)

    def rows(self) -> list[dict[str, Any]]:
        """One row a source, counts only, and its first error."""
        return [result.row() for result in self.results]


def collect_sources(
    years: Sequence[int] | None = None, sources: Sequence[str] | None = None, run_id: str | None = None
) -> CollectRun:
    """Ask sources what they list and archive what is new or changed, those of different hosts side by side.

    Args:
        years: Report years to fetch; None for all.
        sources: Names of sources; None for all.
        run_id: Names the run in the logs; default the time.

    Raises:
        GongkaiError: Every source failed; the first error.
        ContractError: A source is broken or unknown.
    """
    settings = get_settings()
    run_id = run_id or f"collect-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
    chosen = choose_sources(load_sources(settings.sources), sources or ())
    failures: dict[str, Exception] = {}
    results = []
    for result, error in ask(chosen, years, run_id):
        results.append(result)
        if error is not None:
            failures[result.summary.source] = error
    fatal = {name: error for name, error in failures.items() if not isinstance(error, ShortListError)}
    if fatal and len(fatal) == len(chosen):
        raise fatal[min(fatal)]
    return CollectRun(run_id, tuple(sorted(results, key=lambda one: one.summary.source)), failures)


def ask(
    sources: Collection[Source], years: Collection[int] | None, run_id: str
) -> Iterator[tuple[SourceResult, Exception | None]]:
    """Collect sources, those of different hosts side by side; yield the result of each as it ends, with its error.

    Whatever a source raises is its own result. When the caller leaves, what is under way ends after its requests.
    """
    settings = get_settings()
    archive = Archive(settings.archive)

    def one(source: Source, is_stopped: Callable[[], bool]) -> tuple[SourceResult, Exception | None]:
        started = time.monotonic()
        try:
            summary = collect(source, archive, years=years, settings=settings, run_id=run_id, is_stopped=is_stopped)
        except StoppedError:
            raise
        except Exception as error:
            _tell(source.name, error)
            return SourceResult.of_error(source.name, error, time.monotonic() - started), error
        return SourceResult(summary, seconds=time.monotonic() - started), None

    lanes = heaviest_first(lanes_by_host(sources), years, today())
    yield from side_by_side(lanes, one, at_once=settings.collect_at_once)


def today() -> date:
    """The day in China."""
    return datetime.now(ZoneInfo(TIMEZONE)).date()


def _tell(source: str, error: Exception) -> None:
    known = isinstance(error, GongkaiError)
    _log.warning("source failed", source=source, error=str(error) if known else repr(error), exc_info=not known)
