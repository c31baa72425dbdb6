"""What is kept beside each document: where it came from, when, and what the server and the connection said."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from gongkai.archive.store import Archive, document_name


@dataclass(frozen=True, slots=True)
class Provenance:
    """How one content came from one address of one source, when it was first seen there.

    Attributes:
        sha256: The content.
        size: Its bytes.
        source: Name of the source.
        url: The address as linked ("folder:<path>" for a local folder).
        final_url: The address that answered, after redirects.
        asked: The addresses in between, the first one first.
        run_id: The run that saw it.
        sent: When the request was sent, UTC.
        received: When the body was whole, UTC.
        status: Status of the answer; None for a local folder.
        headers: Headers of interest.
        connection: Network address; for TLS its version, cipher and the host's certificate.
        title: Title as listed; for an attachment the text of its link.
        listed_date: Date printed beside the link.
        parent_url: The page that links an attachment.
    """

    sha256: str
    size: int
    source: str
    url: str
    final_url: str
    run_id: str
    sent: datetime
    received: datetime
    asked: tuple[str, ...] = ()
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    connection: dict[str, Any] = field(default_factory=dict)
    title: str = ""
    listed_date: date | None = None
    parent_url: str | None = None


@cache
def _adapter() -> TypeAdapter[Provenance]:
    return TypeAdapter(Provenance)


def keep_provenance(archive: Archive, known: Provenance) -> None:
    """Write a provenance beside its document, as JSON; what is already kept stays as it is."""
    key = hashlib.sha256(f"{known.source}\n{known.url}".encode()).hexdigest()[:16]
    name = f"{document_name(known.sha256)}.{key}.json"
    if not archive.exists(name):
        archive.write(name, _adapter().dump_json(known, indent=1, exclude_none=True))


def read_provenance(archive: Archive, sha256: str) -> Iterator[Provenance]:
    """Yield what is kept beside a document, one for each source and address."""
    document = document_name(sha256)
    for name in archive.names(document.rpartition("/")[0]):
        if name.startswith(f"{document}."):
            yield _adapter().validate_json(archive.read(name))
