"""Small portals on loopback hosts of their own, with a log of what they were asked and faults to switch on."""

from __future__ import annotations

import hashlib
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FIRST_YEAR = 2018


@dataclass
class Asked:
    """One request as the portal saw it."""

    at: float
    path: str
    status: int


@dataclass
class Portal:
    """A column of reports, of the years from 2018 on in turn.

    Attributes:
        url: Its list.
        reports: How many it lists.
        delay: Seconds before each answer.
        status: Status of every answer, while it is not 0.
        text: Is in every report: change it and they are revised.
        asked: What it was asked and how it answered, when the answer was sent.
    """

    url: str
    reports: int
    delay: float = 0.0
    status: int = 0
    text: str = ""
    asked: list[Asked] = field(default_factory=list)

    def body(self, path: str) -> bytes:
        if path.partition("?")[0] == "/":
            rows = (f"<li><a href='/{n}.html'>{self.title(n)}</a> 2025-01-20</li>" for n in range(self.reports))
            return f"<html><title>信息公开年报</title><ul>{''.join(rows)}</ul></html>".encode()
        number = int(path[1:].partition(".")[0])
        page = f"<!DOCTYPE html><h1>{self.title(number)}</h1><p>{self.url}主动公开政府信息若干条{self.text}。</p>"
        return page.encode()

    def title(self, number: int) -> str:
        return f"云岭县第{number}局{FIRST_YEAR + number % 7}年政府信息公开工作年度报告"

    def paths(self, status: int = 0, since: int = 0) -> list[str]:
        """What was asked, of one status or of any."""
        return [one.path for one in self.asked[since:] if one.status == status or not status]


@contextmanager
def serve(host: int = 1, reports: int = 7, **faults):
    """Serve a portal on 127.0.0.<host>, at a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_args):
            pass

        def do_GET(self):
            time.sleep(portal.delay)
            body = portal.body(self.path) if not portal.status else b"<h1>no</h1>"
            tag = '"' + hashlib.sha256(body).hexdigest()[:16] + '"'
            status = portal.status or (304 if self.headers.get("If-None-Match") == tag else 200)
            try:
                self.send_response(status)
                self.send_header("ETag", tag)
                if status != 304:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if status != 304:
                    self.wfile.write(body)
            except OSError:
                return
            portal.asked.append(Asked(time.monotonic(), self.path, status))

    server = ThreadingHTTPServer((f"127.0.0.{host}", 0), Handler)
    server.daemon_threads = True
    portal = Portal(f"http://127.0.0.{host}:{server.server_address[1]}/", reports, **faults)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield portal
    finally:
        server.shutdown()
        server.server_close()


def add_source(folder: Path, name: str, url: str, *, rate: float = 1000, robots: bool = False, **more: str) -> None:
    """Write a source file for a list on loopback; further keys as YAML."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{key}: {value}" for key, value in more.items()]
    text = f"""
name: {name}
title: 年报
publisher: 云岭县人民政府
region: {{code: "900121", name: 云岭县}}
html_list: {{list_urls: ["{url}"]}}
allow_private: true
politeness: {{requests_per_second: {rate}, robots: {str(robots).lower()}}}
"""
    (folder / f"{name}.yml").write_text("\n".join([text.strip(), *lines, ""]), encoding="utf-8")
