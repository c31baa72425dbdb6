"""Reads a web page: the article's paragraphs and tables, what the page says of itself, links to attachments."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from lxml import etree

from gongkai.documents.budget import Budget, TooDeepError, check_markup
from gongkai.documents.companions import Companions, none
from gongkai.documents.digest import sha256_hex
from gongkai.documents.encoding import decode
from gongkai.documents.html_flow import FlowReader
from gongkai.documents.html_names import BREAK_MARK
from gongkai.documents.html_page import Article, find_article
from gongkai.documents.html_shell import own_text_length, shell_links
from gongkai.documents.html_shown import mark_unseen
from gongkai.documents.model import Block, Document, TextBlock
from gongkai.documents.page_rules import PageRules, load_page_rules
from gongkai.documents.properties import read_properties
from gongkai.errors import EmptyDocumentError, LimitError
from gongkai.settings import Limits

METHOD = "html-lxml"

_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{1,40})", re.IGNORECASE)
_DECLARATION_HEAD = 8192
_INLINE_TAGS = re.compile(
    r"</?(?:font|span|b|i|u|em|strong|small|big|o:p|st1:\w+)(?:\s[^<>]{0,2000})?/?>", re.IGNORECASE
)
"""Left open paragraph after paragraph, these nest a page deeper with each; without them it reads the same."""

_CROWDED_TAG = re.compile(rb"""<[a-zA-Z][^\s<>/"']*+(?:(?:[\s/]++|"[^"]*+"|'[^']*+')[^"'<>\s/]*+){2000}""")
"""A tag of some thousand attributes: libxml2 compares each with each, 20,000 of them take seconds."""

_SPACE = re.compile(r"\s+")
_FILE_SOURCES = {"a": "href", "iframe": "src", "embed": "src", "object": "data"}
_SCHEMES = ("", "http", "https")
_SHELL_TEXT = 150
"""A page of more characters than this outside links says something itself."""

_MOST_ATTACHMENTS, _LONGEST_HREF = 200, 2000
_UNSEEN = ("script", "style", "noscript", "template")


def read_html(data: bytes, limits: Limits, companions: Companions = none) -> Document:
    """Read a web page into blocks of text and grids.

    The bytes decide the encoding (UTF-8, else GB18030). What stands outside the article keeps the role "furniture".
    Spanned cells are placed on a grid; a table around everything is dissolved. Blank paragraphs of the article are
    kept as "", because each may be a blank cell of a flattened table. Pictures that the page holds, or that came with
    it, are recognised where they may show a table.

    Args:
        data: The page.
        limits: Limits of the run.
        companions: Gives the pictures that came with the page.

    Raises:
        LimitError: More tags, text, cells or nested elements than `limits` allows.
        EmptyDocumentError: No element at all.
    """
    declared = _DECLARED.search(data[:_DECLARATION_HEAD])
    decoded = decode(data, declared[1].decode("ascii") if declared else "")
    rules = load_page_rules()
    warnings = list(decoded.warnings)
    try:
        root, article, reader = _read_tree(decoded.text, limits, rules)
    except TooDeepError:
        flatter = _INLINE_TAGS.sub("", decoded.text)
        if len(flatter) == len(decoded.text):
            raise
        warnings.append("the page nests too deep: inline elements (font, span, b ...) were ignored")
        root, article, reader = _read_tree(flatter, limits, rules)
    meta = _meta(root, reader.properties, rules) | {"encoding": decoded.encoding}
    if not article.selector:
        warnings.append("no known article container: the whole body was read")
    if reader.pictures:
        warnings.append(f"{reader.pictures} pictures in the article, whose text is not read")
    document = Document(
        format="html",
        sha256=sha256_hex(data),
        blocks=_with_title(reader.blocks, meta.get("title", "")),
        meta=meta,
        attachments=_attachments(root, article, rules) or _leads(root, decoded.text),
        warnings=tuple(warnings),
        method=METHOD,
    )
    return _with_images(document, reader.images, limits, companions) if reader.images else document


def _with_images(document: Document, images: list[tuple[int, str]], limits: Limits, companions: Companions) -> Document:
    """Recognise the pictures of a page that can be had; without any, nothing of what that needs is loaded."""
    held = [
        (number, index, address, None if address[:5].lower() == "data:" else companions(address))
        for number, (index, address) in enumerate(images[: limits.members], 1)
    ]
    wanted = [one for one in held if one[3] is not None or one[2][:11].lower() == "data:image/"]
    if not wanted:
        return document
    from gongkai.documents.picture import Embedded, unpacked, with_pictures

    pictures = [
        Embedded(unpacked(address) if data is None else data, f"img[{number}]", index)
        for number, index, address, data in wanted
    ]
    return with_pictures(document, pictures, limits)


def _read_tree(text: str, limits: Limits, rules: PageRules) -> tuple[etree._Element, Article, FlowReader]:
    root = parse_page(text, limits)
    article = find_article(root, rules)
    reader = FlowReader(article.containers, article.furniture, article.around, rules, Budget(limits, "html"))
    body = root.find("body")
    try:
        reader.read(root if body is None else body)
    except RecursionError as error:
        raise TooDeepError(
            "too many levels of nested elements", where="html", do="lower GONGKAI_LIMIT_DEPTH to refuse it sooner"
        ) from error
    return root, article, reader


def parse_page(text: str, limits: Limits) -> etree._Element:
    """Parse HTML text into a tree without comments, scripts and styles.

    Raises:
        LimitError: Too many tags or attributes, or the parser gave up on depth or size (libxml2 would return the part
            it had, without a word).
        EmptyDocumentError: There is no element.
    """
    data = text.replace(BREAK_MARK, " ").encode("utf-8", "replace")
    check_markup(data, limits, "html")
    if _CROWDED_TAG.search(data):
        raise LimitError("a tag has thousands of attributes", where="html", do="look at the page itself")
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True, no_network=True, collect_ids=False
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise EmptyDocumentError("the page has no element", where="html", found=str(error.msg)) from error
    if root is None:
        raise EmptyDocumentError("the page has no element", where="html")
    for entry in parser.error_log:
        if entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
            raise TooDeepError(
                "the page nests too deep or is too large",
                where="html",
                found=entry.message,
                expected="some 2000 levels",
            )
    if "srcdoc" in text:
        _open_frames(root, limits)
    mark_unseen(root, data)
    etree.strip_elements(root, *_UNSEEN, with_tail=False)
    return root


def _open_frames(root: etree._Element, limits: Limits) -> None:
    """Put what frames hold in their srcdoc into their place; frames in frames stay shut."""
    for frame in list(root.iter("iframe")):
        source = frame.get("srcdoc", "")
        if not source.strip():
            continue
        check_markup(source.encode("utf-8", "replace"), limits, "html")
        try:
            inner = etree.HTML(source, etree.HTMLParser(remove_comments=True, remove_pis=True, no_network=True))
        except etree.XMLSyntaxError:
            continue
        frame.tag = "div"
        frame.text = None
        del frame.attrib["srcdoc"]
        frame[:] = [] if inner is None else [inner]


def _meta(root: etree._Element, properties: list[str], rules: PageRules) -> dict[str, str]:
    """What the property table prints; where it is silent, meta tags; for the title at last <title>."""
    tags: dict[str, str] = {}
    for element in root.iter("meta"):
        name, content = element.get("name"), element.get("content")
        if name and content and content.strip():
            tags.setdefault(name.strip().lower(), content.strip()[:500])
    meta = {key: value for key, value in read_properties(properties, rules).items() if value}
    for key, names in rules.meta_tags.items():
        stated = next((tags[name.lower()] for name in names if name.lower() in tags), None)
        if stated:
            meta.setdefault(key, stated)
    title = root.findtext(".//title")
    if title and title.strip() and "title" not in meta:
        title = _SPACE.sub(" ", title).strip()[:500]
        site = meta.get("site")
        meta["title"] = re.sub(rf"\s*[-_|—–]+\s*{re.escape(site)}$", "", title) if site else title
    return meta


def _with_title(blocks: list[Block], title: str) -> tuple[Block, ...]:
    """Mark a heading outside the article as title only if it is the page's title; others are furniture."""
    wanted = _SPACE.sub("", title)
    out: list[Block] = []
    for block in blocks:
        if isinstance(block, TextBlock) and block.role == "title" and _SPACE.sub("", block.text) != wanted:
            block = TextBlock(block.text, block.path, role="furniture")  # noqa: PLW2901
        out.append(block)
    return tuple(out)


