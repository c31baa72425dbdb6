"""Child processes that are started and ended as a whole, with everything below them.

Each child leads a session of its own. Airflow gives every task a process group, so signals to groups do not reach
tasks; sessions do.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from gongkai.errors import RunError

STOP_TIMEOUT = 8.0


class Components:
    """Child processes by name, with a log file each."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self._logs, self._env = folder / "logs", env
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._sessions = folder / "sessions"

    def start(self, name: str, command: Sequence[str | Path]) -> None:
        """Start one child in its own session; its output goes to logs/<name>.log."""
        with (self._logs / f"{name}.log").open("wb") as log:
            self._children[name] = subprocess.Popen(  # noqa: S603 - commands of this module
                [str(part) for part in command],
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - no threads yet in this process
            )
        with self._sessions.open("a") as file:
            pid = self._children[name].pid
            file.write(f"{pid} {psutil.Process(pid).create_time()}\n")

    def check(self) -> None:
        """Raise RunError if a child ended by itself."""
        for name, child in self._children.items():
            if child.poll() is not None:
                log = self._logs / f"{name}.log"
                raise RunError(
                    f"{name} ended with status {child.returncode}", where=str(log), do=f"its last lines:\n{tail(log)}"
                )

    def stop(self) -> None:
        """Ask every process of every session to end, wait, then kill what is left; safe to call twice."""
        _end(lambda: members([child.pid for child in self._children.values()]))
        for child in self._children.values():
            child.wait()
        self._children.clear()
        self._sessions.unlink(missing_ok=True)

    def end_leftovers(self) -> None:
        """End what a run left that was killed too hard to stop its children; their sessions are on file."""
        if self._sessions.exists():
            lines = [line.split() for line in self._sessions.read_text().splitlines()]
            started = {int(leader): float(when) for leader, when in lines}
            _end(lambda: leftovers(started))
            self._sessions.unlink()


def tail(log: Path, lines: int = 25) -> str:
    """Return the last lines of a log file."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def members(leaders: Collection[int]) -> list[psutil.Process]:
    """Return the living processes of these sessions; a zombie is dead, whoever was to reap it."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, ProcessLookupError, PermissionError):
            if os.getsid(process.pid) in leaders and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def leftovers(started: Mapping[int, float]) -> list[psutil.Process]:
    """Return the living processes of sessions on file that are still ours; the ids may be someone else's by now.

    Args:
        started: When the leader of each session started, by session id, in seconds since 1970.
    """
    found = []
    for process in members(started):
        with suppress(psutil.NoSuchProcess):
            leader = os.getsid(process.pid)
            if psutil.pid_exists(leader):
                ours = abs(psutil.Process(leader).create_time() - started[leader]) < 0.1
            else:
                ours = " ".join(process.cmdline()).startswith("airflow worker")
            if ours:
                found.append(process)
    return found


def _end(left: Callable[[], list[psutil.Process]]) -> None:
    """Ask processes to end, wait, then kill; `left` says which still live."""
    asked: set[int] = set()
    deadline = time.monotonic() + STOP_TIMEOUT
    while processes := left():
        late = time.monotonic() > deadline
        for process in processes:
            if late or process.pid not in asked:
                asked.add(process.pid)
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(signal.SIGKILL if late else signal.SIGTERM)
        time.sleep(0.1)


def _die_with_parent() -> None:
    """Ask Linux to end this child if the parent is killed so hard that it cannot stop its children."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # 1 is PR_SET_PDEATHSIG
