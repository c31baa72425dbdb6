import gzip
import re
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from werkzeug import Request, Response

from gongkai.archive.answers import AnswerKind
from gongkai.archive.log import read_requests
from gongkai.errors import BlockedError, GoneError, LimitError, SourceError
from gongkai.sources import http
from gongkai.sources.address import clean_url
from gongkai.sources.answer import Validators, seconds_of
from gongkai.sources.failures import BusyError, PageError, RedirectError, ServerFaultError, StatusError, TransientError
from gongkai.sources.guard import RefusedError
from gongkai.sources.window import parse_window

from . import answer_pages


def rows(archive):
    return [(row.url.rpartition("/")[2], row.status, row.error) for row in read_requests(archive)]


def test_an_answer_and_its_row(httpserver, fetcher, archive):
    httpserver.expect_request("/1").respond_with_data("年报", headers={"ETag": '"a"', "Content-Type": "text/html"})
    answer = fetcher().get(httpserver.url_for("/1"))
    assert (answer.status, answer.body.decode(), answer.validators) == (200, "年报", Validators('"a"'))
    (row,) = read_requests(archive)
    assert (row.run_id, row.source, row.method, row.status, row.bytes) == ("r", "test", "GET", 200, 6)
    assert (row.etag, row.sha256, row.error) == ('"a"', answer.sha256, "")


def test_requests_say_who_asks(httpserver, fetcher):
    httpserver.expect_request("/1").respond_with_data("x")
    fetcher().get(httpserver.url_for("/1"))
    assert httpserver.log[0][0].headers["User-Agent"].startswith("gongkai/")


def test_conditional_requests(httpserver, fetcher):
    def handler(request: Request):
        same = request.headers.get("If-None-Match") == '"a"' and "If-Modified-Since" in request.headers
        return Response(status=304) if same else Response("x", headers={"ETag": '"a"'})

    httpserver.expect_request("/1").respond_with_handler(handler)
    get = fetcher().get
    assert get(httpserver.url_for("/1")).status == 200
    answer = get(httpserver.url_for("/1"), Validators('"a"', "Sat, 20 Jan 2024 01:00:00 GMT"))
    assert (answer.status, answer.body) == (304, b"")


@pytest.mark.parametrize(
    ("status", "kind", "tries", "answer"),
    [
        (404, GoneError, 1, AnswerKind.GONE),
        (410, GoneError, 1, AnswerKind.GONE),
        (403, BlockedError, 1, AnswerKind.FORBIDDEN),
        (401, PageError, 1, AnswerKind.LOGIN),
        (412, PageError, 1, AnswerKind.JS_CHALLENGE),
        (521, PageError, 1, AnswerKind.JS_CHALLENGE),
        (429, BusyError, 3, AnswerKind.RATE_LIMITED),
        (503, BusyError, 3, AnswerKind.SERVER_ERROR),
        (500, ServerFaultError, 3, AnswerKind.SERVER_ERROR),
        (204, StatusError, 1, AnswerKind.BAD_STATUS),
        (400, StatusError, 1, AnswerKind.BAD_STATUS),
    ],
)
def test_statuses(httpserver, fetcher, archive, status, kind, tries, answer):
    httpserver.expect_request("/1").respond_with_data("", status=status)
    with pytest.raises(kind) as caught:
        fetcher().get(httpserver.url_for("/1"))
    assert type(caught.value) is kind
    assert f"status {status}" in str(caught.value)
    assert rows(archive) == [("1", status, kind.code)] * tries
    assert {row.answer for row in read_requests(archive)} == {answer}


