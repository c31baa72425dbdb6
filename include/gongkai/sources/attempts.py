"""The attempts for one address: whether there is another, and where the present one is."""

from __future__ import annotations

from dataclasses import dataclass, field

from gongkai.sources.failures import BusyError, TransientError


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


@dataclass
class Patience:
    """Decides after each attempt for one address whether there is another, and when."""

    retry: Retry
    once: bool
    failures: int = 0
    waits: int = 0

    def __call__(self, error: Exception) -> bool | float:
        """Say whether there is another attempt after an error, as seconds where the portal said when."""
        if isinstance(error, BusyError) and error.retry_after is not None:
            self.waits += 1
            if self.once or self.waits > self.retry.busy or error.retry_after > self.retry.retry_after_max:
                return False
            return max(error.retry_after, self.retry.wait_initial)
        self.failures += 1
        may = self.failures < (1 if self.once else self.retry.attempts)
        return may and isinstance(error, BusyError | TransientError)


@dataclass
class Trail:
    """Where the attempts for one address are: the addresses asked in the present one, redirects included."""

    urls: list[str] = field(default_factory=list)
    attempt: int = 0
