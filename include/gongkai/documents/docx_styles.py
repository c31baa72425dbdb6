"""Tells which paragraph styles of a docx are headings or titles, by their names and outline levels."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml import etree

from gongkai.documents import docx_names as n

_BODY_LEVEL = 9
_LONGEST_CHAIN = 12
_HEADING = re.compile(r"(heading|标题)\s*[1-9]", re.IGNORECASE)
_TITLE = re.compile(r"title|标题", re.IGNORECASE)


def outline_role(properties: etree._Element) -> str:
    """Return "heading" if these paragraph properties give an outline level, else ""."""
    level = properties.find(n.OUTLINE)
    value = level.get(n.VAL, "") if level is not None else ""
    return "heading" if value.isdigit() and int(value) < _BODY_LEVEL else ""


def heading_roles(styles: etree._Element | None, used: Iterable[str]) -> dict[str, str]:
    """Return the role, "heading" or "title", of those of the used styles that have one.

    Chinese Word and WPS name the style of a heading by a number ("1", "a3"), so the name decides, along the chain of
    styles it is based on.

    Args:
        styles: Root of word/styles.xml, None if the docx has none: then the ids themselves are names.
        used: Style ids that paragraphs refer to.
    """
    by_id = {style.get(n.STYLE_ID, ""): style for style in styles.iterchildren(n.STYLE)} if styles is not None else {}
    roles = {style: _role(style, by_id) for style in used}
    return {style: role for style, role in roles.items() if role}


def _role(style: str, by_id: dict[str, etree._Element]) -> str:
    for _ in range(_LONGEST_CHAIN):
        element = by_id.get(style)
        if element is None:
            return _role_by_name(style)
        name = element.find(n.NAME)
        role = _role_by_name(name.get(n.VAL, "") if name is not None else "")
        properties = element.find(n.PPR)
        if not role and properties is not None:
            role = outline_role(properties)
        based_on = element.find(n.BASED_ON)
        if role or based_on is None:
            return role
        style = based_on.get(n.VAL, "")
    return ""


def _role_by_name(name: str) -> str:
    if _HEADING.fullmatch(name.strip()):
        return "heading"
    return "title" if _TITLE.fullmatch(name.strip()) else ""
