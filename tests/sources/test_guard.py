import socket

import httpcore
import pytest

from gongkai.sources.guard import RefusedError, check_address, check_host
from gongkai.sources.transport import GuardedBackend


class Stream(httpcore.NetworkStream):
    """A connection that knows where it leads."""

    def __init__(self, host):
        self.host = host

    def get_extra_info(self, info):
        return self.host


HOSTS = ("www.a.gov.cn", "b.gov.cn:8080", "*.c.gov.cn", "[2400:3200::1]", "年报.cn")


@pytest.mark.parametrize(
    "url",
    [
        *("http://www.a.gov.cn/x", "https://WWW.a.gov.cn:443/", "http://b.gov.cn:8080/", "http://file.c.gov.cn/1.pdf"),
        *("http://www.a.gov.cn./x", "http://www.a.gov.cn:/x", "http://[2400:3200::1]/x"),
        *("http://年报.cn/", "http://xn--hwt46g.cn/"),
    ],
)
def test_hosts_of_the_source_may_be_asked(url):
    check_host(url, HOSTS)


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.com/",
        "http://www.a.gov.cn.evil.com/",
        "http://www.a.gov.cn:22/",
        "http://b.gov.cn/",
        "http://c.gov.cn.evil.com/",
        "http://evilc.gov.cn/",
        "http://www.a.gov.cn@evil.com/",
        "http://user@www.a.gov.cn/",
        "http://169.254.169.254/latest/",
        "file:///etc/passwd",
        "ftp://www.a.gov.cn/",
        "http:///x",
        "http://www.a.gov.cn:99999/",
        "http://www.a.gov.cn../",
        "http://@www.a.gov.cn/",
        "http://:@www.a.gov.cn/",
        "http://www.a.gov.cn\\@evil.com/",
        "http://evil.com\\@www.a.gov.cn/",
        "http://www.a.gov.cn%2eevil.com/",
        "http://www.a.gov.cn。evil.com/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fe80::1%25eth0]/",
        "http://[2400:3200::1/",
        "http://年报.evil.cn/",
        "http://x年报.cn/",
        "http://ＷＷＷ.a.gov.cn/",
        "",
    ],
)
def test_other_addresses_may_not(url):
    with pytest.raises(RefusedError):
        check_host(url, HOSTS)


PRIVATE = [
    *("127.0.0.1", "127.1.2.3", "10.1.2.3", "192.168.0.1", "172.16.0.1", "::1", "fd00::1"),
    *("::ffff:10.0.0.1", "::ffff:7f00:1", "64:ff9b::10.0.0.1", "64:ff9b:1::7f00:1", "2002:a00:1::", "::10.0.0.1"),
]
NEVER = [
    *("169.254.169.254", "fe80::1%eth0", "0.0.0.0", "0.1.2.3", "224.0.0.1", "255.255.255.255", "240.0.0.1"),
    *("100.64.0.1", "100.100.100.200", "192.0.0.192", "::", "ff02::1", "fec0::1", "fd00:ec2::254"),
    *("::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "2002:a9fe:a9fe::1", "::a9fe:a9fe"),
    "2001:0:4136:e378:8000:63bf:5601:5601",  # Teredo: the host behind it is 169.254.169.254, written inverted
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_networks_only_where_the_source_says_so(address):
    check_address(address, allow_private=True)
    with pytest.raises(RefusedError, match="not public"):
        check_address(address, allow_private=False)


@pytest.mark.parametrize("address", NEVER)
@pytest.mark.parametrize("allow_private", [True, False])
def test_some_networks_never(address, allow_private):
    with pytest.raises(RefusedError):
        check_address(address, allow_private=allow_private)


def test_public_addresses_pass():
    check_address("8.8.8.8", allow_private=False)
    check_address("2400:3200::1", allow_private=False)
    check_address("64:ff9b::8.8.8.8", allow_private=False)


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "localhost", "LOCALHOST", "localhost.", "::1"],
)
def test_no_spelling_of_loopback_gets_through_the_resolver(host, monkeypatch):
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", lambda *_args: pytest.fail("connected"))
    with pytest.raises((RefusedError, httpcore.ConnectError)) as caught:
        GuardedBackend(allow_private=False).connect_tcp(host, 80)
    if host != "localhost.":  # which some resolvers do not know
        assert caught.type is RefusedError


@pytest.mark.parametrize("address", [*PRIVATE, *NEVER])
def test_a_public_name_with_an_address_that_is_not_is_refused(address, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: [(2, 1, 6, "", (address, 80))])
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", lambda *_args: pytest.fail("connected"))
    with pytest.raises(RefusedError):
        GuardedBackend(allow_private=False).connect_tcp("www.a.gov.cn", 80)


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch):
    found = [(2, 1, 6, "", (address, 80)) for address in ("8.8.8.8", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: found)
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", lambda *_args: pytest.fail("connected"))
    with pytest.raises(RefusedError):
        GuardedBackend(allow_private=False).connect_tcp("a.gov.cn", 80)


def test_the_checked_address_is_the_one_connected_to(monkeypatch):
    asked, connected = [], []

    def resolve(host, *_args, **_more):
        asked.append(host)
        return [(2, 1, 6, "", ("8.8.8.8" if len(asked) == 1 else "127.0.0.1", 80))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", lambda _self, host, *_args: connected.append(host))
    GuardedBackend(allow_private=False).connect_tcp("a.gov.cn", 80)
    assert (asked, connected) == (["a.gov.cn"], ["8.8.8.8"]), "the name is not resolved a second time"


def test_the_next_address_is_tried_where_the_first_does_not_answer(monkeypatch):
    found = [(2, 1, 6, "", (address, 80)) for address in ("8.8.8.8", "8.8.4.4")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: found)

    def connect(_self, host, *_args):
        if host == "8.8.8.8":
            raise httpcore.ConnectError("no route")
        return Stream(host)

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    stream = GuardedBackend(allow_private=False).connect_tcp("a.gov.cn", 80)
    assert stream.get_extra_info("server_addr") == "8.8.4.4"
