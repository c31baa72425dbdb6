"""Works on many links at once, a lane for each host: a host that is slow holds up its own links only."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_MOST_HOSTS = 16
"""Hosts that are worked on at once; a column rarely has more than three."""


def in_lanes(
    items: Iterable[Item], host: Callable[[Item], str], work: Callable[[Item], Result], *, width: int
) -> Iterator[tuple[Item, Result]]:
    """Yield (item, work(item)) as they are done; the items of one host are begun in their order.

    Work that raises ends all: what can go wrong with one item is for `work` to tell in its result. Nothing is begun
    that the caller does not come for: at most `width` results for each host wait.

    Args:
        items: What is to be done.
        host: Names the lane of an item.
        work: Does it, in a thread.
        width: How many of one lane are worked on at once.
    """
    lanes: defaultdict[str, deque[Item]] = defaultdict(deque)
    for item in items:
        lanes[host(item)].append(item)
    waiting = deque(lanes)
    under_way: dict[Future[Result], tuple[str, Item]] = {}
    pool = ThreadPoolExecutor(min(len(lanes), _MOST_HOSTS) * width or 1, thread_name_prefix="lane")

    def begin(name: str) -> None:
        """Begin the next item of a lane, else that of a lane that waits for its turn."""
        while not lanes[name]:
            if not waiting:
                return
            name = waiting.popleft()
        item = lanes[name].popleft()
        under_way[pool.submit(work, item)] = (name, item)

    try:
        for _ in range(min(len(lanes), _MOST_HOSTS)):
            name = waiting.popleft()
            for _ in range(min(width, len(lanes[name]))):
                begin(name)
        while under_way:
            done, _ = wait(under_way, return_when=FIRST_COMPLETED)
            for future in sorted(done, key=list(under_way).index):
                name, item = under_way.pop(future)
                result = future.result()
                begin(name)
                yield item, result
    finally:
        pool.shutdown(cancel_futures=True)  # an interrupted run ends after the requests under way
