"""How often a host is asked: one queue a host, shared by all sources of the process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Pace:
    """Gives each request to a host its turn.

    Args:
        clock: Seconds that only grow.
        sleep: Waits so many seconds.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._last: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, host: str, interval: float) -> None:
        """Return when this request may be sent.

        Args:
            host: Host and port.
            interval: Least seconds since the start of the request before.
        """
        with self._lock:
            now = self._clock()
            turn = max(now, self._last[host] + interval) if host in self._last else now
            self._last[host] = turn
        if turn > now:
            self._sleep(turn - now)


PACE = Pace()
"""The queues of this process."""
