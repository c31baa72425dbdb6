"""What of a report year is due to be settled anew: the agencies for which something that they depend on changed.

A report depends on its agency's documents, on the decisions about them, on the agency's report of the year before, and
on who else wrote the same overview. All else that decides (code, contracts, rules, sources) is the same for a whole
year; where that changed, nothing is known of any agency.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gongkai.archive.store import Archive
from gongkai.lake.snapshot import Snapshot
from gongkai.pipeline.agencies import Directory
from gongkai.pipeline.candidates import extract_candidates, readings
from gongkai.pipeline.decided import Decided
from gongkai.pipeline.extractions import Extractions
from gongkai.pipeline.filing import Filed
from gongkai.pipeline.judging import Held, HeldYear
from gongkai.pipeline.settle import Settled, settle
from gongkai.pipeline.telling import add_overviews
from gongkai.pipeline.year_note import AgencyNote
from gongkai.quality.copied import Overviews, Wrote, digest_of

ANEW, AT_ONCE = 2_000, 4_000
"""Most reports that are settled anew at once, and most that are looked at at once; neither shows in what is written."""


@dataclass(frozen=True, slots=True)
class Group:
    """Agencies that are worked on at once, neighbours in order.

    Attributes:
        notes: What each depends on now, by agency.
        anew: Those that are to be settled anew; the rows of the others stand.
        before: What the lake holds of their reports of the year before.
    """

    notes: Mapping[str, AgencyNote]
    anew: Sequence[str]
    before: Held

    @property
    def kept(self) -> list[str]:
        """Those whose rows stand."""
        return sorted(self.notes.keys() - set(self.anew))


class Settler:
    """Settles agencies from their documents.

    Args:
        year: The report year.
        agencies: Their documents.
        archive: Where those are.
        extractions: What reading them gave; one that was removed since is made again.
        directory: Tells which agency a report is of.
    """

    def __init__(
        self,
        year: int,
        agencies: Mapping[str, Sequence[Filed]],
        archive: Archive,
        extractions: Extractions,
        directory: Directory,
    ) -> None:
        self._year, self._agencies = year, agencies
        self._archive, self._extractions, self._directory = archive, extractions, directory

    def settled(self, agencies: Sequence[str]) -> list[Settled]:
        """Return the reports of agencies, in their order."""
        found = [one.candidate for agency in agencies for one in self._agencies[agency]]
        extract_candidates(found, self._archive, self._extractions)
        made = settle(readings(found, self._year, self._extractions), self._directory)
        return sorted(made, key=lambda one: one.agency_id)


def due(
    year: int,
    agencies: Mapping[str, Sequence[Filed]],
    addresses: Mapping[str, int],
    settler: Settler,
    decided: Decided,
    known: Mapping[str, AgencyNote],
    snapshot: Snapshot,
) -> tuple[Iterator[Group], Overviews]:
    """Divide the agencies of a year into groups, and say which of each are to be settled anew.

    Args:
        year: The report year.
        agencies: Their documents, agencies in order.
        addresses: Number of addresses by content.
        settler: Settles those whose overview only the report tells.
        decided: The decisions.
        known: What each was settled with last; without an entry it is settled anew.
        snapshot: The lake, with the year before.

    Returns:
        The groups, at least one, in order; and all overviews, of the year and the year before.
    """
    overviews = Overviews()
    add_overviews(overviews, snapshot, year - 1)
    notes = _notes(agencies, addresses, settler, decided, known)
    for one in notes.values():
        if one.digest:
            overviews.add(_wrote(one, year), one.digest)
    for agency, one in notes.items():
        copies = _hash(repr(overviews.copies(_wrote(one, year), one.digest))) if one.digest else ""
        notes[agency] = replace(one, copies=copies)
    return _groups(notes, known, HeldYear(snapshot, year - 1)), overviews


def _notes(
    agencies: Mapping[str, Sequence[Filed]],
    addresses: Mapping[str, int],
    settler: Settler,
    decided: Decided,
    known: Mapping[str, AgencyNote],
) -> dict[str, AgencyNote]:
    """Note of each agency its documents, decisions and overview."""
    notes: dict[str, AgencyNote] = {}
    several = []
    for agency, filed in agencies.items():
        documents = _hash(*sorted(f"{one.print} {addresses[one.sha256]}" for one in filed))
        last = known.get(agency) or AgencyNote(agency)
        note = replace(last, documents=documents, decisions=decided.print(agency), before="", copies="")
        if last.documents != documents:
            (digest_, name), *others = {(one.digest, one.name) for one in filed}
            note = replace(note, digest=digest_, name=name)
            several += [agency] if others else []
        notes[agency] = note
    for part in _parts(several, ANEW):  # which of their overviews counts is told by which document is in force
        for one in settler.settled(part):
            told = digest_of(one.wrote, one.report.identity.title, one.report.chapters)
            notes[one.agency_id] = replace(notes[one.agency_id], digest=told, name=one.agency)
    return notes


def _groups(notes: Mapping[str, AgencyNote], known: Mapping[str, AgencyNote], before: HeldYear) -> Iterator[Group]:
    for window in _parts(list(notes), AT_ONCE) or [[]]:
        held = before.of(window)
        prints = held.prints()
        now = {agency: replace(notes[agency], before=prints.get(agency, "")) for agency in window}
        anew = {agency for agency in window if now[agency] != known.get(agency)}
        for part in _split(window, anew):
            yield Group({agency: now[agency] for agency in part}, [one for one in part if one in anew], held.of(part))


def _split(window: Sequence[str], anew: set[str]) -> Iterator[list[str]]:
    """Cut a run of agencies where too many of it would be settled anew at once."""
    part: list[str] = []
    count = 0
    for agency in window:
        if agency in anew and count == ANEW:
            yield part
            part, count = [], 0
        part.append(agency)
        count += agency in anew
    yield part


def _parts(agencies: Sequence[str], size: int) -> list[Sequence[str]]:
    return [agencies[start : start + size] for start in range(0, len(agencies), size)]


def _wrote(one: AgencyNote, year: int) -> Wrote:
    return Wrote(one.agency_id, year, one.name)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
