"""The characters of a Word 97 file in their order: the piece table ([MS-DOC] 2.4.1), and what of it is shown."""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from gongkai.errors import DamagedDocumentError, LimitError

_PRC, _PCDT = 1, 2
_COMPRESSED, _OFFSET = 0x40000000, 0x3FFFFFFF
_FIELD_MARK = re.compile("[\x13\x14\x15]")
_NOTE = re.compile(r"\s*[\[［(（〔]?\s*(?:注\s*)?[0-9]{1,2}\s*[\]］)）〕]?\s*")
SUPER, SUB = "⁰¹²³⁴⁵⁶⁷⁸⁹", "₀₁₂₃₄₅₆₇₈₉"
_SURROGATE = re.compile("[\ud800-\udfff]")
_MARKS = "\x07\x0c\r"
_SHOWN = {
    0x0B: "\n",  # line break
    0x0E: "\n",  # column break
    0x1E: "-",  # hyphen that does not break
    **dict.fromkeys([0, 1, 2, 3, 4, 5, 6, 8, 0x13, 0x14, 0x15, 0x1F], None),  # anchors, field marks, soft hyphen
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters: its first position in the text, length, place in the main stream, modifier.

    `width` is the bytes of one character: 1 (cp1252) or 2 (UTF-16). `prm` changes the properties of the whole piece
    (fast-saved files); its lists are `Text.modifiers`.
    """

    start: int
    length: int
    offset: int
    width: int
    prm: int


@dataclass(slots=True)
class Text:
    """The whole text, one string position for each UTF-16 code unit, with its pieces in order."""

    chars: str
    pieces: list[Piece]
    modifiers: list[bytes]

    def piece_at(self, position: int) -> Piece:
        """Return the piece that holds a character."""
        return self.pieces[bisect_right(self.pieces, position, key=lambda piece: piece.start) - 1]

    def offset_of(self, position: int) -> int:
        """Return where in the main stream a character stands."""
        piece = self.piece_at(position)
        return piece.offset + (position - piece.start) * piece.width

    def positions(self, ranges: list[tuple[int, int]]) -> Iterable[tuple[int, int]]:
        """Yield the positions of the characters that stand in the given byte ranges of the main stream.

        Args:
            ranges: Sorted, none overlapping another.
        """
        ends = [end for _, end in ranges]
        for piece in self.pieces if ranges else ():
            stop = piece.offset + piece.length * piece.width
            for index in range(bisect_right(ends, piece.offset), len(ranges)):
                start, end = ranges[index]
                if start >= stop:
                    break
                first = max(0, -(-(start - piece.offset) // piece.width))
                last = min(piece.length, -(-(end - piece.offset) // piece.width))
                if first < last:
                    yield piece.start + first, piece.start + last


def read_text(word: bytes, clx: bytes, length: int, most: int) -> Text:
    """Read the first `length` characters.

    Raises:
        DamagedDocumentError: The piece table is broken, or points outside the stream.
        LimitError: More than `most` characters.
    """
    if length > most:
        raise LimitError(
            "too many characters of text",
            where="doc",
            found=length,
            expected=f"at most {most}",
            do="raise GONGKAI_LIMIT_TEXT_CHARS if the document is genuine",
        )
    modifiers, table = _split_clx(clx)
    count = (len(table) - 4) // 12
    if count < 1:
        raise _damaged("the piece table is empty", f"{len(table)} bytes")
    starts = struct.unpack_from(f"<{count + 1}i", table)
    pieces: list[Piece] = []
    parts: list[str] = []
    for index in range(count):
        start, end = starts[index], min(starts[index + 1], length)
        if start != (pieces[-1].start + pieces[-1].length if pieces else 0) or starts[index + 1] < start:
            raise _damaged("the piece table is out of order", f"piece {index} begins at {start}")
        if end <= start:
            break
        _, place, prm = struct.unpack_from("<HIH", table, 4 * (count + 1) + 8 * index)
        is_narrow = bool(place & _COMPRESSED)
        offset = (place & _OFFSET) // (2 if is_narrow else 1)
        piece = Piece(start, end - start, offset, 1 if is_narrow else 2, prm)
        raw = word[offset : offset + piece.length * piece.width]
        if len(raw) < piece.length * piece.width:
            raise _damaged("the text ends before its piece table does", f"{len(raw)} bytes at {offset}")
        parts.append(raw.decode("cp1252", "replace") if is_narrow else _units(raw))
        pieces.append(piece)
    chars = "".join(parts)
    if len(chars) < length:
        raise _damaged("the piece table is too short", f"{len(chars)} of {length} characters")
    return Text(chars, pieces, modifiers)


def shown(chars: str) -> str:
    """Return characters as Word shows them: without anchors and marks, line breaks as newlines."""
    text = chars.translate(_SHOWN)
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def drop(chars: str, ranges: Iterable[tuple[int, int]]) -> str:
    """Return the text with zero characters in place of the given ranges; marks of paragraphs and cells stay.

    Positions do not move: they are needed to look up properties.
    """
    parts: list[str] = []
    before = 0
    for start, end in sorted(ranges):
        first = max(start, before)
        if first >= end:
            continue
        parts.append(chars[before:first])
        parts.append("".join(char if char in _MARKS else "\x00" for char in chars[first:end]))
        before = end
    parts.append(chars[before:])
    return "".join(parts)


def raise_notes(chars: str, ranges: Iterable[tuple[int, int]], digits: str) -> str:
    """Return the text with the numbers of notes in the given digits, so that they are no digits of the value before.

    Positions do not move; brackets around the number become zero characters.
    """
    table = str.maketrans("0123456789", digits)
    parts: list[str] = []
    before = 0
    for start, end in sorted(ranges):
        if start >= before and _NOTE.fullmatch(chars, start, end):
            parts.append(chars[before:start])
            parts.append("".join(char.translate(table) if char.isdigit() else "\x00" for char in chars[start:end]))
            before = end
    return "".join(parts) + chars[before:] if parts else chars


def field_codes(chars: str) -> Iterable[tuple[int, int]]:
    """Yield the ranges of field codes: from a field's beginning to its separator or end, inner fields included."""
    begins: list[int] = []
    hidden = -1
    for mark in _FIELD_MARK.finditer(chars):
        position = mark.start()
        if mark[0] == "\x13":
            begins.append(position)
            hidden = position if hidden < 0 else hidden
        elif begins and (mark[0] == "\x15" or begins[-1] >= 0):
            begin = begins[-1]
            if 0 <= begin == hidden:
                yield begin, position
                hidden = -1
            if mark[0] == "\x15":
                begins.pop()
            else:
                begins[-1] = -1  # its result is shown


def _units(raw: bytes) -> str:
    text = raw.decode("utf-16-le", "surrogatepass")
    if len(text) * 2 != len(raw):  # pairs outside the first plane: keep one position a code unit
        text = "".join(map(chr, struct.unpack(f"<{len(raw) // 2}H", raw)))
    return text


def _split_clx(clx: bytes) -> tuple[list[bytes], bytes]:
    modifiers: list[bytes] = []
    at = 0
    while at + 5 <= len(clx):
        if clx[at] == _PCDT:
            (size,) = struct.unpack_from("<I", clx, at + 1)
            if at + 5 + size > len(clx):
                break
            return modifiers, clx[at + 5 : at + 5 + size]
        if clx[at] != _PRC:
            break
        (size,) = struct.unpack_from("<H", clx, at + 1)
        modifiers.append(clx[at + 3 : at + 3 + size])
        at += 3 + size
    raise _damaged("the piece table is broken", f"byte {at} of {len(clx)}")


def _damaged(what: str, found: str) -> DamagedDocumentError:
    return DamagedDocumentError(what, where="doc", found=found, expected="a whole Word 97 file", do="fetch it again")
