"""Tells the format of a document from its content; its name may only break ties between txt and md."""

from __future__ import annotations

import re

from gongkai.documents.encoding import WIDE_MARKUP, decode
from gongkai.documents.zips import check_directory, open_zip
from gongkai.errors import EmptyDocumentError, UnsupportedFormatError
from gongkai.settings import Limits

PICTURES = ("png", "jpeg", "tiff", "gif", "bmp", "webp")
"""Pictures, whose characters are recognised."""

FORMATS = ("docx", "doc", "odt", "ofd", "rtf", "wps", "wordml", "html", "mhtml", "pdf", "md", "txt", *PICTURES)
"""What `sniff` may return, and `read` can read."""

ARCHIVES = ("zip", "rar", "7z")
"""What `sniff` may return too: bundles of documents, which `bundle.members` takes apart."""

_SIGNATURES = (
    (b"\x1f\x8b", "gzip"),
    (b"\x89PNG\r\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"RIFF", "webp"),
)
_BARE = ((b"{\\rtf", "rtf"), (b"Rar!\x1a\x07", "rar"), (b"7z\xbc\xaf\x27\x1c", "7z"))
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_KINDS = (
    ("EncryptedPackage", "encrypted docx"),
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("PowerPoint", "ppt"),
    ("MatOST", "wps"),
)
_OLE_READ = ("doc", "wps")
"""WPS Writer saves .wps as Word does; a .wps with MatOST is one of Microsoft Works."""
_ZIP_KINDS = (
    (r"OFD\.xml", "ofd"),
    (r"xl/workbook\.\w+", "xlsx"),
    (r"ppt/presentation\.xml", "pptx"),
    (r"content\.xml", "odt"),
)
_ZIP_READ = ("ofd", "odt")
_ODF_MIMETYPE = "application/vnd.oasis.opendocument."
DOCX_PART = re.compile(r"word/document\d*\.xml")
"""The main part of a docx; some web editors number it."""

_BMP_RESERVED = slice(6, 10)
_HEAD, _PDF_HEAD, _TEXT_HEAD, _DIRECTORY_HEAD = 65_536, 1024, 200_000, 65_536
_NOTHING, _SHORT = b" \t\r\n\x00\xef\xbb\xbf", 64
_MOST_NULS = 0.01
_WIDE_STARTS = (b"\xff\xfe", b"\xfe\xff", *(marks for marks, _ in WIDE_MARKUP))
_MOST_CONTROLS = 0.02
_CONTROLS = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f]")
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|meta)[\s>]", re.IGNORECASE)
_FRAGMENT = re.compile(
    r"<(?:div|p|table|span|section|article|script|style|title|h[1-6]|ul|center|font|br)[\s>/]", re.IGNORECASE
)
_WORDML = re.compile(r"<w:wordDocument[\s>/]")
_JSON = re.compile(r'\{\s*["}]|\[\s*[\[{"]')
_CSV_LINES, _CSV_COMMAS = 5, 3
_PIPE_RULES = (  # possessive, so that a long line of blanks costs no backtracking
    re.compile(r"^[ \t]*+\|?+[ \t]*+:?-+:?[ \t]*+(?:\|[ \t]*+:?-+:?[ \t]*+)+\|?+[ \t]*+$", re.MULTILINE),
    re.compile(r"^[ \t]*+\|[ \t]*+:?-+:?[ \t]*+\|[ \t]*+$", re.MULTILINE),
)
_ATX = re.compile(r"^ {0,3}#{1,6}[ \t]+\S", re.MULTILINE)
_TAB_CELL = re.compile(r"^\t", re.MULTILINE)


