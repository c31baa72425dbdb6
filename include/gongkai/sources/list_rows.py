"""Reads the rows of a list page: the title and the date that belong to each address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from lxml import html

from gongkai.sources.anchors import Addresses
from gongkai.sources.link_rules import LinkRules
from gongkai.sources.links import MAX_TITLE, printed_date, skip_reason, title_year
from gongkai.sources.options import HtmlListOptions
from gongkai.sources.pages import text_of
from gongkai.sources.selectors import select

_ROWS = frozenset({"li", "tr", "dd", "dt", "article"})
_BLOCKS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "li", "dt", "dd", "td"})
_NEARBY = 3
"""A row may hold a title and up to so many links to its files."""
_CHILDREN = 12
_LONGEST_LINE = 100
"""Characters: what is longer holds a summary beside the title."""
_AROUND_DATES = " []()（）【】:：日"
_LONGEST_DATE = 25
"""Characters, with a word such as 发布日期."""
_CUT = ("...", "…")


@dataclass(frozen=True, slots=True)
class Row:
    """A title, its address ("" where the page tells none) and its date."""

    address: str
    title: str
    day: date | None


class Rows:
    """Finds the rows of one page.

    Args:
        addresses: The page's addresses.
        rules: What titles and dates look like.
    """

    def __init__(self, addresses: Addresses, rules: LinkRules) -> None:
        self._addresses, self._rules = addresses, rules

    def free(self, part: html.HtmlElement) -> Iterator[Row]:
        """Yield a row for each address below `part`: list styles are told by themselves."""
        for element, address in self._addresses.below(part):
            title = self._title(element, address)
            if title:
                yield Row(address, title[:MAX_TITLE], self._date_beside(element, address, title))

    def chosen(self, part: html.HtmlElement, options: HtmlListOptions) -> Iterator[Row]:
        """Yield a row for each element of the selector `row`; what further selectors do not say is found by itself."""
        for row in select(part, options.row, self._addresses.url):
            carriers = select(row, options.link, self._addresses.url) if options.link else [row]
            found = next(((e, a) for carrier in carriers for e, a in self._addresses.below(carrier)), None)
            if found is None:
                continue
            element, address = found
            title = self._text(row, options.title) or self._title(element, address)
            text = self._text(row, options.date) if options.date else text_of(row).replace(title, " ")
            yield Row(address, title[:MAX_TITLE], printed_date(text, self._rules.dates))

    def _text(self, row: html.HtmlElement, selector: str) -> str:
        found = select(row, selector, self._addresses.url) if selector else []
        return " ".join(text_of(one).strip() for one in found[:_CHILDREN]).strip()

    def _title(self, element: html.HtmlElement, address: str) -> str:
        """The title as the link's text, or what says more: its title attribute, a heading in it, the rest of the row.

        Texts are cut with "..."; a link around a row holds title, date and summary; "查看" stands beside its title.
        """
        text = _plain(text_of(element))
        full = self._attribute(element)
        if full and (not text or text.endswith(_CUT)):
            return full
        pieces = self._pieces(element, text)
        fits = [one for one in pieces or (text, full) if self._fits(one)] or [one for one in (full,) if self._fits(one)]
        if fits:
            return fits[0] if pieces else max(fits, key=len)
        return self._beside(element, address, text) or max(pieces[:1] or (text, full), key=len)

    def _attribute(self, element: html.HtmlElement) -> str:
        for holder in (element, *islice(element.iterdescendants("img", "span", "p"), _CHILDREN)):
            said = holder.get("title") or ("" if holder is element else holder.get("alt")) or ""
            lines = [line.strip() for line in said.splitlines() if line.strip()]
            if lines:
                return self._rules.titles.prefix.sub("", lines[0]).strip()
        return ""

    def _pieces(self, element: html.HtmlElement, text: str) -> list[str]:
        """What a link around a row holds beside its date: blocks, all of it in one line, every piece; [] for others."""
        is_row = element.tag != "a" or len(text) > _LONGEST_LINE or printed_date(text, self._rules.dates) is not None
        if not len(element) or not is_row:
            return []
        leaves = (child for child in islice(element.iterdescendants(), _CHILDREN) if not len(child))
        found = [(leaf.tag in _BLOCKS, said) for leaf in leaves if (said := _plain(text_of(leaf)))]
        texts = [(is_block, said) for is_block, said in found if not self._is_date(said)]
        line = "".join(said for _, said in texts)
        lines = [line] if len(texts) > 1 and len(line) <= _LONGEST_LINE else []
        return (
            [said for is_block, said in texts if is_block] + lines + [said for is_block, said in texts if not is_block]
        )

    def _is_date(self, text: str) -> bool:
        return len(text) <= _LONGEST_DATE and printed_date(text, self._rules.dates) is not None and not self._fits(text)

    def _beside(self, element: html.HtmlElement, address: str, text: str) -> str:
        """A report's title in the row of a link that says something else, "下载" or "查看", and is alone in it."""
        titles = self._rules.titles
        if any(word in text for word in titles.listed) or any(pattern.search(text) for pattern in titles.refuse):
            return ""
        for row in islice(self._around(element, address), 3):
            if self._addresses.near(row) not in ([address], []):
                return ""
            for cell in islice(row.iterdescendants("td", "span", "p", "div", "h3", "h4"), _CHILDREN):
                found = _plain(text_of(cell))
                if self._fits(found):
                    return found
            rest = _plain(text_of(row)).removesuffix(text)
            rest = self._rules.dates.printed.sub(" ", rest[: 2 * MAX_TITLE]).strip(_AROUND_DATES)
            if len(rest) <= MAX_TITLE and self._fits(rest):
                return rest
        return ""

    def _fits(self, title: str) -> bool:
        return not skip_reason(title, title_year(title, self._rules.titles), self._rules.titles)

    def _date_beside(self, element: html.HtmlElement, address: str, title: str) -> date | None:
        """The date in the link's row, else between it and the next link: list styles differ."""
        dates = self._rules.dates
        around = list(self._around(element, address))
        for row in (element, *around):
            day = printed_date(text_of(row).replace(title, " "), dates)
            if day:
                return day
        cell = next((row for row in around if row.tag in _ROWS), None)
        for start in (element, *([] if cell is None else [cell])):
            day = printed_date(self._until_next_link(start), dates)
            if day:
                return day
        return None

    def _around(self, element: html.HtmlElement, address: str) -> Iterator[html.HtmlElement]:
        """Yield ancestors that hold this address and no other titled one, innermost first."""
        node = element.getparent()
        while node is not None and node.tag not in {"body", "html"}:
            inside = self._addresses.near(node)
            others = set(inside) - {address}
            if self._addresses.are_many(inside) or (others and (node.tag not in _ROWS or len(others) > _NEARBY)):
                return
            yield node
            node = node.getparent()

    def _until_next_link(self, start: html.HtmlElement) -> str:
        """Text after an element, up to the next link among its siblings."""
        texts = [start.tail or ""]
        for node in islice(start.itersiblings(), 8):
            if self._addresses.near(node):
                break
            texts += [text_of(node), node.tail or ""]
        return " ".join(texts)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
