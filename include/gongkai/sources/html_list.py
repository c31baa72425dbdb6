"""The adapter for list pages: ul/li, tables and divs of links, over several pages."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from lxml import html

from gongkai.errors import GongkaiError, SourceError
from gongkai.settings import Limits
from gongkai.sources.http import clean_url
from gongkai.sources.links import (
    MAX_TITLE,
    Link,
    LinkRules,
    is_listed,
    make_link,
    printed_date,
    skip_reason,
    squeeze,
    title_year,
)
from gongkai.sources.model import HtmlListOptions, Pagination
from gongkai.sources.pages import links, parse, select, text_of

_ROWS = frozenset({"li", "tr", "dd", "dt", "article"})
_NEARBY = 3
_ROW_LINKS = 8
_FAILURES = 3
_CUT = ("...", "…")


@dataclass(frozen=True, slots=True)
class ListPage:
    """One list page as read.

    Attributes:
        url: Its address.
        links: Listed links in order, each address once; navigation is left out.
        further: Addresses of further pages that this one names, in order.
        error: Why it could not be read, None where it was.
    """

    url: str
    links: tuple[Link, ...] = ()
    further: tuple[str, ...] = ()
    error: GongkaiError | None = None


def follow(
    first: str, fetch: Callable[[str], bytes], options: HtmlListOptions, rules: LinkRules, limits: Limits
) -> Iterator[ListPage]:
    """Yield the pages of one column until one lists nothing new.

    A page that fails is yielded with its error and the others go on; after three failures in a row the column ends, as
    it does (with an error) at `max_pages`.

    Args:
        first: Address of the first page.
        fetch: Returns the body of a page or raises a GongkaiError.
        options: Options of the source.
        rules: Which links are listed, which lead on.
        limits: Bounds of a page.
    """
    queue, asked, known = deque([first]), {first}, set[str]()
    read = failures = 0
    while queue and failures < _FAILURES:
        url = queue.popleft()
        if read == options.max_pages:
            yield ListPage(url, error=_too_many(url, options.max_pages))
            return
        read += 1
        try:
            page = read_list(fetch(url), url, options, rules, limits)
        except GongkaiError as error:
            failures += 1
            yield ListPage(url, error=error)
            continue
        failures = 0
        new = {link.url for link in page.links} - known
        known |= new
        yield page
        # Some portals answer any page number with the last page: what lists nothing new leads nowhere.
        if new:
            further = [address for address in page.further if address not in asked and _same_host(address, first)]
            queue.extend(further)
            asked.update(further)


def _too_many(url: str, most: int) -> SourceError:
    return SourceError(
        "the column has more pages than are allowed",
        where=url,
        expected=f"at most {most}",
        do="raise max_pages in the source file if the pages are real",
    )


def read_list(body: bytes, url: str, options: HtmlListOptions, rules: LinkRules, limits: Limits) -> ListPage:
    """Read one list page.

    Raises:
        SourceError: The page cannot be parsed, or has no element of the selector.
    """
    root = parse(body, url, limits)
    parts = select(root, options.selector) if options.selector else [root]
    if not parts:
        raise SourceError("the list page has no such element", where=url, expected=options.selector)
    further = tuple(dict.fromkeys(_further(body, root, url, options.pagination, rules)))
    found: dict[str, Link] = {}
    for part in parts:
        for link in _listed(part, url, rules):
            known = found.get(link.url)
            # An address may be linked by a picture or "more" first, and by its title afterwards.
            if known is None or (known.skip and not link.skip):
                found[link.url] = link
    for address in further:
        found.pop(address, None)
    return ListPage(url, tuple(found.values()), further)


def _listed(part: html.HtmlElement, url: str, rules: LinkRules) -> Iterator[Link]:
    for anchor in links(part):
        title = _title(anchor, rules)[:MAX_TITLE]
        if not title:
            continue
        try:
            address = clean_url(url, anchor.get("href") or "")
        except SourceError:
            continue
        day = _date_beside(anchor, rules)
        if is_listed(title, day is not None, rules.titles):
            yield make_link(address, title, day, url, rules)


def _title(anchor: html.HtmlElement, rules: LinkRules) -> str:
    """The title as the link's text, or as its title attribute where that says more (texts are cut with "...")."""
    text = re.sub(r"\s+", " ", text_of(anchor)).strip()
    lines = [line.strip() for line in (anchor.get("title") or "").splitlines() if line.strip()]
    full = rules.titles.prefix.sub("", lines[0]).strip() if lines else ""
    if not full or not text:
        return text or full
    if text.endswith(_CUT):
        return full
    fits = [found for found in (text, full) if not skip_reason(found, title_year(found, rules.titles), rules.titles)]
    return max(fits or [text, full], key=len)


