"""One warm LibreOffice a process, which turns what has no reader of its own (rtf, Works, Word 95) into docx.

It is started on first need (about a second; a file then takes about a tenth of one), has a profile and a folder of its
own, no macros, no links, no network where the kernel lets us take it away, bounded memory and bounded time a file. It
is started anew after a crash, a hang and every `_FILES` files. The program that holds it (`office_worker.py`) ends it
when this process ends, however that happens.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import replace
from functools import cache
from pathlib import Path

from gongkai.documents.digest import sha256_hex
from gongkai.documents.effort import Effort, begin
from gongkai.documents.model import Document
from gongkai.errors import DamagedDocumentError, LimitError, UnsupportedFormatError
from gongkai.settings import Limits

METHOD = "libreoffice+docx-xml"

_FILES = 300
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


class _EndedError(Exception):
    """The worker ended without an answer."""


class _Office:
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
        except (_EndedError, TimeoutError) as error:
            self.kill()
            raise _missing(f"LibreOffice does not start ({type(error).__name__})") from error
        if not started.get("ok"):
            self.kill()
            raise _missing(str(started.get("error")))

    def convert(self, data: bytes, form: str, seconds: float) -> bytes:
        """Return the docx that LibreOffice makes of a file.

        Raises:
            TimeoutError: It took too long.
            _EndedError: LibreOffice crashed.
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
            raise _EndedError from error
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
                raise _EndedError
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


class _Warm:
    """The LibreOffice of this process."""

    def __init__(self) -> None:
        self.office: _Office | None = None
        self.lock = threading.Lock()
        self.registered = False

    def get(self) -> _Office:
        if self.office is not None and self.office.pid != os.getpid():
            self.office = None
        if self.office is not None and self.office.files >= _FILES:
            self.office.close()
            self.office = None
        if self.office is None:
            binary, python = _found()
            self.office = _Office(binary, python)
            if not self.registered:
                atexit.register(close)
                self.registered = True
        return self.office

    def drop(self) -> None:
        if self.office is not None:
            self.office.kill()
            self.office = None


_warm = _Warm()


def _renew_lock() -> None:
    """A child made by fork while a thread of its parent converts would wait for ever."""
    _warm.lock = threading.Lock()


os.register_at_fork(after_in_child=_renew_lock)


def available() -> bool:
    """Tell whether LibreOffice and a Python with its bindings are installed."""
    try:
        _found()
    except UnsupportedFormatError:
        return False
    return True


def close() -> None:
    """End the LibreOffice of this process, if there is one."""
    with _warm.lock:
        if _warm.office is not None:
            _warm.office.close()
            _warm.office = None


def to_docx(data: bytes, form: str, limits: Limits) -> bytes:
    """Convert a file to docx.

    Args:
        data: The file.
        form: "rtf", "doc", "wps" or "wordml".
        limits: `office_seconds` for the file, `file_bytes` for what comes out.

    Raises:
        UnsupportedFormatError: LibreOffice is not installed, or does not start.
        DamagedDocumentError: LibreOffice cannot read the file, or crashes on it, in a fresh one too.
        LimitError: It takes longer than `office_seconds`, or makes more than `file_bytes` of it.
    """
    with _warm.lock:
        for _ in range(2):
            begin(Effort.OFFICE)
            office = _warm.get()
            is_fresh = office.files == 0
            try:
                made = office.convert(data, form, limits.office_seconds)
                break
            except TimeoutError as error:
                _warm.drop()
                raise LimitError(
                    "LibreOffice takes too long",
                    where=form,
                    expected=f"at most {limits.office_seconds:g} s",
                    do="raise GONGKAI_LIMIT_OFFICE_SECONDS if the document is genuine",
                ) from error
            except _EndedError as error:
                _warm.drop()
                if is_fresh:
                    raise _crashed(form) from error
        else:
            raise _crashed(form)
    if len(made) > limits.file_bytes:
        raise LimitError(
            "LibreOffice makes too much of it",
            where=form,
            found=f"{len(made)} bytes",
            expected=f"at most {limits.file_bytes}",
        )
    return made


def read_by_office(data: bytes, form: str, limits: Limits) -> Document:
    """Read a file through LibreOffice and the reader of docx; paths are those in the docx.

    Raises:
        DocumentError: As `to_docx` and `read_docx` do.
    """
    from gongkai.documents.docx import read_docx

    document = read_docx(to_docx(data, form, limits), limits)
    meta = {key: value for key, value in document.meta.items() if key != "producer"}
    return replace(document, format=form, sha256=sha256_hex(data), meta=meta, method=METHOD)


def _crashed(form: str) -> DamagedDocumentError:
    return DamagedDocumentError("LibreOffice crashes on the file", where=form, do="open it and save it as docx")


@cache
def _found() -> tuple[str, str]:
    """Return the program of LibreOffice, and a Python that has its bindings."""
    link = shutil.which("soffice") or shutil.which("libreoffice")
    beside = [str(Path(link).resolve().parent / "soffice.bin")] if link else []
    binary = next((path for path in (*beside, *_BINARIES) if Path(path).is_file()), None)
    if binary is None:
        raise _missing("no soffice.bin")
    for python in (str(Path(binary).parent / "python"), *_PYTHONS):
        if not Path(python).is_file():
            continue
        check = subprocess.run([python, "-I", "-c", "import uno"], capture_output=True, check=False)  # noqa: S603
        if check.returncode == 0:
            return binary, python
    raise _missing("no Python with the module uno")


@cache
def _without_network() -> tuple[str, ...]:
    """A prefix that runs a program without any network, where this kernel allows it."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return ()
    prefix = (unshare, "--map-root-user", "--net")
    works = subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0  # noqa: S603
    return prefix if works else ()


def _missing(found: str) -> UnsupportedFormatError:
    return UnsupportedFormatError(
        "this format is read through LibreOffice, which is not there",
        found=found,
        expected="LibreOffice Writer and its Python bindings",
        do="run `make office`",
    )
