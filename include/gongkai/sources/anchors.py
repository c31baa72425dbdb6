"""What in a list page carries an address: anchors, and elements whose script opens one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urljoin

from lxml import html

from gongkai.errors import SourceError
from gongkai.sources.address import clean_url
from gongkai.sources.link_rules import PaginationRules

_SCRIPT = re.compile(r"(?i)\s*(?:javascript:|(?:window\s*\.\s*)?open\s*\()")
_NO_PAGE = re.compile(r"(?i)\s*(?:#|mailto:|tel:|data:|about:|vbscript:)")
_PLAIN = re.compile(r"https?://[a-z0-9.-]++/(?!.*/\.)[A-Za-z0-9_.~/-]*+(?:\?[A-Za-z0-9_.~=&-]++)?")
_LONGEST_SCRIPT = 1000
_NEAR = 8
_TAGS = frozenset({"a", "li", "tr", "td", "div", "span", "p", "dd", "dt", "article", "h3", "h4"})


class Addresses:
    """The addresses of one page's elements.

    Args:
        root: The page; its <base> counts.
        url: Where it was had.
        rules: How an address looks within a script.
    """

    def __init__(self, root: html.HtmlElement, url: str, rules: PaginationRules) -> None:
        self._rules = rules
        self._known: dict[str, str | None] = {}  # each link is looked at as a neighbour of others too
        self.url = url
        base = next((one.get("href") for one in root.iter("base") if one.get("href")), None)
        try:
            self._base = clean_url(url, base) if base else url
        except SourceError:
            self._base = url

    def of(self, element: html.HtmlElement) -> str | None:
        """Return the absolute address that an element leads to; "" where it should but tells none, None for no link."""
        href = (element.get("href") or "").strip() if element.tag == "a" else ""
        click = element.get("onclick") or ""
        if not href and not click:
            return None
        is_script = bool(_SCRIPT.match(href))
        if href and not is_script and not _NO_PAGE.match(href):
            return self._absolute(href)
        for script in (click, href if is_script else ""):
            found = self._rules.address.search(script[:_LONGEST_SCRIPT])
            if found:
                return self._absolute(found[1])
        return "" if element.tag == "a" and (click or is_script) else None

    def below(self, part: html.HtmlElement) -> Iterator[tuple[html.HtmlElement, str]]:
        """Yield the elements below `part` (itself included) that lead somewhere, with their address or ""."""
        for element in part.iter(*_TAGS):
            address = self.of(element)
            if address is not None:
                yield element, address

    def near(self, part: html.HtmlElement) -> list[str]:
        """Return the first few addresses below `part`: a page may put all its links into one row."""
        return list(islice((address for _, address in self.below(part) if address), _NEAR))

    def are_many(self, addresses: list[str]) -> bool:
        """Tell whether `near` found more than it gives."""
        return len(addresses) == _NEAR

    def _absolute(self, link: str) -> str | None:
        if link not in self._known:
            found = absolute(self._base, link)
            self._known[link] = link if found == link else found  # one text where the page prints whole addresses
        return self._known[link]


def absolute(base: str, link: str) -> str | None:
    """Return a link as `clean_url` does, None where it is no address; quickly where there is nothing to quote."""
    try:
        joined = urljoin(base, link.strip())
        return joined if _PLAIN.fullmatch(joined) else clean_url(base, link)
    except (SourceError, ValueError):
        return None
