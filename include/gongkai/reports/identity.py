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
from gongkai.reports.labels import squeeze
from gongkai.reports.model import Identity
from gongkai.settings import get_settings

_HEAD_BLOCKS = 14
_LONGEST_TITLE = 80
_CHINESE_YEAR = re.compile(r"二[〇○零Oo0]([〇○零一二三四五六七八九]{2})年")
_CHINESE_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_DATE = re.compile(r"(20\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_YEAR = re.compile(r"(20[0-4]\d)年")


class IdentityForms(Strict):
    """data_contracts/reading/identity.yml: how titles, agencies and periods are printed."""

    title_patterns: tuple[str, ...]
    title_noise: tuple[str, ...]
    other_kinds: tuple[str, ...]
    agency_patterns: tuple[str, ...]
    period_patterns: tuple[str, ...]
    agency_prefixes: tuple[str, ...]
    site_suffixes: tuple[str, ...]
    government_suffixes: tuple[str, ...]
    due: dict[Literal["government", "department"], str]
    correction_marks: tuple[str, ...]

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
    """What the listing of a portal says of a document; used where the document itself is silent."""

    title: str = ""
    agency: str = ""
    published: date | None = None
    year: int | None = None


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
            return Title(squeezed, normalise_agency(match["agency"] or ""), int(match["year"]))
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


def normalise_agency(name: str) -> str:
    """Return the comparable name of an agency: no white space, brackets or prefixes; 人民 completed to 人民政府."""
    name = re.sub(r"^[\W_]+|[\W_]+$", "", squeeze(name))
    for prefix in forms().agency_prefixes:
        name = name.removeprefix(prefix)
    for suffix in forms().site_suffixes:
        name = name.removesuffix(suffix)
    return name + "政府" if name.endswith("人民") else name


def parse_date(text: str) -> date | None:
    """Find the first date in a text, in any of the printed forms; None where there is none or it cannot be."""
    match = _DATE.search(squeeze(text))
    if match is None:
        return None
    try:
        return date(*map(int, match.groups()))
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
        agency, evidence["agency"] = normalise_agency(name), source
    published, evidence["published"] = _published(document, hints)
    printed = title.text if title else hints.title or document.meta.get("title", "")
    return Identity(agency, agency, year, printed, published, {key: value for key, value in evidence.items() if value})


def _titles(document: Document, hints: Hints) -> Iterator[tuple[str, str]]:
    """Texts that may be the title, best evidence first; a title may be broken over two or three lines."""
    if "title" in document.meta:
        yield "meta", document.meta["title"]
        yield "meta", document.meta["title"].split("_")[0].split("-")[0]
    head = [block.text for block in document.texts() if block.role != "furniture" and block.text.strip()]
    for index, text in enumerate(head[:_HEAD_BLOCKS]):
        for length in (1, 2, 3):
            joined = "".join(head[index : index + length])
            if len(joined) <= _LONGEST_TITLE * 2 and (length == 1 or len(text) < _LONGEST_TITLE):
                yield "text", joined
    if hints.title:
        yield "listing", hints.title
    for block in document.texts():
        if block.role == "furniture" and "信息公开" in block.text:
            yield "page", block.text


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


def _published(document: Document, hints: Hints) -> tuple[date | None, str]:
    stated = parse_date(document.meta.get("published", ""))
    if stated:
        return stated, "meta"
    if hints.published:
        return hints.published, "listing"
    lines = [block.text for block in document.texts() if block.role != "furniture" and block.text.strip()]
    for line in reversed(lines[-6:]):
        if len(squeeze(line)) <= 12 and (found := parse_date(line)):
            return found, "signature"
    return None, ""


def _arabic_years(text: str) -> str:
    return _CHINESE_YEAR.sub(lambda match: "20" + match[1].translate(_CHINESE_DIGITS) + "年", text)
