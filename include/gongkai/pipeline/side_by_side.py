"""Runs lanes of work side by side: what stands in one lane goes one after another, and no lane waits for another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(
    lanes: Sequence[Sequence[Item]], work: Callable[[Item, Callable[[], bool]], Result], *, at_once: int
) -> Iterator[Result]:
    """Yield the result of each item as it is done; lanes are begun in their order.

    When the caller leaves or is interrupted, nothing more is begun, and what is under way is told to end.

    Args:
        lanes: What is to be done.
        work: Does one item in a thread; its second argument says whether it is to end. What can go wrong with one item
            is for it to tell in its result: an error that it raises ends all.
        at_once: Most lanes at the same time.
    """
    done: SimpleQueue[Result | _Raised] = SimpleQueue()
    stop = Event()

    def run(lane: Sequence[Item]) -> None:
        try:
            for item in lane:
                if stop.is_set():
                    return
                done.put(work(item, stop.is_set))
        except BaseException as error:
            done.put(_Raised(error))

    with ThreadPoolExecutor(max(1, min(at_once, len(lanes))), thread_name_prefix="host") as pool:
        try:
            for lane in lanes:
                pool.submit(run, lane)
            for _ in range(sum(len(lane) for lane in lanes)):
                result = done.get()
                if isinstance(result, _Raised):
                    raise result.error
                yield result
        finally:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)


class _Raised:
    def __init__(self, error: BaseException) -> None:
        self.error = error
