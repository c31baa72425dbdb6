"""Reads a docx: paragraphs, tables, text boxes of its main part, as Word shows them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from lxml import etree

from gongkai.documents import docx_names as n
from gongkai.documents.budget import Budget
from gongkai.documents.digest import sha256_hex
from gongkai.documents.docx_body import BodyReader
from gongkai.documents.docx_styles import heading_roles
from gongkai.documents.model import Document
from gongkai.documents.sniff import DOCX_PART
from gongkai.documents.xml_part import parse_xml
from gongkai.documents.zips import Parts, open_zip
from gongkai.errors import DamagedDocumentError, EmptyDocumentError, LimitError
from gongkai.settings import Limits

METHOD = "docx-xml"

_CORE, _APP = "docProps/core.xml", "docProps/app.xml"
_MAIN, _STYLES = "word/document.xml", "word/styles.xml"
_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_APPLICATION = "{http://schemas.openxmlformats.org/officeDocument/2006/extended-properties}Application"


def read_docx(data: bytes, limits: Limits) -> Document:
    """Read a docx into blocks of text and grids, in the order of its main part.

    Tracked deletions and hidden text are left out, insertions kept; a cell covered by a merge is no cell. A table
    inside a cell follows its parent, except where the outer table only serves the layout: that one is dissolved.

    Raises:
        DamagedDocumentError: The zip or its XML is broken, or declares a document type, which Word never does.
        LimitError: It unpacks to more, or holds more, than `limits` allows.
        EmptyDocumentError: No text at all.
    """
    with open_zip(data, limits, "docx") as parts:
        main = _MAIN if _MAIN in parts.names else next(filter(DOCX_PART.fullmatch, parts.names), "")
        root = _parse(parts, main, limits)
        body = None if root is None else root.find(n.BODY)
        if body is None:
            raise DamagedDocumentError("the docx has no body", where="docx", expected=f"{_MAIN} with a w:body")
        reader = BodyReader(Budget(limits, f"docx:{main}"))
        reader.read(body)
        roles = {}
        if reader.styles_used:
            roles = heading_roles(_parse(parts, _STYLES, limits), reader.styles_used)
        meta = _meta(parts, limits)
        blocks = reader.blocks(roles)
        images = _images(parts, main, reader.images, limits) if reader.images else []
    if not blocks and not reader.pictures:
        raise EmptyDocumentError("the docx has no text", where="docx", expected="paragraphs or tables")
    document = Document(
        format="docx",
        sha256=sha256_hex(data),
        blocks=blocks,
        meta=meta,
        warnings=tuple(reader.warnings()),
        method=METHOD,
    )
    if not images:
        return document
    from gongkai.documents.picture import Embedded, with_pictures

    return with_pictures(document, [Embedded(*image) for image in images], limits)


def _images(
    parts: Parts, main: str, wanted: list[tuple[int, str, str]], limits: Limits
) -> list[tuple[bytes, str, int]]:
    """Return bytes, path and place of the pictures that the main part shows; those too large are left out."""
    folder, _, name = main.rpartition("/")
    try:
        root = _parse(parts, f"{folder}/_rels/{name}.rels", limits)
    except DamagedDocumentError:
        root = None
    targets = {item.get("Id"): item for item in root} if root is not None else {}
    found: list[tuple[bytes, str, int]] = []
    known: dict[str, bytes] = {}
    for index, path, relation in wanted[: limits.members]:
        item = targets.get(relation)
        if item is None or item.get("TargetMode") == "External":
            continue
        target = item.get("Target", "")
        part = target[1:] if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
        try:
            data = known[part] if part in known else parts.read(part)
        except (LimitError, DamagedDocumentError):
            continue
        if data:
            known[part] = data
            found.append((data, path, index))
    return found


def _parse(parts: Parts, part: str, limits: Limits) -> etree._Element | None:
    """Parse one part; None if there is no such part."""
    data = parts.read(part) if part else None
    if data is None:
        return None
    if n.STRICT in data[:4096]:
        data = data.replace(n.STRICT, n.W.encode())
    return parse_xml(data, limits, f"docx:{part}")


def _meta(parts: Parts, limits: Limits) -> dict[str, str]:
    """Title and producer as the properties state them; a broken property part says nothing."""
    meta: dict[str, str] = {}
    wanted: Iterable[tuple[str, str, str]] = (("title", _CORE, _DC_TITLE), ("producer", _APP, _APPLICATION))
    for key, part, tag in wanted:
        try:
            root = _parse(parts, part, limits)
        except DamagedDocumentError:
            continue
        text = root.findtext(tag) if root is not None else None
        if text and text.strip():
            meta[key] = text.strip()
    return meta
