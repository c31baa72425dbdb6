"""A pool of processes for calls that may hang, crash or take all memory: such a call costs itself, never the others.

Pools of the standard library lose every call when a process dies, and know no limits. Here each process has one pipe,
so that it is always known which call it was at. Where this process has a single thread, the others are forked, which
takes milliseconds and inherits what was loaded; forking several threads may deadlock, so there a fresh Python starts.
"""

from __future__ import annotations

import pickle
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any, Literal

from gongkai.documents.effort import Effort
from gongkai.errors import CrashedError, DocumentError, GongkaiError, LimitError, SlowDocumentError
from gongkai.pipeline import worker
from gongkai.settings import Limits

Start = Literal["fork", "spawn"]
Outcome = Any | DocumentError

_LOOK = 0.05
"""Seconds between two looks at the memory of the processes."""
_START_SECONDS = 60.0
_SMALL = 1 << 14
"""A call of fewer bytes may wait in the pipe of a busy process: the pipe takes it without blocking."""
_WINDOW = 64
"""Calls for each process that may be ahead of the oldest one without result."""
_NEARLY = 0.85
"""A process that crashed at this share of its memory limit is taken to have crashed for want of memory."""


@dataclass(slots=True)
class _Call:
    number: int
    name: str
    packed: bytes


@dataclass(slots=True)
class _Process:
    """A process, the calls it was given (the first is the one it is at), and what it may take."""

    handle: worker.Handle
    pipe: Connection
    limits: Limits
    memory: int
    deadline: float
    calls: deque[_Call] = field(default_factory=deque)
    is_ready: bool = False
    seen: int = 0
    kept: Any = None

    def give(self, call: _Call) -> None:
        self.calls.append(call)
        if len(self.calls) == 1 and self.is_ready:
            self.begin()
        try:
            self.pipe.send_bytes(call.packed)
        except OSError:
            return  # it died; reading its pipe tells

    def begin(self) -> None:
        """Start the clock of the first call; until a process is ready that of its start runs."""
        self.is_ready = True
        self.deadline = time.monotonic() + self.limits.seconds
        self.seen = 0
        self.kept = None

    def allow(self, effort: Effort) -> None:
        """Allow more time, and for a page to recognise more memory, which stays: the models do."""
        if effort is Effort.PAGE:
            self.deadline += self.limits.scan_page_seconds
            self.memory = self.limits.scan_memory
        elif effort is Effort.SECOND:
            self.deadline = time.monotonic() + self.limits.second_seconds
        else:
            self.deadline += self.limits.office_seconds

    def trouble(self, now: float) -> DocumentError | None:
        """What the call takes too much of, None where all is well."""
        if not self.calls:
            return None
        if now > self.deadline:
            return SlowDocumentError(
                "reading took too long", where=self.calls[0].name, expected=f"at most {self.limits.seconds:g} s",
                do="raise GONGKAI_LIMIT_SECONDS if the document is genuine",
            )  # fmt: skip
        self.seen = max(self.seen, worker.resident(self.handle.pid))
        return self.too_much(self.calls[0].name) if self.seen > self.memory else None

    def too_much(self, name: str) -> LimitError:
        setting = "MEMORY" if self.memory == self.limits.memory else "SCAN_MEMORY"
        return LimitError(
            "reading takes too much memory", where=name, expected=f"at most {self.memory >> 20} MB",
            do=f"raise GONGKAI_LIMIT_{setting} if the document is genuine",
        )  # fmt: skip

    def death(self) -> DocumentError:
        """What the call died of, once the process is gone."""
        status = self.handle.end()
        name = self.calls[0].name if self.calls else ""
        if self.seen > _NEARLY * self.memory:
            return self.too_much(name)
        how = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        return CrashedError("the reader crashed", where=name, found=how, do="see whether the document opens elsewhere")


def run(
    function: Callable[..., Any],
    calls: Iterable[tuple[str, Sequence[Any]]],
    limits: Limits,
    *,
    jobs: int = 1,
    warm_up: Callable[[], object] | None = None,
    start: Start | None = None,
) -> Iterator[Outcome]:
    """Call a function in processes of their own, each call within limits of time and memory.

    With one job a call begins when its result is asked for; with more, processes work ahead of who takes the results.

    Args:
        function: A function of a module; its arguments and results are pickled.
        calls: For each call its name, for messages, and the arguments.
        limits: Gives `memory`, `scan_memory` (bytes), `seconds`, `scan_page_seconds` and `second_seconds`.
        jobs: Number of processes.
        warm_up: Called once before the first call: here where processes are forked, else in each of them.
        start: How processes start, "fork" or "spawn"; default the one that is safe here.

    Yields:
        For each call, in the order given, its result, or the error that says why it has none: SlowDocumentError,
        LimitError (memory), or CrashedError for a dead process and for exceptions other than GongkaiError. What the
        function had kept by then (gongkai.documents.effort.keep) is its result instead of such an error.

    Raises:
        GongkaiError: The function raised it.
    """
    pool = _Pool(function, limits, jobs, warm_up, start or ("fork" if worker.can_fork(limits) else "spawn"))
    try:
        yield from pool.results(calls)
    finally:
        pool.close()


