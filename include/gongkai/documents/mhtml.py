"""Takes the web page out of an MHTML file (RFC 2557), as Word and browsers save one; often named .doc."""

from __future__ import annotations

from dataclasses import replace
from email import policy
from email.parser import BytesParser
from itertools import islice

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
        parts = islice(message.walk(), _MOST_PARTS)
        page = next((part.get_payload(decode=True) for part in parts if part.get_content_type() == "text/html"), None)
    except (RecursionError, ValueError, LookupError, AssertionError) as error:
        raise DamagedDocumentError("the MHTML is broken", where="mhtml", found=type(error).__name__) from error
    if not isinstance(page, bytes) or not page.strip():
        raise DamagedDocumentError("the MHTML holds no web page", where="mhtml", expected="a text/html part")
    return replace(read_html(page, limits), sha256=sha256_hex(data))
