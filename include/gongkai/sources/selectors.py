"""CSS selectors of sources, compiled to XPath."""

from __future__ import annotations

from functools import lru_cache

from cssselect import ExpressionError, SelectorError
from lxml import etree, html
from lxml.cssselect import CSSSelector

from gongkai.errors import SourceError


@lru_cache(maxsize=1024)
def compile_selector(selector: str) -> CSSSelector:
    """Compile a CSS selector.

    Raises:
        ValueError: It is none, or one that HTML pages without a browser cannot answer (:hover).
    """
    try:
        return CSSSelector(selector, translator="html")
    except (SelectorError, ExpressionError, etree.XPathError) as error:
        raise ValueError(f"not a CSS selector: {error}") from error


def select(root: html.HtmlElement, selector: str, url: str = "") -> list[html.HtmlElement]:
    """Return the elements below `root` (itself included) that a selector names, in order.

    Raises:
        SourceError: The page is too large or deep for it.
    """
    try:
        found = compile_selector(selector)(root)
    except etree.XPathError as error:
        raise SourceError(
            "the selector cannot be answered on this page", where=url, found=str(error), expected=selector
        ) from error
    return [one for one in found if isinstance(one, html.HtmlElement)] if isinstance(found, list) else []
