"""Asks portals politely and safely: paced, bounded, guarded, conditional, retried, and every request logged."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx
import stamina

from gongkai.archive.lines import LineWriter
from gongkai.archive.log import RequestRow, now
from gongkai.errors import BlockedError, GoneError, GongkaiError, LimitError, SourceError
from gongkai.settings import Settings
from gongkai.sources.body import read_body
from gongkai.sources.guard import GuardedTransport, check_host
from gongkai.sources.model import Source
from gongkai.sources.pace import PACE
from gongkai.sources.robots import MAX_BYTES, Robots

MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# 412 and 521 are the JavaScript challenges of two protection services that many government portals use.
_REFUSALS = frozenset({401, 403, 407, 412, 451, 521})


class TransientError(SourceError):
    """No whole answer this time: no connection, a body cut off, or an error of the server; asked again."""

    code = "unreachable"


class BusyError(BlockedError):
    """The portal asks us to come again later (429, 503); `retry_after` in seconds, where it says when."""

    retry_after: float | None = None


@dataclass(frozen=True)
class Retry:
    """How often and how long a failing request is tried again.

    Attributes:
        attempts: Most attempts.
        wait_initial: Seconds before the second; doubled each time, with jitter.
        wait_max: Most seconds between two.
        retry_after_max: Most seconds that a Retry-After is waited for; longer ones end the attempts.
        timeout: Seconds for connecting and for each silence of the server.
        total: Seconds for one whole body.
    """

    attempts: int = 4
    wait_initial: float = 0.5
    wait_max: float = 20.0
    retry_after_max: float = 60.0
    timeout: float = 30.0
    total: float = 300.0


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
        body: Decoded body, empty for 304.
        sha256: Digest of the body, "" for 304.
        content_type: As the server said.
        validators: For the next conditional request.
    """

    url: str
    status: int
    body: bytes
    sha256: str
    content_type: str
    validators: Validators


