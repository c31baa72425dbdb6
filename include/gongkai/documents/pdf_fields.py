"""What is filled into a PDF over its pages: values of form fields and text typed on top, which are no page content."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pypdfium2 import raw

from gongkai.documents.pdf_chars import Char, Frame
from gongkai.documents.pdf_unicode import plain

_MOST_FIELDS, _MOST_BYTES = 2000, 2000
_HIDDEN = 2 | 32
"""Flags of annotations that are not shown (PDF 32000-1, table 165): hidden, no view."""
_FONT = 9.0
_FILLS = 0.8


def field_chars(document: Any, page: Any, frame: Frame) -> list[Char]:
    """Return the characters of form fields and typed-in notes of a page, in the middle of their areas.

    Only text fields, choices and free text count: check boxes and comments hold no values of a report.

    Args:
        document: Handle of the document.
        page: Handle of the page.
        frame: How page space lies in the shown page.
    """
    count = min(raw.FPDFPage_GetAnnotCount(page), _MOST_FIELDS)
    if count < 1:
        return []
    chars: list[Char] = []
    with _forms(document) as forms:
        for index in range(count):
            annotation = raw.FPDFPage_GetAnnot(page, index)
            if not annotation:
                continue
            text = _text(forms, annotation)
            if text:
                area = raw.FS_RECTF()
                raw.FPDFAnnot_GetRect(annotation, area)
                chars += _set(plain(text), frame.box(area.left, area.bottom, area.right, area.top))
            raw.FPDFPage_CloseAnnot(annotation)
    return chars


@contextmanager
def _forms(document: Any) -> Iterator[Any]:
    config = raw.FPDF_FORMFILLINFO(version=2)
    handle = raw.FPDFDOC_InitFormFillEnvironment(document, config)
    try:
        yield handle
    finally:
        if handle:
            raw.FPDFDOC_ExitFormFillEnvironment(handle)


def _text(forms: Any, annotation: Any) -> str:
    if raw.FPDFAnnot_GetFlags(annotation) & _HIDDEN:
        return ""
    kind = raw.FPDFAnnot_GetSubtype(annotation)
    if kind == raw.FPDF_ANNOT_FREETEXT:
        return _string(lambda buffer, size: raw.FPDFAnnot_GetStringValue(annotation, b"Contents", buffer, size))
    shown = (raw.FPDF_FORMFIELD_TEXTFIELD, raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX)
    if kind != raw.FPDF_ANNOT_WIDGET or not forms or raw.FPDFAnnot_GetFormFieldType(forms, annotation) not in shown:
        return ""
    return _string(lambda buffer, size: raw.FPDFAnnot_GetFormFieldValue(forms, annotation, buffer, size))


def _string(get: Any) -> str:
    size = min(get(None, 0), _MOST_BYTES)
    if size <= 2:
        return ""
    words = (ctypes.c_ushort * (size // 2 + 1))()
    get(words, size)
    return bytes(words)[: size - 2].decode("utf-16-le", "replace").strip("\x00 \t\r\n")


def _set(text: str, area: tuple[float, float, float, float]) -> list[Char]:
    """Set text into an area, centred, every line by itself."""
    x0, top, x1, bottom = area
    lines = [line for line in text.replace("\r", "\n").split("\n") if line.strip()]
    chars: list[Char] = []
    high = min((bottom - top) / max(len(lines), 1), _FONT / _FILLS)
    size = _FILLS * high
    upper = (top + bottom - high * len(lines)) / 2 + (high - size) / 2
    for number, line in enumerate(lines):
        step = min(size, (x1 - x0) / len(line))
        left = (x0 + x1 - step * len(line)) / 2
        y = upper + number * high
        chars += [(left + at * step, y, left + (at + 1) * step, y + size, char) for at, char in enumerate(line)]
    return chars
