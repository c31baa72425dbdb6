"""Which further pages a list page names, and which sub-columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from lxml import html

from gongkai.reports.labels import squeeze
from gongkai.sources.adapter import Further
from gongkai.sources.anchors import Addresses
from gongkai.sources.datastore import NEXT_GROUP
from gongkai.sources.link_rules import LinkRules, PaginationRules
from gongkai.sources.options import Pagination
from gongkai.sources.pages import text_of

_MOST = 2000
"""Pages that a stated number may name."""
_LONGEST_TEXT = 40
_COMPARED = 20
_NUMBERED = re.compile(r"(?P<before>[_-]?)(?P<n>\d{1,4})$")
_INDEX = re.compile(r"(?:index|default|list)?", re.IGNORECASE)


def further_pages(
    text: str, root: html.HtmlElement, addresses: Addresses, how: Pagination, rules: LinkRules
) -> tuple[list[Further], list[Further]]:
    """Return the further pages of the same list, and those to try if the first of them is none.

    Args:
        text: The page's source, for what its scripts state.
        root: The page.
        addresses: Its addresses.
        how: The source's options.
        rules: How pages name their number and their next.
    """
    if how.parameter or how.template:
        return [Further(counted_up(addresses.url, how), is_probe=True)], []
    stated = list(_counted(text, addresses.url, rules.pagination)) if how.count else []
    linked = list(_linked(root, addresses, rules.pagination)) if how.links else []
    if linked and not _alike(stated, linked):
        # Page numbers that are linked show how pages are called: what scripts state would only be a guess.
        stated = []
    found = dict.fromkeys((*stated[:-1], *linked))
    found.pop(addresses.url, None)
    return [Further(one) for one in found], [Further(one, is_probe=True) for one in stated[-1:]]


def counted_up(url: str, how: Pagination) -> str:
    """Return the page after this one by the number in its address."""
    if how.parameter:
        return with_parameter(url, how.parameter, parameter_number(url, how.parameter, how.start) + 1)
    pattern = re.escape(how.template).replace(r"\{n\}", r"([0-9]{1,6})")
    current = re.search(pattern + "$", url)
    number = int(current[1]) if current else how.start
    return urljoin(url, how.template.replace("{n}", str(number + 1)))


def parameter_number(url: str, name: str, start: int) -> int:
    """Number of the page that an address asks for."""
    value = dict(parse_qsl(urlsplit(url).query)).get(name, "")
    return int(value) if re.fullmatch(r"[0-9]{1,6}", value) else start


def with_parameter(url: str, name: str, number: int) -> str:
    """Return an address with a query parameter set, the others in their places."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    pairs = [(key, str(number) if key == name else value) for key, value in query]
    if name not in dict(query):
        pairs.append((name, str(number)))
    return urlunsplit(parts._replace(query=urlencode(pairs)))


def sub_columns(rows: Iterable[tuple[str, str]], url: str, pattern: re.Pattern[str]) -> Iterator[Further]:
    """Yield the sub-columns among (text, address) pairs, with the year that their text names.

    Args:
        rows: Links of the page that are no reports by their titles.
        url: The page.
        pattern: What the text of such a link looks like; its first group, if any, is the year.
    """
    here = urlsplit(url)
    for text, address in rows:
        match = pattern.search(squeeze(text[:_LONGEST_TEXT]))
        there = urlsplit(address)
        if not match or there.netloc != here.netloc or address == url:
            continue
        year = re.search(r"20\d{2}", match[0])
        yield Further(address, int(year[0]) if year else None, is_column=True)


def _counted(text: str, url: str, rules: PaginationRules) -> Iterator[str]:
    """Yield index_1.html ... index_n.html of n stated pages; the last is only there where counting starts at 1."""
    parts = urlsplit(url)
    folder, _, file = parts.path.rpartition("/")
    stem, _, extension = file.rpartition(".")
    if not stem and extension:  # no file: the folder's name without its slash
        return
    for pattern in rules.count:
        stated = pattern.search(text)
        if not stated:
            continue
        named = stated.groupdict()
        name = named.get("name") or _NUMBERED.sub("", stem) or "index"
        if file and _NUMBERED.sub("", stem) != name:
            return  # the page of another list
        suffix = extension or named.get("extension") or "html"
        for number in range(1, min(int(stated["n"]), _MOST) + (int(stated["n"]) > 1)):
            yield urlunsplit(parts._replace(path=f"{folder}/{name}_{number}.{suffix}", query=""))
        return


def _linked(root: html.HtmlElement, addresses: Addresses, rules: PaginationRules) -> Iterator[str]:
    """Yield what 下一页, page numbers and 尾页 lead to; the pages between here and 尾页 too."""
    for element, address in addresses.below(root):
        if not address:
            continue
        if element.getparent() is not None and NEXT_GROUP in (element.getparent().get("class") or ""):
            yield address
            continue
        text = squeeze(text_of(element)[:_LONGEST_TEXT])
        is_last = text in rules.last
        number = rules.number.match(text)
        # "1" is the page that the column begins with, whatever its address.
        if not (is_last or text in rules.next or number) or (number and number[1] == "1"):
            continue
        if address != addresses.url and same_list(address, addresses.url):
            yield from _up_to(address, rules) if is_last else ()
            yield address


def _up_to(last: str, rules: PaginationRules) -> Iterator[str]:
    """Yield the pages 1, 2 ... before the last one, by the number in its address."""
    parts = urlsplit(last)
    for name, value in parse_qsl(parts.query):
        if name in rules.parameters and re.fullmatch(r"[0-9]{1,4}", value):
            yield from (with_parameter(last, name, number) for number in range(2, min(int(value), _MOST)))
            return
    stem, _, extension = parts.path.rpartition(".")
    numbered = _NUMBERED.search(stem)
    if numbered and numbered["before"]:
        start = stem[: numbered.start("n")]
        for number in range(1, min(int(numbered["n"]), _MOST)):
            yield urlunsplit(parts._replace(path=f"{start}{number}.{extension}"))


def _alike(made: list[str], linked: list[str]) -> bool:
    """Tell whether addresses made of a stated number fit those that are linked; nothing made fits everything."""
    return not made or any(urlsplit(one).path == urlsplit(other).path for one in made for other in linked[:_COMPARED])


def same_list(address: str, url: str) -> bool:
    """Tell whether two addresses differ only by query or by the number of a page.

    index.html and index_2.html; zfxxgknb.htm and zfxxgknb/2.htm, which count down (VSB).
    """
    one, other = urlsplit(address), urlsplit(url)
    if one.netloc != other.netloc:
        return False
    return not _stems(one.path).isdisjoint(_stems(other.path))


def _stems(path: str) -> set[str]:
    """Names of a list without the number of its page: node_12.html is page 12 of node, or a list of its own."""
    folder, _, name = path.rpartition("/")
    stem = name.rpartition(".")[0] or name
    bare = _NUMBERED.sub("", stem)
    if not bare and name:  # zfxxgknb/2.htm
        return {folder, f"{folder}/"}
    return {f"{folder}/" if _INDEX.fullmatch(one) else f"{folder}/{one}" for one in (stem, bare)}
