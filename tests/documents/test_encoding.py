"""Bytes decide the encoding; declarations are only compared."""

import pytest

from gongkai.documents.encoding import decode
from gongkai.errors import UnsupportedFormatError

TEXT = "政府信息公开工作年度报告：收到申请3119件，㐂" * 20


@pytest.mark.parametrize(
    ("data", "declared", "encoding", "warned"),
    [
        (TEXT.encode(), "utf-8", "utf-8", False),
        (TEXT.encode(), "gb2312", "utf-8", True),
        (TEXT.encode("gb18030"), "gb2312", "gb18030", False),
        (TEXT.encode("gb18030"), "", "gb18030", False),
        (TEXT.encode("gb18030"), "UTF-8", "gb18030", True),
        (b"\xef\xbb\xbf" + TEXT.encode(), "gbk", "utf-8", True),
        (TEXT.encode("utf-16"), "", "utf-16", False),
        (TEXT.encode(), "no-such-code", "utf-8", True),
    ],
)
def test_decode(data, declared, encoding, warned):
    decoded = decode(data, declared)
    assert (decoded.text, decoded.encoding, bool(decoded.warnings)) == (TEXT, encoding, warned)


def test_ascii_fits_any_declaration_of_utf8():
    assert decode(b"<html>0</html>", "utf-8").warnings == ()


def test_one_broken_character_does_not_make_utf8_into_gb18030():
    decoded = decode(TEXT.encode()[:-1])
    assert decoded.encoding == "utf-8"
    assert decoded.text.startswith("政府信息公开")
    assert decoded.warnings == ("1 characters are unreadable as utf-8",)


def test_nul_and_line_ends():
    decoded = decode("规\0章\r\n1\r2".encode())
    assert decoded.text == "规章\n1\n2"
    assert decoded.warnings == ("1 NUL characters dropped",)


def test_bytes_of_no_text_are_refused():
    with pytest.raises(UnsupportedFormatError, match="not text"):
        decode(bytes([0x81, 0xFF]) * 500)
