"""Child processes that are started and ended as a whole, with everything below them.

Each child leads a session of its own. Airflow gives every task a process group, so signals to groups do not reach
tasks; sessions do.
"""

from __future__ import annotations

import ctypes
import getpass
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
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
            file.write(f"{self._children[name].pid}\n")

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
        _end_sessions([child.pid for child in self._children.values()])
        for child in self._children.values():
            child.wait()
        self._children.clear()
        self._sessions.unlink(missing_ok=True)

    def end_leftovers(self) -> None:
        """End what a run left that was killed too hard to stop its children; their sessions are on file."""
        if self._sessions.exists():
            _end_sessions([int(line) for line in self._sessions.read_text().split()], only_ours=True)
            self._sessions.unlink()


def tail(log: Path, lines: int = 25) -> str:
    """Return the last lines of a log file."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def _end_sessions(leaders: Sequence[int], *, only_ours: bool = False) -> None:
    """End all processes of these sessions: ask, wait, kill.

    Args:
        leaders: Session ids, which are the process ids of the children that lead them.
        only_ours: Spare what is not Airflow's or the portal's: the ids are old and may be someone else's now.
    """
    asked: set[int] = set()
    deadline = time.monotonic() + STOP_TIMEOUT
    while left := [process for process in members(leaders) if not only_ours or _is_ours(process)]:
        late = time.monotonic() > deadline
        for process in left:
            if late or process.pid not in asked:
                asked.add(process.pid)
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(signal.SIGKILL if late else signal.SIGTERM)
        time.sleep(0.1)


def members(leaders: Sequence[int]) -> list[psutil.Process]:
    """Return the living processes of these sessions; a zombie is dead, whoever was to reap it."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, ProcessLookupError, PermissionError):
            if os.getsid(process.pid) in leaders and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def _is_ours(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        return process.username() == getpass.getuser() and bool({"airflow", "samples"} & _words(process))
    return False


def _words(process: psutil.Process) -> set[str]:
    return set(re.findall(r"[a-z]+", " ".join(process.cmdline())))


def _die_with_parent() -> None:
    """Ask Linux to end this child if the parent is killed so hard that it cannot stop its children."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # 1 is PR_SET_PDEATHSIG
