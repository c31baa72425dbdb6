"""The attempts for one address: whether there is another, and where the present one is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from gongkai.sources.failures import BusyError, TransientError


class Terms(Protocol):
    """How often it may be tried (see `http.Retry`)."""

    @property
    def attempts(self) -> int:
        """Most attempts."""

    @property
    def busy(self) -> int:
        """Most attempts more, where the portal says when to come again."""

    @property
    def wait_initial(self) -> float:
        """Least seconds before another."""

    @property
    def retry_after_max(self) -> float:
        """Most seconds that a Retry-After is waited for."""


@dataclass
class Patience:
    """Decides after each attempt for one address whether there is another, and when."""

    retry: Terms
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
