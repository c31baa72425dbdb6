"""Lanes of work in threads: order within a lane, independence of lanes, and the end of all."""

import threading
import time

import pytest

from gongkai.pipeline.side_by_side import side_by_side


def test_a_lane_that_waits_holds_up_no_other():
    released = threading.Event()

    def work(item, _):
        if item == "slow":
            assert released.wait(10)
        return item

    found = side_by_side([["slow", "after slow"], ["a", "b"], ["c"]], work, at_once=2)
    assert sorted(next(found) for _ in range(3)) == ["a", "b", "c"]
    released.set()
    assert list(found) == ["slow", "after slow"]


def test_no_more_lanes_are_worked_on_than_allowed():
    lock, now, most = threading.Lock(), 0, []

    def work(item, _):
        nonlocal now
        with lock:
            now += 1
            most.append(now)
        time.sleep(0.01)
        with lock:
            now -= 1
        return item

    assert sorted(side_by_side([[n] for n in range(9)], work, at_once=3)) == list(range(9))
    assert max(most) == 3


def test_nothing_to_do_is_done_at_once():
    assert list(side_by_side([], lambda item, _: item, at_once=3)) == []


def test_an_error_ends_all():
    seen, begun = [], threading.Event()

    def work(item, is_stopped):
        if item == "bad":
            assert begun.wait(10)
            raise SystemExit(3)
        begun.set()
        while not is_stopped():
            time.sleep(0.001)
        seen.append(item)
        return item

    with pytest.raises(SystemExit):
        list(side_by_side([["bad"], ["good", "never"]], work, at_once=2))
    assert seen == ["good"], "what was under way was told to end, and nothing more was begun"


def test_who_leaves_tells_the_rest_to_end():
    ended, all_begun = [], threading.Barrier(3)

    def work(item, is_stopped):
        all_begun.wait(10)
        while item and not is_stopped():
            time.sleep(0.001)
        ended.append(item)
        return item

    found = side_by_side([[0], [1], [2]], work, at_once=3)
    assert next(found) == 0
    found.close()
    assert sorted(ended) == [0, 1, 2], "and waits for it"


def test_who_leaves_begins_nothing_more():
    begun = []

    def work(item, is_stopped):
        begun.append(item)
        while item and not is_stopped():
            time.sleep(0.001)
        return item

    found = side_by_side([[0], [1, "never"], ["never"]], work, at_once=1)
    assert next(found) == 0
    found.close()
    assert "never" not in begun
