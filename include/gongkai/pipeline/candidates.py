"""The documents that may be reports of a year, with what their listing says and what reading them gave."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from gongkai.archive.catalog import Catalog, Entry
from gongkai.archive.store import Archive
from gongkai.pipeline.extract import extract_many
from gongkai.pipeline.extractions import Extractions
from gongkai.reports.identity import Hints
from gongkai.reports.serialise import Extraction
from gongkai.settings import get_settings
from gongkai.sources.model import Source
from gongkai.sources.registry import load_sources


@dataclass(frozen=True)
class Candidate:
    """One archived content at one address, and what its listing says of it.

    `listed_year` is the year it is filed under: named by the title, else guessed from the listed date, else from the
    day it was first seen.
    """

    entry: Entry
    title: str
    hints: Hints
    listed_year: int

    @cached_property
    def print(self) -> str:
        """Hash of what the archive and the listing say of it."""
        return hashlib.sha256(repr((self.entry, self.hints, self.title)).encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Reading:
    """A candidate that was extracted, filed under the year that its content states."""

    candidate: Candidate
    extraction: Extraction
    report_year: int


def open_archive() -> Archive:
    """Return the archive of the settings."""
    return Archive(get_settings().archive)


def open_extractions() -> Extractions:
    """Return the extractions of this code, below the lake of the settings."""
    return Extractions(f"{get_settings().lake.rstrip('/')}/_extracted")


def candidates(entries: Iterable[Entry], sources: Sequence[Source]) -> list[Candidate]:
    """Say for each entry what its listing says; an attachment speaks through the page that links it."""
    entries = list(entries)
    pages = {(entry.source, entry.url): entry for entry in entries if entry.parent_url is None}
    pictures = _Pictures(entries)
    alone = {source.name: source.expect.agencies[0].name for source in sources if len(source.expect.agencies) == 1}
    found = []
    for entry in entries:
        if entry.is_picture:
            continue
        listed = pages.get((entry.source, entry.parent_url or ""), entry)
        year = listed.listed_year or listed.hint_year or entry.listed_year or entry.hint_year
        hints = Hints(
            title=listed.title,
            agency=alone.get(entry.source, ""),
            published=listed.listed_date,
            year=listed.listed_year or listed.hint_year,
            pictures=pictures.of(entry),
        )
        found.append(Candidate(entry, listed.title, hints, year or entry.first_seen.year - 1))
    return found


class _Pictures:
    """Which pictures each content of a page showed, as far as the archive saw them."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._shown: dict[tuple[str, str], dict[str, list[Entry]]] = {}
        self._later: dict[tuple[str, str, int], datetime] = {}
        for entry in entries:
            if entry.is_picture:
                page = self._shown.setdefault((entry.source, entry.parent_url or ""), {})
                page.setdefault(entry.url, []).append(entry)
            else:
                self._later[entry.source, entry.url, entry.revision_no - 1] = entry.first_seen

    def of(self, page: Entry) -> tuple[tuple[str, str], ...]:
        """Address and sha256 of the pictures of a page, or of a page that it frames, by address.

        An earlier content of the page showed what its pictures were before the next content came.
        """
        until = self._later.get((page.source, page.url, page.revision_no))
        shown = self._shown.get((page.source, page.parent_url or page.url), {})
        found = []
        for url, contents in sorted(shown.items()):
            then = [one for one in contents if (one.is_current if until is None else one.first_seen < until)]
            if then:
                found.append((url, max(then, key=lambda one: one.revision_no).sha256))
        return tuple(found)


def all_candidates(archive: Archive) -> list[Candidate]:
    """Return every content of every address in the archive."""
    return candidates(Catalog.load(archive).entries(), load_sources(get_settings().sources))


def of_year(found: Iterable[Candidate], year: int, extractions: Extractions) -> list[Candidate]:
    """Return the candidates of a year: filed under it, or known to be of it by their content."""
    noted = extractions.noted(year)
    return [one for one in found if one.listed_year == year or one.entry.sha256 in noted]


def extract_candidates(found: Iterable[Candidate], archive: Archive, extractions: Extractions) -> None:
    """Extract the candidates that were not extracted before, on `jobs` processes (settings), and keep the results."""
    new: deque[Candidate] = deque()

    def items() -> Iterator[tuple[bytes, str, Hints, Mapping[str, bytes]]]:
        seen: set[tuple[str, Hints]] = set()
        for candidate in found:
            key = (candidate.entry.sha256, candidate.hints)
            if key not in seen and not extractions.has(*key):
                seen.add(key)
                new.append(candidate)
                held = {url: archive.get(sha256) for url, sha256 in candidate.hints.pictures}
                yield archive.get(candidate.entry.sha256), candidate.entry.url, candidate.hints, held

    for extraction in extract_many(items(), get_settings().jobs):
        candidate = new.popleft()
        extractions.put(extraction, candidate.hints)
        if extraction.report and extraction.report.identity.report_year != candidate.listed_year:
            extractions.note_year(extraction.sha256, extraction.report.identity.report_year)


def readings(found: Iterable[Candidate], year: int, extractions: Extractions) -> list[Reading]:
    """Return the extracted candidates whose content is of the year, or that hold no report and are filed under it."""
    kept = []
    for candidate in found:
        extraction = extractions.get(candidate.entry.sha256, candidate.hints)
        if extraction is None:
            continue
        report = extraction.report
        stated = report.identity.report_year if report else candidate.listed_year
        if stated == year:
            kept.append(Reading(candidate, extraction, stated))
    return kept
