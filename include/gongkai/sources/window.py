"""The hours in which a source may be asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from gongkai.settings import TIMEZONE

_FORM = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` to `end` each day, Asia/Shanghai; over midnight where `end` is the earlier."""

    start: time
    end: time

    def __contains__(self, moment: datetime) -> bool:
        at = moment.astimezone(ZoneInfo(TIMEZONE)).time()
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


def parse_window(text: str) -> Window | None:
    """Read "22:00-06:00"; None for "": any hour.

    Raises:
        ValueError: It has another form, or is empty.
    """
    if not text:
        return None
    match = _FORM.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is no window of hours such as 22:00-06:00")
    start, end = (time(int(match[n]), int(match[n + 1])) for n in (1, 3))
    if start == end:
        raise ValueError(f"the window {text} is empty")
    return Window(start, end)
