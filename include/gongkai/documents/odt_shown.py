"""Finds what an odt does not show as text of its own: styles that hide, strike out or raise; see docx_shown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from lxml import etree

from gongkai.documents import odt_names as n

UNSURE = "gongkai-unsure"
"""Marks a table cell whose value is not taken."""

HIDDEN = "gongkai-hidden"
"""The style that text gets which is not to be read."""

_LONGEST_CHAIN = 12
_NOTE = re.compile(r"\s*[\[［(（〔]?\s*(?:注\s*)?(\d{1,2})\s*[\]］)）〕]?\s*")
_RAISED = re.compile(r"(?:super|\d)")
_LOWERED = re.compile(r"(?:sub|-\d)")
_SUPER = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUB = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_TELLING = (b'display="none"', b"line-through", b"text-position")


@dataclass(slots=True)
class Styles:
    """Names of styles by what they do to text."""

    hidden: set[str] = field(default_factory=lambda: {HIDDEN})
    struck: set[str] = field(default_factory=set)
    raised: set[str] = field(default_factory=set)
    lowered: set[str] = field(default_factory=set)


def is_telling(part: bytes) -> bool:
    """Tell whether a part has styles that matter here, before it is parsed."""
    return any(word in part for word in _TELLING)


def find_styles(roots: Iterable[etree._Element]) -> Styles:
    """Sort the styles of the file, each with what it inherits."""
    by_name = {style.get(n.STYLE_ID, ""): style for root in roots for style in root.iter(n.STYLE)}
    found = Styles()
    for name in by_name:
        said = _said(name, by_name)
        if said.get(n.TEXT_DISPLAY) == "none":
            found.hidden.add(name)
        if any(said.get(key, "none") != "none" for key in (n.LINE_THROUGH_STYLE, n.LINE_THROUGH_TYPE)):
            found.struck.add(name)
        position = said.get(n.TEXT_POSITION, "").strip()
        if _RAISED.match(position) and not position.startswith("0%"):
            found.raised.add(name)
        elif _LOWERED.match(position):
            found.lowered.add(name)
    return found


def _said(name: str, by_name: dict[str, etree._Element]) -> dict[str, str]:
    said: dict[str, str] = {}
    style = by_name.get(name)
    for _ in range(_LONGEST_CHAIN):
        if style is None:
            break
        for properties in style.iterchildren(n.TEXT_PROPERTIES):
            said = {**{str(key): str(value) for key, value in properties.attrib.items()}, **said}
        style = by_name.get(style.get(n.PARENT, ""))
    return said


def mark_unseen(body: etree._Element, styles: Styles) -> None:
    """Raise the numbers of notes, hide what is struck out beside other text, mark cells that hold nothing else."""
    if not (styles.struck or styles.raised or styles.lowered):
        return
    blocks: dict[etree._Element, list[etree._Element]] = {}
    for span in body.iter(n.SPAN):
        style = span.get(n.STYLE_NAME, "")
        if style in styles.struck:
            block = next(span.iterancestors(n.CELL), None)
            block = next(span.iterancestors(n.P, n.H), None) if block is None else block
            if block is not None:
                blocks.setdefault(block, []).append(span)
        elif style in styles.raised or style in styles.lowered:
            note = _NOTE.fullmatch("".join(map(str, span.itertext())))
            if note is not None:
                tail = span.tail
                span[:] = []
                span.text, span.tail = note[1].translate(_SUB if style in styles.lowered else _SUPER), tail
    for block, spans in blocks.items():
        struck = "".join("".join(map(str, span.itertext())) for span in spans).strip()
        whole = "".join(map(str, block.itertext())).strip()
        if len(whole) > len(struck) > 0:
            for span in spans:
                span.set(n.STYLE_NAME, HIDDEN)
        elif struck and block.tag == n.CELL:
            block.set(UNSURE, "struck")
