"""What became of each source in one run, kept in the archive: a task that is tried again asks only what is missing.

`collected/<run>/<source>.json` is written when a source was asked to its end, or failed; a killed process leaves none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from pydantic import TypeAdapter

from gongkai.archive.store import Archive, safe_name
from gongkai.errors import DocumentError, GoneError, RunError
from gongkai.sources.collect import CollectSummary, ShortListError

_MOST_KEPT = 20
"""Errors and warnings in words; all of them are in the listings."""


@dataclass(frozen=True)
class SourceResult:
    """What became of one source.

    Attributes:
        summary: What it lists and what was taken.
        failed: Code of the error with which the source as a whole failed, "" where it did not.
        is_final: Asking again in this run is no use.
        seconds: How long it took.
    """

    summary: CollectSummary
    failed: str = ""
    is_final: bool = True
    seconds: float = 0.0

    @classmethod
    def of_error(cls, source: str, error: Exception, seconds: float) -> SourceResult:
        """Tell the error with which a source failed, whatever it is."""
        code = getattr(error, "code", "unexpected")
        words = f"{code}: {error}" if hasattr(error, "code") else f"{code}: {type(error).__name__}: {error}"
        known = (error.summary if isinstance(error, ShortListError) else None) or CollectSummary(source)
        is_final = isinstance(error, GoneError | DocumentError | RunError | ShortListError)
        return cls(replace(known, errors=(words, *known.errors)), code, is_final, seconds)

    def row(self) -> dict[str, Any]:
        """Counts only, and the first error."""
        counts = {name: value for name, value in asdict(self.summary).items() if isinstance(value, int | str)}
        return {**counts, "first_error": self.summary.errors[0] if self.summary.errors else ""}


class Results:
    """The results of one run.

    Args:
        archive: Where they are kept.
        run_id: The run.
    """

    def __init__(self, archive: Archive, run_id: str) -> None:
        self._archive, self._folder = archive, f"collected/{safe_name(run_id)}"
        self._adapter = TypeAdapter(SourceResult)

    def keep(self, result: SourceResult) -> None:
        """Keep the result of a source, in the place of one that was kept before."""
        summary = result.summary
        short = replace(summary, errors=summary.errors[:_MOST_KEPT], warnings=summary.warnings[:_MOST_KEPT])
        self._archive.write(self._name(summary.source), self._adapter.dump_json(replace(result, summary=short)))

    def get(self, source: str) -> SourceResult | None:
        """Return the result of a source; None where it has not ended."""
        data = self._archive.read(self._name(source))
        return self._adapter.validate_json(data) if data else None

    def of(self, sources: Iterable[str]) -> dict[str, SourceResult]:
        """Return the results that there are of these sources, by name."""
        found = ((name, self.get(name)) for name in sources)
        return {name: result for name, result in found if result is not None}

    def forget(self) -> None:
        """Remove all results: the run begins anew."""
        for name in self._archive.names(self._folder):
            self._archive.delete(name)

    def _name(self, source: str) -> str:
        return f"{self._folder}/{safe_name(source)}.json"
