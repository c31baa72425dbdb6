"""Answers and archived contents: what they are judged by, and how an answer comes into the archive."""

from __future__ import annotations

from dataclasses import replace

from gongkai.archive.catalog import CatalogWriter, Observation
from gongkai.archive.provenance import Provenance, keep_provenance
from gongkai.archive.store import Archive
from gongkai.errors import LimitError
from gongkai.sources.answer import Answer
from gongkai.sources.body import HEAD
from gongkai.sources.pages import is_html

_MOST_PAGE = 32 * 2**20
"""Bytes of HTML that are parsed; files of other formats may be larger."""


def page_of(answer: Answer) -> bytes:
    """What an answer is judged by: a page as a whole, of other files the head.

    Raises:
        LimitError: It is a page larger than any report: its tree would take many times as much.
    """
    content = answer.content
    if content is None or content.size <= len(content.head):
        return content.head if content else b""
    if not is_html(content.head):
        return content.head
    if content.size > _MOST_PAGE:
        raise LimitError(
            "the page is too large",
            where=answer.url,
            found=f"{content.size} bytes",
            expected=f"at most {_MOST_PAGE} bytes of HTML",
        )
    return content.read()


def archived_page(archive: Archive, sha256: str) -> bytes:
    """What an archived content is judged by: a page as a whole, of other files the head."""
    head = archive.head(sha256, HEAD)
    return archive.get(sha256) if len(head) < HEAD or is_html(head) else head


def keep(archive: Archive, catalog: CatalogWriter, seen: Observation, answer: Answer) -> None:
    """Archive an answer with what is known of it; the catalog last: what it names is there."""
    assert answer.content is not None, "called for whole answers only"
    archive.put_file(answer.content.open())
    keep_provenance(
        archive,
        Provenance(
            sha256=answer.sha256,
            size=answer.content.size,
            source=seen.source,
            url=seen.url,
            final_url=answer.url,
            asked=answer.asked,
            run_id=seen.run_id,
            sent=answer.sent,
            received=answer.received,
            status=answer.status,
            headers=answer.headers,
            connection=answer.connection,
            title=seen.title,
            listed_date=seen.listed_date,
            parent_url=seen.parent_url,
        ),
    )
    new = answer.validators
    catalog.observe(replace(seen, etag=new.etag, last_modified=new.last_modified, content_type=answer.content_type))
