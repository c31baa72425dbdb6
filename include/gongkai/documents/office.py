"""One warm LibreOffice a process, which turns what has no reader of its own (rtf, Works, Word 95) into docx.

It is started on first need (about a second; a file then takes about a tenth of one), has a profile and a folder of its
own, no macros, no links, no network where the kernel lets us take it away, bounded memory and bounded time a file. It
is started anew after a crash, a hang and every `_FILES` files. The program that holds it (`office_worker.py`) ends it
when this process ends, however that happens.
"""

from __future__ import annotations

import atexit
import os
import threading
from dataclasses import replace

from gongkai.documents.digest import sha256_hex
from gongkai.documents.effort import Effort, begin
from gongkai.documents.model import Document
from gongkai.documents.office_process import OfficeEndedError, OfficeProcess, find_office
from gongkai.errors import DamagedDocumentError, LimitError, UnsupportedFormatError
from gongkai.settings import Limits

METHOD = "libreoffice+docx-xml"

_FILES = 300


class _Warm:
    """The LibreOffice of this process."""

    def __init__(self) -> None:
        self.office: OfficeProcess | None = None
        self.lock = threading.Lock()
        self.registered = False

    def get(self) -> OfficeProcess:
        if self.office is not None and self.office.pid != os.getpid():
            self.office = None
        if self.office is not None and self.office.files >= _FILES:
            self.office.close()
            self.office = None
        if self.office is None:
            binary, python = find_office()
            self.office = OfficeProcess(binary, python)
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
        find_office()
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
            except OfficeEndedError as error:
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