def _leads(root: etree._Element, text: str) -> tuple[tuple[str, str], ...]:
    """Where a page without text, tables and files of its own leads: a refresh, a script, a frame."""
    if own_text_length(root, _SHELL_TEXT) > _SHELL_TEXT or root.find(".//table") is not None:
        return ()
    return tuple((address, "") for address in shell_links(root, text))


def _attachments(root: etree._Element, article: Article, rules: PageRules) -> tuple[tuple[str, str], ...]:
    """Links to files that may hold the report, those of the article first, each once.

    Many portals print the list of attachments below the article, so the whole page counts but for its furniture.
    """
    inside: dict[str, str] = {}
    outside: dict[str, str] = {}
    for element in root.iter(*_FILE_SOURCES):
        href = (element.get(_FILE_SOURCES[str(element.tag)]) or "").strip()
        text = _SPACE.sub(" ", "".join(map(str, element.itertext()))).strip()[:300]
        address = _file_address(href, text, rules)
        if not address:
            continue
        place = outside
        for ancestor in element.iterancestors():
            if ancestor in article.furniture:
                break
            if ancestor in article.containers:
                place = inside
        else:
            place.setdefault(address, text or element.get("title", ""))
    found = inside | {href: text for href, text in outside.items() if href not in inside}
    return tuple(found.items())[:_MOST_ATTACHMENTS]


def _file_address(href: str, text: str, rules: PageRules) -> str:
    """The address of a file, "" if the link is none; a viewer's address may name the file in its query."""
    if not href or len(href) > _LONGEST_HREF:
        return ""
    try:
        parts = urlsplit(href)
    except ValueError:
        return ""
    if parts.scheme.lower() not in _SCHEMES:
        return ""
    if rules.attachment_pattern.search(parts.path):
        return href
    for name, value in parse_qsl(parts.query):
        if name.lower() in ("file", "src", "url") and rules.attachment_pattern.search(value):
            return value
    return href if rules.attachment_pattern.search(text) or rules.attachment_pattern.search(parts.query) else ""
