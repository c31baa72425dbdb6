"""HTML pages of portals: parsing, their text, their links, files and pictures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml import etree, html

from gongkai.documents.budget import check_markup
from gongkai.documents.encoding import decode
from gongkai.documents.html_names import PICTURE_ADDRESSES
from gongkai.errors import SourceError
from gongkai.settings import Limits
from gongkai.sources.address import clean_url
from gongkai.sources.link_rules import AttachmentRules, LinkRules, PictureRules
from gongkai.sources.links import file_extension

_MARKUP = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|meta|script|div|p|title)\b", re.I | re.S
)
_HEAD_BYTES = 4096
_FRAMES = {"iframe": "src", "embed": "src", "object": "data"}
"""Elements that show a file inside the page, and the attribute that names it."""

_SILENT = frozenset({"script", "style", "noscript", "template", "head", "title"})


def is_html(body: bytes) -> bool:
    """Tell HTML by its bytes; the content type of portals is no evidence."""
    return bool(_MARKUP.match(body[:_HEAD_BYTES].removeprefix(b"\xef\xbb\xbf")))


def parse(body: bytes, url: str, limits: Limits) -> html.HtmlElement:
    """Parse a page.

    Raises:
        SourceError: There is no element in it.
        LimitError: It has more tags than a report could need.
        UnsupportedFormatError: It is not text.
    """
    check_markup(body, limits, url)
    return parse_text(decode(body).text, url)


def parse_text(text: str, url: str) -> html.HtmlElement:
    """Parse a page that was decoded.

    Raises:
        SourceError: There is no element in it.
    """
    # The text is decoded; a declaration inside would make lxml refuse it.
    if declared := re.match(r"\s*<\?xml[^>]*\?>", text):
        text = text[declared.end() :]
    try:
        return html.document_fromstring(text, parser=html.HTMLParser(huge_tree=False, remove_comments=True))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise SourceError("the page cannot be parsed", where=url, found=str(error)) from error


def links(root: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """Yield the links that lead to pages: anchors with an address that is no script, mail or place in the page."""
    for anchor in root.iter("a"):
        href = (anchor.get("href") or "").strip()
        if href and not href.startswith("#") and not re.match(r"(?i)(?:javascript|mailto|tel|data):", href):
            yield anchor


def text_of(element: html.HtmlElement, most: int | None = None) -> str:
    """Visible text below an element; with `most` it ends soon after so many characters that are no white space."""
    if most is None:
        return "".join(_texts(element))
    found, size = [], 0
    for text in _texts(element):
        found.append(text)
        size += len("".join(text.split()))
        if size > most:
            break
    return "".join(found)


def _texts(element: html.HtmlElement) -> Iterator[str]:
    # A walk without recursion: how deep a page nests is not ours to choose.
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, node in walk:
        if event == "end":
            yield (node.tail or "") if node is not element else ""
        elif node.tag in _SILENT:
            walk.skip_subtree()
        else:
            yield node.text or ""


def articles(root: html.HtmlElement, rules: LinkRules) -> list[html.HtmlElement]:
    """Return the containers of a page's article that we know (tag, #id or .class), none where it has another."""
    wanted: dict[str, list[html.HtmlElement]] = {selector: [] for selector in rules.attachments.containers}
    for element in root.xpath("//*[@id or @class] | //article"):
        classes = (element.get("class") or "").split()
        for name in {str(element.tag), f"#{element.get('id')}", *(f".{one}" for one in classes)} & wanted.keys():
            wanted[name].append(element)
    return [element for found in wanted.values() for element in found]


def attachment_links(
    containers: Iterable[html.HtmlElement], url: str, rules: AttachmentRules
) -> Iterator[tuple[str, str]]:
    """Yield (address, text) of the files that a report's page links, in order, each once.

    Args:
        containers: Those of its article; where the page has none that we know, all of it.
        url: The page.
        rules: What files are called.
    """
    seen: set[str] = set()
    for container in containers:
        for anchor in (*links(container), *container.iter(*_FRAMES)):
            try:
                address = clean_url(url, anchor.get(_FRAMES.get(str(anchor.tag), "href")) or "")
            except SourceError:
                continue
            text = text_of(anchor).strip() or (anchor.get("title") or "").strip()
            named = file_extension(address, rules) or file_extension("/" + text, rules)
            if named and address not in seen:
                seen.add(address)
                yield address, text


def picture_links(containers: Iterable[html.HtmlElement], url: str, rules: PictureRules) -> Iterator[str]:
    """Yield the addresses of the pictures in a report's article, in order, each once; icons are left out.

    The tables of some reports are pictures. Where the page has no article that we know, its pictures are those of the
    portal, and none is taken.
    """
    seen: set[str] = set()
    for container in containers:
        for picture in container.iter("img"):
            address = next((found for name in PICTURE_ADDRESSES if (found := (picture.get(name) or "").strip())), "")
            if not address or address[:5].lower() == "data:" or _is_icon(picture, rules.smallest):
                continue
            try:
                absolute = clean_url(url, address)
            except SourceError:
                continue
            if absolute not in seen:
                seen.add(absolute)
                yield absolute


def _is_icon(picture: html.HtmlElement, smallest: int) -> bool:
    sizes = ((picture.get(name) or "").strip().removesuffix("px") for name in ("width", "height"))
    return any(size.isascii() and size.isdigit() and int(size[:6]) < smallest for size in sizes)
