"""Tells annual reports from other links by their titles; words and patterns are in data_contracts/sources/links.yml."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path, PurePosixPath
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field

from gongkai.contracts.yaml import load_model
from gongkai.settings import get_settings

MAX_TITLE = 400
"""Characters of a title that are kept."""

_NUMERALS = str.maketrans("〇○零Ｏ一二三四五六七八九", "0000123456789")
_CHINESE_YEAR = re.compile(r"二[〇○零OＯ][〇○零一二三四五六七八九]{2}(?=年)")
_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TitleRules(_Strict):
    """Which titles are those of annual reports, and where their year stands."""

    year: re.Pattern[str]
    dates: tuple[re.Pattern[str], ...]
    require: tuple[tuple[str, ...], ...]
    refuse: tuple[str, ...]
    listed: tuple[str, ...]
    prefix: re.Pattern[str]


class DateRules(_Strict):
    """How dates stand beside links and in addresses."""

    printed: re.Pattern[str]
    url: tuple[re.Pattern[str], ...]


class PaginationRules(_Strict):
    """How a list page names its further pages."""

    count: tuple[re.Pattern[str], ...]
    next: tuple[str, ...]
    number: re.Pattern[str]


class AttachmentRules(_Strict):
    """Which links of a report's page are files of the report."""

    extensions: frozenset[str]
    containers: tuple[str, ...]
    parameters: tuple[str, ...]
    at_most: int = Field(ge=1)


class PictureRules(_Strict):
    """Which pictures of a report's page are taken.

    Attributes:
        at_most: Most of one page.
        smallest: Those whose markup states a side of fewer pixels are icons.
        most_bytes: Most bytes of one.
    """

    at_most: int = Field(ge=0)
    smallest: int = Field(ge=0)
    most_bytes: int = Field(ge=1)


class FolderRules(_Strict):
    """Which files of a folder are taken for documents."""

    extensions: frozenset[str]


class PageRules(_Strict):
    """What pages say that are no reports although their status is 200."""

    short_chars: int
    empty_chars: int
    shell_chars: int
    not_found: tuple[str, ...]
    error: tuple[str, ...]
    blocked: tuple[str, ...]


class LinkRules(_Strict):
    """All rules of links.yml."""

    titles: TitleRules
    dates: DateRules
    pagination: PaginationRules
    attachments: AttachmentRules
    pictures: PictureRules
    folder: FolderRules
    pages: PageRules


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


def load_link_rules(folder: Path | None = None) -> LinkRules:
    """Read the rules of a folder of data contracts (default: that of the settings).

    Raises:
        ContractError: With file, line and reason.
    """
    return _load((folder or get_settings().contracts) / "sources" / "links.yml")


@cache
def _load(path: Path) -> LinkRules:
    return load_model(path, LinkRules)


def squeeze(text: str) -> str:
    """Text for comparison: NFKC, without white space and invisible characters."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


def make_link(url: str, title: str, listed_date: date | None, list_url: str, rules: LinkRules) -> Link:
    """Judge a listed link by its title."""
    year = title_year(title, rules.titles)
    day = listed_date or date_in_url(url, rules.dates)
    hint = day.year - 1 if day and year is None else None
    return Link(url, title, day, year, hint, list_url, skip_reason(title, year, rules.titles))


def title_year(title: str, rules: TitleRules) -> int | None:
    """Return the report year that a title names, None where it names none.

    Dates and document numbers are no years. Of several years the last one before 信息公开 counts
    ("2024年发布的2023年政府信息公开工作年度报告"), else the first.
    """
    text = _CHINESE_YEAR.sub(lambda match: match[0].translate(_NUMERALS), unicodedata.normalize("NFKC", title))
    text = _INVISIBLE.sub("", text)
    for pattern in rules.dates:
        text = pattern.sub("|", text)
    years = [(match.start(), int(match[1])) for match in rules.year.finditer(text)]
    if not years:
        return None
    subject = text.find("信息公开")
    before = [year for start, year in years if start < subject]
    return before[-1] if before else years[0][1]


def skip_reason(title: str, year: int | None, rules: TitleRules) -> str:
    """Say why a title is not that of an annual report; "" if it is."""
    text = squeeze(title)
    for word in rules.refuse:
        if word in text:
            return f"the title says {word}"
    for words in rules.require:
        if not any(word in text for word in words):
            return f"the title has no {' or '.join(words)}"
    # A title with nothing but a publication date is let in: its year is for the document to say.
    if year is None and not any(pattern.search(text) for pattern in rules.dates):
        return "the title has no year"
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