class _Pool:
    def __init__(
        self,
        function: Callable[..., Any],
        limits: Limits,
        jobs: int,
        warm_up: Callable[[], object] | None,
        start: Start,
    ) -> None:
        self._function, self._limits, self._jobs, self._warm_up, self._start = function, limits, jobs, warm_up, start
        if warm_up is not None and start == "fork":
            warm_up()
        self._processes: list[_Process] = []
        self._again: deque[_Call] = deque()
        self._done: dict[int, Outcome] = {}

    def results(self, calls: Iterable[tuple[str, Sequence[Any]]]) -> Iterator[Outcome]:
        source = (_Call(n, name, pickle.dumps(tuple(args), -1)) for n, (name, args) in enumerate(calls))
        number = 0
        while True:
            if number not in self._done or self._jobs > 1:
                self._feed(source, number + _WINDOW * self._jobs)
            if number in self._done:
                yield self._done.pop(number)
                number += 1
            elif any(process.calls for process in self._processes):
                self._watch()
            else:
                return

    def close(self) -> None:
        """End every process; those that are idle end by themselves, and clean up."""
        for process in self._processes:
            if process.calls:
                process.handle.kill()
            process.pipe.close()
        for process in self._processes:
            process.handle.end()
        self._processes.clear()

    def _feed(self, source: Iterator[_Call], below: int) -> None:
        """Give calls to idle processes, then to busy ones the call after, so that they need not wait for us."""
        for depth in range(1, 2 + (self._jobs > 1)):
            for place in range(self._jobs):
                if place < len(self._processes) and len(self._processes[place].calls) >= depth:
                    continue
                call = self._again.popleft() if self._again else next(source, None)
                if call is None:
                    return
                if call.number >= below or (depth > 1 and len(call.packed) > _SMALL):
                    self._again.appendleft(call)
                    return
                if place >= len(self._processes):
                    self._processes.append(self._started())
                self._processes[place].give(call)

    def _watch(self) -> None:
        """Wait for messages for a moment; end processes that take too much."""
        by_pipe = {process.pipe: process for process in self._processes if process.calls}
        ready = wait(list(by_pipe), timeout=_LOOK)
        for pipe in ready:
            self._receive(by_pipe[pipe])  # type: ignore[index]
        if len(ready) < len(by_pipe):
            now = time.monotonic()
            for pipe, process in by_pipe.items():
                if pipe not in ready and (error := process.trouble(now)) is not None:
                    process.handle.kill()
                    self._replace(process, error)

    def _receive(self, process: _Process) -> None:
        try:
            kind, content, is_last = pickle.loads(process.pipe.recv_bytes())  # noqa: S301  our own process wrote it
        except (EOFError, OSError, pickle.UnpicklingError):
            process.handle.kill()
            self._replace(process, process.death())
            return
        if kind is worker.Kind.READY:
            process.begin()
            return
        if kind is worker.Kind.EFFORT:
            process.allow(content)
            return
        if kind is worker.Kind.KEPT:
            process.kept = content
            return
        if kind is worker.Kind.RAISED:
            raise content if isinstance(content, GongkaiError) else RuntimeError(content)
        name = process.calls[0].name
        if kind is worker.Kind.NO_MEMORY:
            outcome: Outcome = process.too_much(name)
        elif kind is worker.Kind.FAILED:
            outcome = CrashedError("the reader failed", where=name, found=content, do="report it with the document")
        else:
            outcome = content
        if is_last:
            self._replace(process, outcome)
            return
        self._done[process.calls.popleft().number] = outcome
        if process.calls:
            process.begin()

    def _replace(self, process: _Process, outcome: Outcome) -> None:
        """Settle the call that a process was at, give the others back, and put a fresh process in its place."""
        if process.calls:
            if process.kept is not None and isinstance(outcome, DocumentError):
                outcome = process.kept
            self._done[process.calls.popleft().number] = outcome
        self._again.extendleft(reversed(process.calls))
        process.pipe.close()
        process.handle.end()
        self._processes.remove(process)  # _feed starts another when there is a call for it

    def _started(self) -> _Process:
        others = [process.pipe for process in self._processes]
        job = worker.Job(self._function, self._warm_up, self._limits)
        handle, pipe = worker.start_forked(job, others) if self._start == "fork" else worker.start_fresh(job)
        return _Process(handle, pipe, self._limits, self._limits.memory, time.monotonic() + _START_SECONDS)
