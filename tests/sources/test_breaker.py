import pytest

from gongkai.errors import BlockedError, GoneError, SourceError
from gongkai.sources.breaker import Breaker
from gongkai.sources.failures import (
    BusyError,
    HostFailsError,
    HostRefusesError,
    RobotsError,
    ServerFaultError,
    SilentError,
    TlsError,
    TransientError,
    TruncatedError,
)


@pytest.fixture
def breaker():
    return Breaker(doubt_after=2, leave_after=3, seconds=60)


@pytest.mark.parametrize("kind", [SilentError, TransientError, ServerFaultError, TlsError])
def test_a_host_that_fails_all_the_time_is_doubted_then_left(breaker, kind):
    doubts = []
    for _ in range(3):
        breaker.check("a", "http://a/")
        breaker.ended("a", kind("x"))
        doubts.append(breaker.is_doubtful("a"))
    assert doubts == [False, True, True]
    with pytest.raises(HostFailsError, match=f"3 addresses failed in a row; found the last with {kind.code}"):
        breaker.check("a", "http://a/")
    breaker.check("b", "http://b/")


@pytest.mark.parametrize("kind", [BlockedError, BusyError])
def test_a_host_that_refuses_all_the_time_counts_as_blocked(breaker, kind):
    for _ in range(3):
        breaker.ended("a", kind("x"))
    with pytest.raises(HostRefusesError):
        breaker.check("a", "http://a/")


@pytest.mark.parametrize("answer", [None, GoneError("x")])
def test_one_answer_is_enough_to_go_on(breaker, answer):
    for _ in range(5):
        breaker.ended("a", SilentError("x"))
        breaker.ended("a", SilentError("x"))
        breaker.ended("a", answer)
    breaker.check("a", "http://a/")
    assert not breaker.is_doubtful("a")


@pytest.mark.parametrize("kind", [TruncatedError, RobotsError, SourceError])
def test_what_says_something_of_one_document_only_does_not_count(breaker, kind):
    for _ in range(9):
        breaker.ended("a", kind("x"))
    breaker.check("a", "http://a/")


def test_a_host_has_so_much_time_in_all(breaker):
    breaker.took("a", 59)
    breaker.check("a", "http://a/")
    breaker.took("a", 2)
    with pytest.raises(HostFailsError, match="its answers took too long"):
        breaker.check("a", "http://a/")
