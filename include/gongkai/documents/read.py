"""Reads a document of any format that has a reader."""

from __future__ import annotations

from gongkai.documents.model import Document
from gongkai.documents.sniff import sniff
from gongkai.errors import DocumentError, LimitError
from gongkai.settings import Limits, get_settings


def read(data: bytes, name: str = "", limits: Limits | None = None) -> Document:
    """Read a document: check its size, tell its format from its content, call the reader.

    Args:
        data: The whole file.
        name: File name or address, for messages and to break ties between txt and md.
        limits: How much is read before the document is refused; default from the settings.

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
        return _read_as(sniff(data, name), data, limits)
    except DocumentError as error:
        error.where = error.where or name
        raise


def _read_as(format_: str, data: bytes, limits: Limits) -> Document:
    if format_ == "pdf":
        from gongkai.documents.pdf import read_pdf

        document = read_pdf(data, limits)
        if any("no text layer" in warning for warning in document.warnings):
            from gongkai.documents.scan import add_scanned

            return add_scanned(document, data, limits)
        return document
    if format_ == "docx":
        from gongkai.documents.docx import read_docx

        return read_docx(data, limits)
    if format_ == "doc":
        from gongkai.documents.word97 import read_doc

        return read_doc(data, limits)
    if format_ == "html":
        from gongkai.documents.html import read_html

        return read_html(data, limits)
    if format_ == "md":
        from gongkai.documents.markdown import read_md

        return read_md(data, limits)
    from gongkai.documents.text import read_txt

    return read_txt(data, limits)
