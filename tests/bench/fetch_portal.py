"""A portal for benchmarks, in a process of its own: list pages, reports with validators, one large file.

`python -m tests.bench.fetch_portal` prints its address and serves until its input ends. /times/ says when each request
came.
"""

from __future__ import annotations

import json
import socketserver
import sys
import threading
import time
from typing import ClassVar

PER_PAGE = 500
REPORTS = 1000
LARGE = 100 * 10**6
_ROW = "<tr>" + "<td>政府信息公开申请</td><td>12</td><td>0</td><td>3</td>" * 2 + "</tr>"
_PAGE = (
    "<!DOCTYPE html><html><head><meta charset=utf-8><title>{0}</title></head>"
    "<body><h1>{0}</h1><p>{1}</p><table>{2}</table></body></html>"
)
_TITLE = "云岭县第{}局2023年政府信息公开工作年度报告"


def listing(number: int, reports: int, base: str, per_page: int = PER_PAGE) -> str:
    """One page of links, which names how many there are."""
    numbers = range(number * per_page, min((number + 1) * per_page, reports))
    rows = "".join(f"<li><a href='{base}/report/{n}.html'>{_TITLE.format(n)}</a> 2024-01-20</li>" for n in numbers)
    pages = -(-reports // per_page)
    return f"<html><title>信息公开年报</title><script>var countPage = {pages};</script><ul>{rows}</ul></html>"


def report(number: str) -> str:
    """A page of some 20 KB."""
    return _PAGE.format(_TITLE.format(number), "本机关主动公开政府信息若干条。" * 60, _ROW * 80)


class Handler(socketserver.StreamRequestHandler):
    """HTTP/1.1 with keep-alive, as little of it as is needed: the portal must not be what is measured."""

    wbufsize = -1
    server: Server

    def setup(self) -> None:
        super().setup()
        self.request.setsockopt(6, 1, 1)  # TCP_NODELAY

    def handle(self) -> None:
        while line := self.rfile.readline():
            self.server.times.append(time.monotonic())
            path, headers = line.split()[1].decode(), {}
            while (header := self.rfile.readline()) not in {b"\r\n", b""}:
                name, _, value = header.decode("latin-1").partition(":")
                headers[name.lower()] = value.strip()
            self.answer(path, headers)
            self.wfile.flush()

    def answer(self, path: str, headers: dict[str, str]) -> None:
        _, kind, *rest = path.split("/")
        if kind == "times":
            self.send("200 OK", json.dumps(self.server.times).encode())
        elif kind == "robots.txt":
            self.send("404 Not Found", b"")
        elif kind == "large":
            self.wfile.write(f"HTTP/1.1 200 OK\r\nContent-Length: {LARGE}\r\n\r\n".encode())
            piece = b"%PDF" + bytes(10**6 - 4)
            for _ in range(LARGE // len(piece)):
                self.wfile.write(piece)
        elif headers.get("if-none-match") == f'"{path}"':
            self.send("304 Not Modified", b"", path)
        elif kind == "report":
            self.send("200 OK", report(rest[0]).encode(), path)
        elif kind == "whole":  # /whole/<reports>/: all links on one page, to a host that is gone
            self.send("200 OK", listing(0, int(rest[0]), "http://127.0.0.1:1", per_page=int(rest[0])).encode(), path)
        else:  # /<reports>/<port of the reports, or 0>/index_<page>.html
            port, name = rest
            number = int(name[6:].partition(".")[0]) if name.startswith("index_") else 0
            base = f"http://127.0.0.1:{port}" if port != "0" else ""
            self.send("200 OK", listing(number, int(kind), base).encode(), path)

    def send(self, status: str, body: bytes, tag: str = "") -> None:
        length = "" if status.startswith("304") else f"Content-Length: {len(body)}\r\n"
        etag = f'ETag: "{tag}"\r\n' if tag else ""
        self.wfile.write(f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\n{etag}{length}\r\n".encode() + body)


class Server(socketserver.ThreadingTCPServer):
    times: ClassVar[list[float]] = []
    daemon_threads = True
    request_queue_size = 64


if __name__ == "__main__":
    with Server(("127.0.0.1", 0), Handler) as server:
        print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()
