"""Settle: which content of a report is in force among duplicates, formats and corrections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from gongkai.pipeline.agencies import Directory, Known, agency_id
from gongkai.pipeline.candidates import Reading
from gongkai.quality.copied import Wrote
from gongkai.reports.confirm import confirm
from gongkai.reports.identity import is_correction
from gongkai.reports.labels import squeeze
from gongkai.reports.model import Identity, Report, State

_FORMATS = ("docx", "html", "odt", "doc", "rtf", "wps", "wordml", "md", "txt", "ofd", "pdf")
"""Which format stands for a content given in several: those that state cells before those that state places."""

_ALIKE = 0.9
"""Share of equal values from which a page and its attachment are one report that contradicts itself, not two."""


class Fate(StrEnum):
    """What a document is among the documents of its report."""

    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    DUPLICATE = "duplicate"
    OTHER_FORMAT = "other_format"


@dataclass(frozen=True, slots=True)
class Revision:
    """One document of a report.

    Attributes:
        revision_id: Stable: report id and document.
        number: Number of the content it gives, from 1 in order of publication; documents of one content share it.
        fate: What it is among the documents of the report.
        reading: The document as read; of several addresses the first.
    """

    revision_id: str
    number: int
    fate: Fate
    reading: Reading


@dataclass(frozen=True, slots=True)
class Settled:
    """A report with all its documents.

    Attributes:
        report_id: Stable over revisions.
        agency_id: The agency.
        agency: Its name.
        region_code: Its region, None where it fits none or several.
        report_year: The year reported on.
        revisions: All documents.
        in_force: The one that speaks for the report.
        report: What it states; its cells say whether the other formats of the same content agree.
    """

    report_id: str
    agency_id: str
    agency: str
    region_code: str | None
    report_year: int
    revisions: tuple[Revision, ...]
    in_force: Revision
    report: Report

    @property
    def wrote(self) -> Wrote:
        """Who wrote its text, where texts of agencies are compared."""
        return Wrote(self.agency_id, self.report_year, self.agency)

    @property
    def n_revisions(self) -> int:
        """Number of different contents."""
        return max(revision.number for revision in self.revisions)

    @property
    def contents(self) -> tuple[Revision, ...]:
        """The revision that speaks for each content, in order of publication."""
        return tuple(one for one in self.revisions if one.fate in (Fate.IN_FORCE, Fate.SUPERSEDED))


@dataclass(slots=True)
class _Content:
    readings: list[Reading] = field(default_factory=list)


def settle(readings: Iterable[Reading], directory: Directory) -> list[Settled]:
    """Group readings of one year into reports, and say for each which content is in force.

    The newest content that its portal still shows is in force: by publication (or listed) date, a title that says
    更正 after one that does not, then by the day it was first seen. The same values in another format, or at another
    address, are the same content; so are a page and its attachment that hardly differ, for they were published as one.
    The cells of the document in force say whether the other formats agree.

    Args:
        readings: All readings of a year that gave a report.
        directory: Tells which agency a reading is of: names that are short, aliases, names that several agencies bear.
    """
    named: dict[str, Counter[Known]] = {}
    by_agency: dict[str, list[Reading]] = {}
    for reading in readings:
        source, sha256 = reading.candidate.entry.source, reading.extraction.sha256
        agency = agency_of(source, sha256, _report(reading).identity, directory)
        named.setdefault(agency.agency_id, Counter())[agency] += 1
        by_agency.setdefault(agency.agency_id, []).append(reading)
    # Of the names that documents use for one agency: the most frequent, then the fullest.
    known = {key: max(names, key=lambda one: (names[one], len(one.name), one.name)) for key, names in named.items()}
    order = sorted(by_agency, key=lambda key: (known[key].name, key))
    return [_settle_one(known[key], by_agency[key]) for key in order]


def report_id_of(agency_id: str, year: int) -> str:
    """Name the report of an agency for a year; those of one year are in the order of their agencies."""
    return f"{agency_id}-{year}"


def agency_of(source: str, sha256: str, identity: Identity, directory: Directory) -> Known:
    """Tell which agency a report is of.

    Args:
        source: Name of the source that lists it.
        sha256: Its document.
        identity: What it says of itself.
        directory: The agencies.
    """
    if identity.agency:
        return directory.resolve(source, identity)
    # Without a name nothing says that two documents are of one agency: each stands alone.
    alone = f"({sha256[:12]})"
    return Known(agency_id(alone, None), alone, None)


def _settle_one(agency: Known, readings: list[Reading]) -> Settled:
    contents: list[_Content] = []
    for reading in sorted(readings, key=_order):
        content = next((c for c in contents if _belongs(reading, c)), None)
        if content is None:
            contents.append(content := _Content())
        content.readings.append(reading)
    shown = [number for number, c in enumerate(contents) if any(r.candidate.entry.is_current for r in c.readings)]
    current = shown[-1] if shown else len(contents) - 1
    year, who = readings[0].report_year, agency.agency_id
    report_id = report_id_of(who, year)
    revisions: list[Revision] = []
    for number, content in enumerate(contents):
        speaker = min(content.readings, key=_preference)
        seen: set[str] = set()
        for reading in sorted(content.readings, key=lambda r: (r is not speaker, _order(r))):
            sha256 = reading.extraction.sha256
            if sha256 in seen:
                continue
            seen.add(sha256)
            fate = Fate.OTHER_FORMAT if reading.extraction.format != speaker.extraction.format else Fate.DUPLICATE
            if reading is speaker:
                fate = Fate.IN_FORCE if number == current else Fate.SUPERSEDED
            revisions.append(Revision(f"{report_id}-{sha256[:12]}", number + 1, fate, reading))
    in_force = next(revision for revision in revisions if revision.fate is Fate.IN_FORCE)
    beside = [r for r in revisions if r.number == in_force.number and r.fate is Fate.OTHER_FORMAT]
    report = confirm(_report(in_force.reading), [_report(revision.reading) for revision in beside])
    return Settled(report_id, who, agency.name, agency.region_code, year, tuple(revisions), in_force, report)


def _report(reading: Reading) -> Report:
    report = reading.extraction.report
    if report is None:
        raise ValueError("only readings that gave a report are settled")
    return report


def _order(reading: Reading) -> tuple[date, bool, object, int, str, str]:
    entry, identity = reading.candidate.entry, _report(reading).identity
    day = reading.candidate.hints.published or identity.published or entry.first_seen.date()
    return (day, is_correction(reading.candidate.title), entry.first_seen, entry.revision_no, entry.url, entry.sha256)


def _preference(reading: Reading) -> tuple[int, int, object]:
    """Fewest cells missing first, then the most exact format."""
    form = reading.extraction.format
    missing = sum(cell.state is State.NOT_EXTRACTED for cell in _report(reading).cells)
    return (missing, _FORMATS.index(form) if form in _FORMATS else len(_FORMATS), _order(reading))


def _belongs(reading: Reading, content: _Content) -> bool:
    if _same_content(content.readings[0], reading):
        return True
    if any(_is_revised(one, reading) for one in content.readings):
        return False
    return any(_published_as_one(one, reading) for one in content.readings)


def _is_revised(one: Reading, other: Reading) -> bool:
    """Tell whether two readings are of one address at different times."""
    first, second = one.candidate.entry, other.candidate.entry
    return (first.source, first.url) == (second.source, second.url) and first.sha256 != second.sha256


def _published_as_one(one: Reading, other: Reading) -> bool:
    """Tell whether a page and its attachment, or two attachments of one page, give one report in two formats.

    They may contradict each other in a few cells, or be read wrongly there: that makes no correction of them.
    """
    first, second = one.candidate.entry, other.candidate.entry
    if first.source != second.source or one.extraction.format == other.extraction.format:
        return False
    pages = {entry.url if entry.parent_url is None else entry.parent_url for entry in (first, second)}
    if len(pages) > 1 or first.url == second.url:
        return False
    values, others = _values(one), _values(other)
    shared = values.keys() & others.keys()
    equal = sum(values[key] == others[key] for key in shared)
    return bool(shared) and equal >= _ALIKE * len(shared)


def _same_content(first: Reading, second: Reading) -> bool:
    """The same document, or the same values (where both were read) in another format or with the same text."""
    if first.extraction.sha256 == second.extraction.sha256:
        return True
    one, other = _values(first), _values(second)
    if any(other[key] != value for key, value in one.items() if key in other):
        return False
    if first.extraction.format != second.extraction.format:
        return bool(one.keys() & other.keys())
    return one.keys() == other.keys() and _text(first) == _text(second)


def _values(reading: Reading) -> dict[tuple[str, str, str], tuple[State, object]]:
    return {
        (cell.table, cell.row, cell.column): (cell.state, cell.value)
        for cell in _report(reading).cells
        if cell.state is not State.NOT_EXTRACTED
    }


def _text(reading: Reading) -> str:
    return "".join(squeeze(chapter.heading + chapter.text) for chapter in _report(reading).chapters)
