#!/usr/bin/env python3
"""The bundled sample portal: serves include/samples/documents like a small government site, on loopback only.

Columns: /county/zfxxgknb/ (ul/li list, index_1.html, countPage) and /city/zfxxgknb/ (table list, 下一页). HTML reports
are served as they are; docx and PDF reports as a detail page that links the file. Everything carries ETag and
Last-Modified and answers 304. Some links are decoys.

Corrections: a report with `corrected_by` in catalog.yml is listed twice by default, the later one as "…（更正）".
With a revision, the original's address serves the original (1) or, silently, the corrected file (2); POST /_revise goes
from 1 to 2.

    python include/samples/portal.py --port 8765 [--revision 1|2]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from samples.portal_site import COLUMNS, DOCUMENTS, Portal

LOOPBACK = "127.0.0.1"
PORT = 8765


class Handler(BaseHTTPRequestHandler):
    """Answers for one portal (the attribute `portal` of a subclass)."""

    protocol_version = "HTTP/1.1"
    server_version = "SamplePortal/1"
    wbufsize = 1 << 16  # head and body in one packet: two would wait for each other (Nagle, delayed ACK)
    disable_nagle_algorithm = True
    portal: Portal

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: the collector logs every request."""

    def do_GET(self) -> None:
        """Serve an address, or 304 where the client has it."""
        found = self.portal.get(unquote(urlsplit(self.path).path))
        if found is None:
            self._send(404, b"<h1>404 Not Found</h1>", {"Content-Type": "text/html; charset=utf-8"})
            return
        changed = datetime.combine(found.changed, time(1), UTC)
        tag = f'"{hashlib.sha256(found.body).hexdigest()[:16]}"'
        headers = {"ETag": tag, "Last-Modified": format_datetime(changed, usegmt=True)}
        if self._has(tag, changed):
            self._send(304, b"", headers)
        else:
            self._send(200, found.body, {"Content-Type": found.content_type, **headers})

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        """Take POST /_revise."""
        self.rfile.read(min(int(self.headers.get("Content-Length") or 0), 65536))
        if self.path != "/_revise":
            self._send(404, b"{}", {"Content-Type": "application/json"})
            return
        try:
            self.portal.revise()
        except ValueError as error:
            self._send(409, json.dumps({"error": str(error)}).encode(), {"Content-Type": "application/json"})
        else:
            self._send(200, b'{"revision": 2}', {"Content-Type": "application/json"})

    def _has(self, tag: str, changed: datetime) -> bool:
        """Tell whether the client has this content; its tag, if it sends one, decides (RFC 9110, 13.2.2)."""
        known, since = self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since")
        if known is not None:
            return known == tag
        try:
            return since is not None and parsedate_to_datetime(since) >= changed
        except (ValueError, TypeError):
            return False

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and status != 304:
            self.wfile.write(body)


@dataclass(frozen=True)
class Running:
    """A portal that is being served.

    Attributes:
        url: Base address, e.g. "http://127.0.0.1:8765".
        portal: The site.
        wait: Returns when the server has stopped.
    """

    url: str
    portal: Portal
    wait: Callable[[], None]


@contextmanager
def serve(port: int = 0, documents: Path = DOCUMENTS, revision: int | None = None) -> Iterator[Running]:
    """Serve the portal in a thread; yields its base address, stops on leaving.

    Args:
        port: Port on loopback, 0 for any free one.
        documents: Folder with catalog.yml.
        revision: See `Portal`.
    """
    portal = Portal(documents, revision)
    handler = type("BoundHandler", (Handler,), {"portal": portal})
    server = ThreadingHTTPServer((LOOPBACK, port), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="sample-portal", daemon=True)
    thread.start()
    try:
        yield Running(f"http://{LOOPBACK}:{server.server_address[1]}", portal, thread.join)
    finally:
        server.shutdown()
        server.server_close()


def main() -> None:
    """Serve until interrupted."""
    summary, _, rest = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        description=summary, epilog=rest, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--documents", type=Path, default=DOCUMENTS)
    parser.add_argument("--revision", type=int, choices=(1, 2))
    given = parser.parse_args()
    with serve(given.port, given.documents, given.revision) as running:
        count = sum(len(running.portal.items(column)) for column in COLUMNS)
        print(f"{count} reports on {running.url}/", flush=True)
        try:
            running.wait()
        except KeyboardInterrupt:
            print("stopped")


if __name__ == "__main__":
    main()
