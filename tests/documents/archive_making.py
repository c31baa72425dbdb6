"""Archives for tests; a rar is written by hand, because nothing free packs one (its members are stored)."""

import io
import zipfile
import zlib

import py7zr

RAR5 = b"Rar!\x1a\x07\x01\x00"


def zip_of(parts: dict[str, bytes], encoding: str = "") -> bytes:
    """A zip; with `encoding`, its names are in it and not marked as UTF-8."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, data) in enumerate(parts.items()):
            raw = name.encode(encoding) if encoding else b""
            archive.writestr(f"{number:0{len(raw)}d}" if encoding else name, data)
    made = out.getvalue()
    for number, name in enumerate(parts if encoding else ()):
        raw = name.encode(encoding)
        made = made.replace(f"{number:0{len(raw)}d}".encode(), raw)
    return made


def seven_of(parts: dict[str, bytes], password: str | None = None) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password=password) as archive:
        for name, data in parts.items():
            archive.writestr(data, name)
    return out.getvalue()


def rar_of(parts: dict[str, bytes], method: int = 0) -> bytes:
    """A RAR 5 archive; a `method` other than 0 only claims that its members are packed."""
    out = RAR5 + _block(1, 0, _number(0))
    for name, data in parts.items():
        raw = name.encode()
        fields = [4, len(data), 0o100644]
        head = b"".join(map(_number, fields)) + zlib.crc32(data).to_bytes(4, "little")
        head += _number(method << 7) + _number(1) + _number(len(raw)) + raw
        out += _block(2, 2, head, len(data)) + data
    return out + _block(5, 0, _number(0))


def _block(kind: int, flags: int, body: bytes, size: int | None = None) -> bytes:
    head = _number(kind) + _number(flags) + (_number(size) if size is not None else b"") + body
    head = _number(len(head)) + head
    return zlib.crc32(head).to_bytes(4, "little") + head


def _number(value: int) -> bytes:
    out = bytearray()
    while True:
        value, low = value >> 7, value & 127
        out.append(low | (128 if value else 0))
        if not value:
            return bytes(out)
