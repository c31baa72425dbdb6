"""What can go wrong with a request; the code of each class is what the request log calls it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from gongkai.archive.answers import AnswerKind
from gongkai.errors import BlockedError, GoneError, LimitError, SourceError
from gongkai.sources.guard import RefusedError
from gongkai.sources.signs import Sign

# 412 and 521 are the JavaScript challenges of two protection services that many government portals use.
_PROTECTIONS = {412: AnswerKind.JS_CHALLENGE, 521: AnswerKind.JS_CHALLENGE, 401: AnswerKind.LOGIN}
_REFUSALS = frozenset({403, 407, 451})
_CERTIFICATE = {
    9: "the certificate is not valid yet",
    10: "the certificate has expired",
    18: "the certificate is self-signed",
    19: "a certificate of the chain is self-signed",
    20: "the certificate's issuer is unknown",
    21: "the certificate's issuer is unknown: the server sends no intermediate certificate",
    23: "the certificate was revoked",
    62: "the certificate is of another host name",
    64: "the certificate is of another address",
}
"""What OpenSSL's verification codes (x509_vfy.h) say."""
_SILENCES = (httpx.ConnectTimeout, httpx.ReadTimeout, httpx.WriteTimeout, httpx.PoolTimeout)


class TransientError(SourceError):
    """No whole answer this time; asked again."""

    code = "unreachable"


class SilentError(TransientError):
    """The host did not connect or answer in time."""

    code = "timeout"


class TruncatedError(TransientError):
    """The answer was cut off, or breaks its protocol or its packing."""

    code = "truncated"


class ServerFaultError(TransientError):
    """The portal answers with an error of its own (5xx)."""

    code = "server_error"


class SlowBodyError(SourceError):
    """The whole exchange takes longer than it may; asking again would take as long."""

    code = "too_slow"


class TlsError(SourceError):
    """The connection is not to be trusted: certificate or protocol. Never ignored, and not asked again."""

    code = "tls"


class RedirectError(SourceError):
    """Redirects in a circle, or too many of them."""

    code = "redirect_loop"


class EncodingError(SourceError):
    """The body is packed in a way that was not asked for."""

    code = "encoding"


class RobotsError(BlockedError):
    """robots.txt disallows the address, or cannot be read now."""

    code = "robots"


class OutsideWindowError(BlockedError):
    """The source may be asked at other hours only."""

    code = "outside_window"


class HostFailsError(SourceError):
    """The host failed too often in a row, or took too long in all: it is left for the rest of the run."""

    code = "host_left"


class HostRefusesError(BlockedError):
    """The host refused us too often in a row: it is left for the rest of the run."""

    code = "host_left"


class PageError(BlockedError):
    """A page of a protection or a login; `answer` says which."""

    def __init__(self, what: str, *, answer: AnswerKind, where: str = "", found: object = None, do: str = "") -> None:
        super().__init__(what, where=where, found=found, do=do)
        self.answer = answer


class StatusError(SourceError):
    """A status that nothing else is known of."""

    code = "status"


class BusyError(BlockedError):
    """The portal asks us to come again later (429, 503); `retry_after` in seconds, where it says when."""

    code = "busy"
    retry_after: float | None = None
    status: int = 429


def raise_for_status(status: int, retry_after: float | None, url: str, sign: Sign | None = None) -> None:
    """Raise the error that a status other than 200 and 304 stands for.

    Args:
        status: Status of an answer.
        retry_after: Seconds after which the portal wants to be asked again, where it says so.
        url: The address asked.
        sign: What the answer's page told; of 429, 503 and missing pages the status says enough.
    """
    if status in {200, 304}:
        return
    found = f"status {status}"
    advice = "see docs/operators.md on blocked portals"
    answer = _PROTECTIONS.get(status)
    if sign and status not in {404, 410, 429} and (status != 503 or retry_after is None):
        if sign.kind is AnswerKind.RATE_LIMITED:
            raise BusyError("the portal asks to come again later", where=url, found=f"{found}, {sign}")
        answer, found = sign.kind, f"{found}, {sign}"
    if answer is not None:
        raise PageError("the portal refuses us", answer=answer, where=url, found=found, do=advice)
    if status in {404, 410}:
        raise GoneError("there is nothing at this address", where=url, found=found)
    if status in _REFUSALS:
        raise BlockedError("the portal refuses us", where=url, found=found, do=advice)
    if status in {429, 503}:
        busy = BusyError("the portal asks to come again later", where=url, found=found)
        busy.retry_after, busy.status = retry_after, status
        raise busy
    if status >= 500:
        raise ServerFaultError("an error of the portal", where=url, found=found)
    raise StatusError("an answer that is no document", where=url, found=found, expected="status 200")


