"""What is kept of a host between requests: when it was asked last, on which terms, and whether it wants a pause."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

LONGEST_PAUSE = 300.0
"""Seconds that a host is left alone at most, whatever it or the clock says."""
_REMEMBERED = 3600.0
"""Seconds that terms count for other sources on the same host, since somebody asked on them."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment on two clocks.

    Attributes:
        boot: Which start of which machine `steady` counts from, "" where that is not known.
        steady: Seconds that nobody sets; the same for all processes since one boot.
        wall: Seconds since 1970, which may jump but are the same on all machines.
    """

    boot: str
    steady: float
    wall: float

    def since(self, before: Moment) -> float:
        """Seconds from another moment to this one, never negative: by the steady clock where both are of one boot."""
        if self.boot and self.boot == before.boot:
            return max(0.0, self.steady - before.steady)
        return max(0.0, self.wall - before.wall)


def moment() -> Moment:
    """The present moment."""
    return Moment(_boot(), time.monotonic(), time.time())


@cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:  # not Linux: the wall clock is all that processes share
        return ""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a host may be asked.

    Attributes:
        interval: Least seconds between the starts of two requests.
        slots: Most requests under way at once.
    """

    interval: float
    slots: int = 1


@dataclass
class State:
    """What is kept of a host.

    Attributes:
        last: When it was asked last.
        pause_from: When a pause began.
        pause: Its seconds.
        terms: The terms on which it was asked lately, "interval/slots", and when last.
    """

    last: Moment | None = None
    pause_from: Moment | None = None
    pause: float = 0.0
    terms: dict[str, float] = field(default_factory=dict)

    @classmethod
    def parse(cls, data: bytes, now: Moment) -> State:
        """Read what was kept; of a broken file only this is known: that somebody asked, perhaps just now."""
        try:
            kept = json.loads(data)
            return cls(
                last=Moment(**kept["last"]) if kept["last"] else None,
                pause_from=Moment(**kept["pause_from"]) if kept["pause_from"] else None,
                pause=float(kept["pause"]),
                terms={_key(_terms(key)): float(wall) for key, wall in kept["terms"].items()},
            )
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls(last=now)

    def dump(self) -> bytes:
        """Write what is to be kept."""
        return json.dumps(asdict(self)).encode()

    def strictest(self, own: Terms, now: Moment) -> Terms:
        """Note the terms of one source; return the slowest pace and the fewest slots of all that asked lately."""
        self.terms[_key(own)] = now.wall
        self.terms = {key: wall for key, wall in self.terms.items() if abs(now.wall - wall) < _REMEMBERED}
        all_terms = [_terms(key) for key in self.terms]
        return Terms(max(one.interval for one in all_terms), max(1, min(one.slots for one in all_terms)))

    def hold(self, now: Moment, seconds: float) -> None:
        """Begin a pause, unless a longer one is under way."""
        if seconds > self._paused(now):
            self.pause_from, self.pause = now, seconds

    def wait(self, now: Moment, interval: float) -> float:
        """Seconds until the host may be asked: however the clocks jump, never more than the interval or a pause."""
        gap = interval - now.since(self.last) if self.last else 0.0
        return max(0.0, gap, self._paused(now))

    def _paused(self, now: Moment) -> float:
        return min(self.pause, LONGEST_PAUSE) - now.since(self.pause_from) if self.pause_from else 0.0


def _key(terms: Terms) -> str:
    return f"{terms.interval:.6g}/{terms.slots}"


def _terms(key: str) -> Terms:
    interval, _, slots = key.partition("/")
    return Terms(float(interval), int(slots))
