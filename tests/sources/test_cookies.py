import pytest

from gongkai.sources.cookies import Cookies

HOST = "http://www.a.gov.cn"


def test_a_cookie_goes_back_to_its_host_only():
    cookies = Cookies()
    cookies.take(HOST, ["a=1; Domain=.gov.cn; Path=/x; HttpOnly", "b=2"])
    cookies.take(HOST, ["a=3"])
    assert cookies.header(HOST) == {"Cookie": "b=2; a=3"}
    for other in ("http://www.b.gov.cn", "http://a.gov.cn", "http://www.a.gov.cn:8080", "https://www.a.gov.cn"):
        assert cookies.header(other) == {}


@pytest.mark.parametrize("line", ["", "a", "=1", "a=\x00", "a=年", "a=1\r\nX: y", "  ; a=1"])
def test_what_is_no_cookie_is_left(line):
    cookies = Cookies()
    cookies.take(HOST, [line])
    assert cookies.header(HOST) == {}


def test_cookies_are_deleted_and_bounded():
    cookies = Cookies()
    cookies.take(HOST, ["a=1", "a=gone; Max-Age=0"])
    assert cookies.header(HOST) == {}
    cookies.take(HOST, [f"n{number}={'x' * 10_000}" for number in range(100)])
    sent = cookies.header(HOST)["Cookie"].split("; ")
    assert len(sent) == 20
    assert max(map(len, sent)) <= 4096
