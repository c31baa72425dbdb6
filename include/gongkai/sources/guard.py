"""Which hosts and network addresses may be asked: an answer of a portal must not send us elsewhere."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterator
from functools import lru_cache
from urllib.parse import urlsplit

import httpx

from gongkai.errors import SourceError

_DEFAULT_PORTS = {"http": 80, "https": 443}
_Ip = ipaddress.IPv4Address | ipaddress.IPv6Address

_NEVER = tuple(
    ipaddress.ip_network(net)
    for net in (
        "0.0.0.0/8",  # "this network"; 0.0.0.0 is the own machine on many systems
        "100.64.0.0/10",  # carrier-grade NAT; the metadata services of some clouds are in it
        "169.254.0.0/16",  # link-local: metadata services of most clouds
        "192.0.0.0/24",  # protocol assignments; metadata of one cloud
        "224.0.0.0/4",
        "240.0.0.0/4",
        "fd00:ec2::/32",  # metadata services over IPv6
        "fe80::/10",
        "fec0::/10",  # site-local, withdrawn
        "ff00::/8",
        "::/128",
    )
)
"""Networks that no source may open."""

_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
"""RFC 6052 and 8215: the last 32 bits are an IPv4 address."""
_COMPATIBLE = ipaddress.IPv6Network("::/96")
"""The withdrawn IPv4-compatible form, with the address in its last 32 bits; ::1 is in it as well."""


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
    scheme, host, port = _place(url)
    default = _DEFAULT_PORTS[scheme]
    names = {f"{host}:{port or default}"}
    if port in {None, default}:
        names |= {host, *(f"*.{host.split('.', n)[-1]}" for n in range(1, host.count(".") + 1))}
    if names.isdisjoint(_ascii(name) for name in hosts):
        raise RefusedError(
            "the host is not one of the source",
            where=url[:300],
            found=host,
            expected=", ".join(hosts),
            do="if it belongs to the publisher, add it to hosts in the source file",
        )


def _place(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port; both parsers that see the address later must agree on them.

    Raises:
        RefusedError: They do not, or the address has a user, another scheme, or no host.
    """
    try:
        parts, seen = urlsplit(url), httpx.URL(url)
        port = parts.port
        host = _ascii((parts.hostname or "").lower())
        other = seen.raw_host.decode("ascii").lower().strip("[]").removesuffix(".")
    except (httpx.InvalidURL, ValueError) as error:
        raise RefusedError("not an address", where=url[:300], found=str(error)) from error
    has_user = "@" in parts.netloc or bool(seen.userinfo)
    if parts.scheme not in _DEFAULT_PORTS or not host or has_user or host != other:
        raise RefusedError("not an address that may be asked", where=url[:300], expected="http(s)://host/...")
    return parts.scheme, f"[{host}]" if ":" in host else host, port


@lru_cache(maxsize=1024)
def _ascii(name: str) -> str:
    """Write a host as it is asked: punycode for other letters, without the root's trailing point."""
    name = name.removesuffix(".")
    if name.isascii():
        return name.lower()
    star, rest = ("*.", name[2:]) if name.startswith("*.") else ("", name)
    return star + httpx.URL(f"http://{rest}").raw_host.decode("ascii")


def check_address(address: str, *, allow_private: bool) -> None:
    """Refuse a network address that is not public.

    Args:
        address: IPv4 or IPv6 address.
        allow_private: Loopback and private networks pass; link-local (cloud metadata) and the like never do.

    Raises:
        RefusedError: It may not be asked.
    """
    for ip in _meant(ipaddress.ip_address(address.partition("%")[0])):
        never = any(ip in network for network in _NEVER)
        if never or not (ip.is_global or (allow_private and (ip.is_private or ip.is_loopback))):
            raise RefusedError(
                "the host's network address is not public",
                where=address,
                do="set allow_private in the source file if this portal is your own",
            )


def _meant(ip: _Ip) -> Iterator[_Ip]:
    """Yield the address that packets to this one reach: translators and tunnels carry another in it."""
    if isinstance(ip, ipaddress.IPv4Address):
        yield ip
    elif ip.ipv4_mapped:
        yield ip.ipv4_mapped
    elif any(ip in network for network in _NAT64) or (ip in _COMPATIBLE and int(ip) > 0xFFFF):
        yield ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    elif ip.sixtofour:
        yield ip.sixtofour
    elif ip.teredo:
        yield from ip.teredo
    else:
        yield ip
