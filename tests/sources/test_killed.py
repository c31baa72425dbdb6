"""A collecting process that is killed at random moments: the archive stays whole and nothing finished is repeated."""

import hashlib
import json
import multiprocessing
import os
import random
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gongkai.archive.catalog import Catalog
from gongkai.archive.log import read_listings, read_requests
from gongkai.archive.provenance import read_provenance
from gongkai.archive.store import Archive
from gongkai.settings import Settings
from gongkai.sources.collect import collect

_REPORT = "<!DOCTYPE html><h1>云岭县第{0}局2023年政府信息公开工作年度报告</h1><p>主动公开政府信息若干条。</p>{1}"


class Portal(BaseHTTPRequestHandler):
    """Reports with ETags, each third with a file; notes what it has sent as a whole."""

    protocol_version = "HTTP/1.1"
    sent: list[tuple[str, int]]
    reports: int

    def log_message(self, *_args):
        pass

    def body(self):
        if self.path == "/":
            rows = (
                f"<li><a href='/{n}.html'>云岭县第{n}局2023年政府信息公开工作年度报告</a> 2024-01-20</li>"
                for n in range(self.reports)
            )
            return f"<html><title>信息公开年报</title><ul>{''.join(rows)}</ul></html>".encode()
        name, _, kind = self.path[1:].partition(".")
        if kind == "pdf":
            return b"%PDF-" + name.encode() * 20_000
        link = f"<div id=zoom><a href='/{name}.pdf'>附件</a></div>" if int(name) % 3 == 0 else ""
        return _REPORT.format(name, link).encode()

    def do_GET(self):
        time.sleep(0.002)
        body = self.body()
        tag = '"' + hashlib.sha256(body).hexdigest()[:16] + '"'
        status = 304 if self.headers.get("If-None-Match") == tag else 200
        try:
            self.send_response(status)
            self.send_header("ETag", tag)
            if status == 200:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if status == 200:
                self.wfile.write(body)
        except OSError:
            return
        self.sent.append((self.path, status))


@pytest.fixture
def portal(request):
    """Yields (address, what was sent)."""
    handler = type("Bound", (Portal,), {"sent": [], "reports": request.param})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", handler.sent
    server.shutdown()
    server.server_close()


def check_whole(folder: Path) -> set[str]:
    """Check that all that stands in an archive is whole; return the paths of the addresses that it knows."""
    archive = Archive(str(folder))
    for name in archive.names("documents"):
        sha256, _, rest = name.rpartition("/")[2].partition(".")
        if rest:
            assert json.loads(archive.read(name))["sha256"] == sha256
        else:
            assert hashlib.sha256(archive.get(sha256)).hexdigest() == sha256
    assert all(row.source == "test" for row in (*read_requests(archive), *read_listings(archive)))
    entries = Catalog.load(archive).entries()
    for entry in entries:
        assert archive.has(entry.sha256), "what the catalog names is there"
        assert entry.url in {one.url for one in read_provenance(archive, entry.sha256)}
    return {"/" + entry.url.rpartition("/")[2] for entry in entries}


@pytest.mark.parametrize(
    ("portal", "kills"), [(30, 2), pytest.param(120, 10, marks=pytest.mark.slow)], indirect=["portal"]
)
def test_a_run_killed_again_and_again_is_completed(portal, make_source, tmp_path, kills, request):
    reports = request.node.callspec.params["portal"]
    address, sent = portal
    settings = Settings(data=tmp_path)
    folder = Path(settings.archive)
    source = make_source(f"{address}/", politeness={"concurrency": 2})
    dice = random.Random(kills)

    def run(name):
        source_at_speed = source.model_copy(
            update={"politeness": source.politeness.model_copy(update={"requests_per_second": 1000.0})}
        )
        collect(source_at_speed, Archive(settings.archive), years=None, settings=settings, run_id=name)

    finished: set[str] = set()
    killed = 0
    while killed < kills:
        mark = len(sent)
        process = multiprocessing.get_context("fork").Process(target=run, args=(f"r{killed}",))
        process.start()
        enough = dice.randint(2, 14)
        while len(sent) < mark + enough and process.is_alive():
            time.sleep(0.001)
        process.join(dice.uniform(0.0, 0.02))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        killed += 1
        time.sleep(0.05)  # what was under way reaches the portal's log
        again = {path for path, status in sent[mark:] if status == 200} & finished
        assert again == set(), "no finished file is loaded again"
        finished |= check_whole(folder)
    assert 0 < len(finished) < reports * 4 / 3, "killed in the middle"

    mark = len(sent)
    run("last")
    assert {path for path, status in sent[mark:] if status == 200} & finished == set()
    known = check_whole(folder)
    assert len(known) == reports + reports // 3
    files = [path for path, status in sent if status == 200 and path != "/"]
    assert len(files) <= len(known) + 2 * kills, "a kill costs the requests under way at most"
    archive = Archive(settings.archive)
    # A page whose file was under way at a kill is revised: by the file.
    assert {row.fate for row in read_listings(archive, "last")} <= {"new", "unchanged", "revised"}
    names = [*archive.names("requests"), *archive.names("listings")]
    assert [name for name in names if not name.endswith(".parquet")] == [], "what was left is compacted"
