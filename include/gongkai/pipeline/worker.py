"""One process of the pool: how it starts, what it does, and how its memory is held."""

from __future__ import annotations

import atexit
import ctypes
import gc
import os
import pickle
import resource
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any, NoReturn

from gongkai.documents.effort import Effort, watch
from gongkai.errors import GongkaiError
from gongkai.settings import Limits

_PAGE = resource.getpagesize()
_PR_SET_PDEATHSIG = 1
_LIGHT = 0.25
"""A process that holds more than this share of the limit on memory is not forked."""
_RETIRE = 0.6
"""A process that holds more than this share of its limit after a call makes way for a fresh one."""


class Kind(Enum):
    """What a message of a process says."""

    READY = auto()
    RESULT = auto()
    EFFORT = auto()  # something begins that takes more than reading text
    KEPT = auto()  # what is to be the result if what follows fails
    RAISED = auto()  # a GongkaiError that is for the caller
    FAILED = auto()  # an exception that nobody expected
    NO_MEMORY = auto()


@dataclass(frozen=True, slots=True)
class Job:
    """What a process is for: the function, what to do before the first call, and the limits."""

    function: Callable[..., Any]
    warm_up: Callable[[], object] | None
    limits: Limits


class Handle:
    """A child process, forked or started; it leads a process group, so that its own children end with it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._status: int | None = None

    def kill(self) -> None:
        """End it at once, whatever it is at, with the processes that it started."""
        if self._status is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)  # it may not lead its group yet

    def end(self) -> int:
        """Wait for its end; exit status, or the signal as a negative number."""
        if self._status is None:
            try:
                self._status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            except ChildProcessError:  # somebody else waited for it
                self._status = 0
        return self._status


def can_fork(limits: Limits) -> bool:
    """Tell whether this process may be forked.

    It must have one thread, those of libraries counted, and hold little: what it holds counts as its child's memory.
    """
    if threading.active_count() > 1 or not 0 < resident(os.getpid()) < _LIGHT * limits.memory:
        return False
    return len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208  names are enough


def resident(pid: int) -> int:
    """Bytes of memory that a process holds, 0 where that cannot be told."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):
        return 0


def start_forked(job: Job, others: Sequence[Connection]) -> tuple[Handle, Connection]:
    """Start a process by forking this one, which must have a single thread.

    Args:
        job: What it is for.
        others: Our ends of the pipes of other processes, which it must not hold open.
    """
    ours, theirs = Pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if not pid:
        _live_forked(job, theirs, [ours, *others])
    theirs.close()
    return Handle(pid), ours


def start_fresh(job: Job) -> tuple[Handle, Connection]:
    """Start a process as a fresh Python."""
    ours, theirs = Pipe()
    code = f"from gongkai.pipeline.worker import live_fresh; live_fresh({theirs.fileno()})"
    command = [sys.executable, "-c", code]
    started = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)  # noqa: S603  our own code
    started.returncode = 0  # ours to wait for, by its number
    theirs.close()
    with suppress(OSError):
        ours.send_bytes(pickle.dumps(job, -1))
    return Handle(started.pid), ours


def live_fresh(fd: int) -> None:
    """Be a process of the pool: the other half of `start_fresh`."""
    pipe = Connection(fd)
    try:
        job: Job = pickle.loads(pipe.recv_bytes())  # noqa: S301  our parent wrote it
        _be_child()
        if job.warm_up is not None:
            job.warm_up()
    except GongkaiError as error:
        _send(pipe, Kind.RAISED, error, is_last=True)
        return
    _serve(job, pipe)


def _live_forked(job: Job, pipe: Connection, not_ours: Sequence[Connection]) -> NoReturn:
    status = 1
    try:
        atexit._clear()  # what our parent wanted done at its end is not ours to do
        for other in not_ours:
            other.close()
        _be_child()
        _serve(job, pipe)
        atexit._run_exitfuncs()
        status = 0
    finally:
        os._exit(status)


def _be_child() -> None:
    """Lead a group, die with our parent, and leave Ctrl-C to it."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _serve(job: Job, pipe: Connection) -> None:
    """Answer calls until our parent closes the pipe, or this process holds too much."""
    limit = job.limits.memory
    _limit_memory(limit)
    calm_collector()

    def begin(effort: Effort) -> None:
        nonlocal limit
        if effort is Effort.PAGE:
            limit = job.limits.scan_memory
            _limit_memory(limit)
        _send(pipe, Kind.EFFORT, effort)

    def keep(outcome: object) -> None:
        _send(pipe, Kind.KEPT, outcome)

    watch(begin, keep)
    _send(pipe, Kind.READY)
    while True:
        try:
            kind, content = _call(job.function, pipe)
        except (EOFError, OSError):
            return
        is_last = kind in (Kind.NO_MEMORY, Kind.FAILED) or resident(os.getpid()) > _RETIRE * limit
        if not _send(pipe, kind, content, is_last=is_last) or is_last:
            return


def calm_collector() -> None:
    """Have the garbage collector look less often, and never at what was loaded: documents make few cycles."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _call(function: Callable[..., Any], pipe: Connection) -> tuple[Kind, Any]:
    try:
        packed = pipe.recv_bytes()
    except MemoryError:
        return Kind.NO_MEMORY, None
    try:
        return Kind.RESULT, function(*pickle.loads(packed))  # noqa: S301  our parent wrote it
    except GongkaiError as error:
        return Kind.RAISED, error
    except MemoryError:
        return Kind.NO_MEMORY, None
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return Kind.FAILED, f"{type(error).__name__}: {str(error)[:200]} ({Path(last.filename).name}:{last.lineno})"


def _send(pipe: Connection, kind: Kind, content: object = None, *, is_last: bool = False) -> bool:
    try:
        pipe.send_bytes(pickle.dumps((kind, content, is_last), -1))
    except OSError:  # our parent is gone
        return False
    return True


def _limit_memory(most: int) -> None:
    """Have the kernel refuse memory beyond `most` bytes: the call fails cleanly before our parent must end it."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard == resource.RLIM_INFINITY or most < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
