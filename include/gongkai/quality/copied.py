"""Texts copied from the year before or from another agency: family `copied_text`."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice, takewhile

from gongkai.quality.model import Outcome
from gongkai.quality.text_verdicts import PASSED, Subject, TextVerdict
from gongkai.quality.textbook import TextRule
from gongkai.reports.agency import agency_key
from gongkai.reports.model import Chapter, Identity, Report

CHAPTER = "overview"
"""The chapter that says what an agency did in a year; the others are often formulas."""
_BLANKS = re.compile(r"\s+")
_YEARS = re.compile(r"(?:20\d\d|二[〇○零]\S\S)年")


@dataclass(frozen=True, slots=True, order=True)
class Wrote:
    """An agency and the year it reports on."""

    agency: str
    year: int
    name: str


class Overviews:
    """Overviews by what is left of them without years and names of agencies."""

    def __init__(self) -> None:
        self._by_digest: dict[str, set[Wrote]] = {}
        self._in_order: dict[str, list[Wrote]] = {}

    def add(self, wrote: Wrote, digest: str) -> None:
        """Take an overview in."""
        self._by_digest.setdefault(digest, set()).add(wrote)
        self._in_order.pop(digest, None)

    def copies(self, wrote: Wrote, digest: str) -> tuple[Wrote | None, Wrote | None]:
        """Return who wrote the same: the agency itself the year before, and the first of the other agencies.

        Thousands of agencies may share a formula: each looks at its own and at the first of the others alone.
        """
        if digest not in self._in_order:
            self._in_order[digest] = sorted(self._by_digest.get(digest, ()))
        same = self._in_order[digest]
        own = islice(same, bisect_left(same, wrote.agency, key=_agency), None)
        years = takewhile(lambda one: one.agency == wrote.agency, own)
        before = next((one for one in years if one.year == wrote.year - 1), None)
        return before, next((one for one in same if one.agency != wrote.agency), None)


def _agency(one: Wrote) -> str:
    return one.agency


def wrote_by(identity: Identity) -> Wrote:
    """Say who wrote a report."""
    return Wrote(agency_key(identity.agency, identity.region_code), identity.report_year, identity.agency)


def overview(chapters: Iterable[Chapter]) -> str:
    """Return the overview of a report, "" where it has none."""
    return "\n".join(chapter.text for chapter in chapters if chapter.code == CHAPTER)


def wrote_what(identity: Identity, chapters: Iterable[Chapter]) -> tuple[str, Wrote]:
    """Return the digest of an overview, "" where there is none, and who wrote it."""
    text = overview(chapters)
    return digest(identity, text) if text else "", wrote_by(identity)


def overviews_of(reports: Mapping[str, Report]) -> Overviews:
    """Overviews of some reports."""
    found = Overviews()
    for report in reports.values():
        if text := overview(report.chapters):
            found.add(wrote_by(report.identity), digest(report.identity, text))
    return found


def digest(identity: Identity, text: str) -> str:
    """Hash of a text without white space, years, and the names of its agency."""
    flat = _YEARS.sub("年", _BLANKS.sub("", text))
    for name in sorted({identity.agency, identity.agency_printed} - {""}, key=len, reverse=True):
        flat = flat.replace(name, "")
    return hashlib.sha256(flat.encode()).hexdigest()


def judge(rule: TextRule, subject: Subject) -> TextVerdict | None:
    """Look for the same overview elsewhere; None where it is too short to say anything."""
    text, identity = overview(subject.report.chapters), subject.report.identity
    if len(_BLANKS.sub("", text)) < rule.family.shortest:
        return None
    before, elsewhere = subject.others.copies(wrote_by(identity), digest(identity, text))
    first = before if rule.rule.column == "previous_year" else elsewhere
    if first is None:
        return PASSED
    return TextVerdict(
        Outcome.FAIL,
        zh=f"总体情况与{first.name} {first.year} 年报告的文字相同",
        en=f"the overview is the text of the {first.year} report of {first.name}",
    )
