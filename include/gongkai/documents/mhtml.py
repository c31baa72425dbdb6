"""Takes the web page out of an MHTML file (RFC 2557), as Word and browsers save one; often named .doc."""

from __future__ import annotations

from dataclasses import replace
from email import policy
from email.message import Message
from email.parser import BytesParser
from itertools import islice
from urllib.parse import urljoin

from gongkai.documents.companions import Companions
from gongkai.documents.digest import sha256_hex
from gongkai.documents.html import read_html
from gongkai.documents.model import Document
from gongkai.errors import DamagedDocumentError
from gongkai.settings import Limits

_MOST_PARTS = 500


def read_mhtml(data: bytes, limits: Limits) -> Document:
    """Read the first web page in an MHTML file as a web page.

    Raises:
        DamagedDocumentError: There is none.
        DocumentError: As `read_html` does.
    """
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(data.lstrip())
        parts = list(islice(message.walk(), _MOST_PARTS))
        first = next((part for part in parts if part.get_content_type() == "text/html"), None)
        page = first.get_payload(decode=True) if first is not None else None
    except (RecursionError, ValueError, LookupError, AssertionError) as error:
        raise DamagedDocumentError("the MHTML is broken", where="mhtml", found=type(error).__name__) from error
    if not isinstance(page, bytes) or not page.strip():
        raise DamagedDocumentError("the MHTML holds no web page", where="mhtml", expected="a text/html part")
    return replace(read_html(page, limits, _pictures(first, parts)), sha256=sha256_hex(data))


def _pictures(page: Message | None, parts: list[Message]) -> Companions:
    """Give the pictures in the file by what names them: their identity (cid:), or their address."""
    base = (page.get("Content-Location", "") if page is not None else "").strip()
    named: dict[str, Message] = {}
    for part in parts:
        if part.get_content_maintype() == "image":
            if identity := part.get("Content-ID", "").strip(" <>\r\n\t"):
                named.setdefault(f"cid:{identity}", part)
            if address := part.get("Content-Location", "").strip():
                named.setdefault(_joined(base, address), part)

    def find(address: str) -> bytes | None:
        part = named.get(address) or named.get(_joined(base, address))
        data = part.get_payload(decode=True) if part is not None else None
        return data if isinstance(data, bytes) else None

    return find


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:
        return address
