"""The process of LibreOffice: found or told to be missing, and ended when ours is gone."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.documents.office_making import needs_office, processes, rtf

from gongkai.documents import office, office_process
from gongkai.documents.read import read
from gongkai.errors import DamagedDocumentError, UnsupportedFormatError


@needs_office
def test_no_orphan_when_the_process_is_killed(tmp_path):
    """The program that holds LibreOffice ends it when ours is gone, whatever the reason."""
    script = (
        "import sys,time; from gongkai.documents import office; from gongkai.settings import Limits\n"
        "office.to_docx(sys.stdin.buffer.read(), 'rtf', Limits())\n"
        "print(office._warm.office.folder, flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdin.write(rtf("一"))
    process.stdin.close()
    folder = Path(process.stdout.readline().decode().strip())
    assert processes(folder)
    process.kill()
    process.wait()
    end = time.monotonic() + 15
    while time.monotonic() < end and (processes(folder) or folder.exists()):
        time.sleep(0.1)
    assert not processes(folder)
    assert not folder.exists()


STAND_IN = """#!{python}
import json, os, sys, time
print(json.dumps({{"ok": True}}), flush=True)
for line in sys.stdin:
    task = json.loads(line)
    data = open(task["source"], "rb").read()
    if data == b"crash":
        os._exit(1)
    if data == b"hang":
        time.sleep(60)
    if data == b"rubbish":
        print(json.dumps({{"error": "no document"}}), flush=True)
        continue
    open(task["target"], "wb").write(data + task["filter"].encode())
    print(json.dumps({{"ok": True}}), flush=True)
"""
"""Speaks as office_worker.py does, so that the talk with it is tested without LibreOffice."""


@pytest.fixture
def stand_in(tmp_path):
    program = tmp_path / "worker"
    program.write_text(STAND_IN.format(python=sys.executable))
    program.chmod(0o755)
    office = office_process.OfficeProcess("soffice", str(program))
    yield office
    office.close()
    assert not office.folder.exists()


def test_a_file_is_converted_and_nothing_of_it_stays(stand_in):
    assert stand_in.convert(b"text", "rtf", 10) == b"textRich Text Format"
    assert stand_in.convert(b"text", "wps", 10) == b"text"
    assert [path.name for path in stand_in.folder.iterdir() if path.is_file()] == []


def test_a_refusal_is_the_file_s_and_the_next_file_is_converted(stand_in):
    with pytest.raises(DamagedDocumentError, match="no document"):
        stand_in.convert(b"rubbish", "rtf", 10)
    assert stand_in.convert(b"text", "wps", 10) == b"text"


def test_a_hang_is_told_and_ended(stand_in):
    with pytest.raises(TimeoutError):
        stand_in.convert(b"hang", "rtf", 0.2)
    stand_in.kill()
    assert not processes(stand_in.folder) and not stand_in.folder.exists()


def test_a_crash_is_told(stand_in):
    with pytest.raises(office_process.OfficeEndedError):
        stand_in.convert(b"crash", "rtf", 10)


def test_without_libreoffice_the_message_says_what_to_do(monkeypatch):
    office_process.find_office.cache_clear()
    monkeypatch.setattr(office_process, "_BINARIES", ())
    monkeypatch.setattr(shutil, "which", lambda name: None)
    try:
        assert not office.available()
        with pytest.raises(UnsupportedFormatError, match="make office"):
            read(rtf("一"), "a.rtf")
    finally:
        office_process.find_office.cache_clear()
