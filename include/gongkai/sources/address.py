"""Addresses written in one way."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import httpx

from gongkai.errors import SourceError


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def clean_url(base: str, link: str) -> str:
    """Return a link as an absolute address without fragment, quoted in one way.

    Raises:
        SourceError: It is no address.
    """
    try:
        return str(httpx.URL(urljoin(base, link.strip())).copy_with(fragment=None))
    except (httpx.InvalidURL, ValueError) as error:
        raise SourceError("not an address", where=base, found=repr(link)[:200]) from error
