"""Makes small Word 97 files: a compound file with the streams that a reader looks at, and nothing else."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

SECTOR, PAGE = 512, 512
TEXT_AT = 2048
IN_TABLE, ROW_END, DEPTH, INNER_CELL, INNER_ROW_END = 0x2416, 0x2417, 0x6649, 0x244B, 0x244C
VANISH, DELETED, STRIKE, DOUBLE_STRIKE, RAISED = 0x083C, 0x0800, 0x0837, 0x2A53, 0x2A48


def sprm(code: int, *operand: int) -> bytes:
    sizes = {2: "<H", 4: "<i"}
    if code >> 13 == 3:
        return struct.pack("<H", code) + struct.pack(sizes[4], *operand)
    return struct.pack("<H", code) + bytes(operand)


def row_shape(borders: list[int], merges: dict[int, int] | None = None) -> bytes:
    """sprmTDefTable: borders in twips; flags of merged cells by their number (0x20 covered, 0x60 first)."""
    count = len(borders) - 1
    body = bytes([count]) + struct.pack(f"<{count + 1}h", *borders)
    for index in range(count):
        body += struct.pack("<HH", (merges or {}).get(index, 0), 0) + bytes(16)
    return struct.pack("<HH", 0xD608, len(body) + 1) + body


@dataclass
class P:
    """A paragraph: text, its mark, its modifiers, its style, ranges of hidden characters, of others with modifiers."""

    text: str
    mark: str = "\r"
    sprms: bytes = b""
    style: int = 0
    hidden: list[tuple[int, int]] = field(default_factory=list)
    runs: list[tuple[int, int, bytes]] = field(default_factory=list)


def cell(text: str, depth: int = 1, runs: list[tuple[int, int, bytes]] | None = None) -> P:
    inner = sprm(DEPTH, depth) + sprm(INNER_CELL, 1) if depth > 1 else b""
    return P(text, "\r" if depth > 1 else "\x07", sprm(IN_TABLE, 1) + inner, runs=runs or [])


def row_end(borders: list[int] | None, merges: dict[int, int] | None = None, depth: int = 1) -> P:
    shape = row_shape(borders, merges) if borders else b""
    if depth > 1:
        return P("", "\r", sprm(IN_TABLE, 1) + sprm(DEPTH, depth) + sprm(INNER_ROW_END, 1) + shape)
    return P("", "\x07", sprm(IN_TABLE, 1) + sprm(ROW_END, 1) + shape)


def row(borders: list[int] | None, *texts: str, merges: dict[int, int] | None = None, depth: int = 1) -> list[P]:
    return [*(cell(text, depth) for text in texts), row_end(borders, merges, depth)]


def make_doc(
    paragraphs: list[P],
    *,
    flags: int = 0x0200,
    version: int = 0xC1,
    narrow: int = 0,
    length: int | None = None,
    summary: bytes = b"",
) -> bytes:
    """Return the file; the first `narrow` characters are stored as cp1252, in a piece of their own."""
    text = "".join(item.text + item.mark for item in paragraphs)
    units = len(text.encode("utf-16-le")) // 2
    head, tail = text[:narrow].encode("cp1252"), text[narrow:].encode("utf-16-le")

    def at(position: int) -> int:
        return TEXT_AT + position if position < narrow else TEXT_AT + narrow + 2 * (position - narrow)

    word = bytearray(TEXT_AT) + head + tail
    word += bytes(-len(word) % PAGE)
    papx, chpx = [], []
    start = 0
    for item in paragraphs:
        end = start + len((item.text + item.mark).encode("utf-16-le")) // 2
        papx.append((at(start), at(end), _papx_page(at(start), at(end), item)))
        runs = [*((a, b, sprm(VANISH, 1)) for a, b in item.hidden), *item.runs]
        chpx += [
            (at(start + a), at(start + b), _chpx_page(at(start + a), at(start + b), props))
            for a, b, props in sorted(runs)
        ]
        start = end
    tables = []
    for runs in (chpx, papx):
        numbers = []
        for _, _, page in runs:
            numbers.append(len(word) // PAGE)
            word += page
        bounds = [run[0] for run in runs] + [runs[-1][1]] if runs else []
        tables.append(struct.pack(f"<{len(bounds)}I", *bounds) + struct.pack(f"<{len(numbers)}I", *numbers))
    pieces = [(0, narrow, (TEXT_AT * 2) | 0x40000000)] if narrow else []
    if narrow < units:
        pieces.append((narrow, units, TEXT_AT + narrow))
    plc = struct.pack(f"<{len(pieces) + 1}i", *[piece[0] for piece in pieces], units)
    plc += b"".join(struct.pack("<HIH", 0, piece[2], 0) for piece in pieces)
    parts = {12: tables[0], 13: tables[1], 33: b"\x02" + struct.pack("<I", len(plc)) + plc}
    table = bytearray()
    struct.pack_into("<HH", word, 0, 0xA5EC, version)
    struct.pack_into("<H", word, 10, flags)
    struct.pack_into("<i", word, 76, units if length is None else length)
    for index, part in parts.items():
        struct.pack_into("<II", word, 154 + 8 * index, len(table), len(part))
        table += part
    extra = {"\x05SummaryInformation": summary} if summary else {}
    return compound_file({"WordDocument": bytes(word), "1Table": bytes(table), **extra})


def title_property(title: bytes, page: int, *, count: int = 2) -> bytes:
    """A property set of code page and title that says it holds `count` properties."""
    head = bytes(28) + bytes(16) + struct.pack("<I", 48)
    body = struct.pack("<IIIIII", 0, count, 1, 24, 2, 32) + struct.pack("<IHxx", 2, page)
    return head + body + struct.pack("<II", 30, len(title)) + title


def _papx_page(start: int, end: int, item: P) -> bytes:
    props = struct.pack("<H", item.style) + item.sprms
    props += bytes(len(props) % 2)
    page = bytearray(PAGE)
    struct.pack_into("<II", page, 0, start, end)
    page[8] = 32  # the properties stand at byte 64
    page[64:66] = bytes([0, len(props) // 2])
    page[66 : 66 + len(props)] = props
    page[-1] = 1
    return bytes(page[:PAGE])


def _chpx_page(start: int, end: int, props: bytes) -> bytes:
    page = bytearray(PAGE)
    struct.pack_into("<II", page, 0, start, end)
    page[8] = 32
    page[64] = len(props)
    page[65 : 65 + len(props)] = props
    page[-1] = 1
    return bytes(page)


def compound_file(streams: dict[str, bytes]) -> bytes:
    """Return a compound file (version 3); every stream is padded past the size that would go to the mini stream."""
    end, free, fat_mark = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    padded = {name: data + bytes(max(0, 4096 - len(data))) for name, data in streams.items()}
    sectors: list[bytes] = []
    fat: list[int] = []

    def add(data: bytes) -> int:
        first = len(sectors)
        count = -(-len(data) // SECTOR)
        for index in range(count):
            sectors.append(data[index * SECTOR : (index + 1) * SECTOR].ljust(SECTOR, b"\0"))
            fat.append(first + index + 1 if index + 1 < count else end)
        return first

    starts = {name: add(data) for name, data in padded.items()}
    entries = [_entry("Root Entry", 5, end, 0, child=1)]
    names = list(padded)
    for number, name in enumerate(names, start=1):
        right = number + 1 if number < len(names) else free
        entries.append(_entry(name, 2, starts[name], len(padded[name]), right=right))
    while len(entries) % 4:
        entries.append(_entry("", 0, 0, 0))
    directory = add(b"".join(entries))
    count = 1
    while (len(fat) + count) * 4 > count * SECTOR:
        count += 1
    places = list(range(len(fat), len(fat) + count))
    fat += [fat_mark] * count
    fat += [free] * (count * SECTOR // 4 - len(fat))
    header = bytearray(SECTOR)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIIIIII", header, 40, 0, count, directory, 0, 4096, end, 0, end, 0)
    struct.pack_into(f"<{count}I", header, 76, *places)
    struct.pack_into(f"<{109 - count}I", header, 76 + 4 * count, *[free] * (109 - count))
    return bytes(header) + b"".join(sectors) + struct.pack(f"<{len(fat)}I", *fat)


def _entry(name: str, kind: int, start: int, size: int, *, right: int = 0xFFFFFFFF, child: int = 0xFFFFFFFF) -> bytes:
    raw = (name + "\0").encode("utf-16-le") if name else b""
    return (
        raw.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(raw), kind, 1, 0xFFFFFFFF, right, child)
        + bytes(36)
        + struct.pack("<III", start, size, 0)
    )
