"""What robots.txt of a host allows, read as RFC 9309 says."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from protego import Protego

from gongkai.errors import BlockedError
from gongkai.sources.failures import RobotsError

MAX_BYTES = 512 * 1024
_MAX_DELAY = 30.0
"""Seconds. A crawl-delay of hours would stop a run; what asks for more is for the operator to decide."""


@dataclass(frozen=True)
class _Rules:
    """The rules of one host; `parsed` is None where it has none."""

    parsed: Protego | None
    unreadable: str = ""


class Robots:
    """robots.txt of each host, read once.

    Args:
        user_agent: How we name ourselves; what stands before "/" is the name that robots.txt may speak of.
        fetch: Returns the file's bytes, None where the host has none (4xx); raises BlockedError where that cannot be
            known now (5xx, no answer): then nothing on the host may be asked.
    """

    def __init__(self, user_agent: str, fetch: Callable[[str], bytes | None]) -> None:
        # Not the whole of it: "User-agent: report" would speak to whoever has the word anywhere in theirs.
        self._user_agent, self._fetch = user_agent.partition("/")[0].strip() or user_agent, fetch
        self._rules: dict[str, _Rules] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._lock = threading.Lock()

    def check(self, url: str) -> None:
        """Refuse what robots.txt disallows.

        Raises:
            RobotsError: It is disallowed, or robots.txt cannot be read now.
        """
        url, rules = url.partition("#")[0], self._of(url)
        if rules.unreadable:
            raise RobotsError("robots.txt cannot be read, so nothing may be asked", where=url, found=rules.unreadable)
        if rules.parsed is not None and not rules.parsed.can_fetch(url, self._user_agent):
            raise RobotsError("robots.txt disallows this address", where=url)

    def delay(self, url: str) -> float:
        """Seconds between two requests that robots.txt asks for, 0.0 where it asks for nothing."""
        rules = self._of(url).parsed
        if rules is None:
            return 0.0
        rate = rules.request_rate(self._user_agent)
        asked = max(rules.crawl_delay(self._user_agent) or 0.0, rate.seconds / rate.requests if rate else 0.0)
        return min(float(asked), _MAX_DELAY)

    def _of(self, url: str) -> _Rules:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc.lower()}"
        with self._lock:
            of_host = self._locks[origin]
        with of_host:  # a host that is slow to answer holds up its own pages only
            if origin not in self._rules:
                self._rules[origin] = self._read(f"{origin}/robots.txt")
            return self._rules[origin]

    def _read(self, url: str) -> _Rules:
        try:
            body = self._fetch(url)
        except BlockedError as error:
            return _Rules(None, unreadable=str(error))
        return _Rules(None if body is None else Protego.parse(body.decode("utf-8", "replace")))
