"""What a run asked of a portal, and what became of each link that the portal listed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from gongkai.archive.answers import AnswerKind
from gongkai.archive.lines import LineWriter, compact_leftovers, read_lines
from gongkai.archive.store import Archive


class Fate(StrEnum):
    """What became of one listed link in one run."""

    NEW = "new"
    UNCHANGED = "unchanged"
    REVISED = "revised"
    SKIPPED = "skipped"
    BLOCKED = "blocked"
    FAILED = "failed"
    NOT_A_REPORT = "not_a_report"


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request, retries and refused ones included.

    Attributes:
        at: When it was sent, UTC.
        run_id: The run it belongs to.
        source: The source it was sent for.
        method: "GET" or "POST".
        url: The address asked, each hop of a redirect on its own; the page that a POST asks for stands behind #.
        status: Status of the answer; None without one.
        bytes: Length of the body as read, decoded.
        ms: Milliseconds from sending to the end of the body, without the wait for the rate limit.
        etag: Validator of the answer.
        last_modified: Validator of the answer.
        sha256: Digest of a whole body.
        error: Code of the error, "" where there was none; those of requests are in sources/failures.py.
        why: The error in words.
        attempt: Which attempt for its address it is; 0 for a request that was not sent.
        waited_ms: Milliseconds that it waited for its turn.
        address: Network address of the host.
        content_type: As the server said.
        tls: Version of the protocol, "" without TLS.
        answer: Which kind of answer it was; None where nobody looked (robots.txt).
    """

    at: datetime
    run_id: str
    source: str
    method: str
    url: str
    status: int | None = None
    bytes: int = 0
    ms: int = 0
    etag: str | None = None
    last_modified: str | None = None
    sha256: str | None = None
    error: str = ""
    why: str = ""
    attempt: int = 0
    waited_ms: int = 0
    address: str = ""
    content_type: str = ""
    tls: str = ""
    answer: AnswerKind | None = None


@dataclass(frozen=True, slots=True)
class ListingRow:
    """One link of a list page, or an attachment of a listed page, and its fate in one run.

    Attributes:
        at: When its fate was known, UTC.
        run_id: The run.
        source: The source.
        url: The address linked.
        title: Title as listed.
        fate: What became of it.
        reason: Why, in words; "" for new and unchanged.
        listed_date: Date printed beside the link.
        listed_year: Report year that the title names.
        list_url: The list page.
        parent_url: The page that links this attachment; None for a listed link.
        sha256: Content now known under the address.
        answer: Which kind of answer it gave.
    """

    at: datetime
    run_id: str
    source: str
    url: str
    title: str
    fate: Fate
    reason: str = ""
    listed_date: date | None = None
    listed_year: int | None = None
    list_url: str = ""
    parent_url: str | None = None
    sha256: str | None = None
    answer: AnswerKind | None = None


NOT_ASKED = "which this run does not ask for"
"""How the reason ends of a link that was passed over because the run is for other years: that says nothing of it."""


class RequestLog(LineWriter[RequestRow]):
    """The request log of a run for one source: requests/<run_id>/<source>.parquet when the run has ended.

    Attributes:
        sent: Requests sent so far.
        bytes: Bytes of their answers.
    """

    def __init__(self, archive: Archive, run_id: str, source: str) -> None:
        super().__init__(archive, "requests", RequestRow, run_id=run_id, source=source, as_table=True)
        self.sent = self.bytes = 0
        self._counting = threading.Lock()

    def add(self, row: RequestRow) -> None:
        """Append one row."""
        with self._counting:
            self.sent += row.attempt > 0
            self.bytes += row.bytes
        super().add(row)


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def request_log(archive: Archive, run_id: str, source: str) -> RequestLog:
    """Open the request log of a run for one source; what killed runs left for the source becomes Parquet first."""
    archive.sweep()
    compact_leftovers(archive, "requests", RequestRow, source=source, but=run_id)
    return RequestLog(archive, run_id, source)


def listing_log(archive: Archive, run_id: str, source: str) -> LineWriter[ListingRow]:
    """Open the listings of a run for one source, kept like the request log: listings/<run_id>/<source>.parquet."""
    compact_leftovers(archive, "listings", ListingRow, source=source, but=run_id)
    return LineWriter(archive, "listings", ListingRow, run_id=run_id, source=source, as_table=True)


def read_requests(archive: Archive, run_id: str = "") -> Iterator[RequestRow]:
    """Yield the requests of one run, or of all runs, running ones included, in order of run and time."""
    return read_lines(archive, "requests", RequestRow, run_id=run_id)


def read_listings(archive: Archive, run_id: str = "") -> Iterator[ListingRow]:
    """Yield the listings of one run, or of all runs, running ones included, in order of run and time."""
    return read_lines(archive, "listings", ListingRow, run_id=run_id)