def _date_beside(anchor: html.HtmlElement, rules: LinkRules) -> date | None:
    """The date in the link's row, else between it and the next link: list styles differ."""
    title = text_of(anchor)
    for row in _rows(anchor):
        day = printed_date(text_of(row).replace(title, " "), rules.dates)
        if day:
            return day
    cell = next((row for row in _rows(anchor) if row.tag in _ROWS), None)
    for start in (anchor, *([] if cell is None else [cell])):
        day = printed_date(_until_next_link(start), rules.dates)
        if day:
            return day
    return None


def _rows(anchor: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """Yield ancestors that hold this link and no other titled one, innermost first."""
    own = anchor.get("href")
    node = anchor.getparent()
    while node is not None and node.tag not in {"body", "html"}:
        inside = list(islice(links(node), _ROW_LINKS))  # bounded: a page may put all its links into one row
        others = {other.get("href") for other in inside} - {own}
        if len(inside) == _ROW_LINKS or (others and (node.tag not in _ROWS or len(others) > _NEARBY)):
            return
        yield node
        node = node.getparent()


def _until_next_link(start: html.HtmlElement) -> str:
    """Text after an element, up to the next link among its siblings."""
    texts = [start.tail or ""]
    for node in islice(start.itersiblings(), _ROW_LINKS):
        if node.tag == "a" or node.find(".//a") is not None:
            break
        texts += [text_of(node), node.tail or ""]
    return " ".join(texts)


def _further(body: bytes, root: html.HtmlElement, url: str, pagination: Pagination, rules: LinkRules) -> Iterator[str]:
    """Yield the addresses of further list pages that a page names, in order."""
    parts = urlsplit(url)
    if pagination.count and re.search(r"(?:^|/)(?:index\.\w+)?$", parts.path):
        text = body.decode("latin-1")
        counts = [int(match[1]) for pattern in rules.pagination.count for match in [pattern.search(text)] if match]
        suffix = parts.path.rpartition(".")[2] if "index." in parts.path else "html"
        folder = parts.path.rpartition("/")[0]
        for number in range(1, max(counts, default=0)):
            yield urlunsplit(parts._replace(path=f"{folder}/index_{number}.{suffix}"))
    if pagination.links:
        for anchor in links(root):
            text = squeeze(text_of(anchor))
            if not (text in rules.pagination.next or rules.pagination.number.match(text)):
                continue
            try:
                address = clean_url(url, anchor.get("href") or "")
            except SourceError:
                continue
            if address != url and _same_column(address, url):
                yield address
    if pagination.parameter:
        query = parse_qs(parts.query)
        number = int(query.get(pagination.parameter, [str(pagination.first)])[0])
        query[pagination.parameter] = [str(number + 1)]
        yield urlunsplit(parts._replace(query=urlencode(query, doseq=True)))


def _same_column(address: str, url: str) -> bool:
    """Tell whether two addresses differ only by query or by the number of a page in the same folder."""
    one, other = urlsplit(address), urlsplit(url)
    return one.netloc == other.netloc and _stem(one.path) == _stem(other.path)


def _stem(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return f"{folder}/{re.sub(r'[_-]?[0-9]+(?=[.]|$)', '', name) or 'index.html'}".replace("/.", "/index.")


def _same_host(address: str, url: str) -> bool:
    return urlsplit(address).netloc == urlsplit(url).netloc
