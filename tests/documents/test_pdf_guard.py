"""PDFs that unpack to far more than they hold are refused before pdfium unpacks them."""

import base64
import zlib

import pytest

from gongkai.documents.pdf import read_pdf
from gongkai.documents.pdf_guard import CONTENT_BYTES, check_streams
from gongkai.errors import LimitError
from gongkai.settings import Limits


def make_pdf(content: bytes, entries: bytes, contents: bytes = b"4 0 R") -> bytes:
    """Build a one-page PDF by hand; `entries` go into the dictionary of its content stream."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %s/Resources<<>>>>" % contents,
        b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(content), entries, content),
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(out)
    return out + b"xref\n0 5\n0000000000 65535 f \n" + table + trailer


LINE = b"0 0 m 100 0 l S\n"
BOMB = zlib.compress(LINE * (2 * CONTENT_BYTES // len(LINE)), 9)
FLATE = b"/Filter/FlateDecode"


@pytest.mark.parametrize(
    ("content", "entries"),
    [
        (BOMB, FLATE),
        (BOMB, b"/Filter [ /FlateDecode ]"),
        (BOMB, FLATE + b"/Length1 5/Subtype/Image"),
        (zlib.compress(BOMB, 9), b"/Filter[/FlateDecode/FlateDecode]"),
        (base64.a85encode(BOMB) + b"~>", b"/Filter[/ASCII85Decode/FlateDecode]"),
        (BOMB.hex().encode() + b">", b"/Filter[/ASCIIHexDecode/FlateDecode]"),
        (LINE * (CONTENT_BYTES // len(LINE) + 1), b""),
    ],
    ids=["flate", "array", "called a font", "twice", "ascii85", "hex", "plain"],
)
def test_a_stream_that_unpacks_to_too_much_is_refused(content: bytes, entries: bytes) -> None:
    with pytest.raises(LimitError, match="unpacks to too many bytes"):
        read_pdf(make_pdf(content, entries), Limits())


def test_a_content_named_many_times_counts_as_often() -> None:
    content = zlib.compress(LINE * (CONTENT_BYTES // 10 // len(LINE)), 9)
    check_streams(make_pdf(content, FLATE), Limits())
    with pytest.raises(LimitError):
        check_streams(make_pdf(content, FLATE, contents=b"[" + b"4 0 R " * 50 + b"]"), Limits())


def test_streams_of_common_size_pass() -> None:
    assert read_pdf(make_pdf(zlib.compress(LINE * 5000, 9), FLATE), Limits()).pages == 1


def test_large_fonts_and_pictures_pass_up_to_their_own_limit() -> None:
    data = (
        make_pdf(b"", b"") + b"9 0 obj\n<</Length1 9/Filter/FlateDecode>>\nstream\n" + BOMB + b"\nendstream\nendobj\n"
    )
    check_streams(data, Limits())
    with pytest.raises(LimitError, match="object 9"):
        check_streams(data, Limits(unpacked_bytes=CONTENT_BYTES))


def test_broken_streams_are_left_to_pdfium() -> None:
    check_streams(make_pdf(b"\x00garbage" * 5000, FLATE), Limits())
    check_streams(make_pdf(BOMB, FLATE)[:2000], Limits())
