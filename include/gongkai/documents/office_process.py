"""One LibreOffice as a process of its own: found, started without network and with a profile of its own, ended.

What it is told and how it answers is said in `office_worker.py`, the program that holds it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

from gongkai.errors import DamagedDocumentError, UnsupportedFormatError

_START_SECONDS = 60.0
_BINARIES = ("/usr/lib/libreoffice/program/soffice.bin", "/usr/lib64/libreoffice/program/soffice.bin")
_PYTHONS = ("/usr/bin/python3",)
_FILTERS = {"rtf": "Rich Text Format", "wordml": "MS Word 2003 XML"}
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
{items}
</oor:items>
"""
_ITEM = (
    '<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
)
_SETTINGS = (
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Recovery/AutoSave", "Enabled", "false"),
    ("Office.Recovery/RecoveryInfo", "Enabled", "false"),
    ("Office.Writer/Content/Update", "Link", "0"),
    ("Office.Java/VirtualMachine", "Enable", "false"),
    ("Office.Common/Misc", "FirstRun", "false"),
)


class OfficeEndedError(Exception):
    """The worker ended without an answer."""


class OfficeProcess:
    """One worker with one LibreOffice.

    Raises:
        UnsupportedFormatError: LibreOffice cannot be started.
    """

    def __init__(self, binary: str, python: str) -> None:
        self.pid, self.files = os.getpid(), 0
        self.folder = Path(tempfile.mkdtemp(prefix="gongkai-office-"))
        user = self.folder / "profile" / "user"
        user.mkdir(parents=True)
        items = "\n".join(_ITEM.format(path=path, name=name, value=value) for path, name, value in _SETTINGS)
        (user / "registrymodifications.xcu").write_text(_PROFILE.format(items=items), encoding="utf-8")
        worker = str(Path(__file__).with_name("office_worker.py"))
        self._process = subprocess.Popen(  # noqa: S603  a fixed program, nothing of a document on its command line
            [*_without_network(), python, "-I", worker, binary, str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.folder), "LANG": "C.UTF-8"},
            start_new_session=True,
        )
        try:
            started = self._answer(_START_SECONDS)
        except (OfficeEndedError, TimeoutError) as error:
            self.kill()
            raise missing_office(f"LibreOffice does not start ({type(error).__name__})") from error
        if not started.get("ok"):
            self.kill()
            raise missing_office(str(started.get("error")))

    def convert(self, data: bytes, form: str, seconds: float) -> bytes:
        """Return the docx that LibreOffice makes of a file.

        Raises:
            TimeoutError: It took too long.
            OfficeEndedError: LibreOffice crashed.
            DamagedDocumentError: LibreOffice cannot read it.
        """
        self.files += 1
        suffix = "xml" if form == "wordml" else form
        source, target = self.folder / f"in{self.files}.{suffix}", self.folder / f"out{self.files}.docx"
        source.write_bytes(data)
        task = {"source": str(source), "target": str(target), "filter": _FILTERS.get(form, "")}
        assert self._process.stdin is not None, "opened as a pipe"
        try:
            self._process.stdin.write(json.dumps(task).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise OfficeEndedError from error
        try:
            answer = self._answer(seconds)
            if not answer.get("ok"):
                raise DamagedDocumentError(
                    "LibreOffice cannot read the file",
                    where=form,
                    found=answer.get("error"),
                    do="open it and save it as docx",
                )
            return target.read_bytes()
        finally:
            source.unlink(missing_ok=True)
            target.unlink(missing_ok=True)

    def _answer(self, seconds: float) -> dict[str, object]:
        assert self._process.stdout is not None, "opened as a pipe"
        pipe, line, end = self._process.stdout.fileno(), b"", time.monotonic() + seconds
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([pipe], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                raise TimeoutError
            chunk = os.read(pipe, 65_536)
            if not chunk:
                raise OfficeEndedError
            line += chunk
        answer: dict[str, object] = json.loads(line)
        return answer

    def close(self) -> None:
        """Let the worker end its LibreOffice; a worker that does not is killed."""
        if self.pid != os.getpid():  # inherited by fork: it is the parent's
            return
        with contextlib.suppress(OSError):
            assert self._process.stdin is not None, "opened as a pipe"
            self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def kill(self) -> None:
        """End the worker and LibreOffice at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@cache
def find_office() -> tuple[str, str]:
    """Return the program of LibreOffice, and a Python that has its bindings.

    Raises:
        UnsupportedFormatError: One of them is not installed.
    """
    link = shutil.which("soffice") or shutil.which("libreoffice")
    beside = [str(Path(link).resolve().parent / "soffice.bin")] if link else []
    binary = next((path for path in (*beside, *_BINARIES) if Path(path).is_file()), None)
    if binary is None:
        raise missing_office("no soffice.bin")
    for python in (str(Path(binary).parent / "python"), *_PYTHONS):
        if not Path(python).is_file():
            continue
        check = subprocess.run([python, "-I", "-c", "import uno"], capture_output=True, check=False)  # noqa: S603
        if check.returncode == 0:
            return binary, python
    raise missing_office("no Python with the module uno")


@cache
def _without_network() -> tuple[str, ...]:
    """A prefix that runs a program without any network, where this kernel allows it."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return ()
    prefix = (unshare, "--map-root-user", "--net")
    works = subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0  # noqa: S603
    return prefix if works else ()


def missing_office(found: str) -> UnsupportedFormatError:
    """The error that says what LibreOffice lacks, and what to do."""
    return UnsupportedFormatError(
        "this format is read through LibreOffice, which is not there",
        found=found,
        expected="LibreOffice Writer and its Python bindings",
        do="run `make office`",
    )
