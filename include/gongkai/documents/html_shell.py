"""Pages that only lead to another one: a refresh, a script that sets the location, a frame around the report."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

_REFRESH = re.compile(r"\s*\d+(?:\.\d*)?\s*[;,]\s*url\s*=\s*['\"]?\s*([^'\"\s>]+)", re.IGNORECASE)
# Possessive where a set of characters repeats, so that crafted scripts cost no backtracking; never where a group does:
# up to Python 3.11.4 such groups miss matches (CPython issue 106052).
_SCRIPT = re.compile(r"<script\b[^<>]{0,500}+>([^<]*+(?:<(?!/script)[^<]*+)*)", re.IGNORECASE)
_COMMENT = re.compile(r"/\*[^*]*+(?:\*(?!/)[^*]*+)*(?:\*/|$)|(?<![:\"'])//[^\n]*+")
_CHARS = r"[^\"'<>\s+]{1,1000}"
_LOCATION = re.compile(
    r"(?<![\w.$])(?:(?:window|document|self|top|parent)\s*\.\s*)*location\s*"
    rf"(?:(?:\.\s*href\s*)?=\s*([\"'])({_CHARS})\1\s*(?:[;}}\n]|$)"
    rf"|\.\s*(?:replace|assign)\s*\(\s*([\"'])({_CHARS})\3\s*\))"
)
"""Only whole constants: what a script puts together may be a challenge, and is not run here."""

_FRAMES = {"iframe": "src", "frame": "src", "embed": "src", "object": "data"}
_HEAD, _LONGEST_SCRIPT, _MOST = 200_000, 20_000, 10
_NOT_PAGES = re.compile(r"(?i)\s*(?:about|javascript|data|mailto|blob):|\s*#|\s*$")


def shell_links(root: etree._Element, text: str) -> list[str]:
    """Return the addresses, as written, that a page without text of its own leads to, each once, at most ten.

    Args:
        root: The parsed page.
        text: Its source, where scripts are looked for.
    """
    found: dict[str, None] = {}
    for address in (*_refreshes(root), *_locations(text), *_frames(root)):
        if not _NOT_PAGES.match(address):
            found.setdefault(address.strip())
    return list(found)[:_MOST]


def own_text_length(root: etree._Element, most: int) -> int:
    """Count the characters that a page shows outside links, up to a little more than `most`."""
    size = 0
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, node in walk:
        if event == "end":
            size += len((node.tail or "").strip()) if node is not root else 0
        elif node.tag in ("script", "style", "noscript", "template", "head", "title", "a", "iframe", "object"):
            walk.skip_subtree()
        else:
            size += len((node.text or "").strip())
        if size > most:
            break
    return size


def _refreshes(root: etree._Element) -> Iterator[str]:
    for meta in root.iter("meta"):
        if (meta.get("http-equiv") or "").strip().lower() == "refresh" and (
            stated := _REFRESH.match(meta.get("content") or "")
        ):
            yield stated[1]


def _locations(text: str) -> Iterator[str]:
    for script in _SCRIPT.finditer(text[:_HEAD]):
        for found in _LOCATION.finditer(_COMMENT.sub("", script[1][:_LONGEST_SCRIPT])):
            yield found[2] or found[4]


def _frames(root: etree._Element) -> Iterator[str]:
    for element in root.iter(*_FRAMES):
        yield element.get(_FRAMES[str(element.tag)]) or ""
