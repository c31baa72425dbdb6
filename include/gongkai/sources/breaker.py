"""Leaves a host alone for the rest of a run when it refuses or fails all the time, so that it holds up nobody."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from gongkai.errors import BlockedError, GoneError, SourceError
from gongkai.sources.failures import (
    HostFailsError,
    HostRefusesError,
    RobotsError,
    ServerFaultError,
    SilentError,
    TlsError,
    TransientError,
    TruncatedError,
)

_COUNTED = (BlockedError, ServerFaultError, SilentError, TlsError)


@dataclass
class _Host:
    """What became of the requests to one host so far."""

    in_a_row: int = 0
    seconds: float = 0.0
    last: SourceError | None = None


class Breaker:
    """Counts, for each host of one run, the addresses that failed in a row and the seconds that it took in all.

    What says something of one document only, a body cut off or an address that is gone, does not count. Safe to use
    from several threads.

    Args:
        doubt_after: So many failures in a row, and addresses are tried once only.
        leave_after: So many, and the host is left for the rest of the run.
        seconds: Most time that the host's answers (not the waits between them) may take in all.
    """

    def __init__(self, *, doubt_after: int, leave_after: int, seconds: float) -> None:
        self._doubt_after, self._leave_after, self._seconds = doubt_after, leave_after, seconds
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    def check(self, host: str, url: str) -> None:
        """Refuse to ask a host that is left.

        Raises:
            HostRefusesError: It blocked us too often in a row.
            HostFailsError: It failed too often in a row, or took too long in all.
        """
        with self._lock:
            known = self._hosts.get(host, _Host())
            failures, last, seconds = known.in_a_row, known.last, known.seconds
        if failures >= self._leave_after:
            kind = HostRefusesError if isinstance(last, BlockedError) else HostFailsError
            raise kind(
                f"{host} is left for this run: {failures} addresses failed in a row",
                where=url,
                found=f"the last with {last.code if last else ''}: {last}",
                do="the next run asks it again",
            )
        if seconds > self._seconds:
            raise HostFailsError(
                f"{host} is left for this run: its answers took too long",
                where=url,
                found=f"{seconds:.0f} s",
                expected=f"at most {self._seconds:.0f} s a run",
                do="the next run goes on with what is missing",
            )

    def is_doubtful(self, host: str) -> bool:
        """Say whether the host fails so often that trying an address again is no use."""
        with self._lock:
            return host in self._hosts and self._hosts[host].in_a_row >= self._doubt_after

    def took(self, host: str, seconds: float) -> None:
        """Count the time of one request."""
        with self._lock:
            self._hosts.setdefault(host, _Host()).seconds += seconds

    def ended(self, host: str, error: SourceError | None = None) -> None:
        """Count the end of an address: None for an answer, else why it failed."""
        unreachable = type(error) is TransientError
        with self._lock:
            known = self._hosts.setdefault(host, _Host())
            if error is None or isinstance(error, GoneError):
                known.in_a_row = 0
            elif unreachable or (isinstance(error, _COUNTED) and not isinstance(error, RobotsError | TruncatedError)):
                known.in_a_row += 1
                known.last = error
