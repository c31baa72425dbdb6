"""How busy the cores are, by the kernel's own counters: a load average still tells of minutes gone by."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

_STAT = Path("/proc/stat")
_FIELDS = 8
"""user nice system idle iowait irq softirq steal; what follows is counted in them already."""
_IDLE, _IOWAIT = 3, 4
IS_IDLE = 0.1
"""Share of the cores' time below which they count as idle."""
_MOST_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Idleness:
    """How idle some cores were before a measurement.

    Attributes:
        busy: Share of their time in which they worked, within the last second; 1 where the kernel does not say.
        waited: Seconds that were waited for it to fall.
    """

    busy: float
    waited: float

    @property
    def is_idle(self) -> bool:
        return self.busy < IS_IDLE


def busy_seconds(cores: set[int]) -> float:
    """Seconds that some cores worked since the machine started, all together; NaN where the kernel does not say."""
    if not _STAT.is_file():
        return float("nan")
    names = {f"cpu{core}" for core in cores}
    ticks = 0
    for line in _STAT.read_text().splitlines():
        name, *fields = line.split()
        if name in names:
            spent = [int(field) for field in fields[:_FIELDS]]
            ticks += sum(spent) - spent[_IDLE] - spent[_IOWAIT]
    return ticks / os.sysconf("SC_CLK_TCK")


def busy_share(cores: set[int], seconds: float = 1.0) -> float:
    """Share of the time of some cores that they work, measured over so many seconds; 1 where nothing tells."""
    before, start = busy_seconds(cores), time.monotonic()
    time.sleep(seconds)
    share = (busy_seconds(cores) - before) / (time.monotonic() - start) / max(len(cores), 1)
    return share if share == share else 1.0


def wait_for_idle(cores: set[int], most: float = _MOST_SECONDS) -> Idleness:
    """Wait until some cores are idle for a second, at most so many seconds."""
    start = time.monotonic()
    while True:
        busy = busy_share(cores)
        waited = time.monotonic() - start
        if busy < IS_IDLE or waited >= most:
            return Idleness(busy, waited)
