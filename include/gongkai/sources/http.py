"""Asks portals politely and safely: paced, bounded, guarded, conditional, retried, and every request logged."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import httpx
import stamina

from gongkai.archive.lines import LineWriter
from gongkai.archive.log import RequestRow, now
from gongkai.errors import BlockedError, GongkaiError, LimitError, SourceError
from gongkai.settings import Settings
from gongkai.sources.answer import Answer, Validators, connection_of, headers_of_interest, note_head, seconds_of
from gongkai.sources.attempts import Patience, Trail
from gongkai.sources.body import ACCEPTED, drain, receive
from gongkai.sources.breaker import Breaker
from gongkai.sources.cookies import Cookies
from gongkai.sources.failures import (
    BusyError,
    OutsideWindowError,
    RedirectError,
    SlowBodyError,
    TransientError,
    named_errors,
    raise_for_status,
)
from gongkai.sources.guard import check_host
from gongkai.sources.model import Source
from gongkai.sources.pace import Pace, host_of
from gongkai.sources.pace_state import Terms
from gongkai.sources.robots import MAX_BYTES, Robots
from gongkai.sources.transport import GuardedTransport, within
from gongkai.sources.window import parse_window

MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_CONNECTIONS = 32
_SENT = "http11.send_request_headers.complete"
"""The step of httpcore after which a request is on its way."""


@dataclass(frozen=True)
class Retry:
    """How often and how long a failing request is tried again, and when a host is left.

    Attributes:
        attempts: Most attempts.
        wait_initial: Seconds before the second; doubled each time, with jitter.
        wait_max: Most seconds between two.
        busy: Most attempts more, where the portal says when to come again.
        retry_after_max: Most seconds that a Retry-After is waited for; longer ones end the attempts.
        timeout: Seconds for connecting and for each silence of the server.
        total: Seconds for one whole exchange.
        doubt_after: After so many addresses of a host that failed in a row, others are tried once.
        leave_after: After so many, the host is left for the rest of the run.
        host_seconds: Seconds that the answers of one host may take in one run.
    """

    attempts: int = 4
    wait_initial: float = 0.5
    wait_max: float = 20.0
    busy: int = 6
    retry_after_max: float = 60.0
    timeout: float = 30.0
    total: float = 600.0
    doubt_after: int = 3
    leave_after: int = 10
    host_seconds: float = 7200.0


class Fetcher:
    """Fetches the addresses of one source in one run; safe to use from several threads.

    Args:
        source: Hosts, pace, hours and robots of the portal.
        settings: User agent, limits, folders of pace and large bodies.
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
        self._headers = {"User-Agent": settings.user_agent, "Accept": "*/*", "Accept-Encoding": ACCEPTED}
        self._transport = GuardedTransport(
            allow_private=source.allow_private, connections=_MOST_CONNECTIONS, authorities=settings.ca_bundle
        )
        self._window = parse_window(getattr(source.politeness, "window", ""))
        self._pace, self._cookies = Pace(settings.pace), Cookies()
        self._breaker = Breaker(
            doubt_after=self._retry.doubt_after,
            leave_after=self._retry.leave_after,
            seconds=self._retry.host_seconds,
        )
        self._scratch = settings.scratch
        self._scratch.mkdir(parents=True, exist_ok=True)
        self._robots = Robots(settings.user_agent, self._fetch_robots) if source.politeness.robots else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._transport.close()

    def get(self, url: str, validators: Validators | None = None, most: int | None = None) -> Answer:
        """Ask for an address, conditionally where validators are given.

        Args:
            url: The address.
            validators: Of the content that is known.
            most: Most bytes of the body, if fewer than Limits.file_bytes.

        Raises:
            RefusedError: The address, or one it redirects to, is outside the source's hosts or not public.
            BlockedError: robots.txt, the hours of the source or the portal refuse us, or the host is left.
            GoneError: Nothing is there (404, 410).
            LimitError: The body is larger than Limits.file_bytes.
            SourceError: Any other failure.
        """
        limit = self._limit if most is None else min(most, self._limit)
        return self._attempts(url, validators or Validators(), limit, robots=self._robots)

    def _attempts(self, url: str, validators: Validators, limit: int, *, robots: Robots | None) -> Answer:
        retry, trail = self._retry, Trail()
        patience = Patience(retry, once=self._breaker.is_doubtful(host_of(url)))
        try:
            for attempt in stamina.retry_context(
                on=patience,
                attempts=retry.attempts + retry.busy,
                timeout=None,
                wait_initial=retry.wait_initial,
                wait_max=retry.wait_max,
                wait_jitter=retry.wait_initial,
            ):
                with attempt:
                    trail.urls, trail.attempt = [], attempt.num
                    answer = self._follow(url, validators, limit, trail, robots=robots)
        except SourceError as error:
            self._breaker.ended(host_of(trail.urls[-1]), error)
            raise
        self._breaker.ended(host_of(url))
        return answer

    def _follow(self, url: str, validators: Validators, limit: int, trail: Trail, *, robots: Robots | None) -> Answer:
        seen: set[tuple[str, str]] = set()
        while True:
            trail.urls.append(url)
            with self._refusals_logged(url):
                self._check(url, robots)
            cookies = self._cookies.header(_origin(url))
            # A portal may set a cookie and redirect to the same address: only the same request again is a circle.
            state = (url, cookies.get("Cookie", ""))
            with self._refusals_logged(url):
                if state in seen:
                    raise RedirectError("the redirects go in a circle", where=trail.urls[0], found=f"{url[:300]} again")
                if len(seen) > MAX_REDIRECTS:
                    raise RedirectError(
                        f"more than {MAX_REDIRECTS} redirects", where=trail.urls[0], found=f"the last to {url[:300]}"
                    )
            seen.add(state)
            answer = self._exchange(url, {**validators.headers(), **cookies}, limit, trail, robots)
            if isinstance(answer, Answer):
                return replace(answer, asked=tuple(trail.urls[:-1]))
            url = answer

    def _check(self, url: str, robots: Robots | None) -> None:
        """Refuse what may not be asked, or not now."""
        check_host(url, self._source.hosts)
        if self._window and now() not in self._window:
            raise OutsideWindowError(
                "the source may be asked at other hours only",
                where=url,
                expected=f"{self._window} Asia/Shanghai",
                do="run the collection within politeness.window of the source file",
            )
        self._breaker.check(host_of(url), url)
        if robots:
            robots.check(url)

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

    def _exchange(
        self, url: str, headers: dict[str, str], limit: int, trail: Trail, robots: Robots | None
    ) -> Answer | str:
        """Send one request in its turn and log it; return the answer, or the address of a redirect."""
        host, politeness = host_of(url), self._source.politeness
        interval = max(1.0 / politeness.requests_per_second, robots.delay(url) if robots else 0.0)
        row = RequestRow(now(), self._run_id, self._source.name, "GET", url, attempt=trail.attempt)
        queued = started = time.monotonic()
        try:
            with self._pace.turn(host, Terms(interval, politeness.concurrency)) as turn:
                started = time.monotonic()
                row = replace(row, at=now(), waited_ms=round((started - queued) * 1000))

                def step(name: str, _info: object) -> None:
                    if name == _SENT:
                        turn.sent()

                timeouts = dict.fromkeys(("connect", "read", "write", "pool"), self._retry.timeout)
                request = httpx.Request(
                    "GET", url, headers={**self._headers, **headers}, extensions={"timeout": timeouts, "trace": step}
                )
                with named_errors(url), within(self._retry.total):
                    response = self._transport.handle_request(request)
                    response.request = request
                    try:
                        connection = connection_of(response)
                        row = note_head(row, response, connection)
                        answer = self._read(response, url, limit, row, connection)
                    finally:
                        response.close()
            if isinstance(answer, Answer) and answer.content:
                row = replace(row, bytes=answer.content.size, sha256=answer.sha256)
        except GongkaiError as error:
            row = replace(row, error=error.code, why=str(error))
            if isinstance(error, BusyError) and error.retry_after is not None:
                self._pace.pause(host, min(error.retry_after, self._retry.retry_after_max))
            raise
        finally:
            seconds = time.monotonic() - started
            self._breaker.took(host, seconds)
            self._log.add(replace(row, ms=round(seconds * 1000)))
        return answer

    def _read(
        self, response: httpx.Response, url: str, limit: int, row: RequestRow, connection: dict[str, Any]
    ) -> Answer | str:
        """Read what an open response is."""
        self._cookies.take(_origin(url), response.headers.get_list("Set-Cookie"))
        status, location = response.status_code, response.headers.get("Location")
        if status != 200:
            drain(response)
        if status in _REDIRECTS and location:
            return clean_url(url, location)
        raise_for_status(status, seconds_of(response.headers.get("Retry-After")), url)
        return Answer(
            url=url,
            status=status,
            content=receive(response, limit, self._scratch) if status == 200 else None,
            content_type=response.headers.get("Content-Type", "") if status == 200 else "",
            validators=Validators(row.etag, row.last_modified),
            sent=row.at,
            headers=headers_of_interest(response.headers),
            connection=connection,
        )

    def _fetch_robots(self, url: str) -> bytes | None:
        try:
            return self._attempts(url, Validators(), MAX_BYTES, robots=None).body
        except (BusyError, TransientError, SlowBodyError) as error:
            raise BlockedError("robots.txt gives no answer", where=url, found=str(error)) from error
        except (SourceError, LimitError):
            return None  # 4xx, or led elsewhere: the host has no robots.txt (RFC 9309, 2.3.1.3)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def clean_url(base: str, link: str) -> str:
    """Return a link as an absolute address without fragment, quoted in one way.

    Raises:
        SourceError: It is no address.
    """
    try:
        return str(httpx.URL(urljoin(base, link.strip())).copy_with(fragment=None))
    except (httpx.InvalidURL, ValueError) as error:
        raise SourceError("not an address", where=base, found=repr(link)[:200]) from error
