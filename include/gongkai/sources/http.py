"""Asks portals politely and safely: paced, bounded, guarded, conditional, retried, and every request logged."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

import httpx
import stamina

from gongkai.archive.answers import AnswerKind
from gongkai.archive.lines import LineWriter
from gongkai.archive.log import Fate, RequestRow, now
from gongkai.errors import BlockedError, GongkaiError, LimitError, SourceError
from gongkai.settings import Settings
from gongkai.sources.address import clean_url, origin_of
from gongkai.sources.answer import Answer, Validators, connection_of, headers_of_interest, note_head, seconds_of
from gongkai.sources.answer_rules import load_answer_rules
from gongkai.sources.attempts import Patience, Retry, Trail
from gongkai.sources.body import ACCEPTED, drain, receive
from gongkai.sources.breaker import Breaker
from gongkai.sources.cookies import Cookies
from gongkai.sources.failures import (
    BusyError,
    OutsideWindowError,
    RedirectError,
    SlowBodyError,
    TransientError,
    kind_of,
    named_errors,
    raise_for_status,
)
from gongkai.sources.guard import check_host
from gongkai.sources.model import Source
from gongkai.sources.pace import Pace, host_of
from gongkai.sources.pace_state import Terms
from gongkai.sources.posting import Post
from gongkai.sources.robots import MAX_BYTES, Robots
from gongkai.sources.signs import told_by_error
from gongkai.sources.transport import GuardedTransport, within
from gongkai.sources.window import parse_window
from gongkai.sources.wish import Look, Wish

MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_CONNECTIONS = 32
_SENT = "http11.send_request_headers.complete"
"""The step of httpcore after which a request is on its way."""


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
        self._limit, self._answers = settings.limits.file_bytes, load_answer_rules(settings.contracts)
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

    def get(
        self,
        url: str,
        validators: Validators | None = None,
        most: int | None = None,
        *,
        look: Look | None = None,
        post: Post | None = None,
    ) -> Answer:
        """Ask for an address, conditionally where validators are given.

        Args:
            url: The address; what stands behind # is for the logs only.
            validators: Of the content that is known.
            most: Most bytes of the body, if fewer than Limits.file_bytes.
            look: Says what an answer of status 200 is, for the request log and the answer's `finding`.
            post: What is sent to the address; None for GET.

        Raises:
            RefusedError: The address, or one it redirects to, is outside the source's hosts or not public.
            BlockedError: robots.txt, the hours of the source or the portal refuse us, or the host is left.
            GoneError: Nothing is there (404, 410).
            LimitError: The body is larger than Limits.file_bytes.
            SourceError: Any other failure.
        """
        limit = self._limit if most is None else min(most, self._limit)
        return self._attempts(url, Wish(validators or Validators(), limit, self._robots, look, post))

    def _attempts(self, url: str, wish: Wish) -> Answer:
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
                    answer = self._follow(url, wish, trail)
        except SourceError as error:
            self._breaker.ended(host_of(trail.urls[-1]), error)
            raise
        found = answer.finding
        refused = found and found.fate is Fate.BLOCKED
        self._breaker.ended(host_of(url), BlockedError(found.reason, where=url) if found and refused else None)
        return answer

    def _follow(self, url: str, wish: Wish, trail: Trail) -> Answer:
        seen: set[tuple[str, str]] = set()
        while True:
            trail.urls.append(url)
            with self._refusals_logged(url):
                self._check(url, wish.robots)
            cookies = self._cookies.header(origin_of(url))
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
            answer = self._exchange(url, {**wish.headers(), **cookies}, wish, trail)
            if isinstance(answer, Answer):
                return answer
            url, wish = answer, wish.redirected()

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
                RequestRow(
                    *(now(), self._run_id, self._source.name, "GET", url),
                    error=error.code,
                    why=str(error),
                    answer=kind_of(error),
                )
            )
            raise

    def _exchange(self, url: str, headers: dict[str, str], wish: Wish, trail: Trail) -> Answer | str:
        """Send one request in its turn and log it; return the answer, or the address of a redirect."""
        host, politeness = host_of(url), self._source.politeness
        interval = max(1.0 / politeness.requests_per_second, wish.robots.delay(url) if wish.robots else 0.0)
        row = RequestRow(now(), self._run_id, self._source.name, wish.method, url, attempt=trail.attempt)
        queued = started = time.monotonic()
        seconds: float | None = None
        try:
            with self._pace.turn(host, Terms(interval, politeness.concurrency)) as turn:
                started = time.monotonic()
                row = replace(row, at=now(), waited_ms=round((started - queued) * 1000))

                def step(name: str, _info: object) -> None:
                    if name == _SENT:
                        turn.sent()

                timeouts = dict.fromkeys(("connect", "read", "write", "pool"), self._retry.timeout)
                request = httpx.Request(
                    wish.method,
                    url,
                    headers={**self._headers, **headers},
                    content=wish.post.body if wish.post else None,
                    extensions={"timeout": timeouts, "trace": step},
                )
                with named_errors(url), within(self._retry.total):
                    response = self._transport.handle_request(request)
                    response.request = request
                    try:
                        connection = connection_of(response)
                        row = note_head(row, response, connection)
                        answer = self._read(response, url, wish.limit, row, connection)
                    finally:
                        response.close()
            seconds = time.monotonic() - started
            if not isinstance(answer, Answer):
                row = replace(row, answer=AnswerKind.REDIRECT)
            elif answer.content is None:
                row = replace(row, answer=AnswerKind.NOT_MODIFIED)
            else:
                row = replace(row, bytes=answer.content.size, sha256=answer.sha256)
                answer = replace(answer, asked=tuple(trail.urls[:-1]))
                if wish.look:
                    found = wish.look(answer)
                    answer, row = replace(answer, finding=found), replace(row, answer=found.kind)
        except GongkaiError as error:
            row = replace(row, error=error.code, why=str(error), answer=kind_of(error))
            if isinstance(error, BusyError) and error.retry_after is not None:
                self._pace.pause(host, min(error.retry_after, self._retry.retry_after_max))
            raise
        finally:
            seconds = time.monotonic() - started if seconds is None else seconds
            self._breaker.took(host, seconds)
            self._log.add(replace(row, ms=round(seconds * 1000)))
        return answer

    def _read(
        self, response: httpx.Response, url: str, limit: int, row: RequestRow, connection: dict[str, Any]
    ) -> Answer | str:
        """Read what an open response is."""
        self._cookies.take(origin_of(url), response.headers.get_list("Set-Cookie"))
        status, location = response.status_code, response.headers.get("Location")
        head = drain(response) if status != 200 else b""
        if status in _REDIRECTS and location:
            return clean_url(url, location)
        sign = told_by_error(head, self._answers) if head else None
        raise_for_status(status, seconds_of(response.headers.get("Retry-After")), url, sign)
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
            return self._attempts(url, Wish(Validators(), MAX_BYTES, None)).body
        except (BusyError, TransientError, SlowBodyError) as error:
            raise BlockedError("robots.txt gives no answer", where=url, found=str(error)) from error
        except (SourceError, LimitError):
            return None  # 4xx, or led elsewhere: the host has no robots.txt (RFC 9309, 2.3.1.3)