def sniff(data: bytes, name: str = "") -> str:
    """Return the format of `data`: one of FORMATS or ARCHIVES.

    Args:
        data: The whole file.
        name: Its name; a ".md" only decides about text that shows neither markdown nor cells.

    Raises:
        EmptyDocumentError: No bytes, or only white space.
        DamagedDocumentError: A zip that cannot be opened.
        UnsupportedFormatError: Another format; the message names it.
    """
    if not data[:_SHORT].strip(_NOTHING) and not data.strip(_NOTHING):
        raise EmptyDocumentError("the document is empty", where=name, found=f"{len(data)} bytes", expected="a report")
    if data.startswith(b"PK"):
        return _sniff_zip(data, name)
    if data.startswith(_OLE):
        return _sniff_ole(data, name)
    for signature, kind in _BARE:
        if data.startswith(signature):
            return kind
    if kind := _known(data, name):
        return kind
    head = data[:_HEAD]
    if _is_mhtml(head[:2048].lower()):
        return "mhtml"
    start = head[:_PDF_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    if b"%PDF-" in head[:_PDF_HEAD] and not start.startswith(b"<"):
        return "pdf"
    if head.count(0) > _MOST_NULS * len(head) and not head.startswith(_WIDE_STARTS):
        raise _unsupported("binary", name)
    return _sniff_text(data, name)


def _sniff_ole(data: bytes, name: str) -> str:
    kind = next((kind for stream, kind in _OLE_KINDS if stream.encode("utf-16-le") in data), "OLE compound file")
    if kind not in _OLE_READ:
        raise _unsupported(kind, name)
    return kind


def _is_mhtml(head: bytes) -> bool:
    return head.lstrip().startswith((b"mime-version:", b"from:")) and b"multipart/related" in head


def _known(data: bytes, name: str) -> str:
    """Name a picture, refuse other formats that begin with a signature, return "" for the rest."""
    for signature, kind in _SIGNATURES:
        if data.startswith(signature) and (kind != "bmp" or data[_BMP_RESERVED][:4] == b"\0\0\0\0"):
            if kind == "gzip" or (kind == "webp" and data[8:12] != b"WEBP"):
                raise _unsupported("RIFF" if kind == "webp" else kind, name)
            return kind
    return ""


def _sniff_zip(data: bytes, name: str) -> str:
    directory = check_directory(data, name)
    if b"word/document.xml" in directory[-_DIRECTORY_HEAD:]:  # the usual case, without parsing the directory twice
        return "docx"
    with open_zip(data, Limits(), name) as parts:
        members = parts.names
        stated = (parts.read("mimetype") or b"")[:100].decode("ascii", "replace") if "content.xml" in members else ""
    if any(DOCX_PART.fullmatch(member) for member in members):
        return "docx"
    for pattern, kind in _ZIP_KINDS:
        if any(re.fullmatch(pattern, member, re.IGNORECASE) for member in members):
            if kind == "odt" and stated and not stated.startswith(f"{_ODF_MIMETYPE}text"):
                raise _unsupported(stated, name)
            if kind in _ZIP_READ:
                return kind
            raise _unsupported(kind, name)
    return "zip"


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
        if _WORDML.search(start[:_HEAD]):
            return "wordml"
        raise _unsupported("xml", name)
    if kind := _data_kind(start):
        raise _unsupported(kind, name)
    if any(rule.search(text) for rule in _PIPE_RULES) or (_ATX.search(text) and not _TAB_CELL.search(text)):
        return "md"
    return "md" if name.lower().endswith((".md", ".markdown")) and not _TAB_CELL.search(text) else "txt"


def _data_kind(text: str) -> str:
    """Name what is data for programs: JSON by its first signs, CSV by lines with the same number of commas."""
    if _JSON.match(text):
        return "json"
    lines = text[:_HEAD].splitlines()[:50]
    commas = {line.count(",") for line in lines[:-1]}
    return "csv" if len(lines) > _CSV_LINES and len(commas) == 1 and commas.pop() >= _CSV_COMMAS else ""


def _unsupported(kind: str, name: str) -> UnsupportedFormatError:
    return UnsupportedFormatError(
        f"no reader for {kind}",
        where=name,
        found=kind,
        expected=", ".join(FORMATS),
        do="convert it to docx or PDF first, or fetch the other format of the report",
    )
