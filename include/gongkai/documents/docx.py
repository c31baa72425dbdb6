"""Reads a docx: paragraphs, tables, text boxes of its main part, as Word shows them."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable

from lxml import etree

from gongkai.documents import docx_names as n
from gongkai.documents.budget import Budget
from gongkai.documents.digest import sha256_hex
from gongkai.documents.docx_body import BodyReader
from gongkai.documents.docx_chunks import Chunk, Chunks
from gongkai.documents.docx_shown import mark_unseen
from gongkai.documents.docx_styles import heading_roles
from gongkai.documents.model import Document, Grid
from gongkai.documents.sniff import DOCX_PART, sniff
from gongkai.documents.xml_part import parse_xml
from gongkai.documents.zips import Parts, open_zip
from gongkai.errors import DamagedDocumentError, DocumentError, EmptyDocumentError, LimitError
from gongkai.settings import Limits

METHOD = "docx-xml"
_MOST_CHUNKS = 20

_CORE, _APP = "docProps/core.xml", "docProps/app.xml"
_MAIN, _STYLES = "word/document.xml", "word/styles.xml"
_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_APPLICATION = "{http://schemas.openxmlformats.org/officeDocument/2006/extended-properties}Application"


def read_docx(data: bytes, limits: Limits) -> Document:
    """Read a docx into blocks of text and grids, in the order of its main part.

    Tracked deletions, hidden text and text struck out beside other text are left out, insertions kept; a cell covered
    by a merge is no cell. A table inside a cell follows its parent, except where the outer table only serves the
    layout: that one is dissolved. Documents of other formats in it (altChunk) are read in their places.

    Raises:
        DamagedDocumentError: The zip or its XML is broken, or declares a document type, which Word never does.
        LimitError: It unpacks to more, or holds more, than `limits` allows.
        EmptyDocumentError: No text at all.
    """
    return _read(data, limits, _read_chunks)


def _read(data: bytes, limits: Limits, chunks_of: Callable[[list[Chunk], Limits], Chunks]) -> Document:
    with open_zip(data, limits, "docx") as parts:
        main = _MAIN if _MAIN in parts.names else next(filter(DOCX_PART.fullmatch, parts.names), "")
        source = _part(parts, main)
        root = None if source is None else parse_xml(source, limits, f"docx:{main}")
        body = None if root is None else root.find(n.BODY)
        if root is None or source is None or body is None:
            raise DamagedDocumentError("the docx has no body", where="docx", expected=f"{_MAIN} with a w:body")
        styles = _Styles(parts, limits)
        mark_unseen(root, source, styles.that_hide)
        reader = BodyReader(Budget(limits, f"docx:{main}"))
        reader.read(body)
        roles = heading_roles(styles.root(), reader.styles_used) if reader.styles_used else {}
        meta = _meta(parts, limits)
        blocks = reader.blocks(roles)
        targets = _targets(parts, main, limits) if reader.images or reader.chunks else {}
        images = _stored(parts, targets, reader.images, limits)
        chunks = chunks_of([Chunk(*one) for one in _stored(parts, targets, reader.chunks, limits)], limits)
    blocks, places = chunks.put_into(blocks)
    if not blocks and not reader.pictures:
        raise EmptyDocumentError("the docx has no text", where="docx", expected="paragraphs or tables")
    document = Document(
        format="docx",
        sha256=sha256_hex(data),
        blocks=blocks,
        meta=meta,
        warnings=(*reader.warnings(), *chunks.warnings),
        method=METHOD,
    )
    if not images:
        return document
    from gongkai.documents.picture import Embedded, with_pictures

    pictures = [Embedded(picture, path, places[index]) for picture, path, index in images]
    return with_pictures(document, pictures, limits)


def _read_chunks(chunks: list[Chunk], limits: Limits) -> Chunks:
    """Read documents that a docx holds in its text; those inside these are named, not read."""
    from gongkai.documents.read import read

    found = Chunks()
    left = limits.cells
    for chunk in chunks:
        try:
            if left < 0 or len(found.documents) >= _MOST_CHUNKS:
                raise LimitError("too many embedded documents", expected=f"at most {_MOST_CHUNKS}")
            document = (
                _read(chunk.data, limits, _unread) if sniff(chunk.data) == "docx" else read(chunk.data, "", limits)
            )
        except DocumentError as error:
            found.warnings.append(f"{chunk.path} is not read: {error}")
            continue
        left -= sum(len(block.cells) if isinstance(block, Grid) else 1 for block in document.blocks)
        found.documents.append((chunk, document))
    return found


def _unread(chunks: list[Chunk], _limits: Limits) -> Chunks:
    return Chunks(warnings=[f"{chunk.path} is not read: a document in an embedded document" for chunk in chunks])


class _Styles:
    """The part of the styles, unpacked and parsed once, when first needed."""

    def __init__(self, parts: Parts, limits: Limits) -> None:
        self._parts, self._limits = parts, limits
        self._source: bytes | None = None
        self._root: etree._Element | None = None
        self._is_read = False

    def that_hide(self) -> etree._Element | None:
        """The root, if some style hides text."""
        self._read()
        return self.root() if self._source is not None and b":vanish" in self._source else None

    def root(self) -> etree._Element | None:
        """The root of the part; None if there is no such part."""
        self._read()
        if self._root is None and self._source is not None:
            self._root = parse_xml(self._source, self._limits, f"docx:{_STYLES}")
        return self._root

    def _read(self) -> None:
        if not self._is_read:
            self._source, self._is_read = _part(self._parts, _STYLES), True


def _targets(parts: Parts, main: str, limits: Limits) -> dict[str, str]:
    """Return the parts that the main part refers to, by relationship."""
    folder, _, name = main.rpartition("/")
    try:
        root = _parse(parts, f"{folder}/_rels/{name}.rels", limits)
    except DamagedDocumentError:
        root = None
    found: dict[str, str] = {}
    for item in root if root is not None else ():
        if item.get("TargetMode") != "External":
            target = item.get("Target", "")
            found[item.get("Id", "")] = (
                target[1:] if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
            )
    return found


def _stored(
    parts: Parts, targets: dict[str, str], wanted: list[tuple[int, str, str]], limits: Limits
) -> list[tuple[bytes, str, int]]:
    """Return bytes, path and place of pictures or documents in the file; those too large are left out."""
    found: list[tuple[bytes, str, int]] = []
    known: dict[str, bytes] = {}
    for index, path, relation in wanted[: limits.members]:
        part = targets.get(relation)
        if part is None:
            continue
        try:
            data = known[part] if part in known else parts.read(part)
        except (LimitError, DamagedDocumentError):
            continue
        if data:
            known[part] = data
            found.append((data, path, index))
    return found


def _part(parts: Parts, part: str) -> bytes | None:
    """Return one part in the names of transitional Open XML; None if there is no such part."""
    data = parts.read(part) if part else None
    return data.replace(n.STRICT, n.W.encode()) if data is not None and n.STRICT in data[:4096] else data


def _parse(parts: Parts, part: str, limits: Limits) -> etree._Element | None:
    """Parse one part; None if there is no such part."""
    data = _part(parts, part)
    return None if data is None else parse_xml(data, limits, f"docx:{part}")


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
