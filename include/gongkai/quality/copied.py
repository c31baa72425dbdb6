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
from gongkai.reports.identity import parse_title
from gongkai.reports.model import Chapter, Identity, Report

CHAPTER = "overview"
"""The chapter that says what an agency did in a year; the others are often formulas."""
_BLANKS = re.compile(r"\s+")
_YEARS = re.compile(r"(?:20\d\d|二[〇○零]\S\S)年")


@dataclass(frozen=True, slots=True, order=True)
class Wrote:
    """An agency, by what tells it from others, the year it reports on, and its name."""

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
    """Say who wrote a report, as far as it says so itself."""
    return Wrote(agency_key(identity.agency, identity.region_code), identity.report_year, identity.agency)


def overview(chapters: Iterable[Chapter]) -> str:
    """Return the overview of a report, "" where it has none."""
    return "\n".join(chapter.text for chapter in chapters if chapter.code == CHAPTER)


def digest_of(wrote: Wrote, title: str, chapters: Iterable[Chapter]) -> str:
    """Return the digest of the overview among some chapters, "" where there is none."""
    text = overview(chapters)
    return digest(wrote, title, text) if text else ""


def overviews_of(reports: Mapping[str, Report]) -> Overviews:
    """Overviews of some reports."""
    found = Overviews()
    for report in reports.values():
        wrote = wrote_by(report.identity)
        if told := digest_of(wrote, report.identity.title, report.chapters):
            found.add(wrote, told)
    return found


def digest(wrote: Wrote, title: str, text: str) -> str:
    """Hash of a text without white space, years, and the names of its agency: its own, and that which the title prints.

    Both are known years later too: texts of two years are told to be equal by nothing that only one of them has.
    """
    flat, printed = _YEARS.sub("年", _BLANKS.sub("", text)), parse_title(title)
    for name in sorted({wrote.name, printed.agency if printed else ""} - {""}, key=len, reverse=True):
        flat = flat.replace(name, "")
    return hashlib.sha256(flat.encode()).hexdigest()


def judge(rule: TextRule, subject: Subject) -> TextVerdict | None:
    """Look for the same overview elsewhere; None where it is too short to say anything."""
    text = overview(subject.report.chapters)
    if len(_BLANKS.sub("", text)) < rule.family.shortest:
        return None
    told = digest(subject.wrote, subject.report.identity.title, text)
    before, elsewhere = subject.others.copies(subject.wrote, told)
    first = before if rule.rule.column == "previous_year" else elsewhere
    if first is None:
        return PASSED
    return TextVerdict(
        Outcome.FAIL,
        zh=f"总体情况与{first.name} {first.year} 年报告的文字相同",
        en=f"the overview is the text of the {first.year} report of {first.name}",
    )
