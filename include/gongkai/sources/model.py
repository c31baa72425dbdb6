"""The form of a source: one portal column or folder that lists reports, with what is expected of it."""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_HOST = re.compile(r"(\*\.)?[a-z0-9.-]+(:\d{1,5})?", re.IGNORECASE)


def expand_variables(value: object) -> object:
    """Replace ${GONGKAI_NAME} and ${GONGKAI_NAME:-default} by the environment.

    Only variables of this project are read: a source file must not be able to send others (keys, tokens) to a host.

    Raises:
        ValueError: Another variable, or one without value and default.
    """
    if not isinstance(value, str):
        return value

    def one(match: re.Match[str]) -> str:
        name, default = match[1], match[2]
        if not name.startswith("GONGKAI_"):
            raise ValueError(f"only variables GONGKAI_* may be used here, not {name}")
        found = os.environ.get(name) or default
        if found is None:
            raise ValueError(f"the environment variable {name} is not set and has no default")
        return found

    return _VARIABLE.sub(one, value)


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise ValueError("must be an http(s) address with a host and without a user")
    _ = parts.port  # raises ValueError where it is no port
    return url


def _checked_host(host: str) -> str:
    if not _HOST.fullmatch(host) or (host.startswith("*.") and host.count(".") < 3):
        raise ValueError("must be host, host:port or *.some.domain.tld")
    return host.lower()


Url = Annotated[str, BeforeValidator(expand_variables), AfterValidator(_checked_url)]
Host = Annotated[str, BeforeValidator(expand_variables), AfterValidator(_checked_host)]
Year = Annotated[int, Field(ge=2008, le=2100)]
"""Annual reports began with the regulation of 2008."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Region(_Strict):
    """An administrative division: its code (GB/T 2260, six digits; 90xxxx for invented ones) and name."""

    code: str = Field(pattern=r"^\d{6}$")
    name: str = Field(min_length=1)


class Agency(_Strict):
    """An agency whose reports the source should list."""

    name: str = Field(min_length=2)
    aliases: tuple[str, ...] = ()
    region: Region
    level: Literal["national", "province", "city", "county", "township"]
    kind: Literal["government", "department", "office", "zone", "institution"]


class Years(_Strict):
    """Report years from first to last; last is open where more are to come."""

    first: Year
    last: Year | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.last is not None and self.last < self.first:
            raise ValueError(f"last ({self.last}) stands before first ({self.first})")
        return self


class Expect(_Strict):
    """What the source should hold: the base of the coverage table."""

    years: Years | None = None
    agencies: tuple[Agency, ...] = ()


class Assertions(_Strict):
    """How many reports a listing must show: fewer than `min` fails the run, more than `max` warns."""

    min: int = Field(0, ge=0)
    max: int | None = Field(None, ge=0)


class Politeness(_Strict):
    """How hard a portal may be asked; a crawl-delay of its robots.txt makes it slower, never faster."""

    requests_per_second: float = Field(1.0, gt=0, le=100)
    concurrency: int = Field(1, ge=1, le=8)
    robots: bool = True


class Pagination(_Strict):
    """How further list pages are found.

    Attributes:
        count: Make index_1.html ... of a countPage variable (TRS WCM) that the page carries.
        links: Follow 下一页 and page numbers.
        parameter: Count up this query parameter, e.g. "page", until nothing new is listed; "" for none.
        first: The number of the first page under `parameter`.
    """

    count: bool = True
    links: bool = True
    parameter: str = Field("", pattern=r"^\w*$")
    first: int = 1


class HtmlListOptions(_Strict):
    """Options of the adapter html_list.

    Attributes:
        list_urls: First pages of the columns.
        hosts: Further hosts that pages and attachments may be on.
        selector: CSS selector of the part that holds the links; the whole page where absent.
        pagination: How further pages are found.
        max_pages: Most pages of one column.
    """

    list_urls: tuple[Url, ...] = Field(min_length=1)
    hosts: tuple[Host, ...] = ()
    selector: str = ""
    pagination: Pagination = Pagination()
    max_pages: int = Field(50, ge=1, le=2000)


class FolderOptions(_Strict):
    """Options of the adapter folder.

    Attributes:
        path: The folder; a relative one stands beside the source file.
        glob: Which files below it.
    """

    path: Annotated[Path, BeforeValidator(expand_variables)]
    glob: str = "**/*"


class Source(_Strict):
    """A portal column or local folder that lists reports, as its YAML file states it.

    Attributes:
        name: Its name in every log and table, and that of its file.
        title: Name in Chinese, as the portal calls the column.
        publisher: Who runs the portal.
        region: Whose portal it is.
        adapter: How it lists reports.
        html_list: Options of that adapter.
        folder: Options of that adapter.
        allow_private: Addresses of private networks and loopback may be asked: only for portals of one's own.
        politeness: Pace and robots.txt.
        expect: Agencies and years it should hold.
        assertions: How many reports it must list.
        checked: When a person last compared this file with the portal.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_]*$")
    title: str = Field(min_length=1)
    publisher: str = Field(min_length=1)
    region: Region
    adapter: Literal["html_list", "folder"]
    html_list: HtmlListOptions | None = None
    folder: FolderOptions | None = None
    allow_private: bool = False
    politeness: Politeness = Politeness()
    expect: Expect = Expect()
    assertions: Assertions = Assertions()
    checked: date | None = None

    @model_validator(mode="after")
    def _options_fit(self) -> Self:
        given = {name for name in ("html_list", "folder") if getattr(self, name) is not None}
        if given != {self.adapter}:
            raise ValueError(
                f"adapter {self.adapter} needs options under the key {self.adapter!r} and no other; "
                f"given: {', '.join(sorted(given)) or 'none'}"
            )
        return self

    @property
    def hosts(self) -> tuple[str, ...]:
        """Hosts that may be asked: those of the list addresses (with their port, if given) and the further ones."""
        if self.html_list is None:
            return ()
        listed = (urlsplit(url).netloc.lower() for url in self.html_list.list_urls)
        return tuple(dict.fromkeys((*listed, *self.html_list.hosts)))
