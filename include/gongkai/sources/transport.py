"""Connections to portals: to checked addresses only, bounded in time, with TLS that is always verified."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import httpcore
import httpx

from gongkai.errors import ContractError
from gongkai.sources.failures import SlowBodyError
from gongkai.sources.guard import check_address


class _Deadline(threading.local):
    """When the exchange of this thread must be over: a connection serves one thread at a time."""

    at = float("inf")


_DEADLINE = _Deadline()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Bound all that this thread sends and receives in the block.

    httpx bounds each silence only: a server that sends a byte now and then could hold a run for ever.

    Raises:
        SlowBodyError: It takes longer.
    """
    before, _DEADLINE.at = _DEADLINE.at, time.monotonic() + seconds
    try:
        yield
    finally:
        _DEADLINE.at = before


def _left(timeout: float | None) -> float | None:
    left = _DEADLINE.at - time.monotonic()
    if left <= 0:
        raise SlowBodyError("the exchange takes too long")
    return timeout if timeout is not None and timeout <= left else (None if left == float("inf") else left)


class _BoundedStream(httpcore.NetworkStream):
    """A connection whose every step ends with the deadline."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with _late(httpcore.ReadTimeout):
            return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        with _late(httpcore.WriteTimeout):
            self._stream.write(buffer, _left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        with _late(httpcore.ConnectTimeout):
            return _BoundedStream(self._stream.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


@contextmanager
def _late(silence: type[Exception]) -> Iterator[None]:
    """Tell a silence that the deadline ended from one that may be tried again."""
    try:
        yield
    except silence:
        _left(None)
        raise


def _resolve(host: str, port: int, seconds: float | None) -> list[Any]:
    """Ask the resolver, which knows no deadline: in a thread that is left behind where it does not answer.

    Raises:
        httpcore.ConnectTimeout: It takes longer than `seconds`.
        httpcore.ConnectError: The name has no address.
    """
    answers: SimpleQueue[list[Any] | OSError | UnicodeError] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, name=f"resolve {host[:60]}", daemon=True).start()
    try:
        found = answers.get(timeout=seconds)
    except Empty:
        raise httpcore.ConnectTimeout(f"the name servers do not answer for {host}") from None
    if isinstance(found, Exception):
        raise httpcore.ConnectError(f"the host name {host} has no address: {found}") from found
    return found


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
        with _late(httpcore.ConnectTimeout):
            found = _resolve(host, port, _left(timeout))
        addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
        for address in addresses:
            check_address(address, allow_private=self._allow_private)
        last: Exception = httpcore.ConnectError(f"the host name {host} has no address")
        for address in addresses:
            try:
                with _late(httpcore.ConnectTimeout):
                    stream = self._backend.connect_tcp(address, port, _left(timeout), local_address, socket_options)
                return _BoundedStream(stream)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last


@cache
def tls_context(authorities: Path | None) -> ssl.SSLContext:
    """Return the TLS settings of this process: reading the certificates takes 50 ms.

    Args:
        authorities: Further certificate authorities (PEM), beside the usual ones.

    Raises:
        ContractError: The file cannot be read.
    """
    context = httpx.create_ssl_context(trust_env=False)
    if authorities is not None:
        try:
            context.load_verify_locations(authorities)
        except (OSError, ssl.SSLError) as error:
            raise ContractError(
                "the certificate authorities cannot be read",
                where=str(authorities),
                found=str(error),
                expected="a PEM file",
                do="set GONGKAI_CA_BUNDLE to one, or unset it",
            ) from error
    return context


class GuardedTransport(httpx.HTTPTransport):
    """An httpx transport over `GuardedBackend`; no proxies, which would resolve names for us."""

    def __init__(self, *, allow_private: bool, connections: int, authorities: Path | None = None) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls_context(authorities),
            max_connections=connections,
            keepalive_expiry=15.0,
            network_backend=GuardedBackend(allow_private=allow_private),
        )
