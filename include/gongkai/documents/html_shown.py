"""Marks on a parsed page what a browser does not show as text of its own: noise against copying, notes, struck digits.

Each of these stands beside a number and would be read as digits of it ("12" with a hidden "7" before it is no 712). The
marks are attributes of the tree, so that the readers of flow and tables need no look at style sheets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import cast

from lxml import etree

from gongkai.documents.html_names import is_hidden

UNSURE = "gongkai-unsure"
"""Marks a cell whose text says something else than it looks like; its value is not taken."""

_STYLES = tuple(
    map(
        re.compile,
        (
            rb"opacity\s*:\s*0",
            rb"font-size\s*:\s*0",
            rb"line-through",
            rb"vertical-align\s*:\s*su",
            rb":\s*-\d{3}",
            rb"color\s*:\s*(?:white|#fff|rgba?\(\s*255|transparent)",
        ),
    )
)
"""One pattern a feature: each begins with a literal, so that a page without it is passed over fast."""

_ODD = re.compile("|".join(pattern.pattern.decode() for pattern in _STYLES))
_FAINT = re.compile(r"(?<![-\w])(?:opacity\s*:\s*0?\.?0+(?![.\d])|(?:left|top|text-indent|margin-left)\s*:\s*-\d{3,})")
_NO_SIZE = re.compile(r"font-size\s*:\s*0(?:\.0+)?(?![.\d])")
_STRUCK = re.compile(r"line-through")
_RAISED = re.compile(r"vertical-align\s*:\s*su(per|b)")
_COLOR = re.compile(r"(?<![-\w])color\s*:\s*([^;!]+)")
_WHITE = frozenset({"white", "#fff", "#ffffff", "rgb(255,255,255)", "rgba(255,255,255,1)", "transparent"})
_STYLED = etree.XPath("//*[@style]")
_BLOCKS = frozenset({"td", "th", "p", "li", "dd", "dt", "div", "h1", "h2", "h3", "h4", "h5", "h6", "body"})
_NOTE = re.compile(r"\s*[\[［(（〔]?\s*(?:注\s*)?(\d{1,2})\s*[\]］)）〕]?\s*")
_SUPER = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUB = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")

_CSS_NOISE = re.compile(r"/\*[^*]*+(?:\*(?!/)[^*]*+)*(?:\*/|$)|<!--|-->")
_CSS_MARK = re.compile(r"@(?:media|supports|(?:-webkit-)?keyframes)[^{}]{0,300}\{|[{}]")
_CSS_HIDES = re.compile(r"(?<![-\w])(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_CSS_SHOWS = re.compile(r"(?<![-\w])(?:display\s*:\s*(?!none)\w|visibility\s*:\s*visible)", re.IGNORECASE)
_SIMPLE = re.compile(r"((?:\w{1,20}(?:\s+|\s*>\s*)){0,3})(\w{1,20})?([.#])([\w-]{1,80})")
_LONGEST_SHEET, _MOST_RULES, _LONGEST_SELECTORS = 200_000, 5000, 500
_NAMED = etree.XPath("//*[@class or @id]")


def mark_unseen(root: etree._Element, source: bytes) -> None:
    """Mark what the page does not show (attribute `hidden`), raise notes to superscripts, mark cells that are unsure.

    Args:
        root: The tree, style sheets included.
        source: The page's source, to pass quickly over pages that have nothing of the kind.
    """
    low = source.lower()
    if b"<style" in low:
        _apply_sheets(root)
    struck: list[etree._Element] = []
    raised: list[tuple[etree._Element, bool]] = []
    white: list[etree._Element] = []
    for element in root.iter("s", "del", "strike", "sup", "sub", "font"):
        if element.tag in ("sup", "sub"):
            raised.append((element, element.tag == "sub"))
        elif element.tag != "font":
            struck.append(element)
        elif _is_white(element.get("color", "")):
            white.append(element)
    if any(pattern.search(low) for pattern in _STYLES):
        for element in cast("list[etree._Element]", _STYLED(root)):
            style = element.get("style", "").lower()
            if not _ODD.search(style):
                continue
            if (_FAINT.search(style) or (_NO_SIZE.search(style) and not _resized(element))) and _holds_no_table(
                element
            ):
                element.set("hidden", "")
            elif _STRUCK.search(style):
                struck.append(element)
                if element.tag in ("td", "th"):
                    element.set(UNSURE, "struck")
            elif stated := _RAISED.search(style):
                raised.append((element, stated[1] == "b"))
            elif (color := _COLOR.search(style)) and _is_white(color[1]):
                white.append(element)
    for block in _hide_beside_others(struck):
        block.set(UNSURE, "struck")
    for element, is_low in raised:
        _raise(element, is_low=is_low)
    _hide_beside_others([element for element in white if not _on_background(element)])


def _hide_beside_others(elements: list[etree._Element]) -> list[etree._Element]:
    """Hide elements that stand in a cell or paragraph with other text; return the blocks that hold nothing else."""
    blocks: dict[etree._Element, list[etree._Element]] = {}
    for element in elements:
        block = _block_of(element)
        if block is not None and block is not element and _holds_no_table(element):
            blocks.setdefault(block, []).append(element)
    alone = []
    for block, inside in blocks.items():
        if not any("".join(map(str, element.itertext())).strip() for element in inside):
            continue
        if _shows_text(block, set(inside)):
            for element in inside:
                element.set("hidden", "")
        else:
            alone.append(block)
    return alone


def _raise(element: etree._Element, *, is_low: bool) -> None:
    """Print the number of a note as superscript, as it looks, so that nobody takes it for a digit of the value."""
    note = _NOTE.fullmatch("".join(map(str, element.itertext())))
    if note is None:
        return
    tail = element.tail
    for child in list(element):
        element.remove(child)
    element.text, element.tail = note[1].translate(_SUB if is_low else _SUPER), tail


def _apply_sheets(root: etree._Element) -> None:
    """Hide what the page's own style sheets hide by class or id.

    Only rules outside @media count, and only names that no rule shows again (tabs: .panel and .panel.on). What holds
    most cells of the page is shown by a script.
    """
    hides: dict[tuple[str, str, str], list[frozenset[str]]] = {}
    shown: set[str] = set()
    left = _LONGEST_SHEET
    for sheet in root.iter("style"):
        text = (sheet.text or "")[:left]
        left -= len(text)
        for selectors, body in _rules(text):
            if _CSS_SHOWS.search(body):
                shown.update(re.findall(r"[\w-]+", selectors))
            elif _CSS_HIDES.search(body):
                for one in filter(None, (_SIMPLE.fullmatch(selector.strip()) for selector in selectors.split(","))):
                    around = frozenset(re.findall(r"\w+", one[1]))
                    hides.setdefault((one[2] or "", one[3], one[4]), []).append(around)
    hides = {rule: around for rule, around in hides.items() if rule[2] not in shown}
    if not hides:
        return
    every = sum(1 for _ in root.iter("td"))
    for element in cast("list[etree._Element]", _NAMED(root)):
        keys = [(".", name) for name in element.get("class", "").split()] + [("#", element.get("id", ""))]
        stated = [around for key in keys for tag in ("", str(element.tag)) for around in hides.get((tag, *key), ())]
        if stated and any(around <= {above.tag for above in element.iterancestors()} for around in stated):
            inside = sum(1 for _ in element.iter("td"))
            if 2 * inside <= every:
                element.set("hidden", "")


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Yield selectors and body of the rules that hold for every screen."""
    sheet = _CSS_NOISE.sub(" ", sheet)
    depth = start = 0
    parts: list[str] = []
    for mark in _CSS_MARK.finditer(sheet):
        if mark[0][0] == "@" and not depth:
            parts.append(sheet[start : mark.start()])
            depth = 1
        elif depth:
            depth += 1 if mark[0][-1] == "{" else -1
            start = mark.end()
    if not depth:
        parts.append(sheet[start:])
    for rule in islice((rule for part in parts for rule in part.split("}")), _MOST_RULES):
        selectors, brace, body = rule.partition("{")
        if brace and len(selectors) <= _LONGEST_SELECTORS:
            yield selectors.strip(), body


