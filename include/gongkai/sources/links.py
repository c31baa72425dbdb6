"""Tells annual reports from other links by their titles; words and patterns are in data_contracts/sources/links.yml."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from urllib.parse import parse_qs, unquote, urlsplit

from gongkai.reports.labels import squeeze
from gongkai.sources.link_rules import AttachmentRules, DateRules, LinkRules, TitleRules

MAX_TITLE = 400
"""Characters of a title that are kept."""

NO_YEAR = "the title has no year"
"""Why a title is none of an annual report, unless the column that lists it names a year."""

_NUMERALS = str.maketrans("〇○零Oo一二三四五六七八九", "00000123456789")
_CHINESE_YEAR = re.compile(r"(?:二[〇○零0Oo][〇○零0Oo一二三四五六七八九]{2}|2[〇○零Oo]\d{2})(?=年)")
_GONE = "/"
"""Stands where a date was; `squeeze` would drop a bar."""


@dataclass(frozen=True, slots=True)
class Link:
    """One link that a source lists.

    Attributes:
        url: Absolute address.
        title: Title as listed.
        listed_date: Date printed beside it, or in its address.
        listed_year: Report year that the title names.
        hint_year: Guess for titles without a year: the year before the listed date.
        list_url: The page that lists it.
        skip: Why it is not taken for an annual report, "" if it is.
    """

    url: str
    title: str
    listed_date: date | None
    listed_year: int | None
    hint_year: int | None
    list_url: str
    skip: str = ""


def make_link(
    url: str, title: str, listed_date: date | None, list_url: str, rules: LinkRules, *, says: str = ""
) -> Link:
    """Judge a listed link by its title; `says` is what its column says of all titles, which leave it out."""
    year = title_year(title, rules.titles)
    day = listed_date or date_in_url(url, rules.dates)
    hint = day.year - 1 if day and year is None else None
    return Link(url, title, day, year, hint, list_url, skip_reason(title, year, rules.titles, says))


def title_year(title: str, rules: TitleRules) -> int | None:
    """Return the report year that a title names, None where it names none, or a range.

    Dates, document numbers and years of publication ("2024年发布的") are no report years. Of several years the last one
    before 信息公开 counts, else the first.
    """
    text, _ = _without_dates(title, rules)
    years = [(match.start(), int(match[1])) for match in rules.year.finditer(text)]
    if not years:
        return None
    subject = text.find("信息公开")
    before = [year for start, year in years if start < subject]
    return before[-1] if before else years[0][1]


def _without_dates(title: str, rules: TitleRules) -> tuple[str, bool]:
    """Return a title without white space and dates, years in digits, and whether there were dates or ranges."""
    text = unicodedata.normalize("NFKC", title[:MAX_TITLE]).replace("|", _GONE)
    # First with its blanks: a date with a blank after it ends there ("20240120 2023年"); then those that blanks break.
    text, spaced = _cut_dates(text, rules)
    text, others = _cut_dates(squeeze(text), rules)
    return text, spaced or others


def _cut_dates(text: str, rules: TitleRules) -> tuple[str, bool]:
    found = 0
    text = _CHINESE_YEAR.sub(lambda match: match[0].translate(_NUMERALS), text)
    for pattern in (*rules.dates, *rules.ranges):
        text, count = pattern.subn(_GONE, text)
        found += count
    return text, found > 0


def skip_reason(title: str, year: int | None, rules: TitleRules, says: str = "") -> str:
    """Say why a title is not that of an annual report; "" if it is. `says` is what its column says of all titles."""
    text = squeeze(title)
    for pattern in rules.refuse:
        if said := pattern.search(text):
            return f"the title says {said[0]}"
    for words in rules.require:
        if not any(word in text or word in says for word in words):
            return f"the title has no {' or '.join(words)}"
    # A title with nothing but a publication date or a range is let in: its year is for the document to say.
    if year is None and not _without_dates(title, rules)[1]:
        return NO_YEAR
    return ""


def is_listed(title: str, has_date: bool, rules: TitleRules) -> bool:
    """Tell a listed link, which gets a fate, from navigation."""
    return has_date or any(word in squeeze(title) for word in rules.listed)


def printed_date(text: str, rules: DateRules) -> date | None:
    """Return the last date of a text, None where it has none."""
    days = [_day(*match.groups()) for match in rules.printed.finditer(unicodedata.normalize("NFKC", text))]
    return next((day for day in reversed(days) if day), None)


def date_in_url(url: str, rules: DateRules) -> date | None:
    """Return the date in an address such as t20240120_123.html."""
    path = urlsplit(url).path
    days = (_day(*match.groups()) for pattern in rules.url for match in [pattern.search(path)] if match)
    return next((day for day in days if day), None)


def file_extension(url: str, rules: AttachmentRules) -> str:
    """Return the extension of the file that an address names, in its path or a parameter; "" where it names none."""
    parts = urlsplit(url)
    names = [parts.path]
    query = parse_qs(parts.query)
    names += [value for name in rules.parameters for value in query.get(name, [])]
    for name in reversed(names):
        extension = PurePosixPath(unquote(name)).suffix.lower().lstrip(".")
        if extension in rules.extensions:
            return extension
    return ""


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
