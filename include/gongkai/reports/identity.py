"""Who speaks, of which year, under which title, published when; and what each was told from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from typing import Literal

from gongkai.contracts.template import Strict
from gongkai.contracts.yaml import load_model
from gongkai.documents.model import Document
from gongkai.reports.agency import Place, complete, expand, kind_of_agency, level_of_agency, locate
from gongkai.reports.labels import squeeze
from gongkai.reports.model import Identity
from gongkai.settings import get_settings

_HEAD_BLOCKS = 14
_TITLE_LINES = (1, 2, 3, 4)
_LONGEST_TITLE = 80
_LAST_LINES = 6
_PAGES = frozenset(["html", "md", "txt"])
"""Formats whose title is what a page prints; that of other files is a property, often left from last year's file."""
_ZEROS = "〇○◯零Oo0"
_CHINESE_YEAR = re.compile(rf"二[{_ZEROS}]([{_ZEROS}一二三四五六七八九]{{2}})年")
_CHINESE_DAY = re.compile(r"(?<=年)([元一二三四五六七八九十]{1,2})月([一二三四五六七八九十廿卅]{1,3})(日|号)")
_CHINESE_DIGITS = str.maketrans(_ZEROS + "一二三四五六七八九", "0" * len(_ZEROS) + "123456789")
_DATE = re.compile(r"(20\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})(?:日|号)?|(?<!\d)(20\d\d)([01]\d)([0-3]\d)(?!\d)")
_YEAR = re.compile(r"(20[0-4]\d)年")


class IdentityForms(Strict):
    """data_contracts/reading/identity.yml: how titles, agencies and periods are printed."""

    title_patterns: tuple[str, ...]
    title_noise: tuple[str, ...]
    other_kinds: tuple[str, ...]
    agency_patterns: tuple[str, ...]
    period_patterns: tuple[str, ...]
    agency_tails: str
    agency_prefixes: tuple[str, ...]
    site_suffixes: tuple[str, ...]
    government_suffixes: tuple[str, ...]
    due: dict[Literal["government", "department"], str]
    correction_marks: tuple[str, ...]
    date_labels: tuple[str, ...]

    @cached_property
    def titles(self) -> tuple[re.Pattern[str], ...]:
        """Compiled title patterns."""
        return tuple(re.compile(pattern) for pattern in self.title_patterns)

    @cached_property
    def noise(self) -> re.Pattern[str]:
        """Noise of titles, with the brackets around it."""
        return re.compile(rf"[(\[【]?(?:{'|'.join(map(re.escape, self.title_noise))})[)\]】]?")


@cache
def forms() -> IdentityForms:
    """Return the forms of identity, read once."""
    return load_model(get_settings().contracts / "reading" / "identity.yml", IdentityForms)


@dataclass(frozen=True, slots=True)
class Hints:
    """What the listing of a portal says of a document; used where the document itself is silent.

    `pictures` names the pictures that came with a web page, address and sha256 of each: they are part of it.
    """

    title: str = ""
    agency: str = ""
    published: date | None = None
    year: int | None = None
    pictures: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Title:
    """A title read: as printed (white space removed), the agency it names ("" if none) and the year."""

    text: str
    agency: str
    year: int


def parse_title(text: str) -> Title | None:
    """Read a title of an annual disclosure report; None where the text is no such title."""
    squeezed = _arabic_years(squeeze(text))
    if "信息公开" not in squeezed or len(squeezed) > _LONGEST_TITLE or any(w in squeezed for w in forms().other_kinds):
        return None
    cleaned = forms().noise.sub("", squeezed)
    for pattern in forms().titles:
        match = pattern.search(cleaned)
        if match:
            return Title(squeezed, tidy_agency(match["agency"] or ""), int(match["year"]))
    return None


def is_correction(title: str) -> bool:
    """Tell whether a title says of itself that it corrects a report."""
    return any(mark in title for mark in forms().correction_marks)


def is_government(agency: str) -> bool:
    """Tell whether an agency is a government, whose report covers its area, by its name."""
    return agency.endswith(forms().government_suffixes)


def due_date(report_year: int, *, government: bool) -> date:
    """Return the statutory date of publication (article 49): in the year after the report year."""
    return date.fromisoformat(f"{report_year + 1}-{forms().due['government' if government else 'department']}")


def tidy_agency(name: str) -> str:
    """Return an agency as printed without what is no part of its name: white space, brackets, 欢迎访问 …网站."""
    name = re.sub(r"^[\W_]+|[\W_]+$", "", re.sub(forms().agency_tails, "", squeeze(name)))
    for prefix in forms().agency_prefixes:
        name = name.removeprefix(prefix)
    for suffix in forms().site_suffixes:
        name = name.removesuffix(suffix)
    # A title shares two characters: 云岭县人民(政府信息公开)年报.
    return name + "政府" if name.endswith("人民") else name


def normalise_agency(name: str) -> str:
    """Return the name under which an agency is known: tidy, with short forms completed (科技局, 县政府, 管委会)."""
    return expand(tidy_agency(name))


def parse_date(text: str) -> date | None:
    """Find the first date in a text, in any of the printed forms; None where there is none or it cannot be."""
    match = _DATE.search(_arabic_days(_arabic_years(squeeze(text))))
    if match is None:
        return None
    try:
        return date(*(int(part) for part in match.groups() if part))
    except ValueError:
        return None


