"""Reads an OFD (GB/T 33190-2016): characters and ruling lines of its pages, then tables and text as in a PDF.

Own code rather than ofdkit 0.2, which gives text runs without positions of their characters and no lines.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from lxml import etree

from gongkai.documents.digest import sha256_hex
from gongkai.documents.model import Document
from gongkai.documents.ofd_page import POINTS, OfdPage, box_of
from gongkai.documents.pdf import blocks_of_pages
from gongkai.documents.pdf_chars import Char
from gongkai.documents.pdf_rules import Rules, join_rules
from gongkai.documents.xml_part import parse_xml
from gongkai.documents.zips import Parts, open_zip
from gongkai.errors import DamagedDocumentError, EmptyDocumentError, LimitError
from gongkai.settings import Limits

METHOD = "ofd-lines"

_ROOT = "OFD.xml"
_A4 = (0.0, 0.0, 210.0, 297.0)


def read_ofd(data: bytes, limits: Limits) -> Document:
    """Read an OFD into blocks of text and one grid per table and page.

    Coordinates are points from the top left corner of the page. Pages that are pictures yield a warning, not text.

    Raises:
        DamagedDocumentError: The zip or its XML is broken, or it has no pages.
        LimitError: It unpacks to more, or draws more, than `limits` allows.
        EmptyDocumentError: No page has text.
    """
    with open_zip(data, limits, "ofd") as parts:
        package = _Package(parts, limits, {})
        root = package.parse(_ROOT)
        if root is None:
            raise DamagedDocumentError("the OFD has no root", where="ofd", expected=_ROOT)
        pages: list[tuple[float, list[Char], Rules]] = []
        pictures = 0
        for body in root.iterfind("{*}DocBody"):
            for page in _pages(package, body, limits.pages - len(pages)):
                height, drawn = _draw(package, page, len(pages) + 1)
                pictures += drawn.pictures
                rules = Rules(join_rules(drawn.rules.horizontal), join_rules(drawn.rules.vertical))
                pages.append((height, drawn.chars, rules))
        title = root.findtext("{*}DocBody/{*}DocInfo/{*}Title") or ""
        producer = root.findtext("{*}DocBody/{*}DocInfo/{*}Creator") or ""
    if not pages:
        raise DamagedDocumentError("the OFD has no pages", where="ofd", expected="at least one page")
    blocks, warnings = blocks_of_pages(pages, limits)
    if not blocks:
        raise EmptyDocumentError(
            "the OFD has no text",
            where="ofd",
            found=f"{len(pages)} pages with {pictures} pictures",
            do="fetch another format of the report",
        )
    for number, (_, chars, _) in enumerate(pages, 1):
        if not chars:
            warnings.append(f"page {number} has no text")
    if pictures:
        warnings.append(f"{pictures} pictures, whose text is not read")
    meta = {key: text.strip()[:500] for key, text in (("title", title), ("producer", producer)) if text.strip()}
    return Document(
        format="ofd",
        sha256=sha256_hex(data),
        blocks=blocks,
        meta=meta,
        pages=len(pages),
        warnings=tuple(warnings),
        method=METHOD,
    )


@dataclass(slots=True)
class _Package:
    """The XML parts of an OFD, each parsed once; templates are used by many pages."""

    parts: Parts
    limits: Limits
    parsed: dict[str, etree._Element | None]

    def parse(self, name: str) -> etree._Element | None:
        """Return the root of a part, None if there is no such part."""
        if name not in self.parsed:
            data = self.parts.read(name)
            self.parsed[name] = None if data is None else parse_xml(data, self.limits, f"ofd:{name}")
        return self.parsed[name]


@dataclass(slots=True)
class _Page:
    """A page of a document: its content, the templates it may name, the area of the document."""

    content: etree._Element
    templates: dict[str, etree._Element]
    area: tuple[float, float, float, float]


def _pages(package: _Package, body: etree._Element, most: int) -> list[_Page]:
    """Return the pages of one DocBody.

    Raises:
        LimitError: More than the limit of pages.
        DamagedDocumentError: A part that is named is not there.
    """
    path = _resolve("", body.findtext("{*}DocRoot") or "")
    document = _need(package, path)
    found = document.findall("{*}Pages/{*}Page")
    if len(found) > most:
        raise LimitError(
            "the OFD has too many pages", where="ofd", found=len(found), do="raise GONGKAI_LIMIT_PAGES if it is genuine"
        )
    common = document.find("{*}CommonData")
    area, templates = _A4, {}
    if common is not None:
        area = box_of(common.findtext("{*}PageArea/{*}PhysicalBox")) or _A4
        for template in common.iterfind("{*}TemplatePage"):
            drawn = package.parse(_resolve(path, template.get("BaseLoc", "")))
            if drawn is not None:
                templates[template.get("ID", "")] = drawn
    return [_Page(_need(package, _resolve(path, page.get("BaseLoc", ""))), templates, area) for page in found]


def _draw(package: _Package, page: _Page, number: int) -> tuple[float, OfdPage]:
    """Return the height of a page in points and what it draws, moved to its corner."""
    limits = package.limits
    drawn = OfdPage(limits.page_chars + limits.cells, f"page {number}")
    for use in page.content.iterfind("{*}Template"):
        template = page.templates.get(use.get("TemplateID", ""))
        if template is not None:
            drawn.draw(template)
    for content in page.content.iterfind("{*}Content"):
        drawn.draw(content)
    x, y, _, height = box_of(page.content.findtext("{*}Area/{*}PhysicalBox")) or page.area
    if x or y:
        left, top = x * POINTS, y * POINTS
        drawn.chars = [(a - left, b - top, c - left, d - top, char) for a, b, c, d, char in drawn.chars]
        drawn.rules.horizontal = [(at - top, start - left, end - left) for at, start, end in drawn.rules.horizontal]
        drawn.rules.vertical = [(at - left, start - top, end - top) for at, start, end in drawn.rules.vertical]
    return height * POINTS, drawn


def _need(package: _Package, path: str) -> etree._Element:
    root = package.parse(path)
    if root is None:
        raise DamagedDocumentError("a part is missing", where="ofd", found=f"no {path!r}", do="fetch it again")
    return root


def _resolve(base: str, path: str) -> str:
    """Return the name of a part that another one names: from the root of the zip with "/", else from beside it."""
    joined = path if path.startswith("/") else posixpath.join(posixpath.dirname(base), path)
    return posixpath.normpath(joined).lstrip("/")
