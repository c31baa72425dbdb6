"""Which hosts and network addresses may be asked: an answer of a portal must not send us elsewhere."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Collection, Iterable
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from gongkai.errors import SourceError

_DEFAULT_PORTS = {"http": 80, "https": 443}


class RefusedError(SourceError):
    """We do not ask this address: its host is not of the source, or its network is private."""

    code = "refused"


def check_host(url: str, hosts: Collection[str]) -> None:
    """Refuse an address that is not on one of the hosts.

    Args:
        url: The address.
        hosts: "host" (its default ports), "host:port", or "*.domain" (all hosts below it, default ports).

    Raises:
        RefusedError: Another scheme, a user in the address, or another host.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise RefusedError("not an address", where=url[:300], found=str(error)) from error
    host = (parts.hostname or "").lower()
    default = _DEFAULT_PORTS.get(parts.scheme)
    if default is None or not host or parts.username is not None:
        raise RefusedError("not an address that may be asked", where=url[:300], expected="http(s)://host/...")
    names = {f"{host}:{port or default}"}
    if port in {None, default}:
        names |= {host, *(f"*.{host.split('.', n)[-1]}" for n in range(1, host.count(".") + 1))}
    if names.isdisjoint(hosts):
        raise RefusedError(
            "the host is not one of the source",
            where=url[:300],
            found=host,
            expected=", ".join(hosts),
            do="if it belongs to the publisher, add it to hosts in the source file",
        )


def check_address(address: str, *, allow_private: bool) -> None:
    """Refuse a network address that is not public.

    Args:
        address: IPv4 or IPv6 address.
        allow_private: Loopback and private networks pass; link-local (cloud metadata) and the like never do.

    Raises:
        RefusedError: It may not be asked.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    never = ip.is_link_local or ip.is_multicast or ip.is_unspecified
    if never or not (ip.is_global or (allow_private and (ip.is_private or ip.is_loopback))):
        raise RefusedError(
            "the host's network address is not public",
            where=address,
            do="set allow_private in the source file if this portal is your own",
        )


class GuardedBackend(httpcore.NetworkBackend):
    """Connects only to addresses that passed `check_address`.

    The name is resolved here and the checked address is the one connected to, so that a name server which answers
    differently the second time (DNS rebinding) gains nothing.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve, check every address, connect to the first that answers."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the host name {host} has no address: {error}") from error
        addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
        for address in addresses:
            check_address(address, allow_private=self._allow_private)
        last: Exception = httpcore.ConnectError(f"the host name {host} has no address")
        for address in addresses:
            try:
                return self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last


@cache
def _tls() -> ssl.SSLContext:
    """Reading the certificates takes 50 ms: once a process."""
    return httpx.create_ssl_context(trust_env=False)


class GuardedTransport(httpx.HTTPTransport):
    """An httpx transport over `GuardedBackend`; no proxies, which would resolve names for us."""

    def __init__(self, *, allow_private: bool, connections: int) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_tls(),
            max_connections=connections,
            keepalive_expiry=15.0,
            network_backend=GuardedBackend(allow_private=allow_private),
        )
