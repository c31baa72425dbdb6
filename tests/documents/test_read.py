"""One function reads every format, within limits."""

import sys

import pytest
from tests.documents.making import docx, outline, p, page

from gongkai.documents.read import read
from gongkai.errors import DamagedDocumentError, DocumentError, EmptyDocumentError, LimitError, UnsupportedFormatError
from gongkai.settings import Limits


@pytest.mark.parametrize(
    ("data", "format_"),
    [
        (docx(p("甲")), "docx"),
        (page("<p>甲</p>"), "html"),
        ("# 甲\n".encode(), "md"),
        ("甲\n".encode(), "txt"),
    ],
)
def test_every_format_by_its_content(data, format_):
    document = read(data, "misleading.pdf")
    assert document.format == format_
    assert outline(document)[0] == "甲"
    assert len(document.sha256) == 64
    assert read(data).sha256 == document.sha256


def test_file_size_is_limited_before_anything_else():
    with pytest.raises(LimitError, match=r"big\.txt: the file is too large"):
        read(b"x" * 101, "big.txt", Limits(file_bytes=100))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", EmptyDocumentError),
        (b"PK\x03\x04 cut off", DamagedDocumentError),
        (b"%PDF-1.7\nnothing that follows is a PDF", DamagedDocumentError),
        (b"\x89PNG\r\n\x1a\n....", DamagedDocumentError),
        (b"\x1f\x8b\x08", UnsupportedFormatError),
        (docx(""), EmptyDocumentError),
    ],
)
def test_bad_input_is_refused_with_its_name(data, error):
    with pytest.raises(error) as raised:
        read(data, "2024.docx")
    assert raised.value.where
    assert isinstance(raised.value, DocumentError)


def test_readers_are_loaded_when_needed():
    import subprocess

    code = (
        "import sys\nfrom gongkai.documents.read import read\n"
        "assert not {'lxml', 'pypdfium2', 'pdfplumber'} & set(sys.modules)\n"
        "read('甲'.encode())\nassert 'pypdfium2' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
