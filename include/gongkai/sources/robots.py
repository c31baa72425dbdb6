"""What robots.txt of a host allows, read as RFC 9309 says."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from protego import Protego

from gongkai.errors import BlockedError

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
        user_agent: How we name ourselves.
        fetch: Returns the file's bytes, None where the host has none (4xx); raises BlockedError where that cannot be
            known now (5xx, no answer): then nothing on the host may be asked.
    """

    def __init__(self, user_agent: str, fetch: Callable[[str], bytes | None]) -> None:
        self._user_agent, self._fetch = user_agent, fetch
        self._rules: dict[str, _Rules] = {}
        self._lock = threading.Lock()

    def check(self, url: str) -> None:
        """Refuse what robots.txt disallows.

        Raises:
            BlockedError: It is disallowed, or robots.txt cannot be read now.
        """
        rules = self._of(url)
        if rules.unreadable:
            raise BlockedError("robots.txt cannot be read, so nothing may be asked", where=url, found=rules.unreadable)
        if rules.parsed is not None and not rules.parsed.can_fetch(url, self._user_agent):
            raise BlockedError("robots.txt disallows this address", where=url)

    def delay(self, url: str) -> float:
        """Seconds between two requests that robots.txt asks for, 0.0 where it asks for nothing."""
        rules = self._of(url)
        delay = rules.parsed.crawl_delay(self._user_agent) if rules.parsed is not None else None
        return min(float(delay or 0.0), _MAX_DELAY)

    def _of(self, url: str) -> _Rules:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        with self._lock:
            if origin not in self._rules:
                self._rules[origin] = self._read(f"{origin}/robots.txt")
            return self._rules[origin]

    def _read(self, url: str) -> _Rules:
        try:
            body = self._fetch(url)
        except BlockedError as error:
            return _Rules(None, unreadable=str(error))
        return _Rules(None if body is None else Protego.parse(body.decode("utf-8", "replace")))
