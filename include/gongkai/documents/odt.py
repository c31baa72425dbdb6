"""Reads an odt (OpenDocument text, ISO/IEC 26300): paragraphs, tables and text boxes in the order of the file."""

from __future__ import annotations

from lxml import etree

from gongkai.documents import odt_names as n
from gongkai.documents.budget import Budget
from gongkai.documents.digest import sha256_hex
from gongkai.documents.model import Document
from gongkai.documents.odt_body import OdtBody
from gongkai.documents.odt_shown import find_styles, is_telling, mark_unseen
from gongkai.documents.xml_part import parse_xml
from gongkai.documents.zips import Parts, open_zip
from gongkai.errors import DamagedDocumentError, EmptyDocumentError, UnsupportedFormatError
from gongkai.settings import Limits

METHOD = "odt-xml"

_CONTENT, _STYLES, _META, _MANIFEST = "content.xml", "styles.xml", "meta.xml", "META-INF/manifest.xml"
_LONGEST_CHAIN = 12


def read_odt(data: bytes, limits: Limits) -> Document:
    """Read an odt into blocks of text and grids.

    Tracked deletions, notes, comments and hidden text are left out. A table inside a cell follows its parent, except
    where the outer table only serves the layout: that one is dissolved.

    Raises:
        DamagedDocumentError: The zip or its XML is broken.
        UnsupportedFormatError: It is encrypted.
        LimitError: It unpacks to more, or holds more, than `limits` allows.
        EmptyDocumentError: No text at all.
    """
    with open_zip(data, limits, "odt") as parts:
        if b"encryption-data" in (parts.read(_MANIFEST) or b""):
            raise UnsupportedFormatError(
                "the odt is encrypted",
                where="odt",
                expected="a file that opens without a password",
                do="ask the publisher for an open copy",
            )
        root = _parse(parts, _CONTENT, limits)
        text = root.find(f"{n.BODY}/{n.OFFICE_TEXT}") if root is not None else None
        if root is None or text is None:
            raise DamagedDocumentError("the odt has no text body", where="odt", expected=f"{_CONTENT} with office:text")
        styles = find_styles([*_named_styles(parts, limits), root])
        mark_unseen(text, styles)
        body = OdtBody(Budget(limits, f"odt:{_CONTENT}"), frozenset(styles.hidden), _titles(root))
        body.read(text)
        meta = _meta(parts, limits)
    blocks = body.blocks()
    if not blocks and not body.pictures:
        raise EmptyDocumentError("the odt has no text", where="odt", expected="paragraphs or tables")
    return Document(
        format="odt",
        sha256=sha256_hex(data),
        blocks=blocks,
        meta=meta,
        warnings=tuple(body.warnings()),
        method=METHOD,
    )


def _parse(parts: Parts, part: str, limits: Limits) -> etree._Element | None:
    data = parts.read(part)
    return None if data is None else parse_xml(data, limits, f"odt:{part}")


def _named_styles(parts: Parts, limits: Limits) -> list[etree._Element]:
    """The part of the named styles, if any of them matters to what is shown; a broken one says nothing."""
    data = parts.read(_STYLES)
    if data is None or not is_telling(data):
        return []
    try:
        return [parse_xml(data, limits, f"odt:{_STYLES}")]
    except DamagedDocumentError:
        return []


def _titles(root: etree._Element) -> frozenset[str]:
    """Names of the styles of titles: "Title", and automatic styles made of it."""
    made = {style.get(n.STYLE_ID, "") for style in root.iter(n.STYLE) if style.get(n.PARENT) == "Title"}
    return frozenset(made | {"Title"})


def _meta(parts: Parts, limits: Limits) -> dict[str, str]:
    """Title and producer as meta.xml states them; a broken one says nothing."""
    try:
        root = _parse(parts, _META, limits)
    except DamagedDocumentError:
        return {}
    meta: dict[str, str] = {}
    if root is not None:
        for key, tag in (("title", n.TITLE), ("producer", n.GENERATOR)):
            text = root.findtext(f".//{tag}")
            if text and text.strip():
                meta[key] = text.strip()[:500]
    return meta
