"""Takes parts out of an untrusted zip, bounded by what really comes out and not by what its header says."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from gongkai.errors import DamagedDocumentError, LimitError
from gongkai.settings import Limits

_CHUNK = 1 << 18
_END = b"PK\x05\x06"
_END_SIZE, _END_COMMENT = 22, 65_535
_MOST_DIRECTORY = 4 * 2**20
_UNREADABLE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError)
"""What the standard library raises on zips with wrong offsets, sizes, names or checksums."""
_PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Parts:
    """The parts of an open zip.

    Args:
        archive: The open zip.
        limits: How much may come out, in all and of one part.
        where: Name for messages.
    """

    def __init__(self, archive: zipfile.ZipFile, limits: Limits, where: str) -> None:
        self._archive, self._limits, self._where = archive, limits, where
        self._left = limits.unpacked_bytes
        self.names = archive.namelist()

    def read(self, part: str) -> bytes | None:
        """Return the bytes of a part, None if there is no such part.

        Raises:
            LimitError: It is larger than `part_bytes`, or all parts together than `unpacked_bytes`.
            DamagedDocumentError: It cannot be unpacked.
        """
        try:
            info = self._archive.getinfo(part)
        except KeyError:
            return None
        if info.flag_bits & 1 or info.compress_type not in _PLAIN:
            raise DamagedDocumentError(
                "a part is encrypted or packed in an unusual way", where=f"{self._where}:{part}", expected="deflate"
            )
        most = min(self._left, self._limits.part_bytes)
        if info.file_size > most:
            raise self._too_large(part, info.file_size, most)
        chunks: list[bytes] = []
        size = 0
        try:
            with self._archive.open(info) as stream:
                while chunk := stream.read(_CHUNK):
                    size += len(chunk)
                    if size > most:
                        raise self._too_large(part, size, most)
                    chunks.append(chunk)
        except _UNREADABLE as error:
            raise DamagedDocumentError(
                "a part cannot be unpacked", where=f"{self._where}:{part}", found=str(error), do="fetch it again"
            ) from error
        self._left -= size
        return b"".join(chunks)

    def _too_large(self, part: str, found: int, most: int) -> LimitError:
        return LimitError(
            "a part unpacks to too much",
            where=f"{self._where}:{part}",
            found=f"{found} bytes or more",
            expected=f"at most {most}",
            do="raise GONGKAI_LIMIT_PART_BYTES and GONGKAI_LIMIT_UNPACKED_BYTES if the document is genuine",
        )


@contextmanager
def open_zip(data: bytes, limits: Limits, where: str) -> Iterator[Parts]:
    """Open a zip held in memory.

    Raises:
        DamagedDocumentError: It is cut off or no zip.
        LimitError: Its directory alone is larger than any document needs.
    """
    check_directory(data, where)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _UNREADABLE as error:
        raise _damaged(where, str(error)) from error
    with archive:
        yield Parts(archive, limits, where)


def check_directory(data: bytes, where: str = "") -> bytes:
    """Check the end record of a zip before the standard library reads a directory of any length.

    Returns:
        The bytes of the directory, as far as they stand before the end record.

    Raises:
        DamagedDocumentError: There is no end record: the file is cut off.
        LimitError: The directory is larger than 4 MB (some 40,000 parts; a docx has some twenty).
    """
    start = max(0, len(data) - _END_SIZE - _END_COMMENT)
    end = data.rfind(_END, start)
    if end < 0 or end + _END_SIZE > len(data):
        raise _damaged(where, "no end of central directory")
    size = int.from_bytes(data[end + 12 : end + 16], "little")
    if size > _MOST_DIRECTORY:
        raise LimitError(
            "the zip lists too many parts",
            where=where,
            found=f"{size} bytes of directory",
            expected=f"at most {_MOST_DIRECTORY}",
        )
    return data[max(0, end - size) : end]


def _damaged(where: str, found: str) -> DamagedDocumentError:
    return DamagedDocumentError(
        "the zip cannot be opened",
        where=where,
        found=found,
        expected="a whole zip (docx, odt, ofd and archives are zips)",
        do="fetch it again; it may be cut off",
    )
