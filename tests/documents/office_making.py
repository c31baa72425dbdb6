"""LibreOffice in tests: rich text for it to read, and the processes it has."""

from __future__ import annotations

from pathlib import Path

import pytest

from gongkai.documents import office

RTF = "{\\rtf1\\ansi\\ansicpg936 %s\\par {\\trowd\\cellx2000\\cellx4000 \\intbl a\\cell 3\\cell\\row}\\par}"

needs_office = pytest.mark.skipif(not office.available(), reason="LibreOffice is not installed; make office")


def rtf(text: str) -> bytes:
    return (RTF % "".join(f"\\u{ord(char)}?" for char in text)).encode()


def processes(folder: Path) -> list[int]:
    """Processes whose command line names a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes()
                state = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
            except OSError:
                continue
            if str(folder).encode() in line and state != "Z":
                found.append(int(entry.name))
    return found
