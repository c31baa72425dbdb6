"""The adapter for sitemaps (sitemaps.org): addresses without titles, so that what they lead to is judged by content."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

from lxml import etree

from gongkai.errors import LimitError, SourceError
from gongkai.settings import Limits
from gongkai.sources.adapter import Further, ListPage
from gongkai.sources.anchors import absolute
from gongkai.sources.link_rules import LinkRules
from gongkai.sources.links import Link, date_in_url, printed_date
from gongkai.sources.options import SitemapOptions

MAX_BYTES = 50 * 2**20
"""Largest sitemap, unpacked, as its standard says."""

_GZIP = 31
_ENTITIES = "a sitemap that declares a document type or entities is not read"
_MOST_ENTRIES = 50_000
_LONGEST_ADDRESS = 1000


class Sitemap:
    """Reads sitemaps and sitemap indexes, plain or packed by gzip.

    Args:
        columns: First sitemaps, with the year that a column is of.
        options: Options of the source.
        rules: Which addresses are those of reports.
        limits: Bounds of a page.
    """

    depth = 2
    """An index may name indexes."""

    def __init__(
        self,
        columns: tuple[tuple[str, int | None], ...],
        options: SitemapOptions,
        rules: LinkRules,
        limits: Limits,
    ) -> None:
        self.columns, self.options = columns, options
        self._rules, self._most = rules, min(MAX_BYTES, limits.part_bytes)
        self._pattern = re.compile(options.pattern) if options.pattern else rules.sitemaps.report

    def post(self, url: str) -> None:
        """Pages are asked by GET."""

    def read(self, body: bytes, url: str) -> ListPage:
        """Read one sitemap.

        Raises:
            SourceError: It is no sitemap, or declares a document type.
            LimitError: It is larger than the standard allows.
        """
        found: dict[str, Link] = {}
        maps: list[Further] = []
        others = 0
        for kind, place, changed in _entries(self._unpacked(body, url), url):
            if kind == "url" and not self._pattern.search(place):
                others += 1
                continue
            address = absolute(url, place)
            if address is None:
                continue
            if kind == "sitemap":
                maps.append(Further(address, is_column=True))
            else:
                found.setdefault(address, self._link(address, changed, url))
        return ListPage(url, tuple(found.values()), tuple(maps), passed_over=others)

    def _link(self, address: str, changed: str, url: str) -> Link:
        """A link without title; when a page was changed says nothing of the year that it reports on."""
        day = date_in_url(address, self._rules.dates)
        link = Link(address, "", printed_date(changed, self._rules.dates), None, None, url)
        return replace(link, listed_date=day, hint_year=day.year - 1) if day else link

    def _unpacked(self, body: bytes, url: str) -> bytes:
        if body.startswith(b"\x1f\x8b"):
            unpacker = zlib.decompressobj(_GZIP)
            try:
                body = unpacker.decompress(body, self._most + 1)
            except zlib.error as error:
                raise SourceError("the sitemap's gzip is damaged", where=url, found=str(error)) from error
        if len(body) > self._most:
            raise LimitError("the sitemap is too large", where=url, expected=f"at most {self._most} bytes")
        return body


def _entries(body: bytes, url: str) -> Iterator[tuple[str, str, str]]:
    """Yield (url or sitemap, loc, lastmod) of a sitemap, one at a time and without keeping the tree."""
    if b"<!DOCTYPE" in body[:4096] or b"<!ENTITY" in body:
        raise SourceError(_ENTITIES, where=url)
    count = 0
    events = etree.iterparse(
        BytesIO(body), events=("end",), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        for _, element in events:
            kind = etree.QName(element).localname if isinstance(element.tag, str) else ""
            if not count and element.getroottree().docinfo.internalDTD is not None:  # in an encoding of its own
                raise SourceError(_ENTITIES, where=url)
            if kind not in {"url", "sitemap"}:
                continue
            texts = {
                etree.QName(child).localname: (child.text or "").strip()
                for child in element
                if isinstance(child.tag, str)
            }
            if 0 < len(texts.get("loc", "")) <= _LONGEST_ADDRESS:
                yield kind, texts["loc"], texts.get("lastmod", "")
            count += 1
            if count == _MOST_ENTRIES:
                return
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise SourceError("not a sitemap", where=url, found=str(error)[:200]) from error
    if not count:
        raise SourceError("not a sitemap", where=url, expected="<urlset> or <sitemapindex>")
