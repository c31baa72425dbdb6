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
    SECOND = auto()
    """A second reading of a document that was read already."""


_watchers: list[Callable[[Effort], None]] = []
_keepers: list[Callable[[object], None]] = []


def watch(watcher: Callable[[Effort], None], keeper: Callable[[object], None] | None = None) -> None:
    """Have `watcher` called before each effort, and `keeper` with what is to be kept; only the last ones named are."""
    _watchers[:] = [watcher]
    _keepers[:] = [keeper] if keeper is not None else []


def keep(outcome: object) -> None:
    """Have an outcome stand if what follows takes too much or crashes; nothing happens where nobody watches.

    Args:
        outcome: What the watched function would return if nothing followed.
    """
    for keeper in _keepers:
        keeper(outcome)


def begin(effort: Effort) -> None:
    """Say that an effort begins; nothing happens where nobody watches."""
    for watcher in _watchers:
        watcher(effort)
