from concurrent.futures import ThreadPoolExecutor

from gongkai.sources.pace import Pace


class Clock:
    def __init__(self):
        self.now = 100.0
        self.slept = []

    def sleep(self, seconds):
        self.slept.append(round(seconds, 3))
        self.now += seconds


def test_requests_to_a_host_keep_their_distance():
    clock = Clock()
    pace = Pace(lambda: clock.now, clock.sleep)
    for _ in range(3):
        pace.wait("a", 0.5)
    clock.now += 10
    pace.wait("a", 0.5)
    assert clock.slept == [0.5, 0.5]


def test_a_slower_pace_holds_from_the_next_request_on():
    clock = Clock()
    pace = Pace(lambda: clock.now, clock.sleep)
    pace.wait("a", 0.05)  # robots.txt, read before its crawl-delay is known
    pace.wait("a", 1.0)
    assert clock.slept == [1.0]


def test_hosts_do_not_wait_for_each_other():
    clock = Clock()
    pace = Pace(lambda: clock.now, clock.sleep)
    pace.wait("a", 5)
    pace.wait("b", 5)
    assert clock.slept == []


def test_threads_get_turns_of_their_own():
    slept = []
    pace = Pace(lambda: 0.0, slept.append)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: pace.wait("a", 1.0), range(8)))
    assert sorted(slept) == [1, 2, 3, 4, 5, 6, 7]
