"""What the adapters of all portals have in common: each reads list pages, and says which pages to ask next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from gongkai.archive.answers import AnswerKind
from gongkai.errors import GongkaiError, SourceError
from gongkai.settings import TIMEZONE, Limits
from gongkai.sources.link_rules import LinkRules
from gongkai.sources.links import Link
from gongkai.sources.model import Source
from gongkai.sources.options import ListOptions
from gongkai.sources.posting import Post


class NotAListError(SourceError):
    """The answer is a page, but none that lists anything: an error page, or what a portal shows past its last page.

    `answer` says which kind of page it is, where that is known.
    """

    code = "not_a_list"
    answer = AnswerKind.NOT_A_LIST


@dataclass(frozen=True, slots=True)
class Further:
    """A page that a list page leads to.

    Attributes:
        url: Its address.
        year: The year that the link names, where it leads to a sub-column.
        is_column: It is a sub-column (or a sitemap of an index), not a further page of the same list.
        is_probe: Its address was counted up, not named by the portal: where it is missing, or lists
            nothing, the list ends.
    """

    url: str
    year: int | None = None
    is_column: bool = False
    is_probe: bool = False


@dataclass(frozen=True, slots=True)
class ListPage:
    """One list page as read.

    Attributes:
        url: Its address.
        links: Listed links in order, each address once; navigation is left out.
        further: Pages that this one leads to, in order.
        spare: Pages to ask if the first of `further` is missing or a repetition: the list counts from 1.
        encoding: How its bytes were decoded, "" where they were not.
        passed_over: How many addresses it holds that no pattern of the source names (sitemaps).
        warnings: What it lists that has no address.
        error: Why it could not be read, None where it was.
    """

    url: str
    links: tuple[Link, ...] = ()
    further: tuple[Further, ...] = ()
    spare: tuple[Further, ...] = ()
    encoding: str = ""
    passed_over: int = 0
    warnings: tuple[str, ...] = ()
    error: GongkaiError | None = None


Read = Callable[[str], ListPage]
"""Fetches a list page and reads it, or raises a GongkaiError."""


class Adapter(Protocol):
    """One way in which portals list reports; the collector does not know which it is."""

    @property
    def options(self) -> ListOptions:
        """Bounds of the walk."""

    @property
    def columns(self) -> tuple[tuple[str, int | None], ...]:
        """First pages of the columns, with the year that a column is of."""

    @property
    def depth(self) -> int:
        """How deep sub-columns are followed."""

    def post(self, url: str) -> Post | None:
        """What is sent to the address of a page; None where it is asked by GET."""

    def read(self, body: bytes, url: str) -> ListPage:
        """Read one list page.

        Raises:
            GongkaiError: It is none, or too large.
        """


def adapter_of(source: Source, rules: LinkRules, limits: Limits, *, today: date | None = None) -> Adapter:
    """Return the adapter of a portal.

    Args:
        source: The source; not of a folder.
        rules: Which links are listed, which lead on.
        limits: Bounds of a page.
        today: For list addresses with {year}: the years that are over are asked.
    """
    from gongkai.sources.html_list import HtmlList
    from gongkai.sources.json_list import JsonList
    from gongkai.sources.sitemap import Sitemap

    columns = source.columns(today or datetime.now(ZoneInfo(TIMEZONE)).date())
    if source.html_list is not None:
        return HtmlList(columns, source.html_list, rules, limits)
    if source.json_list is not None:
        return JsonList(columns, source.json_list, rules, limits)
    assert source.sitemap is not None, "a folder has no list pages"
    return Sitemap(columns, source.sitemap, rules, limits)
