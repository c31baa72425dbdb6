"""The format of a document is told from its content."""

import pytest
from tests.documents.making import docx, p, page, stored, zipped

from gongkai.documents.sniff import sniff
from gongkai.errors import DamagedDocumentError, EmptyDocumentError, UnsupportedFormatError

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
ODF = "application/vnd.oasis.opendocument"
MD_TABLE = "规章 | 1\n--- | ---\n许可 | 2\n"


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (docx(p("文")), "a.pdf", "docx"),
        (OLE + "WordDocument".encode("utf-16-le"), "a.wps", "doc"),
        (page("<p>文</p>"), "a.docx", "html"),
        ("\ufeff  <div class='x'><p>年报</p></div>".encode(), "a.txt", "html"),
        (b"<?xml version='1.0'?><!DOCTYPE html><html/>", "", "html"),
        ("<html><body>年报</body></html>".encode("gb18030"), "", "html"),
        ("<html><body>年报</body></html>".encode("utf-16"), "", "html"),
        (b"%PDF-1.7\n...", "a.html", "pdf"),
        (b"\r\n" * 20 + b"%PDF-1.4", "", "pdf"),
        (page("%PDF-1.7 is what this page speaks of"), "", "html"),
        (MD_TABLE.encode(), "a.txt", "md"),
        ("## 一、总体情况\n文".encode(), "a", "md"),
        ("一、总体情况\n文".encode(), "a.txt", "txt"),
        ("一、总体情况\n文".encode(), "a.md", "md"),
        ("# 号\n\t规章\n\t1\n".encode(), "a.md", "txt"),
        ("年度报告 a|b -- 1\n".encode("gb18030"), "", "txt"),
        ("[2023]5号\n{公开}\n".encode(), "a.json", "txt"),
        ("一,二,三,四\n文\n".encode() * 5, "a.csv", "txt"),
        (b"{\\rtf1\\ansi}", "a.doc", "rtf"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n", "a.doc", "mhtml"),
        (b"From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;", "", "mhtml"),
        (OLE + "MatOST".encode("utf-16-le"), "a.doc", "wps"),
        (OLE + "MatOST Workbook WordDocument".encode("utf-16-le"), "a.et", "doc"),
        (b"<?xml version='1.0'?><w:wordDocument/>", "a.doc", "wordml"),
        (zipped({"OFD.xml": "<o/>"}), "a.zip", "ofd"),
        (zipped({"content.xml": "<o/>", "mimetype": f"{ODF}.text"}), "a.docx", "odt"),
        (b"Rar!\x1a\x07\x01\x00", "a.zip", "rar"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "", "7z"),
        (b"\x89PNG\r\n\x1a\n", "a.pdf", "png"),
        (b"\xff\xd8\xff\xe0JFIF", "", "jpeg"),
        (b"GIF89a", "", "gif"),
        (b"II*\0", "", "tiff"),
        (b"RIFF\0\0\0\0WEBP", "", "webp"),
        (zipped({"年报.docx": "x"}), "a.docx", "zip"),
        (stored({"年报.docx": docx(p("文"))}), "", "zip"),
    ],
)
def test_formats(data, name, expected):
    assert sniff(data, name) == expected


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (OLE + "Workbook".encode("utf-16-le"), "xls"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted docx"),
        (OLE, "OLE"),
        (zipped({"xl/workbook.xml": "<o/>"}), "xlsx"),
        (zipped({"content.xml": "<o/>", "mimetype": f"{ODF}.spreadsheet"}), "spreadsheet"),
        (OLE + "PowerPoint Document".encode("utf-16-le"), "ppt"),
        (b"<?xml version='1.0'?><feed/>", "xml"),
        (b'{"report_year": 2023}', "json"),
        (b'[\n  {"a": 1}]', "json"),
        ("\n".join("年报,2023,云岭县,1" for _ in range(9)).encode("gb18030"), "csv"),
        (b"RIFF\0\0\0\0WAVE", "RIFF"),
        (b"\x1f\x8b\x08", "gzip"),
        (bytes(range(256)) * 40, "binary"),
        (b"abc\0\0\0\0" * 100, "binary"),
        (b"\x81\x30" * 3000, "binary"),
    ],
)
def test_other_formats_are_refused_by_name(data, named):
    with pytest.raises(UnsupportedFormatError, match=named):
        sniff(data, "x")


@pytest.mark.parametrize("data", [b"", b" \r\n\t", b"\xef\xbb\xbf\n", b"\0" * 5000])
def test_empty(data):
    with pytest.raises(EmptyDocumentError):
        sniff(data)


def test_truncated_zip_is_damaged():
    whole = docx(p("文"))
    for size in (4, 30, len(whole) // 2, len(whole) - 1):
        with pytest.raises(DamagedDocumentError):
            sniff(whole[:size])


def test_a_text_that_says_bm_is_no_picture():
    assert sniff("BM是部门的缩写".encode()) == "txt"
