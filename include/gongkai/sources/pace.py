"""How often a host is asked: one queue a host, shared by all processes that see the same folder.

Each host has files in that folder: `<host>.queue`, which the process whose turn it is holds locked, `<host>.json`,
which says when the host was asked last, and `<host>.slot<n>`, one for each request that may be under way at once. The
kernel lets go of the locks of a process that ends, however it ends.
"""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from gongkai.errors import RunError
from gongkai.sources.pace_state import LONGEST_PAUSE, Moment, State, Terms, moment

_MARGIN = 1.05
"""Waits are this much longer than asked for: a request may be held up a little on its way, and the next not."""
_LOOK_AGAIN = (0.005, 0.1)
"""Seconds after which the head of a queue looks for a free slot again, growing from the first to the second."""
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Turn:
    """The leave to send one request; `sent` lets the next one in."""

    def __init__(self, let_go: Callable[[], None]) -> None:
        self._let_go: Callable[[], None] | None = let_go

    def sent(self) -> None:
        """Say that the request is on its way; what is said later changes nothing."""
        if self._let_go:
            self._let_go()
            self._let_go = None


class Pace:
    """Gives each request to a host its turn, in all processes that share a folder.

    Args:
        folder: Where the files of the hosts stand; made where it is missing.
        clock: Says the moment.
        sleep: Waits so many seconds.

    Raises:
        RunError: The folder cannot be used, or (later) its disk knows no locks.
    """

    def __init__(
        self, folder: Path, clock: Callable[[], Moment] = moment, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._folder, self._clock, self._sleep = folder, clock, sleep
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(folder, error) from error

    @contextmanager
    def turn(self, host: str, terms: Terms) -> Iterator[Turn]:
        """Wait for a turn and a free slot, and hold the slot while the block runs.

        The queue is held from the wait until the request is sent, so that what holds up one request holds up those
        behind it as well and none come closer together than they may. Of several sources on one host the strictest
        terms count for all.

        Args:
            host: Host as `host_of` names it.
            terms: What the source allows; a crawl-delay of robots.txt included.
        """
        name = _file_name(host)
        queue, slot = self._locked(f"{name}.queue"), -1
        state = State()

        def let_go() -> None:
            try:
                if state.last:
                    state.last = self._clock()
                    self._write(name, state)
            finally:
                os.close(queue)

        turn = Turn(let_go)
        try:
            state = self._read(name)
            strictest = state.strictest(terms, self._clock())
            slot = self._slot(name, strictest.slots)
            wait = state.wait(self._clock(), strictest.interval * _MARGIN)
            if wait > 0:
                self._sleep(wait)
            state.last = self._clock()  # kept before it is sent too: who is killed in between has asked
            self._write(name, state)
            yield turn
        finally:
            turn.sent()
            if slot >= 0:
                os.close(slot)

    def pause(self, host: str, seconds: float) -> None:
        """Ask a host not before so many seconds: what its Retry-After said counts for all its pages."""
        name = _file_name(host)
        queue = self._locked(f"{name}.queue")
        try:
            state = self._read(name)
            state.hold(self._clock(), min(seconds, LONGEST_PAUSE))
            self._write(name, state)
        finally:
            os.close(queue)

    def _slot(self, name: str, slots: int) -> int:
        """Lock a free slot. Only the head of the queue looks, so that nobody overtakes and few wake up."""
        if slots == 1:
            return self._locked(f"{name}.slot0")
        pause, longest = _LOOK_AGAIN
        while True:
            for number in range(slots):
                file = self._open(f"{name}.slot{number}")
                with suppress(BlockingIOError):
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return file
                os.close(file)
            self._sleep(pause)
            pause = min(2 * pause, longest)

    def _locked(self, name: str) -> int:
        file = self._open(name)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError as error:  # never without: two processes would hit the host at once
            os.close(file)
            raise _unusable(self._folder, error) from error
        except BaseException:
            os.close(file)
            raise
        return file

    def _open(self, name: str) -> int:
        try:
            return os.open(self._folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise _unusable(self._folder, error) from error

    def _read(self, name: str) -> State:
        try:
            return State.parse((self._folder / f"{name}.json").read_bytes(), self._clock())
        except FileNotFoundError:
            return State()

    def _write(self, name: str, state: State) -> None:
        # In place: one write of less than a page, which a kill does not tear.
        file = self._open(f"{name}.json")
        try:
            data = state.dump()
            os.pwrite(file, data, 0)
            os.ftruncate(file, len(data))
        finally:
            os.close(file)


def _unusable(folder: Path, error: OSError) -> RunError:
    return RunError(
        "the folder in which workers share the pace of hosts cannot be used",
        where=str(folder),
        found=str(error),
        expected="a folder that can be written, on a disk with file locks",
        do="set GONGKAI_PACE to one that all workers share",
    )


def host_of(url: str) -> str:
    """Name the host of an address for its queue: http and https are one, other ports are machines of their own."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    return host if parts.port in {None, _DEFAULT_PORTS.get(parts.scheme)} else f"{host}:{parts.port}"


def _file_name(host: str) -> str:
    return re.sub(r"[^a-z0-9.-]", "_", host.lower())[:200].lstrip(".") or "_"
