"""The streams of a Word 97 file, and its header (FIB): where text and properties stand ([MS-DOC] 2.5)."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import Any

from gongkai.errors import DamagedDocumentError, DocumentError, UnsupportedFormatError

_WORD_STREAM, _SUMMARY = "WordDocument", "\x05SummaryInformation"
_MAGIC = 0xA5EC
_WORD_97 = 0x00C1
_ENCRYPTED, _ONE_TABLE = 0x0100, 0x0200
_AT_FLAGS, _AT_TEXT_LENGTH, _AT_LOCATIONS = 10, 76, 154
_CHPX, _PAPX, _CLX = 12, 13, 33
_CODE_PAGE, _TITLE = 1, 2
_STRING, _WIDE_STRING = 30, 31
_MOST_PROPERTIES, _LONGEST_TITLE = 100, 2048
_UTF8 = 65001
_ENCODINGS = {_UTF8: "utf-8", 936: "gb18030", 1200: "utf-16-le"}


@dataclass(frozen=True, slots=True)
class Streams:
    """What of the file the reader needs.

    Attributes:
        word: The main stream: text, and pages of character and paragraph properties.
        data: The stream of properties too large for their page.
        clx: The piece table.
        paragraph_pages: Which page holds the properties of which paragraphs (PlcBtePapx).
        character_pages: The same for runs of characters (PlcBteChpx).
        text_length: Characters of the main text.
        title: Title as the properties state it, "" if they do not.
    """

    word: bytes
    data: bytes
    clx: bytes
    paragraph_pages: bytes
    character_pages: bytes
    text_length: int
    title: str


def open_streams(content: bytes) -> Streams:
    """Open the compound file and return its streams.

    Raises:
        DamagedDocumentError: No compound file, or one without the streams and tables of a Word file.
        UnsupportedFormatError: Encrypted, or older than Word 97.
    """
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(content)) as ole:
            return _read_streams(ole)
    except DocumentError:
        raise
    except (OSError, ValueError, LookupError, TypeError, AttributeError, struct.error, RecursionError) as error:
        # olefile meets crafted sector chains and directories with these
        raise _damaged("the compound file is broken", f"{type(error).__name__}: {error}") from error


def _read_streams(ole: Any) -> Streams:
    word = _stream(ole, _WORD_STREAM)
    if len(word) < _AT_LOCATIONS + 8 * (_CLX + 1) or struct.unpack_from("<H", word)[0] != _MAGIC:
        raise _damaged("the Word header is broken", f"{len(word)} bytes that begin with {word[:2].hex()}")
    version, flags = struct.unpack_from("<H", word, 2)[0], struct.unpack_from("<H", word, _AT_FLAGS)[0]
    if version < _WORD_97:
        raise UnsupportedFormatError(
            "the file is of Word 95 or older",
            found=f"nFib {version}",
            expected="Word 97 to 2003",
            do="convert it to docx",
        )
    if flags & _ENCRYPTED:
        raise UnsupportedFormatError(
            "the Word file is encrypted",
            expected="a file that opens without a password",
            do="ask the publisher for an open copy",
        )
    table = _stream(ole, "1Table" if flags & _ONE_TABLE else "0Table")
    (length,) = struct.unpack_from("<i", word, _AT_TEXT_LENGTH)
    return Streams(
        word=word,
        data=_stream(ole, "Data") if ole.exists("Data") else b"",
        clx=_part(word, table, _CLX, "piece table"),
        paragraph_pages=_part(word, table, _PAPX, "paragraph properties"),
        character_pages=_part(word, table, _CHPX, "character properties"),
        text_length=max(length, 0),
        title=_title(ole),
    )


def _stream(ole: Any, name: str) -> bytes:
    if not ole.exists(name):
        raise _damaged(f"the Word file has no stream {name}", f"{len(ole.listdir())} streams")
    with ole.openstream(name) as stream:
        return bytes(stream.read())


def _part(word: bytes, table: bytes, index: int, what: str) -> bytes:
    start, size = struct.unpack_from("<II", word, _AT_LOCATIONS + 8 * index)
    if start + size > len(table):
        raise _damaged(f"the {what} lies outside its stream", f"{size} bytes at {start} of {len(table)}")
    return table[start : start + size]


def _title(ole: Any) -> str:
    """Title of the property set ([MS-OLEPS] 2.21); broken properties say nothing.

    olefile's own reader of properties follows any count that the file states, for minutes and gigabytes.
    """
    if not ole.exists(_SUMMARY):
        return ""
    data = _stream(ole, _SUMMARY)
    try:
        (start,) = struct.unpack_from("<I", data, 44)
        (count,) = struct.unpack_from("<I", data, start + 4)
        at = {
            number: start + offset
            for number, offset in (
                struct.unpack_from("<II", data, start + 8 + 8 * index) for index in range(min(count, _MOST_PROPERTIES))
            )
        }
        page = struct.unpack_from("<H", data, at[_CODE_PAGE] + 4)[0] if _CODE_PAGE in at else _UTF8
        kind, size = struct.unpack_from("<II", data, at[_TITLE])
    except (struct.error, KeyError):
        return ""
    raw = data[at[_TITLE] + 8 :][: min(size * (2 if kind == _WIDE_STRING else 1), _LONGEST_TITLE)]
    if kind not in (_STRING, _WIDE_STRING):
        return ""
    encoding = "utf-16-le" if kind == _WIDE_STRING else _ENCODINGS.get(page, f"cp{page}")
    try:
        return raw.decode(encoding).split("\x00")[0].strip()
    except (LookupError, UnicodeDecodeError):
        return ""


def _damaged(what: str, found: str) -> DamagedDocumentError:
    return DamagedDocumentError(what, where="doc", found=found, expected="a whole Word 97 file", do="fetch it again")
