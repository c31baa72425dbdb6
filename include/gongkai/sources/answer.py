"""An answer of a portal: its body, and what the server and the connection said of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from gongkai.archive.log import RequestRow, now
from gongkai.sources.body import Body
from gongkai.sources.finding import Finding

_OF_INTEREST = (
    *("Content-Type", "Content-Length", "Content-Encoding", "Content-Disposition", "Content-Language"),
    *("ETag", "Last-Modified", "Date", "Expires", "Cache-Control", "Age", "Server", "Via", "X-Powered-By"),
)
"""Headers that are kept with a document."""
_LONGEST = 1000


@dataclass(frozen=True)
class Validators:
    """What the server said of the content that we have, to ask whether it changed."""

    etag: str | None = None
    last_modified: str | None = None

    def headers(self) -> dict[str, str]:
        """Request headers of a conditional request; none where nothing is known."""
        pairs = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in pairs.items() if value}


@dataclass(frozen=True)
class Answer:
    """A whole answer.

    Attributes:
        url: Address that answered, after redirects.
        status: 200 or 304.
        content: Decoded body, in memory or on disk; None for 304.
        content_type: As the server said.
        validators: For the next conditional request.
        asked: The addresses that led here, the first one asked first; without `url`.
        sent: When the last request was sent, UTC.
        received: When its body was whole.
        headers: Those of interest.
        connection: Address of the host; for TLS the version, cipher and certificate.
        finding: What it was found to be, where somebody looked.
    """

    url: str
    status: int
    content: Body | None
    content_type: str
    validators: Validators
    asked: tuple[str, ...] = ()
    sent: datetime = field(default_factory=now)
    received: datetime = field(default_factory=now)
    headers: dict[str, str] = field(default_factory=dict)
    connection: dict[str, Any] = field(default_factory=dict)
    finding: Finding | None = None

    @property
    def body(self) -> bytes:
        """All of the body, empty for 304; for what may be large see `content`."""
        return self.content.read() if self.content else b""

    @property
    def sha256(self) -> str:
        """Digest of the body, "" for 304."""
        return self.content.sha256 if self.content else ""


def headers_of_interest(headers: httpx.Headers) -> dict[str, str]:
    """Choose the headers that are kept with a document."""
    return {name: headers[name][:_LONGEST] for name in _OF_INTEREST if name in headers}


def connection_of(response: httpx.Response) -> dict[str, Any]:
    """Describe the connection of an answer whose body was not read yet."""
    stream = response.extensions["network_stream"]
    try:
        peer = stream.get_extra_info("server_addr")
    except OSError:  # the host has hung up; what it sent can still be read
        peer = None
    about: dict[str, Any] = {"address": str(peer[0]) if peer else ""}
    tls = stream.get_extra_info("ssl_object")
    if tls is not None:
        certificate = tls.getpeercert() or {}
        about["tls"] = {
            "version": tls.version(),
            "cipher": (tls.cipher() or ("",))[0],
            "subject": _names(certificate.get("subject", ())),
            "issuer": _names(certificate.get("issuer", ())),
            "serial": certificate.get("serialNumber", ""),
            "not_before": certificate.get("notBefore", ""),
            "not_after": certificate.get("notAfter", ""),
            "host_names": [str(name)[:255] for _, name in certificate.get("subjectAltName", ())][:50],
        }
    return about


def _names(parts: Any) -> str:
    return ", ".join(f"{name}={value}" for part in parts for name, value in part)[:_LONGEST]


def seconds_of(retry_after: str | None) -> float | None:
    """Read a Retry-After: seconds or a date; None where there is none or it says nothing."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, (parsedate_to_datetime(text) - now()).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def note_head(row: RequestRow, response: httpx.Response, connection: dict[str, Any]) -> RequestRow:
    """Note in a row what the head of an answer and its connection say."""
    return replace(
        row,
        status=response.status_code,
        etag=response.headers.get("ETag"),
        last_modified=response.headers.get("Last-Modified"),
        content_type=response.headers.get("Content-Type", "")[:200],
        address=connection["address"],
        tls=connection.get("tls", {}).get("version", ""),
    )
