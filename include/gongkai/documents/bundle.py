"""Takes the members out of an attached archive (zip, rar, 7z), bounded in number, size and depth, in memory only."""

from __future__ import annotations

import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from gongkai.documents.sniff import ARCHIVES, sniff
from gongkai.documents.zips import check_directory
from gongkai.errors import DamagedDocumentError, DocumentError, LimitError, UnsupportedFormatError
from gongkai.settings import Limits

MOST_DEPTH = 2
"""An archive in an archive is opened, one in that is not."""

_BROKEN_ZIP = (
    zipfile.BadZipFile, zlib.error, struct.error, lzma.LZMAError, OSError, EOFError, ValueError, RuntimeError
)  # fmt: skip
"""What the standard library raises on damaged zips; RuntimeError on methods that it does not know, too."""

_CHUNK = 1 << 18
_FURNITURE = re.compile(r"(?:^|/)(?:__MACOSX/|\.(?!\.?/)|~\$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_LONGEST_NAME = 300
_UTF8_NAME = 0x800
_ARCHIVE_STARTS = (b"PK", b"Rar!", b"7z\xbc\xaf")


@dataclass(slots=True)
class Bundle:
    """What an archive holds.

    Attributes:
        members: (name, bytes) in the order of the archive; a member of an archive inside is named "inner.zip!name".
            Names are for people: nothing is ever written under them.
        left_out: Name and reason of each member that was not taken.
    """

    members: list[tuple[str, bytes]] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Left:
    """What all members together may still take."""

    limits: Limits
    size: int
    count: int

    def take_member(self) -> None:
        self.count -= 1
        if self.count < 0:
            raise LimitError(
                "the archive has too many members",
                expected=f"at most {self.limits.members}",
                do="raise GONGKAI_LIMIT_MEMBERS if it is genuine",
            )

    def take(self, size: int) -> None:
        self.size -= size
        if self.size < 0:
            raise LimitError(
                "the archive unpacks to too much",
                expected=f"at most {self.limits.unpacked_bytes} bytes",
                do="raise GONGKAI_LIMIT_UNPACKED_BYTES if it is genuine",
            )


def archive_kind(data: bytes) -> str:
    """Return "zip", "rar" or "7z" for an archive, "" for what is none (a docx is none, nor is a damaged zip)."""
    if not data.startswith(_ARCHIVE_STARTS):
        return ""
    try:
        kind = sniff(data)
    except DocumentError:
        return ""
    return kind if kind in ARCHIVES else ""


def members(data: bytes, limits: Limits) -> Bundle:
    """Return the files in an archive, those of archives inside it too.

    Raises:
        DamagedDocumentError: It is cut off or corrupt.
        LimitError: More members or more bytes than `limits` allows.
        UnsupportedFormatError: It is no archive, or all of it is encrypted, or a rar that only a program unpacks
            which is not installed.
    """
    bundle = Bundle()
    _unpack(data, "", bundle, _Left(limits, limits.unpacked_bytes, limits.members), MOST_DEPTH)
    return bundle


def _unpack(data: bytes, prefix: str, bundle: Bundle, left: _Left, depth: int) -> None:
    kind = archive_kind(data)
    if not kind:
        raise UnsupportedFormatError("not an archive", expected=", ".join(ARCHIVES))
    unpack: Callable[[bytes, _Left, Bundle, str], Iterator[tuple[str, bytes]]]
    unpack = {"zip": _zip, "rar": _rar, "7z": _seven}[kind]
    for name, content in unpack(data, left, bundle, prefix):
        if not archive_kind(content):
            bundle.members.append((prefix + name, content))
        elif depth <= 1:
            bundle.left_out.append((prefix + name, "an archive too deep inside"))
        else:
            try:
                _unpack(content, f"{prefix}{name}!", bundle, left, depth - 1)
            except LimitError:
                raise
            except DocumentError as error:
                bundle.left_out.append((prefix + name, str(error)))


def _zip(data: bytes, left: _Left, bundle: Bundle, prefix: str) -> Iterator[tuple[str, bytes]]:
    check_directory(data, "zip")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                name = _zip_name(info)
                if info.is_dir() or _FURNITURE.search(name):
                    continue
                left.take_member()
                if info.flag_bits & 1:
                    bundle.left_out.append((prefix + name, "encrypted"))
                    continue
                with archive.open(info) as stream:
                    yield name, _bounded(stream, left)
    except _BROKEN_ZIP as error:
        raise _damaged("zip", error) from error


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Return the name; without the UTF-8 flag it is what Chinese Windows writes, not code page 437."""
    if info.flag_bits & _UTF8_NAME:
        return _shown(info.filename)
    raw = info.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return _shown(raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    return _shown(info.filename)


def _rar(data: bytes, left: _Left, bundle: Bundle, prefix: str) -> Iterator[tuple[str, bytes]]:
    import rarfile

    try:
        with rarfile.RarFile(io.BytesIO(data)) as archive:
            if archive.needs_password() and not archive.infolist():
                raise _encrypted("rar")
            for info in archive.infolist():
                name = _shown(info.filename or "")
                if not info.is_file() or _FURNITURE.search(name):
                    continue
                left.take_member()
                if info.needs_password():
                    bundle.left_out.append((prefix + name, "encrypted"))
                    continue
                with archive.open(info) as stream:
                    yield name, _bounded(stream, left)
    except rarfile.RarCannotExec as error:
        raise UnsupportedFormatError(
            "the rar is packed, and no program that unpacks it is installed",
            found=str(error),
            expected="unar, bsdtar or unrar",
            do="run `make office`, or fetch another format of the report",
        ) from error
    except (rarfile.Error, OSError, EOFError, ValueError, LookupError) as error:
        raise _damaged("rar", error) from error


def _seven(data: bytes, left: _Left, bundle: Bundle, prefix: str) -> Iterator[tuple[str, bytes]]:
    import py7zr

    try:
        with py7zr.SevenZipFile(io.BytesIO(data), max_extract_size=left.size) as archive:
            if archive.needs_password():
                raise _encrypted("7z")
            wanted = [info for info in archive.list() if info.is_file and not _FURNITURE.search(info.filename)]
            for info in wanted:
                left.take_member()
                left.take(info.uncompressed)
            factory = py7zr.io.BytesIOFactory(left.limits.unpacked_bytes + 1)
            archive.extract(targets=[info.filename for info in wanted], factory=factory)
            for info in wanted:
                product = factory.products.get(info.filename)
                if product is None:
                    bundle.left_out.append((prefix + _shown(info.filename), "not unpacked"))
                    continue
                product.seek(0)
                yield _shown(info.filename), product.read()
    except py7zr.exceptions.DecompressionBombError as error:
        raise LimitError("the 7z unpacks to too much", found=str(error)) from error
    except (py7zr.exceptions.ArchiveError, lzma.LZMAError, OSError, EOFError, ValueError, LookupError, TypeError,
            AssertionError, MemoryError) as error:  # fmt: skip
        raise _damaged("7z", error) from error


def _bounded(stream: object, left: _Left) -> bytes:
    chunks: list[bytes] = []
    while chunk := stream.read(_CHUNK):  # type: ignore[attr-defined]
        left.take(len(chunk))
        chunks.append(chunk)
    return b"".join(chunks)


def _shown(name: str) -> str:
    return _CONTROLS.sub("", name.replace("\\", "/")).lstrip("/")[:_LONGEST_NAME]


def _encrypted(kind: str) -> UnsupportedFormatError:
    return UnsupportedFormatError(f"the {kind} is encrypted", do="ask the publisher for an open copy")


def _damaged(kind: str, error: BaseException) -> DamagedDocumentError:
    return DamagedDocumentError(
        f"the {kind} cannot be unpacked",
        found=f"{type(error).__name__}: {str(error)[:200]}",
        do="fetch it again; it may be cut off",
    )
