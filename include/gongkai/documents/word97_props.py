"""Properties of paragraphs and characters of a Word 97 file: modifiers (sprm) in pages of 512 bytes ([MS-DOC] 2.9)."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

PAGE = 512
_OPERAND = (1, 1, 2, 4, 2, 2, 0, 3)
_IN_TABLE, _ROW_END, _DEPTH = 0x2416, 0x2417, 0x6649
_INNER_CELL, _INNER_ROW_END = 0x244B, 0x244C
_OUTLINE, _HUGE, _HUGE_OLD = 0x2640, 0x6646, 0x6645
_ROW, _TABS, _CELL_MERGE = 0xD608, 0xC615, 0xD62B
_VANISH, _DELETED = 0x083C, 0x0800
_STRIKE, _DOUBLE_STRIKE, _RAISED = 0x0837, 0x2A53, 0x2A48
_MARKS = tuple(struct.pack("<H", code) for code in (_VANISH, _DELETED, _STRIKE, _DOUBLE_STRIKE, _RAISED))
_ON = (1, 0x81)
_PRM_IN_TABLE, _PRM_ROW_END, _PRM_DELETED, _PRM_VANISH = 0x18, 0x19, 0x41, 0x5C
_HEADINGS = range(1, 10)
_TC = 20
_MOST_SHAPES = 4096
_PAGE_NUMBER = 0x3FFFFF


@dataclass(frozen=True, slots=True)
class CellShape:
    """How one cell of a row merges: bit 0 of `vertical` says it is merged, bit 1 that a merge begins here."""

    horizontal: int = 0
    vertical: int = 0


@dataclass(frozen=True, slots=True)
class RowShape:
    """Borders of the cells of a row in twips, one more than cells, and how each merges."""

    borders: tuple[int, ...]
    cells: tuple[CellShape, ...]


@dataclass(slots=True)
class ParagraphShape:
    """What the reader needs of a paragraph's properties.

    Attributes:
        depth: Tables it stands in.
        ends_cell: Its mark ends a cell of an inner table.
        ends_row: Its mark ends a row.
        is_heading: Word counts it as a heading.
        row: Shape of the row that it ends.
    """

    depth: int = 0
    ends_cell: bool = False
    ends_row: bool = False
    is_heading: bool = False
    row: RowShape | None = None


class ParagraphShapes:
    """Finds the shape of a paragraph by where its mark stands in the main stream; parses pages when needed."""

    def __init__(self, word: bytes, data: bytes, table: bytes) -> None:
        self._word, self._data = word, data
        self._bounds, self._numbers = _pages(table)
        self._made: dict[tuple[bytes, bytes], ParagraphShape] = {}
        self._page: tuple[int, list[int], list[bytes]] = (-1, [], [])

    def at(self, offset: int, modifier: bytes) -> ParagraphShape:
        """Return the shape of the paragraph whose mark stands at `offset`; `modifier` is that of its piece."""
        item = self._item(offset)
        made = self._made.get((item, modifier))
        if made is None:
            if len(self._made) >= _MOST_SHAPES:
                self._made.clear()
            made = self._made[item, modifier] = self._make(item, modifier)
        return made

    def _item(self, offset: int) -> bytes:
        index = bisect_right(self._bounds, offset) - 1
        if not 0 <= index < len(self._numbers):
            return b""
        number = self._numbers[index]
        if self._page[0] != number:
            runs = list(_runs(self._word, number, 13, _papx))
            self._page = (number, [run[0] for run in runs], [run[2] for run in runs])
        _, starts, items = self._page
        index = bisect_right(starts, offset) - 1
        return items[index] if index >= 0 else b""

    def _make(self, item: bytes, modifier: bytes) -> ParagraphShape:
        shape = ParagraphShape()
        if len(item) >= 2:
            shape.is_heading = struct.unpack_from("<H", item)[0] in _HEADINGS
        merges: dict[int, int] = {}
        for code, operand in (*sprms(item[2:]), *sprms(modifier)):
            if code in (_HUGE, _HUGE_OLD):
                for inner, inner_operand in sprms(self._huge(operand)):
                    _apply(shape, merges, inner, inner_operand)
            else:
                _apply(shape, merges, code, operand)
        if shape.row and merges:
            cells = tuple(
                CellShape(cell.horizontal, merges.get(index, cell.vertical))
                for index, cell in enumerate(shape.row.cells)
            )
            shape.row = RowShape(shape.row.borders, cells)
        return shape

    def _huge(self, operand: bytes) -> bytes:
        (at,) = struct.unpack("<I", operand)
        if at + 2 > len(self._data):
            return b""
        (size,) = struct.unpack_from("<H", self._data, at)
        return self._data[at + 2 : at + 2 + size]


@dataclass(slots=True)
class Marked:
    """Byte ranges of the main stream, each sorted and joined: hidden or deleted; struck out; raised or lowered."""

    hidden: list[tuple[int, int]] = field(default_factory=list)
    struck: list[tuple[int, int]] = field(default_factory=list)
    raised: list[tuple[int, int]] = field(default_factory=list)
    lowered: list[tuple[int, int]] = field(default_factory=list)


def marked_bytes(word: bytes, table: bytes) -> Marked:
    """Return which bytes of the main stream are hidden, struck out, raised or lowered."""
    marked = Marked()
    for number in dict.fromkeys(_pages(table)[1]):
        for start, end, item in _runs(word, number, 1, _chpx):
            if start < end and any(mark in item for mark in _MARKS):
                _note(marked, start, end, item)
    for name in ("hidden", "struck", "raised", "lowered"):
        setattr(marked, name, _joined(getattr(marked, name)))
    return marked


def _note(marked: Marked, start: int, end: int, item: bytes) -> None:
    said = {code: operand[0] for code, operand in sprms(item) if operand}
    if _is_hidden(item):
        marked.hidden.append((start, end))
    elif any(said.get(code) in _ON for code in (_STRIKE, _DOUBLE_STRIKE)):
        marked.struck.append((start, end))
    elif said.get(_RAISED) == 1:
        marked.raised.append((start, end))
    elif said.get(_RAISED) == 2:
        marked.lowered.append((start, end))


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def is_hidden_piece(prm: int, modifiers: list[bytes]) -> bool:
    """Tell whether the modifier of a piece hides its characters."""
    if prm & 1:
        return _is_hidden(modifier_of(prm, modifiers))
    return (prm >> 1) & 0x7F in (_PRM_DELETED, _PRM_VANISH) and prm >> 8 == 1


def modifier_of(prm: int, modifiers: list[bytes]) -> bytes:
    """Return the list of modifiers of a piece, its short form spelled out as far as tables need it."""
    if prm & 1:
        return modifiers[prm >> 1] if prm >> 1 < len(modifiers) else b""
    code = {_PRM_IN_TABLE: _IN_TABLE, _PRM_ROW_END: _ROW_END}.get((prm >> 1) & 0x7F)
    return struct.pack("<HB", code, prm >> 8) if code else b""


def sprms(items: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield code and operand of each modifier; stops where the list is cut off."""
    at = 0
    while at + 3 <= len(items):
        (code,) = struct.unpack_from("<H", items, at)
        at += 2
        size = _OPERAND[code >> 13]
        if not size and code == _ROW:
            if at + 2 > len(items):
                return
            size = struct.unpack_from("<H", items, at)[0] - 1
            at += 2
        elif not size:
            size = items[at]
            at += 1
            if code == _TABS and size == 255:
                return  # the length of tab stops beyond 255 bytes is not stated; nothing that matters follows them
        if size < 0 or at + size > len(items):
            return
        yield code, items[at : at + size]
        at += size


