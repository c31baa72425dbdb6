"""Collect: ask every source, archive what is new; one broken source never stops the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from gongkai.archive.store import Archive
from gongkai.errors import SourceError
from gongkai.settings import get_settings
from gongkai.sources.collect import CollectSummary, ShortListError, collect
from gongkai.sources.registry import choose_sources, load_sources


@dataclass(frozen=True)
class CollectRun:
    """What one run made of all sources, in the order of their names."""

    run_id: str
    summaries: tuple[CollectSummary, ...]

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
        return [
            {
                **{name: value for name, value in asdict(summary).items() if isinstance(value, int | str)},
                "first_error": summary.errors[0] if summary.errors else "",
            }
            for summary in self.summaries
        ]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for logs and task results."""
        return {"run_id": self.run_id, "years_touched": self.years_touched, "sources": self.rows()}


def collect_sources(
    years: Sequence[int] | None = None, sources: Sequence[str] | None = None, run_id: str | None = None
) -> CollectRun:
    """Ask sources what they list and archive what is new or changed.

    Args:
        years: Report years to fetch; None for all.
        sources: Names of sources; None for all.
        run_id: Names the run in the logs; default the time.

    Raises:
        SourceError: Every source failed; the first error.
        ContractError: A source is broken or unknown.
    """
    settings = get_settings()
    run_id = run_id or f"collect-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
    archive = Archive(settings.archive)
    summaries: list[CollectSummary] = []
    failures: list[SourceError] = []
    chosen = choose_sources(load_sources(settings.sources), sources or ())
    for source in chosen:
        try:
            summaries.append(collect(source, archive, years=years, settings=settings, run_id=run_id))
        except ShortListError as error:
            # What was listed is archived; that it is too little is what the operator must see.
            known = error.summary or CollectSummary(source.name)
            summaries.append(replace(known, errors=(f"{error.code}: {error}", *known.errors)))
        except SourceError as error:
            failures.append(error)
            summaries.append(CollectSummary(source.name, errors=(f"{error.code}: {error}",)))
    if failures and len(failures) == len(chosen):
        raise failures[0]
    return CollectRun(run_id, tuple(summaries))
