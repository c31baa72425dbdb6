"""Cookies of one run: each goes back to the very host that set it and to no other."""

from __future__ import annotations

import threading
from collections.abc import Iterable

_MOST = 20
_LONGEST = 4096


class Cookies:
    """What each host asked to be sent back.

    Some portals answer a first request with a cookie and a redirect to the same address, so cookies must be kept; but
    the Domain attribute is ignored: `.gov.cn` would send one portal's cookie to all. Path and lifetime are ignored as
    well: a run is short. Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._of: dict[str, dict[str, str]] = {}
        self._lock = threading.Lock()

    def header(self, host: str) -> dict[str, str]:
        """Return the request header for a host (scheme, name and port), {} where it has set nothing."""
        with self._lock:
            pairs = "; ".join(f"{name}={value}" for name, value in self._of.get(host, {}).items())
        return {"Cookie": pairs} if pairs else {}

    def take(self, host: str, lines: Iterable[str]) -> None:
        """Keep what the Set-Cookie lines of an answer say; Max-Age=0 deletes."""
        for line in lines:
            pair, *attributes = (part.strip() for part in line[:_LONGEST].split(";"))
            name, has_value, value = pair.partition("=")
            name, value = name.strip(), value.strip()
            if not name or not has_value or not (name + value).isprintable() or not (name + value).isascii():
                continue
            with self._lock:
                kept = self._of.setdefault(host, {})
                kept.pop(name, None)
                is_deleted = any(part.lower().replace(" ", "") == "max-age=0" for part in attributes)
                if not is_deleted and len(kept) < _MOST:
                    kept[name] = value
