"""Reads the body of an answer within bounds of bytes and time, decoded or not."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator

import httpx

from gongkai.errors import LimitError, SourceError

_GZIP = 31
"""zlib's window bits for gzip."""


def read_body(response: httpx.Response, limit: int, *, seconds: float) -> bytes:
    """Read a streamed body.

    httpx would unpack whatever encoding the server chose, without bound; here a few kilobytes of gzip cannot become
    gigabytes, and a server that sends a byte now and then cannot hold the run.

    Args:
        response: An open stream.
        limit: Most bytes, as sent and as unpacked.
        seconds: Most time for the whole body.

    Raises:
        LimitError: More bytes, declared or sent.
        SourceError: More time, or an encoding that was not asked for.
        httpx.RemoteProtocolError: The body is cut off or its gzip is damaged.
    """
    url = str(response.url)
    declared = response.headers.get("Content-Length", "")
    if declared.isdigit() and int(declared) > limit:
        raise _over(url, f"{declared} bytes declared", limit)
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    # Without a chunk size: httpx would wait for a whole chunk before the bounds are looked at.
    chunks = _bounded(response.iter_raw(), url, limit, seconds)
    if encoding in {"", "identity"}:
        return b"".join(chunks)
    if encoding in {"gzip", "x-gzip"}:
        return _gunzip(chunks, url, limit)
    raise SourceError("an encoding that was not asked for", where=url, found=encoding[:40], expected="gzip or none")


def _bounded(chunks: Iterator[bytes], url: str, limit: int, seconds: float) -> Iterator[bytes]:
    size, end = 0, time.monotonic() + seconds
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise _over(url, "a larger body", limit)
        if time.monotonic() > end:
            raise SourceError("the body takes too long", where=url, found=f"{size} bytes in {seconds:.0f} s")
        yield chunk


def _gunzip(chunks: Iterator[bytes], url: str, limit: int) -> bytes:
    unpacked = bytearray()
    unpacker = zlib.decompressobj(_GZIP)
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                if unpacker.eof:  # a file of several gzip members
                    unpacker = zlib.decompressobj(_GZIP)
                unpacked += unpacker.decompress(rest, limit + 1 - len(unpacked))
                if len(unpacked) > limit:
                    raise _over(url, "a larger body when unpacked", limit)
                rest = unpacker.unused_data
    except zlib.error as error:
        raise httpx.RemoteProtocolError(f"damaged gzip: {error}") from error
    if not unpacker.eof:
        raise httpx.RemoteProtocolError("the gzip body is cut off")
    return bytes(unpacked)


def _over(url: str, found: str, limit: int) -> LimitError:
    return LimitError(
        "the body is too large",
        where=url,
        found=found,
        expected=f"at most {limit} bytes",
        do="see GONGKAI_LIMIT_FILE_BYTES",
    )