def find_identity(document: Document, hints: Hints | None = None) -> Identity | None:
    """Tell agency, report year, title and publication date of a document.

    The year comes from the title, else from the period of the statistics, else from the listing, else from the year
    the text names most often; never from the publication date (the report of Y appears in Y+1).

    Returns:
        None where not even a year can be told.
    """
    hints = hints or Hints()
    evidence: dict[str, str] = {}
    title = None
    for source, text in _titles(document, hints):
        title = parse_title(text)
        if title:
            evidence["title"] = evidence["year"] = source
            break
    text = squeeze("\n".join(block.text for block in document.texts() if block.role != "furniture"))
    year = title.year if title else _year(text, hints, evidence)
    if year is None:
        return None
    agency = title.agency if title else ""
    evidence["agency"] = "title" if agency else ""
    for source, name in _agencies(document, text, hints):
        if agency:
            break
        agency, evidence["agency"] = tidy_agency(name), source
    name = complete(expand(agency))
    place, evidence["region"] = _place(name, document, text, year)
    published, evidence["published"] = _published(document, hints, year)
    return Identity(
        name,
        agency,
        year,
        title.text if title else hints.title or document.meta.get("title", ""),
        published,
        {key: value for key, value in evidence.items() if value},
        place.code,
        level_of_agency(name, place.code),
        kind_of_agency(name),
    )


def _place(agency: str, document: Document, text: str, year: int) -> tuple[Place, str]:
    """Where the agency is: by its name, else with the help of what the document says of its publisher."""
    place = locate(agency, (), year)
    if place.code or not agency:
        return place, "agency" if place.code else ""
    names = [document.meta.get("publisher", ""), document.meta.get("site", "")]
    names += [match["agency"] for match in (re.search(one, text[:4000]) for one in forms().agency_patterns) if match]
    near = (locate(normalise_agency(name), (), year).code for name in names if name)
    place = locate(agency, tuple(code for code in near if code), year)
    return place, "publisher" if place.code else ""


def _titles(document: Document, hints: Hints) -> Iterator[tuple[str, str]]:
    """Texts that may be the title, best evidence first; a title may be broken over some lines."""
    stated = document.meta.get("title", "")
    if document.format in _PAGES and stated:
        yield "meta", stated
        yield "meta", stated.split("_")[0].split("-")[0]
    head = [block.text for block in document.texts() if block.role != "furniture" and block.text.strip()]
    for index, text in enumerate(head[:_HEAD_BLOCKS]):
        for length in _TITLE_LINES:
            joined = "".join(head[index : index + length])
            if len(joined) <= _LONGEST_TITLE * 2 and (length == 1 or len(text) < _LONGEST_TITLE):
                yield "text", joined
    if hints.title:
        yield "listing", hints.title
    for block in document.texts():
        if block.role == "furniture" and "信息公开" in block.text:
            yield "page", block.text
    if document.format not in _PAGES and stated:
        yield "property", stated


def _year(text: str, hints: Hints, evidence: dict[str, str]) -> int | None:
    text = _arabic_years(text)
    for pattern in forms().period_patterns:
        match = re.search(pattern, text)
        if match:
            evidence["year"] = "period"
            return int(match["year"])
    if hints.year:
        evidence["year"] = "listing"
        return hints.year
    counted = Counter(_YEAR.findall(text)).most_common(1)
    if counted:
        evidence["year"] = "most often named"
        return int(counted[0][0])
    return None


def _agencies(document: Document, text: str, hints: Hints) -> Iterator[tuple[str, str]]:
    if document.meta.get("publisher"):
        yield "meta", document.meta["publisher"]
    for pattern in forms().agency_patterns:
        match = re.search(pattern, text[:4000])
        if match:
            yield "text", match["agency"]
    if hints.agency:
        yield "listing", hints.agency


def _published(document: Document, hints: Hints, year: int) -> tuple[date | None, str]:
    """The day of publication: as the page states it, else as listed, else the date at the end or under the title.

    The days in the properties of a Word or PDF file are those of some copy, not of publication, and not used. A date in
    the text counts where it stands on a line of its own and lies after the report year.
    """
    stated = parse_date(document.meta.get("published", ""))
    if stated:
        return stated, "meta"
    if hints.published:
        return hints.published, "listing"
    lines = [block.text for block in document.texts() if block.role != "furniture" and block.text.strip()]
    for source, some in (("signature", reversed(lines[-_LAST_LINES:])), ("head", lines[:_HEAD_BLOCKS])):
        for line in some:
            found = _dated(line)
            if found and found.year > year:
                return found, source
    return None, ""


def _dated(line: str) -> date | None:
    """The date of a line that says nothing else, but perhaps that it is the day of publication."""
    text = re.sub(rf"^(?:{'|'.join(forms().date_labels)}):?", "", squeeze(line).strip("()[]【】"))
    text = _arabic_days(_arabic_years(text))
    return parse_date(text) if _DATE.fullmatch(text) else None


def _arabic_years(text: str) -> str:
    return _CHINESE_YEAR.sub(lambda match: "20" + match[1].translate(_CHINESE_DIGITS) + "年", text)


def _arabic_days(text: str) -> str:
    """Write month and day of 二〇二四年一月二十日 in digits."""
    return _CHINESE_DAY.sub(lambda match: f"{_small(match[1])}月{_small(match[2])}日", text)


def _small(numeral: str) -> int:
    """Read a Chinese numeral of at most 39."""
    numeral = numeral.replace("元", "一").replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = numeral.rpartition("十")
    tens = (tens or "1").translate(_CHINESE_DIGITS) if ten else "0"
    return int(tens) * 10 + int(ones.translate(_CHINESE_DIGITS) or 0)
