import gzip
import hashlib
import os
import zlib

import httpx
import pytest

from gongkai.errors import LimitError
from gongkai.sources.body import HEAD, IN_MEMORY, receive
from gongkai.sources.failures import EncodingError, TruncatedError

TEXT = "公开年报".encode() * 5000


class Pieces(httpx.SyncByteStream):
    """A body that comes in pieces."""

    def __init__(self, pieces):
        self.pieces = pieces

    def __iter__(self):
        yield from self.pieces


def body(*pieces, encoding="", limit=10**6, folder=None, **headers):
    given = {**({"Content-Encoding": encoding} if encoding else {}), **headers}
    request = httpx.Request("GET", "http://a/1")
    return receive(httpx.Response(200, headers=given, stream=Pieces(pieces), request=request), limit, folder)


def bare(data):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("", bytes),
        ("identity", bytes),
        ("gzip", gzip.compress),
        ("X-GZIP", gzip.compress),
        ("gzip", lambda data: gzip.compress(data[:7]) + gzip.compress(data[7:])),
        ("deflate", zlib.compress),
        ("deflate", bare),
        ("deflate", lambda data: zlib.compress(data) + b"what stands behind it"),
    ],
)
@pytest.mark.parametrize("size", [1, 100, 10**6])
def test_bodies_come_out_as_they_were_however_they_are_cut(encoding, pack, size):
    packed = pack(TEXT)
    pieces = [packed[start : start + size] for start in range(0, len(packed), size)]
    found = body(*pieces, encoding=encoding)
    assert (found.read(), found.size) == (TEXT, len(TEXT))
    assert found.sha256 == hashlib.sha256(TEXT).hexdigest()
    assert found.head == TEXT[:HEAD]


@pytest.mark.parametrize("size", [2**16 - 1, 2**16, 2**17, 2**17 + 1])
def test_what_is_unpacked_in_pieces_loses_no_end(size):
    data = bytes(size)
    assert body(gzip.compress(data), encoding="gzip").size == body(zlib.compress(data), encoding="deflate").size == size


def test_a_large_body_is_on_disk_without_a_name(tmp_path):
    data = os.urandom(3 * IN_MEMORY)
    found = body(*(data[start : start + 2**16] for start in range(0, len(data), 2**16)), limit=10**8, folder=tmp_path)
    assert list(tmp_path.iterdir()) == [], "nothing to clean up after a kill"
    assert os.fstat(found.open().fileno()).st_size == len(data)
    assert found.read() == found.read() == data


@pytest.mark.parametrize(
    ("pieces", "encoding", "headers"),
    [
        ([b"x" * 600, b"x" * 600], "", {}),
        ([b""], "", {"Content-Length": "1001"}),
        ([gzip.compress(bytes(10**7))], "gzip", {}),
        ([zlib.compress(bytes(10**7))], "deflate", {}),
        ([bare(bytes(10**7))], "deflate", {}),
    ],
)
def test_more_than_the_limit_is_refused_as_soon_as_it_shows(tmp_path, pieces, encoding, headers):
    with pytest.raises(LimitError, match="at most 1000 bytes"):
        body(*pieces, encoding=encoding, limit=1000, folder=tmp_path, **headers)


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", bare)])
def test_a_packed_body_that_is_cut_off_is_told(encoding, pack):
    with pytest.raises(TruncatedError, match="cut off"):
        body(pack(TEXT)[:-6], encoding=encoding)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress"])
def test_encodings_that_were_not_asked_for_are_refused(encoding):
    with pytest.raises(EncodingError, match="gzip, deflate"):
        body(b"x", encoding=encoding)
