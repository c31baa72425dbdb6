"""The kinds of values in a source file: addresses, hosts, years, patterns."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from gongkai.sources.selectors import compile_selector

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_HOST = re.compile(r"(\*\.)?[a-z0-9.-]+(:\d{1,5})?", re.IGNORECASE)
_YEARS = frozenset({"year", "next_year"})


class Strict(BaseModel):
    """A part of a source file: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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
    if "{" in parts.netloc:
        raise ValueError("the host cannot hold a placeholder")
    unknown = {found[1] for found in _PLACEHOLDER.finditer(url)} - _YEARS
    if unknown:
        raise ValueError(f"unknown placeholder {{{min(unknown)}}}: {{year}} and {{next_year}} are known here")
    return url


def _checked_host(host: str) -> str:
    if not _HOST.fullmatch(host) or (host.startswith("*.") and host.count(".") < 3):
        raise ValueError("must be host, host:port or *.some.domain.tld")
    return host.lower()


def _checked_template(template: str) -> str:
    if template and [found[1] for found in _PLACEHOLDER.finditer(template)] != ["n"]:
        raise ValueError("must hold {n} once, where the number of the page stands")
    return template


def _checked_pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return pattern


def _checked_selector(selector: str) -> str:
    if selector:
        compile_selector(selector)
    return selector


def spread_years(url: str, years: range) -> tuple[tuple[str, int | None], ...]:
    """Return an address for each year, with the year, where it holds {year} or {next_year}, else itself."""
    if not _PLACEHOLDER.search(url):
        return ((url, None),)
    spread = (url.replace("{year}", str(year)).replace("{next_year}", str(year + 1)) for year in years)
    return tuple(zip(spread, years, strict=True))


Url = Annotated[str, BeforeValidator(expand_variables), AfterValidator(_checked_url)]
Host = Annotated[str, BeforeValidator(expand_variables), AfterValidator(_checked_host)]
Template = Annotated[str, Field(max_length=300), AfterValidator(_checked_template)]
Pattern = Annotated[str, Field(max_length=300), AfterValidator(_checked_pattern)]
Selector = Annotated[str, Field(max_length=200), AfterValidator(_checked_selector)]
Folder = Annotated[Path, BeforeValidator(expand_variables)]
Year = Annotated[int, Field(ge=2008, le=2100)]
"""Annual reports began with the regulation of 2008."""
