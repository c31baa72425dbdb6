"""The form of a source: one portal column or folder that lists reports, with what is expected of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from gongkai.sources.fields import Strict, Year, spread_years
from gongkai.sources.options import FolderOptions, HtmlListOptions, JsonListOptions, ListOptions, SitemapOptions


class Region(Strict):
    """An administrative division: its code (GB/T 2260, six digits; 90xxxx for invented ones) and name."""

    code: str = Field(pattern=r"^\d{6}$")
    name: str = Field(min_length=1)


class Agency(Strict):
    """An agency whose reports the source should list."""

    name: str = Field(min_length=2)
    aliases: tuple[str, ...] = ()
    region: Region
    level: Literal["national", "province", "city", "county", "township"]
    kind: Literal["government", "department", "office", "zone", "institution"]


class Years(Strict):
    """Report years from first to last; last is open where more are to come."""

    first: Year
    last: Year | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.last is not None and self.last < self.first:
            raise ValueError(f"last ({self.last}) stands before first ({self.first})")
        return self

    def ended(self, today: date) -> range:
        """Report years of these that are over, so that a report may have appeared."""
        return range(self.first, min(self.last or today.year - 1, today.year - 1) + 1)

    def due(self, today: date) -> range:
        """Report years of these whose last day (31 March of the year after, article 49) is past."""
        latest = today.year - (1 if (today.month, today.day) > (3, 31) else 2)
        return range(self.first, min(self.last or latest, latest) + 1)


class Expect(Strict):
    """What the source should hold: the base of the coverage table."""

    years: Years | None = None
    agencies: tuple[Agency, ...] = ()


class Count(Strict):
    """How many reports there must be: fewer than `min` is an error, more than `max` a warning."""

    min: int = Field(0, ge=0)
    max: int | None = Field(None, ge=0)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.max is not None and self.max < self.min:
            raise ValueError(f"max ({self.max}) is less than min ({self.min})")
        return self


class Assertions(Count):
    """How many reports a listing must show, as a whole and for each expected year that is due."""

    per_year: Count = Count()


class Politeness(Strict):
    """How hard a portal may be asked; a crawl-delay of its robots.txt makes it slower, never faster.

    Attributes:
        requests_per_second: Most requests a second to each of its hosts.
        concurrency: Most requests at once.
        window: Hours in which it may be asked, "22:00-06:00" in Chinese time; "" for always.
        robots: Whether robots.txt is followed; false only for portals of one's own.
    """

    requests_per_second: float = Field(1.0, gt=0, le=1000)
    concurrency: int = Field(1, ge=1, le=8)
    window: str = Field("", pattern=r"^((?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d)?$")
    robots: bool = True

    @field_validator("window")
    @classmethod
    def _times(cls, window: str) -> str:
        if window and len(set(window.split("-"))) != 2:
            raise ValueError("the window opens and closes at the same time")
        return window


ADAPTERS = ("html_list", "json_list", "sitemap", "folder")


class Source(Strict):
    """A portal column or local folder that lists reports, as its YAML file states it.

    Attributes:
        name: Its name in every log and table, and that of its file.
        title: Name in Chinese, as the portal calls the column.
        publisher: Who runs the portal.
        region: Whose portal it is.
        adapter: How it lists reports; by default the one whose options are given.
        html_list: Options of that adapter.
        json_list: Options of that adapter.
        sitemap: Options of that adapter.
        folder: Options of that adapter.
        allow_private: Addresses of private networks and loopback may be asked: only for portals of one's own.
        politeness: Pace, hours and robots.txt.
        expect: Agencies and years it should hold.
        assertions: How many reports it must list.
        checked: When a person last compared this file with the portal.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_]*$")
    title: str = Field(min_length=1)
    publisher: str = Field(min_length=1)
    region: Region
    adapter: Literal["html_list", "json_list", "sitemap", "folder"]
    html_list: HtmlListOptions | None = None
    json_list: JsonListOptions | None = None
    sitemap: SitemapOptions | None = None
    folder: FolderOptions | None = None
    allow_private: bool = False
    politeness: Politeness = Politeness()
    expect: Expect = Expect()
    assertions: Assertions = Assertions()
    checked: date | None = None

    @model_validator(mode="before")
    @classmethod
    def _adapter_of_options(cls, given: Any) -> Any:
        """Name the adapter whose options are given, where the file does not."""
        if isinstance(given, Mapping) and "adapter" not in given:
            named = [name for name in ADAPTERS if name in given]
            return {**given, "adapter": named[0]} if len(named) == 1 else given
        return given

    @model_validator(mode="after")
    def _options_fit(self) -> Self:
        given = [name for name in ADAPTERS if getattr(self, name) is not None]
        if given != [self.adapter]:
            raise ValueError(
                f"adapter {self.adapter} needs options under the key {self.adapter!r} and no other; "
                f"given: {', '.join(given) or 'none'}"
            )
        return self

    @model_validator(mode="after")
    def _years_for_templates(self) -> Self:
        if self.portal and self.expect.years is None and any("year}" in url for url in self.portal.first_pages):
            raise ValueError("list addresses and forms with {year} need expect.years")
        return self

    @property
    def portal(self) -> ListOptions | None:
        """Options of the adapter that asks a portal; None for a folder."""
        return self.html_list or self.json_list or self.sitemap

    def columns(self, today: date) -> tuple[tuple[str, int | None], ...]:
        """Return the list addresses, those with {year} once for each expected year that ended, with that year."""
        assert self.portal is not None, "a folder has no columns"
        years = self.expect.years.ended(today) if self.expect.years else range(0)
        return tuple(dict.fromkeys(one for url in self.portal.first_pages for one in spread_years(url, years)))

    @property
    def hosts(self) -> tuple[str, ...]:
        """Hosts that may be asked: those of the list addresses (with their port, if given) and the further ones."""
        if self.portal is None:
            return ()
        listed = (urlsplit(url).netloc.lower() for url in self.portal.list_urls)
        return tuple(dict.fromkeys((*listed, *self.portal.hosts)))
