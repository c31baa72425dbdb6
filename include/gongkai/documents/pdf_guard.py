"""Refuses PDFs whose streams unpack to far more than a report holds, before pdfium unpacks them.

pdfium bounds a stream at one gigabyte and builds objects of 20 times its size: a file of 400 kilobytes, made to harm,
took 5.5 gigabytes and half a minute. Not caught are forms that draw forms many times over, and LZW.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator

from gongkai.errors import LimitError
from gongkai.settings import Limits

CONTENT_BYTES = 8 * 2**20
"""Most bytes that one content stream, form, character map or object stream may unpack to (0.4 MB is much)."""

_DEFLATE_RATIO = 1032
"""No deflate stream unpacks to more than this many times its size (zlib's technical notes)."""

_FLATE = (b"FlateDecode", b"Fl")
_SLICE = 1 << 13
_DICTIONARY, _HEAD = 4096, 24
_STREAM = re.compile(rb"stream\r?\n")
_OBJECT = re.compile(rb"(\d+)\s+\d+\s+obj\b")
_CONTENTS = re.compile(rb"/Contents\s*(\[[^\]]*\]|\d+\s+\d+\s+R)")
_REFERENCE = re.compile(rb"(\d+)\s+\d+\s+R")
_FILTERS = re.compile(rb"/Filter\s*(\[[^\]]*\]|/\w+)")
_NOT_PARSED = re.compile(rb"/Subtype\s*/Image\b|/Length1\b|/Subtype\s*/(?:CIDFontType0C|Type1C|OpenType)\b")


def check_streams(data: bytes, limits: Limits) -> None:
    """Check how much the compressed streams of a PDF unpack to; small ones are not unpacked for that.

    Fonts and pictures may be as large as `limits.unpacked_bytes`, all else `CONTENT_BYTES`. Streams that one page names
    several times count that often.

    Raises:
        LimitError: a stream unpacks to more.
    """
    repeats = _content_repeats(data)
    for number, header, body in _streams(data):
        times = repeats.get(number, 0)
        if len(body) * _DEFLATE_RATIO <= CONTENT_BYTES // max(times, 1) and header.count(b"Decode") < 2:
            continue
        most = limits.unpacked_bytes if not times and _NOT_PARSED.search(header) else CONTENT_BYTES // max(times, 1)
        filters = _filters(header)
        if len(body) * _DEFLATE_RATIO ** len(filters) > most and _unpacked(filters, body, most) > most:
            raise LimitError(
                "a stream of the PDF unpacks to too many bytes",
                where=f"object {number}",
                found=f"{len(body)} bytes that unpack to more than {most}",
                expected=f"at most {most}",
                do="see in a viewer what it is; reports hold nothing of this size",
            )


def _content_repeats(data: bytes) -> dict[int, int]:
    """Return how often the page that names a stream most often as its content does so, by object number."""
    repeats: dict[int, int] = {}
    for named in _CONTENTS.findall(data):
        numbers = [int(number) for number in _REFERENCE.findall(named)]
        for number in set(numbers):
            repeats[number] = max(repeats.get(number, 0), numbers.count(number) if len(numbers) < 1000 else 1000)
    return repeats


def _streams(data: bytes) -> Iterator[tuple[int, bytes, memoryview]]:
    """Yield object number, dictionary and body of each stream, found by keywords: the cross reference may be wrong."""
    view = memoryview(data)
    position = 0
    while match := _STREAM.search(data, position):
        end = data.find(b"endstream", match.end())
        end = len(data) if end < 0 else end
        number, start = _object_before(data, max(position, match.start() - _DICTIONARY), match.start(), position)
        yield number, data[start : match.start()], view[match.end() : end]
        position = end + len(b"endstream")


def _object_before(data: bytes, start: int, end: int, position: int) -> tuple[int, int]:
    """Return number and beginning of the object that is open at `end`; 0 and `position` where none is."""
    at = end
    while (at := data.rfind(b"obj", start, at)) > 0:
        for opened in _OBJECT.finditer(data, max(start, at - _HEAD), at + 4):
            if opened.end() == at + 3:
                return int(opened[1]), opened.end()
    return 0, position


def _filters(header: bytes) -> list[bytes]:
    named = _FILTERS.search(header)
    return re.findall(rb"/(\w+)", named[1]) if named else []


def _unpacked(filters: list[bytes], body: memoryview, most: int) -> int:
    """Return the unpacked size as far as it needs to be known: a little more than `most` for all larger ones."""
    packed: bytes | memoryview = body
    try:
        for name in filters[:-1]:
            packed = _decode(name, packed, most)
            if len(packed) > most:
                return len(packed)
        if filters and filters[-1] in _FLATE:
            return _inflated_size(packed, most)
    except (zlib.error, ValueError):
        pass  # not what its dictionary says: pdfium gives up on it, too
    return len(packed)


def _inflated_size(packed: bytes | memoryview, most: int) -> int:
    inflate = zlib.decompressobj()
    size = 0
    for start in range(0, len(packed), _SLICE):
        size += len(inflate.decompress(packed[start : start + _SLICE], most + 1 - size))
        rest = len(packed) - start - _SLICE + len(inflate.unconsumed_tail)
        if size > most or inflate.eof or size + _DEFLATE_RATIO * rest <= most:
            break  # too much, all, or what is left cannot be too much
    return size


def _decode(name: bytes, packed: bytes | memoryview, most: int) -> bytes:
    if name in _FLATE:
        return zlib.decompressobj().decompress(packed, most + 1)
    if name in (b"ASCII85Decode", b"A85"):
        return base64.a85decode(bytes(packed).strip().removeprefix(b"<~").removesuffix(b"~>"))
    if name in (b"ASCIIHexDecode", b"AHx"):
        return bytes.fromhex(bytes(packed).split(b">")[0].decode("ascii"))
    raise ValueError("a filter that is not unpacked here")
