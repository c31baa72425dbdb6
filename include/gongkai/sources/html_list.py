"""The adapter for list pages: ul/li, tables and divs of links, over several pages and sub-columns."""

from __future__ import annotations

import re

from lxml import html

from gongkai.documents.budget import check_markup
from gongkai.documents.encoding import decode
from gongkai.settings import Limits
from gongkai.sources.adapter import Further, ListPage, NotAListError
from gongkai.sources.anchors import Addresses
from gongkai.sources.datastore import unfold
from gongkai.sources.link_rules import LinkRules
from gongkai.sources.links import Link, is_listed, make_link
from gongkai.sources.list_pages import further_pages, sub_columns
from gongkai.sources.list_rows import Rows
from gongkai.sources.options import HtmlListOptions
from gongkai.sources.pages import parse_text
from gongkai.sources.selectors import select

_MOST_WARNINGS = 5


class HtmlList:
    """Reads list pages of HTML.

    Args:
        columns: First pages, with the year that a column is of.
        options: Options of the source.
        rules: Which links are listed, which lead on.
        limits: Bounds of a page.
    """

    def __init__(
        self,
        columns: tuple[tuple[str, int | None], ...],
        options: HtmlListOptions,
        rules: LinkRules,
        limits: Limits,
    ) -> None:
        self.columns, self.options, self.depth = columns, options, options.depth
        self._rules, self._limits = rules, limits
        self._column = re.compile(options.columns) if options.columns else rules.columns.year

    def post(self, url: str) -> None:
        """Pages are asked by GET."""

    def read(self, body: bytes, url: str) -> ListPage:
        """Read one list page.

        Raises:
            SourceError: The page cannot be parsed.
            NotAListError: It has no element of the selector.
            LimitError: It has more tags than a list could need.
        """
        check_markup(body, self._limits, url)
        decoded = decode(body)
        text = unfold(decoded.text)
        root = parse_text(text, url)
        parts = select(root, self.options.selector, url) if self.options.selector else [root]
        if not parts:
            raise NotAListError("the list page has no such element", where=url, expected=self.options.selector)
        addresses = Addresses(root, url, self._rules.pagination)
        more, spare = further_pages(text, root, addresses, self.options.pagination, self._rules)
        encoding = decoded.encoding
        del text, decoded  # a long list takes tens of megabytes, and its links as much again
        found, lost = self._links(parts, Rows(addresses, self._rules), url)
        for page in (*more, *spare):
            found.pop(page.url, None)
        columns: dict[str, Further] = {}
        if self.depth:
            # A pattern of the source's own comes first: "2023年政府信息公开年报" may be a column.
            others = ((link.title, link.url) for link in found.values() if link.skip or self.options.columns)
            columns = {column.url: column for column in sub_columns(others, url, self._column)}
        return ListPage(
            url,
            tuple(link for address, link in found.items() if address not in columns and self._is_listed(link)),
            (*columns.values(), *more),
            tuple(spare),
            encoding,
            warnings=tuple(lost[:_MOST_WARNINGS]),
        )

    def _is_listed(self, link: Link) -> bool:
        said = bool(self.options.says) and link.listed_year is not None
        return said or is_listed(link.title, link.listed_date is not None, self._rules.titles)

    def _links(self, parts: list[html.HtmlElement], rows: Rows, url: str) -> tuple[dict[str, Link], list[str]]:
        """Return the links by address, and warnings of reports that have none."""
        found: dict[str, Link] = {}
        titles: set[str] = set()
        lost: dict[str, str] = {}
        for part in parts:
            for row in rows.chosen(part, self.options) if self.options.row else rows.free(part):
                link = make_link(row.address, row.title, row.day, url, self._rules, says=self.options.says)
                if not row.address:
                    if not link.skip:
                        lost[row.title] = f"{url}: no address is told of {row.title}"
                    continue
                titles.add(row.title)
                known = found.get(row.address)
                # An address may be linked by a picture or "more" first, and by its title afterwards.
                if known is None or (known.skip and not link.skip):
                    found[row.address] = link
        return found, [warning for title, warning in lost.items() if title not in titles]
