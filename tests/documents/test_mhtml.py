"""Web pages in one file, as Word saves them."""

import hashlib
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from tests.documents.making import outline

from gongkai.documents.read import read
from gongkai.errors import DamagedDocumentError

PAGE = "<html><body><p>一、总体情况</p><table><tr><td>申请数</td><td>12</td></tr></table></body></html>"


def mhtml(*parts) -> bytes:
    message = MIMEMultipart("related")
    for part in parts:
        message.attach(part)
    made = message.as_bytes().split(b"\n")
    version = next(line for line in made if line.startswith(b"MIME-Version"))
    return b"\r\n".join([version, *(line for line in made if line is not version)])


@pytest.mark.parametrize("charset", ["utf-8", "gb2312"])
def test_the_page_is_read(charset):
    data = mhtml(MIMEImage(b"x", "png"), MIMEText(PAGE, "html", charset))
    document = read(data, "年报.doc")
    assert outline(document) == ["一、总体情况", [["申请数", "12"]]]
    assert (document.format, document.sha256) == ("html", hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize("data", [mhtml(MIMEImage(b"x", "png")), mhtml(MIMEText(" ", "html"))])
def test_without_a_page_it_is_damaged(data):
    with pytest.raises(DamagedDocumentError):
        read(data)


def test_nested_without_end():
    head = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=a\r\n\r\n"
    inner = b"--a\r\nContent-Type: multipart/related; boundary=a\r\n\r\n"
    with pytest.raises(DamagedDocumentError):
        read(head + inner * 20_000)
