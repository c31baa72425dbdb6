"""Tells the format of a document from its content; its name may only break ties between txt and md."""

from __future__ import annotations

import re

from gongkai.documents.encoding import decode
from gongkai.documents.zips import check_directory, open_zip
from gongkai.errors import EmptyDocumentError, UnsupportedFormatError
from gongkai.settings import Limits

FORMATS = ("docx", "doc", "html", "pdf", "md", "txt")
"""What `sniff` may return, and `read` can read."""

_SIGNATURES = (
    (b"{\\rtf", "rtf"),
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"\x89PNG\r\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"RIFF", "webp"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_KINDS = (
    ("EncryptedPackage", "encrypted docx"),
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("PowerPoint", "ppt"),
)
_ZIP_KINDS = (
    (r"OFD\.xml", "ofd"),
    (r"xl/workbook\.\w+", "xlsx"),
    (r"ppt/presentation\.xml", "pptx"),
    (r"content\.xml", "odt"),
)
DOCX_PART = re.compile(r"word/document\d*\.xml")
"""The main part of a docx; some web editors number it."""

_BMP_RESERVED = slice(6, 10)
_HEAD, _PDF_HEAD, _TEXT_HEAD, _DIRECTORY_HEAD = 65_536, 1024, 200_000, 65_536
_MOST_NULS = 0.01
_MOST_CONTROLS = 0.02
_CONTROLS = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f]")
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|meta)[\s>]", re.IGNORECASE)
_FRAGMENT = re.compile(
    r"<(?:div|p|table|span|section|article|script|style|title|h[1-6]|ul|center|font|br)[\s>/]", re.IGNORECASE
)
_PIPE_RULES = (  # possessive, so that a long line of blanks costs no backtracking
    re.compile(r"^[ \t]*+\|?+[ \t]*+:?-+:?[ \t]*+(?:\|[ \t]*+:?-+:?[ \t]*+)++\|?+[ \t]*+$", re.MULTILINE),
    re.compile(r"^[ \t]*+\|[ \t]*+:?-+:?[ \t]*+\|[ \t]*+$", re.MULTILINE),
)
_ATX = re.compile(r"^ {0,3}#{1,6}[ \t]+\S", re.MULTILINE)
_TAB_CELL = re.compile(r"^\t", re.MULTILINE)


def sniff(data: bytes, name: str = "") -> str:
    """Return the format of `data`: one of FORMATS.

    Args:
        data: The whole file.
        name: Its name; a ".md" only decides about text that shows neither markdown nor cells.

    Raises:
        EmptyDocumentError: No bytes, or only white space.
        DamagedDocumentError: A zip that cannot be opened.
        UnsupportedFormatError: Another format; the message names it.
    """
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise EmptyDocumentError("the document is empty", where=name, found=f"{len(data)} bytes", expected="a report")
    if data.startswith(b"PK"):
        return _sniff_zip(data, name)
    if data.startswith(_OLE):
        return _sniff_ole(data, name)
    _refuse_known(data, name)
    head = data[:_HEAD]
    start = head[:_PDF_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    if b"%PDF-" in head[:_PDF_HEAD] and not start.startswith(b"<"):
        return "pdf"
    if head.count(0) > _MOST_NULS * len(head) and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _unsupported("binary", name)
    return _sniff_text(data, name)


def _sniff_ole(data: bytes, name: str) -> str:
    kind = next((kind for stream, kind in _OLE_KINDS if stream.encode("utf-16-le") in data), "OLE compound file")
    if kind != "doc":
        raise _unsupported(kind, name)
    return kind


def _refuse_known(data: bytes, name: str) -> None:
    for signature, kind in _SIGNATURES:
        if data.startswith(signature) and (kind != "bmp" or data[_BMP_RESERVED][:4] == b"\0\0\0\0"):
            raise _unsupported(kind, name)
    head = data[:2048].lower()
    if b"mime-version:" in head and b"multipart/related" in head:
        raise _unsupported("mhtml", name)


def _sniff_zip(data: bytes, name: str) -> str:
    check_directory(data, name)
    if b"word/document.xml" in data[-_DIRECTORY_HEAD:]:  # the usual case, without parsing the directory twice
        return "docx"
    with open_zip(data, Limits(), name) as parts:
        members = parts.names
    if any(DOCX_PART.fullmatch(member) for member in members):
        return "docx"
    for pattern, kind in _ZIP_KINDS:
        if any(re.fullmatch(pattern, member, re.IGNORECASE) for member in members):
            raise _unsupported(kind, name)
    raise _unsupported("zip archive", name)


def _sniff_text(data: bytes, name: str) -> str:
    try:
        text = decode(data[:_TEXT_HEAD]).text
    except UnsupportedFormatError as error:
        raise _unsupported("binary", name) from error
    if len(_CONTROLS.findall(text)) > max(8, _MOST_CONTROLS * len(text)):
        raise _unsupported("binary", name)
    start = text.lstrip()
    if _HTML.search(start[:_HEAD]) or (start.startswith("<") and _FRAGMENT.search(start[:_HEAD])):
        return "html"
    if start.startswith("<?xml"):
        raise _unsupported("xml", name)
    if any(rule.search(text) for rule in _PIPE_RULES) or (_ATX.search(text) and not _TAB_CELL.search(text)):
        return "md"
    return "md" if name.lower().endswith((".md", ".markdown")) and not _TAB_CELL.search(text) else "txt"


def _unsupported(kind: str, name: str) -> UnsupportedFormatError:
    return UnsupportedFormatError(
        f"no reader for {kind}",
        where=name,
        found=kind,
        expected=", ".join(FORMATS),
        do="convert it to docx or PDF first, or fetch the other format of the report",
    )
