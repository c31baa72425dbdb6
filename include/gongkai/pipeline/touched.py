"""Which report years changed in the archive and were not made known yet.

A run that is killed after it archived a report finds it unchanged when it is tried again. So the years to load are told
by the catalog, which says what each run saw, and not by what a process remembers. `announced/<by>/<run>` marks the runs
whose years were made known, and by which run.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from operator import attrgetter

from gongkai.archive.catalog import ATTACHMENT, PAGE, PICTURE, Observation
from gongkai.archive.lines import read_lines
from gongkai.archive.store import Archive, safe_name

_CONTENTS = frozenset({PAGE, ATTACHMENT, PICTURE})
_OVER = 86_400.0
"""Seconds without a new observation after which a run counts as ended, whoever made it."""


def touched_years(archive: Archive, runs: Iterable[str]) -> dict[str, list[int]]:
    """Return the report years (or guesses) of what runs saw new or changed, by source.

    Args:
        archive: The archive.
        runs: The runs, as their folders are named.
    """
    wanted = {safe_name(run) for run in runs}
    names = {name.rpartition("/")[2] for run in wanted for name in archive.names(f"catalog/{run}")}
    sources = {name.partition(".")[0].partition("~")[0] for name in names}
    found = {source: _years(archive, source, wanted) for source in sorted(sources)}
    return {source: sorted(years) for source, years in found.items() if years}


def _years(archive: Archive, source: str, runs: set[str]) -> set[int]:
    years: set[int] = set()
    last: dict[str, str] = {}
    for seen in sorted(read_lines(archive, "catalog", Observation, source=source), key=attrgetter("at")):
        if seen.kind in _CONTENTS and seen.linked:
            year = seen.listed_year if seen.listed_year is not None else seen.hint_year
            if year is not None and safe_name(seen.run_id) in runs and last.get(seen.url) != seen.sha256:
                years.add(year)
            last[seen.url] = seen.sha256
    return years


class Announcements:
    """Keeps which runs' years were made known.

    A run by hand, or one that was killed, makes known nothing itself: the next run does it in its place, and once more
    as long as it may still be going on. Loading a year twice changes nothing.

    Args:
        archive: The archive.
        run_id: The run that makes known.
    """

    def __init__(self, archive: Archive, run_id: str) -> None:
        self._archive, self._run = archive, safe_name(run_id)

    def waiting(self) -> list[str]:
        """Return the runs whose years are to be made known by this one, itself included."""
        marks = (name.split("/")[1:] for name in self._archive.names("announced"))
        known = {run for by, run in marks if by != self._run}  # what an earlier attempt marked is told again
        return sorted({self._run, *self._archive.folders("catalog")} - known)

    def keep(self, runs: Iterable[str]) -> None:
        """Mark runs as made known by this one; those of others only if they are over."""
        for run in map(safe_name, runs):
            if run == self._run or self._is_over(run):
                self._archive.write(f"announced/{self._run}/{run}", b"")

    def _is_over(self, run: str) -> bool:
        names = self._archive.names(f"catalog/{run}")
        return all(self._archive.modified(name) < time.time() - _OVER for name in names)