class Fetcher:
    """Fetches the addresses of one source in one run; safe to use from several threads.

    Args:
        source: Hosts, pace and robots of the portal.
        settings: User agent and limits.
        log: Where each request becomes a row.
        run_id: The run.
        retry: How often and long to try.
    """

    def __init__(
        self,
        source: Source,
        *,
        settings: Settings,
        log: LineWriter[RequestRow],
        run_id: str,
        retry: Retry | None = None,
    ) -> None:
        self._source, self._log, self._run_id, self._retry = source, log, run_id, retry or Retry()
        self._limit = settings.limits.file_bytes
        self._client = httpx.Client(
            transport=GuardedTransport(allow_private=source.allow_private, connections=source.politeness.concurrency),
            headers={"User-Agent": settings.user_agent, "Accept": "*/*", "Accept-Encoding": "gzip"},
            timeout=self._retry.timeout,
            trust_env=False,
        )
        self._robots = Robots(settings.user_agent, self._fetch_robots) if source.politeness.robots else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, url: str, validators: Validators | None = None, most: int | None = None) -> Answer:
        """Ask for an address, conditionally where validators are given.

        Args:
            url: The address.
            validators: Of the content that is known.
            most: Most bytes of the body, if fewer than Limits.file_bytes.

        Raises:
            RefusedError: The address, or one it redirects to, is outside the source's hosts or not public.
            BlockedError: robots.txt or the portal refuses us.
            GoneError: Nothing is there (404, 410).
            LimitError: The body is larger than Limits.file_bytes.
            SourceError: Any other failure.
        """
        limit = self._limit if most is None else min(most, self._limit)
        return self._attempts(url, validators or Validators(), limit, robots=self._robots)

    def _attempts(self, url: str, validators: Validators, limit: int, *, robots: Robots | None) -> Answer:
        retry = self._retry
        for attempt in stamina.retry_context(
            on=self._again,
            attempts=retry.attempts,
            timeout=None,
            wait_initial=retry.wait_initial,
            wait_max=retry.wait_max,
            wait_jitter=retry.wait_initial,
        ):
            with attempt:
                return self._follow(url, validators, limit, robots=robots)
        raise AssertionError("retry_context returns or raises")

    def _again(self, error: Exception) -> bool | float:
        if isinstance(error, BusyError) and error.retry_after is not None:
            return error.retry_after if error.retry_after <= self._retry.retry_after_max else False
        return isinstance(error, BusyError | TransientError)

    def _follow(self, url: str, validators: Validators, limit: int, *, robots: Robots | None) -> Answer:
        start = url
        for _ in range(MAX_REDIRECTS + 1):
            with self._refusals_logged(url):
                check_host(url, self._source.hosts)
                if robots:
                    robots.check(url)
            PACE.wait(
                urlsplit(url).netloc,
                max(1.0 / self._source.politeness.requests_per_second, robots.delay(url) if robots else 0.0),
            )
            answer = self._exchange(url, validators, limit)
            if isinstance(answer, Answer):
                return answer
            url = answer
        raise SourceError(f"more than {MAX_REDIRECTS} redirects", where=start, found=f"the last to {url[:300]}")

    @contextmanager
    def _refusals_logged(self, url: str) -> Iterator[None]:
        """Log a request that was not sent."""
        try:
            yield
        except SourceError as error:
            self._log.add(
                RequestRow(now(), self._run_id, self._source.name, "GET", url, error=error.code, why=str(error))
            )
            raise

    def _exchange(self, url: str, validators: Validators, limit: int) -> Answer | str:
        """Send one request and log it; return the answer, or the address of a redirect."""
        row = RequestRow(now(), self._run_id, self._source.name, "GET", url)
        started = time.monotonic()
        try:
            with _transport_errors(url), self._client.stream("GET", url, headers=validators.headers()) as response:
                new = Validators(response.headers.get("ETag"), response.headers.get("Last-Modified"))
                row = replace(row, status=response.status_code, etag=new.etag, last_modified=new.last_modified)
                location = response.headers.get("Location")
                if response.status_code in _REDIRECTS and location:
                    return clean_url(url, location)
                raise_for_status(response.status_code, response.headers.get("Retry-After"), url)
                if response.status_code == 304:
                    return Answer(url, 304, b"", "", "", new)
                body = read_body(response, limit, seconds=self._retry.total)
            sha256 = hashlib.sha256(body).hexdigest()
            row = replace(row, bytes=len(body), sha256=sha256)
            return Answer(url, 200, body, sha256, response.headers.get("Content-Type", ""), new)
        except GongkaiError as error:
            row = replace(row, error=error.code, why=str(error))
            raise
        finally:
            self._log.add(replace(row, ms=round((time.monotonic() - started) * 1000)))

    def _fetch_robots(self, url: str) -> bytes | None:
        try:
            return self._attempts(url, Validators(), MAX_BYTES, robots=None).body
        except (BusyError, TransientError) as error:
            raise BlockedError("robots.txt gives no answer", where=url, found=str(error)) from error
        except (SourceError, LimitError):
            return None  # 4xx, or led elsewhere: the host has no robots.txt (RFC 9309, 2.3.1.3)


def clean_url(base: str, link: str) -> str:
    """Return a link as an absolute address without fragment, quoted in one way.

    Raises:
        SourceError: It is no address.
    """
    try:
        return str(httpx.URL(urljoin(base, link.strip())).copy_with(fragment=None))
    except (httpx.InvalidURL, ValueError) as error:
        raise SourceError("not an address", where=base, found=repr(link)[:200]) from error


def raise_for_status(status: int, retry_after: str | None, url: str) -> None:
    """Raise the error that a status other than 200 and 304 stands for."""
    if status in {200, 304}:
        return
    found = f"status {status}"
    if status in {404, 410}:
        raise GoneError("there is nothing at this address", where=url, found=found)
    if status in _REFUSALS:
        raise BlockedError(
            "the portal refuses us", where=url, found=found, do="see docs/operators.md on blocked portals"
        )
    if status in {429, 503}:
        busy = BusyError("the portal asks to come again later", where=url, found=found)
        busy.retry_after = _seconds(retry_after)
        raise busy
    if status >= 500:
        raise TransientError("an error of the portal", where=url, found=found)
    raise SourceError("an answer that is no document", where=url, found=found, expected="status 200")


def _seconds(retry_after: str | None) -> float | None:
    """Read a Retry-After: seconds or a date."""
    if retry_after is None:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        moment: datetime = parsedate_to_datetime(retry_after)
        return max(0.0, (moment - now()).total_seconds())
    except (ValueError, TypeError):
        return None


@contextmanager
def _transport_errors(url: str) -> Iterator[None]:
    try:
        yield
    except httpx.TransportError as error:
        raise TransientError(
            "no whole answer",
            where=url,
            found=f"{type(error).__name__}: {error}" if str(error) else type(error).__name__,
        ) from error
    except httpx.InvalidURL as error:
        raise SourceError("not an address", where=url[:300], found=str(error)) from error
