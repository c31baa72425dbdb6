"""Reads a document of any format that has a reader."""

from __future__ import annotations

from gongkai.documents.companions import Companions, none
from gongkai.documents.model import Document
from gongkai.documents.sniff import ARCHIVES, PICTURES, sniff
from gongkai.errors import DocumentError, LimitError, UnsupportedFormatError
from gongkai.settings import Limits, get_settings


def read(data: bytes, name: str = "", limits: Limits | None = None, companions: Companions = none) -> Document:
    """Read a document: check its size, tell its format from its content, call the reader.

    Args:
        data: The whole file.
        name: File name or address, for messages and to break ties between txt and md.
        limits: How much is read before the document is refused; default from the settings.
        companions: Gives files that came with it: the pictures of a web page.

    Raises:
        EmptyDocumentError: There is nothing in it.
        LimitError: It is larger or deeper than `limits`.
        UnsupportedFormatError: No reader for its format.
        DamagedDocumentError: It is cut off or corrupt.
    """
    limits = limits or get_settings().limits
    if len(data) > limits.file_bytes:
        raise LimitError(
            "the file is too large",
            where=name,
            found=f"{len(data)} bytes",
            expected=f"at most {limits.file_bytes}",
            do="raise GONGKAI_LIMIT_FILE_BYTES if the document is genuine",
        )
    try:
        return _read_as(sniff(data, name), data, limits, companions)
    except DocumentError as error:
        error.where = error.where or name
        raise


def _read_as(format_: str, data: bytes, limits: Limits, companions: Companions) -> Document:
    if format_ == "pdf":
        from gongkai.documents.pdf import read_pdf

        document = read_pdf(data, limits)
        if b"/Image" in data or any("no text layer" in warning for warning in document.warnings):
            from gongkai.documents.scan_pdf import add_scanned

            return add_scanned(document, data, limits)
        return document
    if format_ == "docx":
        from gongkai.documents.docx import read_docx

        return read_docx(data, limits)
    if format_ == "doc":
        return _read_doc(data, limits)
    if format_ == "odt":
        from gongkai.documents.odt import read_odt

        return read_odt(data, limits)
    if format_ == "ofd":
        from gongkai.documents.ofd import read_ofd

        return read_ofd(data, limits)
    if format_ in ("rtf", "wps", "wordml"):
        from gongkai.documents.office import read_by_office

        return read_by_office(data, format_, limits)
    if format_ in PICTURES:
        from gongkai.documents.picture import read_picture

        return read_picture(data, format_, limits)
    if format_ in ARCHIVES:
        raise UnsupportedFormatError(
            "an archive is no document", found=format_, expected="a member of it", do="unpack it, or let extract do so"
        )
    if format_ == "html":
        from gongkai.documents.html import read_html

        return read_html(data, limits, companions)
    if format_ == "mhtml":
        from gongkai.documents.mhtml import read_mhtml

        return read_mhtml(data, limits)
    if format_ == "md":
        from gongkai.documents.markdown import read_md

        return read_md(data, limits)
    from gongkai.documents.text import read_txt

    return read_txt(data, limits)


def _read_doc(data: bytes, limits: Limits) -> Document:
    """Read a Word file: since Word 97 by our own reader, older ones through LibreOffice where it is installed."""
    from gongkai.documents.word97 import read_doc

    try:
        return read_doc(data, limits)
    except UnsupportedFormatError as error:
        if not str(error.found).startswith("nFib"):  # encrypted: no program reads it
            raise
        from gongkai.documents import office

        if not office.available():
            error.do += ", or run `make office`: LibreOffice reads files of Word 95"
            raise
        return office.read_by_office(data, "doc", limits)
