"""TLS and time: a local server with certificates made here, and servers that send a byte now and then."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import replace

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gongkai.archive.log import read_requests, request_log
from gongkai.errors import ContractError
from gongkai.settings import Settings
from gongkai.sources.attempts import Retry
from gongkai.sources.failures import SlowBodyError, TlsError, TransientError
from gongkai.sources.http import Fetcher
from gongkai.sources.transport import GuardedBackend, tls_context, within

QUICK = Retry(attempts=2, wait_initial=0.01, wait_max=0.02, timeout=1.0, total=0.6)
NOW = dt.datetime.now(dt.UTC)
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: "a"\r\nServer: nginx\r\n\r\nwhole'


def certificate(name, *, issuer=None, days=(-1, 1), is_authority=False):
    """Make a certificate and its key; without issuer (certificate, key) it is signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(
        subject_name=subject,
        issuer_name=issuer[0].subject if issuer else subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=NOW + dt.timedelta(days[0]),
        not_valid_after=NOW + dt.timedelta(days[1]),
    )
    builder = builder.add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    if not is_authority:
        address = x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
        builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256()), key


def pem(made, path):
    found, key = made
    form = serialization.Encoding.PEM
    plain = key.private_bytes(form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(found.public_bytes(form) + plain)
    return path


@pytest.fixture(scope="module")
def authority():
    return certificate("Test Authority", is_authority=True)


@pytest.fixture
def served():
    """Serve connections by a function on a port of its own; yields start(function) -> port."""
    listeners = []

    def start(serve):
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def loop():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with suppress(OSError), connection:
                    serve(connection)

        threading.Thread(target=loop, daemon=True).start()
        return listener.getsockname()[1]

    yield start
    for listener in listeners:
        listener.close()


@pytest.fixture
def ask(served, authority, make_source, archive, tmp_path):
    """Ask a TLS server that has a certificate; returns the answer."""

    def once(made, host="localhost", version=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem(made, tmp_path / "server.pem"))
        if version:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            context.maximum_version = version

        def serve(connection):
            with context.wrap_socket(connection, server_side=True) as secure:
                secure.recv(65536)
                secure.sendall(ANSWER)

        url = f"https://{host}:{served(serve)}/1"
        trusted = pem(authority, tmp_path / "authority.pem")
        settings = Settings(data=tmp_path, ca_bundle=trusted)
        with (
            request_log(archive, "r", "test") as log,
            Fetcher(make_source(url), settings=settings, log=log, run_id="r", retry=QUICK) as fetcher,
        ):
            return fetcher.get(url)

    return once


def test_the_connection_is_kept_with_the_answer(ask, authority, archive):
    answer = ask(certificate("localhost", issuer=authority))
    tls = answer.connection["tls"]
    assert (answer.body, answer.connection["address"], tls["version"]) == (b"whole", "127.0.0.1", "TLSv1.3")
    assert (tls["subject"], tls["issuer"]) == ("commonName=localhost", "commonName=Test Authority")
    assert (tls["host_names"], tls["not_after"][-3:]) == (["localhost"], "GMT")
    assert answer.headers == {"Content-Length": "5", "ETag": '"a"', "Server": "nginx"}
    (row,) = read_requests(archive)
    assert (row.tls, row.address, row.error) == ("TLSv1.3", "127.0.0.1", "")


@pytest.mark.parametrize(
    ("make", "host", "reason"),
    [
        (lambda ca: certificate("localhost", issuer=ca, days=(-9, -2)), "localhost", "has expired"),
        (lambda ca: certificate("localhost", issuer=ca, days=(2, 9)), "localhost", "is not valid yet"),
        (lambda ca: certificate("www.a.gov.cn", issuer=ca), "localhost", "is of another host name"),
        (lambda ca: certificate("8.8.8.8", issuer=ca), "127.0.0.1", "is of another address"),
        (lambda _: certificate("localhost"), "localhost", "is self-signed"),
        (
            lambda _: certificate("localhost", issuer=certificate("Another", is_authority=True)),
            "localhost",
            "issuer is unknown",
        ),
    ],
)
def test_a_certificate_that_is_not_to_be_trusted_is_named_and_never_ignored(
    ask, authority, archive, make, host, reason
):
    with pytest.raises(TlsError, match=reason):
        ask(make(authority), host)
    (row,) = read_requests(archive)
    assert (row.error, row.status) == ("tls", None)
    assert reason in row.why, "asked once: it would be the same again"


def test_an_old_protocol_is_named(ask, authority, archive):
    with pytest.raises(TlsError, match=r"protocol: \S+"):
        ask(certificate("localhost", issuer=authority), version=ssl.TLSVersion.TLSv1_1)
    assert [row.error for row in read_requests(archive)] == ["tls"]


def test_a_host_that_hangs_up_in_the_middle_of_tls_is_asked_again(served, make_source, archive, tmp_path):
    url = f"https://localhost:{served(lambda connection: connection.recv(100))}/1"
    with (
        request_log(archive, "r", "test") as log,
        Fetcher(make_source(url), settings=Settings(data=tmp_path), log=log, run_id="r", retry=QUICK) as fetcher,
        pytest.raises(TransientError),
    ):
        fetcher.get(url)
    assert [row.error for row in read_requests(archive)] == ["unreachable"] * 2


def test_authorities_that_cannot_be_read_are_told(tmp_path):
    with pytest.raises(ContractError, match="GONGKAI_CA_BUNDLE"):
        tls_context(tmp_path / "missing.pem")


def test_a_server_that_drips_its_headers_cannot_hold_a_run(served, make_source, archive, tmp_path):
    def drip(connection):
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in range(100):
            connection.sendall(f"X-{number}: x\r\n".encode())
            time.sleep(0.1)

    url = f"http://localhost:{served(drip)}/1"
    started = time.monotonic()
    with (
        request_log(archive, "r", "test") as log,
        Fetcher(make_source(url), settings=Settings(data=tmp_path), log=log, run_id="r", retry=QUICK) as fetcher,
        pytest.raises(SlowBodyError, match="takes too long"),
    ):
        fetcher.get(url)
    assert time.monotonic() - started < 3
    (row,) = read_requests(archive)
    assert row.error == "too_slow"
    assert url in row.why


def test_name_servers_that_do_not_answer_cannot_hold_a_run(monkeypatch, make_source, archive, tmp_path):
    never = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: never.wait(30))
    url = "http://portal.test/1"
    started, patient = time.monotonic(), replace(QUICK, timeout=0.2, total=5.0)
    with (
        request_log(archive, "r", "test") as log,
        Fetcher(make_source(url), settings=Settings(data=tmp_path), log=log, run_id="r", retry=patient) as fetcher,
        pytest.raises(TransientError, match=r"the name servers do not answer for portal.test"),
    ):
        fetcher.get(url)
    never.set()
    assert time.monotonic() - started < 5
    assert {row.answer for row in read_requests(archive)} == {"timeout"}


def test_a_silence_that_the_deadline_ends_is_no_silence_that_is_tried_again(served):
    port = served(lambda connection: time.sleep(2))
    with within(0.2), pytest.raises(SlowBodyError):
        GuardedBackend(allow_private=True).connect_tcp("127.0.0.1", port, timeout=5).read(10, timeout=5)
    with within(5), pytest.raises(httpcore.ReadTimeout):
        GuardedBackend(allow_private=True).connect_tcp("127.0.0.1", port, timeout=5).read(10, timeout=0.1)