def _apply(shape: ParagraphShape, merges: dict[int, int], code: int, operand: bytes) -> None:
    if code == _IN_TABLE:
        shape.depth = max(shape.depth, 1) if operand[0] else 0
    elif code == _ROW_END:
        shape.ends_row = bool(operand[0])
    elif code == _DEPTH:
        shape.depth = max(0, struct.unpack("<i", operand)[0])
    elif code == _INNER_CELL:
        shape.ends_cell = bool(operand[0])
    elif code == _INNER_ROW_END:
        shape.ends_row = bool(operand[0])
    elif code == _OUTLINE:
        shape.is_heading = operand[0] < 9
    elif code == _ROW:
        shape.row = _row_shape(operand)
    elif code == _CELL_MERGE and len(operand) >= 2:
        merges[operand[0]] = operand[1]


def _row_shape(operand: bytes) -> RowShape | None:
    count = operand[0] if operand else 0
    if not 0 < count < 64 or len(operand) < 1 + 2 * (count + 1):
        return None
    borders = struct.unpack_from(f"<{count + 1}h", operand, 1)
    cells = []
    for index in range(count):
        at = 1 + 2 * (count + 1) + _TC * index
        flags = struct.unpack_from("<H", operand, at)[0] if at + 2 <= len(operand) else 0
        cells.append(CellShape(flags & 3, flags >> 5 & 3))
    return RowShape(borders, tuple(cells))


def _is_hidden(item: bytes) -> bool:
    if b"\x3c\x08" not in item and b"\x00\x08" not in item:
        return False
    flags = {code: operand[0] in _ON for code, operand in sprms(item) if code in (_VANISH, _DELETED)}
    return any(flags.values())


def _pages(table: bytes) -> tuple[Sequence[int], list[int]]:
    """Return where the runs of each page begin (and where the last ends), and the numbers of the pages."""
    count = (len(table) - 4) // 8
    if count < 1:
        return (), []
    bounds = struct.unpack_from(f"<{count + 1}I", table)
    return bounds, [number & _PAGE_NUMBER for number in struct.unpack_from(f"<{count}I", table, 4 * (count + 1))]


def _runs(
    word: bytes, number: int, width: int, item_at: Callable[[bytes, int], bytes]
) -> Iterator[tuple[int, int, bytes]]:
    """Yield first byte, end and properties of each run of a page in which an entry takes `width` bytes."""
    page = word[number * PAGE : (number + 1) * PAGE]
    runs = page[-1] if len(page) == PAGE else 0
    if 4 * (runs + 1) + width * runs >= PAGE:
        return
    bounds = struct.unpack_from(f"<{runs + 1}I", page)
    for index in range(runs):
        yield bounds[index], bounds[index + 1], item_at(page, 2 * page[4 * (runs + 1) + width * index])


def _papx(page: bytes, at: int) -> bytes:
    if not at:
        return b""
    size = page[at]
    if size:
        return page[at + 1 : at + 2 * size]
    return page[at + 2 : at + 2 + 2 * page[at + 1]] if at + 1 < PAGE else b""


def _chpx(page: bytes, at: int) -> bytes:
    return page[at + 1 : at + 1 + page[at]] if at else b""