def _is_white(color: str) -> bool:
    return color.lower().replace(" ", "") in _WHITE


def _on_background(element: etree._Element) -> bool:
    """Tell whether the element stands on a background of its own, so that white text can be read."""
    for ancestor in (element, *element.iterancestors()):
        if ancestor.get("bgcolor") or ancestor.get("background") or "background" in ancestor.get("style", "").lower():
            return True
    return False


def _block_of(element: etree._Element) -> etree._Element | None:
    if element.tag in _BLOCKS:
        return element
    return next((ancestor for ancestor in element.iterancestors() if ancestor.tag in _BLOCKS), None)


def _shows_text(block: etree._Element, but: set[etree._Element]) -> bool:
    """Tell whether a block shows text outside the given elements."""
    walk = etree.iterwalk(block, events=("start", "end"))
    for event, node in walk:
        if event == "end":
            if node is not block and (node.tail or "").strip():
                return True
        elif node in but or (node is not block and is_hidden(node)):
            walk.skip_subtree()
        elif (node.text or "").strip():
            return True
    return False


def _resized(element: etree._Element) -> bool:
    """Tell whether something inside has a size of its own: size zero around it only closes gaps."""
    return any("font" in inner.get("style", "") for inner in element.iterdescendants())


def _holds_no_table(element: etree._Element) -> bool:
    return element.tag != "table" and next(element.iterdescendants("table"), None) is None
