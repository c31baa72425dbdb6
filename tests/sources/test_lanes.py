import threading
import time
from contextlib import closing

import pytest

from gongkai.sources.lanes import in_lanes


def host(item):
    return item[0]


def test_all_items_are_done_once_and_begun_in_order():
    begun = []

    def work(item):
        begun.append(item)
        return item.upper()

    items = [f"{name}{number}" for number in range(5) for name in "abc"]
    found = list(in_lanes(items, host, work, width=1))
    assert sorted(found) == sorted((item, item.upper()) for item in items)
    assert [item for item in begun if item[0] == "b"] == [f"b{number}" for number in range(5)]
    assert list(in_lanes([], host, work, width=4)) == []


def test_a_slow_host_holds_up_its_own_items_only():
    slow, others = threading.Event(), []

    def work(item):
        if item[0] == "s":
            assert slow.wait(10)
        return item

    items = ["s1", "s2", "s3", "s4", *(f"f{number}" for number in range(20))]
    for item, _ in in_lanes(items, host, work, width=2):
        others.append(item)
        if len(others) == 20:
            assert {item[0] for item in others} == {"f"}
            slow.set()
    assert len(others) == 24


def test_a_lane_is_no_wider_than_it_may_be_and_many_hosts_take_turns():
    lock, now, most = threading.Lock(), {}, {}

    def work(item):
        name = item.split()[0]
        with lock:
            now[name] = now.get(name, 0) + 1
            most[name] = max(most.get(name, 0), now[name])
        time.sleep(0.002)
        with lock:
            now[name] -= 1

    items = [f"{name} {number}" for name in range(40) for number in range(4)]
    assert len(list(in_lanes(items, lambda item: item.split()[0], work, width=2))) == len(items)
    assert set(most.values()) <= {1, 2}


def test_nothing_is_begun_that_nobody_comes_for():
    begun = []
    with closing(in_lanes([f"a{number}" for number in range(50)], host, begun.append, width=2)) as found:
        next(found)
        time.sleep(0.05)
    assert len(begun) <= 3


def test_an_error_ends_all():
    def work(item):
        raise ValueError(item)

    with pytest.raises(ValueError, match="a0"):
        list(in_lanes(["a0", "a1"], host, work, width=1))