_KINDS: tuple[tuple[type[Exception], AnswerKind], ...] = (
    (SilentError, AnswerKind.TIMEOUT),
    (TruncatedError, AnswerKind.TRUNCATED),
    (ServerFaultError, AnswerKind.SERVER_ERROR),
    (TransientError, AnswerKind.UNREACHABLE),
    (SlowBodyError, AnswerKind.TOO_SLOW),
    (TlsError, AnswerKind.TLS),
    (RedirectError, AnswerKind.REDIRECT_LOOP),
    (EncodingError, AnswerKind.ENCODING),
    (RobotsError, AnswerKind.ROBOTS),
    (OutsideWindowError, AnswerKind.OUTSIDE_WINDOW),
    (HostFailsError, AnswerKind.HOST_LEFT),
    (HostRefusesError, AnswerKind.HOST_LEFT),
    (RefusedError, AnswerKind.REFUSED),
    (StatusError, AnswerKind.BAD_STATUS),
    (GoneError, AnswerKind.GONE),
    (LimitError, AnswerKind.TOO_LARGE),
    (BlockedError, AnswerKind.FORBIDDEN),
)
"""The first that fits counts."""


def kind_of(error: Exception) -> AnswerKind:
    """Say which kind of answer an error stands for."""
    told = getattr(error, "answer", None)
    if isinstance(told, AnswerKind):
        return told
    if isinstance(error, BusyError):
        return AnswerKind.SERVER_ERROR if error.status == 503 else AnswerKind.RATE_LIMITED
    return next((kind for family, kind in _KINDS if isinstance(error, family)), AnswerKind.OTHER)


def _of_transport(error: httpx.TransportError, url: str) -> SourceError:
    """Name what httpx tells of a connection: TLS, silence, a cut answer, or no connection at all."""
    reason = _tls_reason(error)
    if reason:
        return TlsError(
            "the connection is not to be trusted",
            where=url,
            found=reason,
            do="tell the portal's operator; a missing authority can be added with GONGKAI_CA_BUNDLE",
        )
    kind: type[TransientError] = TransientError
    if isinstance(error, _SILENCES):
        kind = SilentError
    elif isinstance(error, httpx.RemoteProtocolError):
        kind = TruncatedError
    name = type(error).__name__
    return kind("no whole answer", where=url, found=f"{name}: {error}" if str(error) else name)


@contextmanager
def named_errors(url: str) -> Iterator[None]:
    """Turn what httpx raises into our errors, which name the address."""
    try:
        yield
    except httpx.TransportError as error:
        raise _of_transport(error, url) from error
    except httpx.InvalidURL as error:
        raise SourceError("not an address", where=url[:300], found=str(error)) from error
    except SlowBodyError as error:
        error.where = error.where or url
        raise


def _tls_reason(error: BaseException | None) -> str:
    """Say why TLS failed, "" where it did not: the cause stands below the errors of httpx and httpcore."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            known = _CERTIFICATE.get(error.verify_code, "the certificate cannot be verified")
            return f"{known} ({error.verify_message})"
        if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return ""  # the peer hung up: may well work next time
        if isinstance(error, ssl.SSLError):
            return f"protocol: {error.reason or error}"
        error = error.__cause__ or error.__context__
    return ""
