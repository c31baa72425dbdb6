"""Lets a reader say that a document takes more than most, to whoever watches its time and memory."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto


class Effort(Enum):
    """What takes more than reading text does."""

    PAGE = auto()
    """Recognising the characters of a page or picture."""
    OFFICE = auto()
    """A conversion by LibreOffice."""


_watchers: list[Callable[[Effort], None]] = []


def watch(watcher: Callable[[Effort], None]) -> None:
    """Have `watcher` called before each effort; only the last one named is."""
    _watchers[:] = [watcher]


def begin(effort: Effort) -> None:
    """Say that an effort begins; nothing happens where nobody watches."""
    for watcher in _watchers:
        watcher(effort)
