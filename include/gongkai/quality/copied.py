"""Texts copied from the year before or from another agency: family `copied_text`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gongkai.quality.model import Outcome
from gongkai.quality.text_verdicts import PASSED, Subject, TextVerdict
from gongkai.quality.textbook import TextRule
from gongkai.reports.agency import agency_key
from gongkai.reports.model import Identity, Report

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


@dataclass(slots=True)
class Overviews:
    """Overviews by what is left of them without years and names of agencies."""

    by_digest: dict[str, set[Wrote]] = field(default_factory=dict)

    def add(self, identity: Identity, text: str) -> None:
        """Take an overview in."""
        wrote = Wrote(agency_key(identity.agency, identity.region_code), identity.report_year, identity.agency)
        self.by_digest.setdefault(digest(identity, text), set()).add(wrote)

    def same(self, identity: Identity, text: str) -> list[Wrote]:
        """Who else wrote this, or the same agency for another year."""
        key = agency_key(identity.agency, identity.region_code)
        found = self.by_digest.get(digest(identity, text), set())
        return sorted(one for one in found if (one.agency, one.year) != (key, identity.report_year))


def overviews_of(reports: Mapping[str, Report]) -> Overviews:
    """Overviews of some reports."""
    found = Overviews()
    for report in reports.values():
        add_overview(found, report.identity, (chapter.text for chapter in report.chapters if chapter.code == CHAPTER))
    return found


def add_overview(overviews: Overviews, identity: Identity, texts: Iterable[str]) -> None:
    """Take the overview of one report in, where it has one."""
    text = "\n".join(texts)
    if text:
        overviews.add(identity, text)


def digest(identity: Identity, text: str) -> str:
    """Hash of a text without white space, years, and the names of its agency."""
    flat = _YEARS.sub("年", _BLANKS.sub("", text))
    for name in sorted({identity.agency, identity.agency_printed} - {""}, key=len, reverse=True):
        flat = flat.replace(name, "")
    return hashlib.sha256(flat.encode()).hexdigest()


def judge(rule: TextRule, subject: Subject) -> TextVerdict | None:
    """Look for the same overview elsewhere; None where it is too short to say anything."""
    text = "\n".join(chapter.text for chapter in subject.report.chapters if chapter.code == CHAPTER)
    identity = subject.report.identity
    if len(_BLANKS.sub("", text)) < rule.family.shortest:
        return None
    key = agency_key(identity.agency, identity.region_code)
    own = rule.rule.column == "previous_year"
    same = [one for one in subject.others.same(identity, text) if (one.agency == key) is own]
    if own:
        same = [one for one in same if one.year == identity.report_year - 1]
    if not same:
        return PASSED
    first = same[0]
    return TextVerdict(
        Outcome.FAIL,
        zh=f"总体情况与{first.name} {first.year} 年报告的文字相同",
        en=f"the overview is the text of the {first.year} report of {first.name}",
    )
