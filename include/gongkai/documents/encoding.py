"""Bytes of text to characters: what the bytes say decides, declarations are only evidence."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from gongkai.errors import UnsupportedFormatError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WIDE_MARKUP = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
"""How markup in UTF-16 begins where the BOM was lost."""

_MOST_UNREADABLE = 0.05
_BROKEN_UTF8 = 0.02
_GB = frozenset({"gbk", "gb2312", "gb18030", "hz"})


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text and how it was decoded.

    Attributes:
        text: Without BOM and NUL characters, line ends as newline.
        encoding: "utf-8", "gb18030", "utf-16" or "utf-32".
        warnings: What was odd, in words.
    """

    text: str
    encoding: str
    warnings: tuple[str, ...] = ()


def decode(data: bytes, declared: str = "") -> Decoded:
    """Decode by BOM, else as strict UTF-8, else as GB18030 (which covers GB2312 and GBK).

    Portals declare GB2312 for UTF-8 pages and the other way round; strict UTF-8 never accepts Chinese GB text of any
    length, so the bytes are the better witness.

    Args:
        data: The bytes.
        declared: The encoding that a meta tag or header names, "" if none; only compared.

    Raises:
        UnsupportedFormatError: The bytes are no text in any of these encodings.
    """
    warnings = []
    text, encoding = _decode(data)
    unreadable = text.count("\ufffd")
    if unreadable > max(8, _MOST_UNREADABLE * len(text)):
        raise UnsupportedFormatError(
            "the bytes are not text",
            found=f"{unreadable} of {len(text)} characters unreadable as {encoding}",
            expected="UTF-8, GB18030 or UTF-16",
        )
    if unreadable:
        warnings.append(f"{unreadable} characters are unreadable as {encoding}")
    if "\0" in text:
        warnings.append(f"{text.count(chr(0))} NUL characters dropped")
        text = text.replace("\0", "")
    if declared and _family(declared) != _family(encoding):
        warnings.append(f"declared as {declared[:40]}, but the bytes are {encoding}")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Decoded(text, encoding, tuple(warnings))


def _decode(data: bytes) -> tuple[str, str]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, "replace").removeprefix("\ufeff"), encoding
    for marks, encoding in WIDE_MARKUP:
        if data.startswith(marks):
            return data.decode(encoding, "replace"), "utf-16"
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        as_utf8 = data.decode("utf-8", "replace")
    # One broken character (a cut in the middle of one, an editor's slip) does not make UTF-8 into GB18030: real GB text
    # is unreadable as UTF-8 at nearly every character.
    wide = len(as_utf8) - len(as_utf8.encode("ascii", "ignore"))
    if as_utf8.count("\ufffd") <= _BROKEN_UTF8 * wide:
        return as_utf8, "utf-8"
    return data.decode("gb18030", "replace"), "gb18030"


def _family(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        return encoding.lower()
    return "gb18030" if name in _GB else "utf-8" if name == "ascii" else name