@pytest.mark.parametrize(
    ("status", "name", "answer"),
    [
        *((521, "加速乐 challenge", "js_challenge"), (412, "瑞数 challenge", "js_challenge")),
        *((202, "瑞数 challenge", "js_challenge"), (405, "阿里云 WAF", "block_page"), (403, "创宇盾", "block_page")),
        *((403, "安全狗", "block_page"), (403, "统一身份认证", "login"), (503, "加速乐 challenge", "js_challenge")),
        *((403, "too often", "rate_limited"), (404, "您访问的页面不存在", "gone"), (500, "an error", "server_error")),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_the_page_of_an_error_says_what_refuses_us(httpserver, fetcher, archive, status, name, answer, packed):
    body = answer_pages.GOLDEN[name][0].encode()
    headers = {"Content-Type": "text/html"} | ({"Content-Encoding": "gzip"} if packed else {})
    httpserver.expect_request("/1").respond_with_data(
        gzip.compress(body) if packed else body, status=status, headers=headers
    )
    with pytest.raises(SourceError) as caught:
        fetcher().get(httpserver.url_for("/1"))
    assert isinstance(caught.value, BlockedError) == (answer not in {"gone", "server_error"})
    assert {row.answer for row in read_requests(archive)} == {answer}


def test_a_server_that_recovers_is_asked_again(httpserver, fetcher, archive):
    for status in (500, 503):
        httpserver.expect_ordered_request("/1").respond_with_data("", status=status)
    httpserver.expect_ordered_request("/1").respond_with_data("x")
    assert fetcher().get(httpserver.url_for("/1")).body == b"x"
    assert [row[1] for row in rows(archive)] == [500, 503, 200]


def test_retry_after_is_honoured_within_its_bound(httpserver, fetcher, archive):
    httpserver.expect_ordered_request("/1").respond_with_data("", status=429, headers={"Retry-After": "1"})
    httpserver.expect_ordered_request("/1").respond_with_data("x")
    httpserver.expect_request("/2").respond_with_data("", status=429, headers={"Retry-After": "3600"})
    get = fetcher().get
    started = time.monotonic()
    assert get(httpserver.url_for("/1")).body == b"x"
    assert time.monotonic() - started >= 1
    with pytest.raises(BusyError):
        get(httpserver.url_for("/2"))
    assert len(rows(archive)) == 3, "an hour is not waited for"


def test_redirects_within_the_host(httpserver, fetcher, archive):
    httpserver.expect_request("/1").respond_with_data("", status=302, headers={"Location": "/2"})
    httpserver.expect_request("/2").respond_with_data("x")
    answer = fetcher().get(httpserver.url_for("/1"))
    assert (answer.url, answer.body) == (httpserver.url_for("/2"), b"x")
    assert rows(archive) == [("1", 302, ""), ("2", 200, "")]


def test_redirects_end(httpserver, fetcher, archive):
    count = iter(range(100))

    def on(_request):
        return Response("", 302, {"Location": f"/1?{next(count)}"})

    httpserver.expect_request("/1").respond_with_handler(on)
    with pytest.raises(RedirectError, match="more than 5 redirects"):
        fetcher().get(httpserver.url_for("/1"))
    assert [row[1:] for row in rows(archive)] == [(302, "")] * 6 + [(None, "redirect_loop")]


def test_a_circle_of_redirects_is_told_as_such(httpserver, fetcher, archive):
    for here, there in (("/1", "/2"), ("/2", "/1")):
        httpserver.expect_request(here).respond_with_data("", status=302, headers={"Location": there})
    with pytest.raises(RedirectError, match=r"go in a circle; found .*/1 again"):
        fetcher().get(httpserver.url_for("/1"))
    assert rows(archive) == [("1", 302, ""), ("2", 302, ""), ("1", None, "redirect_loop")]


def test_a_cookie_that_a_redirect_to_itself_sets_is_sent_back(httpserver, fetcher):
    def on(request: Request):
        if request.cookies.get("seen") == "1":
            return Response("x")
        return Response("", 302, {"Location": "/1", "Set-Cookie": "seen=1; Domain=localhost; Path=/other"})

    httpserver.expect_request("/1").respond_with_handler(on)
    assert fetcher().get(httpserver.url_for("/1")).body == b"x"


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:1/", "http://169.254.169.254/meta", "//localhost/x", "file:///etc/passwd"]
)
def test_redirects_to_other_hosts_are_refused(httpserver, fetcher, archive, target):
    httpserver.expect_request("/1").respond_with_data("", status=302, headers={"Location": target})
    with pytest.raises(RefusedError):
        fetcher().get(httpserver.url_for("/1"))
    assert [(row.status, row.error) for row in read_requests(archive)] == [(302, ""), (None, "refused")]


def test_a_private_address_is_refused_unless_the_source_allows_it(httpserver, fetcher, archive):
    with pytest.raises(RefusedError, match="allow_private"):
        fetcher(allow_private=False).get(httpserver.url_for("/1"))
    assert httpserver.log == []
    assert rows(archive) == [("1", None, "refused")]


def test_a_body_that_declares_too_much_is_not_read(httpserver, fetcher, archive):
    httpserver.expect_request("/1").respond_with_data(b"x" * 100_001)
    with pytest.raises(LimitError, match="100001 bytes declared; expected at most 100000"):
        fetcher().get(httpserver.url_for("/1"))
    assert rows(archive) == [("1", 200, "over_limit")]


def test_a_body_that_declares_nothing_is_cut_off_at_the_limit(httpserver, fetcher):
    sent = []

    def endless():
        while True:
            sent.append(1)
            yield b"x" * 20_000

    httpserver.expect_request("/1").respond_with_handler(lambda _request: Response(endless(), direct_passthrough=True))
    with pytest.raises(LimitError):
        fetcher().get(httpserver.url_for("/1"))
    assert len(sent) < 1000


def test_a_packed_body_is_unpacked_within_the_limit(httpserver, fetcher):
    httpserver.expect_request("/small").respond_with_data(
        gzip.compress(b"one") + gzip.compress(b"two"), headers={"Content-Encoding": "gzip"}
    )
    httpserver.expect_request("/bomb").respond_with_data(
        gzip.compress(bytes(50_000_000)), headers={"Content-Encoding": "gzip"}
    )
    httpserver.expect_request("/br").respond_with_data(b"x", headers={"Content-Encoding": "br"})
    get = fetcher().get
    assert get(httpserver.url_for("/small")).body == b"onetwo"
    with pytest.raises(LimitError, match="when unpacked"):
        get(httpserver.url_for("/bomb"))
    with pytest.raises(SourceError, match="not asked for"):
        get(httpserver.url_for("/br"))


@pytest.mark.parametrize("damage", [lambda data: data[:-5], lambda data: b"no gzip"])
def test_a_damaged_packed_body_is_asked_again_and_fails(httpserver, fetcher, archive, damage):
    body = damage(gzip.compress(b"x" * 1000))
    httpserver.expect_request("/1").respond_with_data(body, headers={"Content-Encoding": "gzip"})
    with pytest.raises(TransientError, match="packed body"):
        fetcher().get(httpserver.url_for("/1"))
    assert len(rows(archive)) == 3


@pytest.fixture
def raw_server():
    """A server that sends the given bytes for each connection and hangs up; yields (address, answers)."""
    answers = []
    listener = socket.create_server(("127.0.0.1", 0))

    def loop():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, suppress(BrokenPipeError, ConnectionResetError):
                connection.recv(65536)
                for part in answers.pop(0) if answers else []:
                    if isinstance(part, float):
                        time.sleep(part)
                    else:
                        connection.sendall(part)

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", answers
    listener.close()


CUT = [b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"]
WHOLE = [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole"]
HANG = [1.0]
DRIP = [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", *([b"x", 0.2] * 14)]


def test_a_truncated_body_is_asked_again(fetcher, make_source, raw_server, httpserver, archive):
    address, answers = raw_server
    answers += [CUT, WHOLE]
    get = fetcher(options={"hosts": [address.removeprefix("http://")]}).get
    assert get(f"{address}/1").body == b"whole"
    assert [(row.error, row.bytes) for row in read_requests(archive)] == [("truncated", 0), ("", 5)]
    assert "peer closed" in next(read_requests(archive)).why


def test_a_body_that_stays_truncated_is_never_taken(fetcher, raw_server):
    address, answers = raw_server
    answers += [CUT] * 3
    with pytest.raises(TransientError, match="no whole answer"):
        fetcher(options={"hosts": [address.removeprefix("http://")]}).get(f"{address}/1")


def test_a_silent_server_is_asked_again(fetcher, raw_server):
    address, answers = raw_server
    answers += [HANG, WHOLE]
    assert fetcher(options={"hosts": [address.removeprefix("http://")]}).get(f"{address}/1").body == b"whole"


def test_a_server_that_drips_cannot_hold_a_run(fetcher, raw_server):
    address, answers = raw_server
    answers += [DRIP]
    started = time.monotonic()
    with pytest.raises(SourceError, match="takes too long"):
        fetcher(options={"hosts": [address.removeprefix("http://")]}).get(f"{address}/1")
    assert time.monotonic() - started < 3.5


def polite(fetcher, **more):
    return fetcher(politeness={"robots": True}, **more).get


def test_robots_are_honoured(httpserver, fetcher, archive):
    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow: /private/\n")
    httpserver.expect_request("/1").respond_with_data("x")
    get = polite(fetcher)
    assert get(httpserver.url_for("/1")).body == b"x"
    with pytest.raises(BlockedError, match=r"robots\.txt disallows"):
        get(httpserver.url_for("/private/1"))
    assert rows(archive) == [("robots.txt", 200, ""), ("1", 200, ""), ("1", None, "robots")]
    assert [request.path for request, _ in httpserver.log] == ["/robots.txt", "/1"]


@pytest.mark.parametrize("status", [404, 403])
def test_a_host_without_robots_may_be_asked(httpserver, fetcher, status):
    httpserver.expect_request("/robots.txt").respond_with_data("", status=status)
    httpserver.expect_request("/1").respond_with_data("x")
    assert polite(fetcher)(httpserver.url_for("/1")).body == b"x"


def test_a_host_whose_robots_cannot_be_read_is_left_alone(httpserver, fetcher):
    httpserver.expect_request("/robots.txt").respond_with_data("", status=500)
    with pytest.raises(BlockedError, match=r"robots\.txt cannot be read"):
        polite(fetcher)(httpserver.url_for("/1"))
    assert {request.path for request, _ in httpserver.log} == {"/robots.txt"}


def test_a_crawl_delay_slows_down(httpserver, fetcher):
    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nCrawl-delay: 0.3\n")
    httpserver.expect_request("/1").respond_with_data("x")
    get = polite(fetcher)
    started = time.monotonic()
    for _ in range(3):
        get(httpserver.url_for("/1"))
    assert time.monotonic() - started >= 0.6


def test_a_redirect_into_what_robots_disallow_is_not_followed(httpserver, fetcher):
    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow: /private/\n")
    httpserver.expect_request("/1").respond_with_data("", status=301, headers={"Location": "/private/1"})
    with pytest.raises(BlockedError):
        polite(fetcher)(httpserver.url_for("/1"))
    assert "/private/1" not in {request.path for request, _ in httpserver.log}


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("../x/年报.pdf", "http://a.cn/x/%E5%B9%B4%E6%8A%A5.pdf"),
        (" ?page=2#top ", "http://a.cn/b/c.html?page=2"),
        ("//b.cn/1", "http://b.cn/1"),
    ],
)
def test_links_become_addresses(link, url):
    assert clean_url("http://a.cn/b/c.html", link) == url


def test_links_that_are_none():
    with pytest.raises(SourceError, match="not an address"):
        clean_url("http://a.cn/", "http://a.cn:port/")


def test_a_connection_serves_again_whatever_the_answer(served_by_keep_alive, fetcher, archive):
    address, connections = served_by_keep_alive
    get = fetcher(options={"hosts": [address.removeprefix("http://")]}).get
    for path in ("200", "304", "302", "404", "200"):
        with suppress(GoneError):
            get(f"{address}/{path}", Validators('"a"'))
    assert [row.status for row in read_requests(archive)] == [200, 304, 302, 200, 404, 200]
    assert len(connections) == 1


@pytest.fixture
def served_by_keep_alive():
    """A server that answers with the status that the path names; yields (address, connections)."""
    listener, connections = socket.create_server(("127.0.0.1", 0)), []

    def serve(connection):
        with connection, connection.makefile("rb") as lines:
            while line := lines.readline():
                while lines.readline().strip():
                    pass
                status = int(line.split()[1].rpartition(b"/")[2])
                head = 'ETag: "a"\r\n' if status == 304 else "Content-Length: 1\r\n"
                more = "Location: /200\r\n" if status == 302 else ""
                text = f"HTTP/1.1 {status} X\r\n{head}{more}\r\n{'' if status == 304 else 'x'}"
                connection.sendall(text.encode())

    def loop():
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connections.append(connection)
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=loop, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", connections
    listener.close()


def test_what_a_portal_asks_to_wait_holds_for_all_its_addresses(httpserver, fetcher):
    httpserver.expect_ordered_request("/1").respond_with_data("", status=429, headers={"Retry-After": "1"})
    httpserver.expect_request("/1").respond_with_data("x")
    httpserver.expect_request("/2").respond_with_data("x")
    get = fetcher(politeness={"concurrency": 2}).get
    started, ended = time.monotonic(), []

    def second():
        while len(httpserver.log) < 1:
            time.sleep(0.01)
        time.sleep(0.1)
        get(httpserver.url_for("/2"))
        ended.append(time.monotonic() - started)

    thread = threading.Thread(target=second)
    thread.start()
    get(httpserver.url_for("/1"))
    thread.join()
    assert ended[0] >= 1


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        (" 5 ", 5),
        ("Sat, 20 Jan 2024 01:00:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("³", None),
        ("9" * 99, 999_999_999),
        (None, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date(text, seconds):
    assert seconds_of(text) == seconds


def test_a_retry_after_with_a_date_ahead():
    ahead = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert 85 < seconds_of(ahead) <= 90


def test_busy_answers_that_say_when_do_not_use_up_the_attempts(httpserver, fetcher, archive):
    for status in (500, 429, 429, 429, 500):
        headers = {"Retry-After": "0"} if status == 429 else {}
        httpserver.expect_ordered_request("/1").respond_with_data("", status=status, headers=headers)
    httpserver.expect_ordered_request("/1").respond_with_data("x")
    assert fetcher().get(httpserver.url_for("/1")).body == b"x"
    assert [row.attempt for row in read_requests(archive)] == [1, 2, 3, 4, 5, 6]


def test_a_host_that_fails_all_the_time_is_tried_once_then_left(httpserver, fetcher, archive):
    httpserver.expect_request(re.compile("/.*")).respond_with_data("", status=500)
    get = fetcher().get
    errors = []
    for number in range(12):
        with pytest.raises(SourceError) as caught:
            get(httpserver.url_for(f"/{number}"))
        errors.append(caught.value.code)
    assert errors == ["server_error"] * 10 + ["host_left"] * 2
    tries = Counter(request.path for request, _ in httpserver.log)
    assert [tries[f"/{number}"] for number in range(12)] == [3, 3, 3] + [1] * 7 + [0, 0]
    assert [(row.error, row.attempt) for row in read_requests(archive)][-2:] == [("host_left", 0)] * 2


def test_outside_its_hours_a_source_is_not_asked(httpserver, fetcher, archive, monkeypatch):
    httpserver.expect_request("/1").respond_with_data("x")
    made = fetcher()
    made._window = parse_window("22:00-06:00")
    for hour, may in ((13, False), (15, True), (23, False)):
        monkeypatch.setattr(http, "now", lambda hour=hour: datetime(2024, 1, 31, hour, tzinfo=UTC))
        if may:
            assert made.get(httpserver.url_for("/1")).body == b"x"
        else:
            with pytest.raises(BlockedError, match="22:00-06:00 Asia/Shanghai"):
                made.get(httpserver.url_for("/1"))
    assert len(httpserver.log) == 1
    assert [row.error for row in read_requests(archive)] == ["outside_window", "", "outside_window"]


def test_robots_speak_to_our_name_and_may_ask_for_a_rate(httpserver, fetcher):
    lines = "User-agent: report\nDisallow: /\n\nUser-agent: gongkai\nRequest-rate: 2/1s\n"
    httpserver.expect_request("/robots.txt").respond_with_data(lines)
    httpserver.expect_request("/1").respond_with_data("x")
    get = polite(fetcher)
    started = time.monotonic()
    for _ in range(2):
        assert get(httpserver.url_for("/1")).body == b"x"
    assert time.monotonic() - started >= 1.0


LARGE = """
import hashlib, sys
from gongkai.archive.log import request_log
from gongkai.archive.store import Archive
from gongkai.settings import Settings
from gongkai.sources.http import Fetcher
from gongkai.sources.model import Source
source, settings = Source.model_validate_json(sys.argv[2]), Settings(data=sys.argv[3])
archive = Archive(settings.archive)
with request_log(archive, "r", "test") as log, Fetcher(source, settings=settings, log=log, run_id="r") as fetcher:
    answer = fetcher.get(sys.argv[1])
    assert archive.put_file(answer.content.open()) == answer.sha256
print(answer.content.size)
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""


@pytest.mark.slow
def test_a_file_of_100_mb_takes_less_than_200_mb(raw_server, make_source, tmp_path):
    address, answers = raw_server
    size = 100 * 10**6
    answers += [[f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode(), *([b"%PDF" + bytes(10**6 - 4)] * 100)]]
    source = make_source(f"{address}/1").model_dump_json(exclude_none=True)
    command = [sys.executable, "-c", LARGE, f"{address}/1", source, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    read, peak = map(int, done.stdout.split())
    assert read == size
    assert peak < 200_000
