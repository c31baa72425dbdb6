"""A real headless Chromium that opens pages from disk: the DOM afterwards, the console, and what it asked for."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from gongkai.documents.pdf_fonts import font_folder

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--hide-scrollbars", "--disable-dev-shm-usage"),
)


@dataclass(frozen=True)
class Visit:
    """What a page came to: its DOM, errors of its console and addresses that it asked for."""

    dom: str
    console: list[str]
    requests: list[str]


def visit(url: str, work: Path, *, width: int = 1280, height: int = 900, dark: bool = False, shot: Path | None = None):
    """Open an address in a new profile below `work`, let its scripts settle, and say what happened."""
    work.mkdir(parents=True, exist_ok=True)
    fonts = work / "fonts.conf"
    fonts.write_text(
        f"<fontconfig><dir>{font_folder()}</dir><dir>/usr/share/fonts</dir><cachedir>{work}/fc</cachedir></fontconfig>"
    )
    log = work / "net.json"
    options = [f"--user-data-dir={work / 'profile'}", f"--log-net-log={log}", "--virtual-time-budget=5000"]
    options += [f"--window-size={width},{height}", "--enable-logging=stderr", "--v=0"]
    options += ["--blink-settings=preferredColorScheme=0"] if dark else []
    options += [f"--screenshot={shot}"] if shot else ["--dump-dom"]
    done = subprocess.run(
        [CHROMIUM, *QUIET, *options, url],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        env=os.environ | {"FONTCONFIG_FILE": str(fonts)},
    )
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    # The browser asks for things of its own; what a page asks for has the page as its initiator.
    asked = {
        url
        for line in log.read_text(encoding="utf-8").splitlines()
        if (found := re.search(r'"initiator":"([^"]+)".*"url":"([^"]+)"', line))
        for initiator, url in [found.groups()]
        if initiator != "not an origin"
    }
    return Visit(done.stdout, console, sorted(url for url in asked if not url.startswith(("file:", "data:", "about:"))))
