"""The hours in which a portal may be asked, as "22:00-06:00" in Chinese time."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from gongkai.settings import TIMEZONE

_ZONE = ZoneInfo(TIMEZONE)


def is_open(window: str, at: datetime) -> bool:
    """Tell whether a portal may be asked at a moment; without a window always."""
    return opens_in(window, at) == timedelta(0)


def opens_in(window: str, at: datetime) -> timedelta:
    """Return how long a window stays closed from a moment on; zero while it is open.

    Args:
        window: "HH:MM-HH:MM", from the first minute to before the second, over midnight where that is the earlier; ""
            for always.
        at: A moment with a time zone.
    """
    if not window:
        return timedelta(0)
    opens, closes = (time.fromisoformat(part) for part in window.split("-"))
    local = at.astimezone(_ZONE)
    now = local.time()
    is_within = opens <= now < closes if opens < closes else now >= opens or now < closes
    if is_within:
        return timedelta(0)
    start = local.replace(hour=opens.hour, minute=opens.minute, second=0, microsecond=0)
    return (start if start > local else start + timedelta(days=1)) - local
