"""Receives the body of an answer within bounds of bytes: hashed on the way, large ones on disk."""

from __future__ import annotations

import hashlib
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import IO

import httpx

from gongkai.errors import LimitError
from gongkai.sources.failures import EncodingError, TruncatedError

ACCEPTED = "gzip, deflate"
"""Encodings that can be unpacked within bounds; brotli and zstd would need packages that cannot."""
IN_MEMORY = 2**20
"""Bytes of a body that are kept in memory; more go to disk."""
HEAD = 2**16
"""Bytes that are enough to tell what a body is."""
_PIECE = 2**16
_GZIP, _ZLIB, _RAW = 31, 15, -15
"""Window bits by which the module zlib tells gzip, zlib and bare deflate."""


class Body:
    """A whole body, in memory or in a file without a name that is gone when nobody holds it (or all are killed).

    Attributes:
        size: Bytes.
        sha256: Their digest.
        head: The first of them, at most HEAD.
    """

    def __init__(self, file: IO[bytes], size: int, sha256: str, head: bytes) -> None:
        self._file, self.size, self.sha256, self.head = file, size, sha256, head

    def __del__(self) -> None:
        self._file.close()

    def read(self) -> bytes:
        """Return all of it."""
        return self.open().read()

    def open(self) -> IO[bytes]:
        """Return the file, at its start; there is one, so only one reader at a time."""
        self._file.seek(0)
        return self._file


def receive(response: httpx.Response, limit: int, folder: Path | None = None) -> Body:
    """Read a streamed body.

    httpx would unpack whatever encoding the server chose, without bound; here a few kilobytes cannot become gigabytes.

    Args:
        response: An open stream.
        limit: Most bytes, as sent and as unpacked.
        folder: Where large bodies go; None for the system's folder of temporary files.

    Raises:
        LimitError: More bytes, declared or sent.
        EncodingError: An encoding that was not asked for.
        TruncatedError: The packed body is cut off or damaged.
        httpx.RemoteProtocolError: The body is cut off.
    """
    url = str(response.url)
    declared = response.headers.get("Content-Length", "")
    if declared.isdigit() and int(declared) > limit:
        raise _over(url, f"{declared} bytes declared", limit)
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    # Without a chunk size: httpx would wait for a whole chunk before the bounds are looked at.
    pieces = _unpacked(_bounded(response.iter_raw(), url, limit, "a larger body"), encoding, url)
    file = tempfile.SpooledTemporaryFile(IN_MEMORY, dir=str(folder) if folder else None)  # noqa: SIM115 - the Body closes it
    size, digest, head = 0, hashlib.sha256(), b""
    try:
        for piece in _bounded(pieces, url, limit, "a larger body when unpacked"):
            size += len(piece)
            digest.update(piece)
            file.write(piece)
            if len(head) < HEAD:
                head += piece[: HEAD - len(head)]
    except BaseException:
        file.close()
        raise
    return Body(file, size, digest.hexdigest(), head)


def drain(response: httpx.Response) -> bytes:
    """Read an answer that is no document, so that its connection serves again; return the first of it, unpacked.

    What is longer, damaged or packed in another way ends it: what was read until then is returned.
    """
    head = b""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    with suppress(httpx.TransportError, TruncatedError, EncodingError, LimitError):
        pieces = _bounded(response.iter_raw(), "", HEAD, "a larger body")
        for piece in _unpacked(pieces, encoding, ""):
            head += piece[: HEAD - len(head)]
            if len(head) == HEAD:
                break
    return head


def _bounded(chunks: Iterator[bytes], url: str, limit: int, found: str) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise _over(url, found, limit)
        yield chunk


def _unpacked(chunks: Iterator[bytes], encoding: str, url: str) -> Iterator[bytes]:
    if encoding in {"", "identity"}:
        return chunks
    if encoding in {"gzip", "x-gzip"}:
        return _inflated(chunks, _GZIP, url)
    if encoding == "deflate":
        return _deflated(chunks, url)
    raise EncodingError("an encoding that was not asked for", where=url, found=encoding[:40], expected=ACCEPTED)


def _deflated(chunks: Iterator[bytes], url: str) -> Iterator[bytes]:
    """Unpack "deflate": in zlib's frame, says RFC 9110, but some servers send it bare."""
    start = b""
    while len(start) < 2 and (chunk := next(chunks, None)) is not None:
        start += chunk
    framed = len(start) > 1 and start[0] & 15 == 8 and int.from_bytes(start[:2], "big") % 31 == 0
    yield from _inflated(chain([start], chunks), _ZLIB if framed else _RAW, url)


def _inflated(chunks: Iterator[bytes], form: int, url: str) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(form)
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                if unpacker.eof:
                    if form != _GZIP:
                        break  # what stands behind the end is not of the body
                    unpacker = zlib.decompressobj(_GZIP)  # a file of several gzip members
                yield unpacker.decompress(rest, _PIECE)
                rest = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
        while not unpacker.eof and (piece := unpacker.decompress(b"", _PIECE)):
            yield piece
    except zlib.error as error:
        raise TruncatedError("the packed body is damaged", where=url, found=str(error)) from error
    if not unpacker.eof:
        raise TruncatedError("the packed body is cut off", where=url)


def _over(url: str, found: str, limit: int) -> LimitError:
    return LimitError(
        "the body is too large",
        where=url,
        found=found,
        expected=f"at most {limit} bytes",
        do="see GONGKAI_LIMIT_FILE_BYTES",
    )
