"""Finds the article of a web page among its furniture."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from lxml import etree

from gongkai.documents.html_names import KINDS, Kind
from gongkai.documents.page_rules import PageRules, Selector

_NAMED = tuple(
    str(name) for name, kind in KINDS.items() if kind in (Kind.BLOCK, Kind.TABLE) and name not in ("p", "li", "tr")
)
"""What may hold an article or be furniture; looked for by name, which takes a tenth of the time of a path."""

_STRING = etree.XPath("string()")
_TABLE_SHARE, _TEXT_SHARE = 0.5, 0.4
_SMALL_TABLE, _SMALL_TEXT = 200, 1500


@dataclass(frozen=True, slots=True)
class Article:
    """Where the article of a page stands.

    Attributes:
        containers: Its elements; the body where no container is known.
        furniture: Elements that are no part of it.
        around: Ancestors of the containers.
        selector: The selector that found it, "" for the body.
    """

    containers: frozenset[etree._Element]
    furniture: frozenset[etree._Element]
    around: frozenset[etree._Element]
    selector: str = ""


def find_article(root: etree._Element, rules: PageRules) -> Article:
    """Return the first container, in the order of the rules, that holds most of the tables and text of the page.

    A page may use the class of an article for a teaser and have its tables elsewhere: such a container is passed over.
    If none is left, the body is the article, but for what the rules name as furniture.
    """
    body = root.find("body")
    body = root if body is None else body
    named = [(e, *_names(e)) for e in root.iter(*_NAMED) if e.get("class") or e.get("id")]
    furniture = {e for e, id_, classes in named if _fits(rules.furniture_selectors, e, id_, classes)}
    furniture.update(body.iter(*(s.tag for s in rules.furniture_selectors if s.tag)))
    page: tuple[int, int] | None = None
    for text, selector in zip(rules.containers, rules.container_selectors, strict=True):
        if selector.tag:
            found = list(root.iter(selector.tag))
        else:
            found = [e for e, id_, classes in named if selector.fits(str(e.tag), id_, classes)]
        if not found:
            continue
        found = _outermost(found)
        page = page or _measure(body, _outermost(furniture))
        if _holds_article(found, page):
            around = frozenset(ancestor for e in found for ancestor in e.iterancestors())
            containers = frozenset(found)
            return Article(containers, frozenset(furniture) - around - containers, around, text)
    return Article(frozenset([body]), frozenset(furniture) - {body}, frozenset([root]))


def _names(element: etree._Element) -> tuple[str, frozenset[str]]:
    return (element.get("id") or "").lower(), frozenset((element.get("class") or "").lower().split())


def _fits(selectors: tuple[Selector, ...], element: etree._Element, id_: str, classes: frozenset[str]) -> bool:
    return any(selector.fits(str(element.tag), id_, classes) for selector in selectors)


def _outermost(elements: Collection[etree._Element]) -> list[etree._Element]:
    chosen = set(elements)
    return [e for e in elements if not any(ancestor in chosen for ancestor in e.iterancestors())]


def _measure(body: etree._Element, furniture: list[etree._Element]) -> tuple[int, int]:
    """Characters of tables, and of text without links, that stand outside the furniture."""
    tables, text = _amount(body)
    for element in furniture:
        less_tables, less_text = _amount(element)
        tables, text = tables - less_tables, text - less_text
    return tables, text


def _amount(element: etree._Element) -> tuple[int, int]:
    leaves = (table for table in element.iter("table") if next(table.iterdescendants("table"), None) is None)
    sizes = (len(str(_STRING(table))) for table in leaves)
    tables = sum(size for size in sizes if size > _SMALL_TABLE)
    links = sum(len(str(_STRING(link))) for link in element.iter("a"))
    return tables, len(str(_STRING(element))) - links


def _holds_article(containers: list[etree._Element], page: tuple[int, int]) -> bool:
    tables = text = 0
    for element in containers:
        more_tables, more_text = _amount(element)
        tables, text = tables + more_tables, text + more_text
    page_tables, page_text = page
    if tables < _TABLE_SHARE * page_tables:
        return False
    return text >= _TEXT_SHARE * page_text or page_text - text < _SMALL_TEXT
