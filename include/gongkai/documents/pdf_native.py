"""The few pdfium calls that reading a PDF needs, bound so that a whole page is fetched by one `map`.

pypdfium2's own bindings check every argument and wrap every pointer, which costs more than pdfium's work for calls
made once a character (3,548 characters in corpus/real/szfgs2024.pdf). Here handles are plain integers and results land
in one buffer: a character's box costs 0.35 microseconds.
"""

from __future__ import annotations

import ctypes
import math
import struct
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat
from typing import Any

from pypdfium2 import raw

from gongkai.documents.pdf_fonts import use_own_fonts
from gongkai.errors import DamagedDocumentError, DocumentError, UnsupportedFormatError

use_own_fonts()

LOCK = threading.RLock()
"""pdfium is not thread-safe: whoever reads holds this lock."""

OBJECT_TEXT, OBJECT_PATH, OBJECT_IMAGE, OBJECT_FORM = 1, 2, 3, 5
"""Kinds of page objects (fpdf_edit.h)."""

_INT, _UINT, _PTR, _FLOAT = ctypes.c_int, ctypes.c_uint, ctypes.c_void_p, ctypes.c_float


def _address(pointer: Any) -> int:
    return int(ctypes.cast(pointer, _PTR).value or 0)


def bind(function: Any, result: Any, *arguments: Any) -> Any:
    """Return a function of pdfium that takes and gives plain numbers."""
    # PYFUNCTYPE keeps the GIL: these calls take less time than to give it up and take it again.
    return ctypes.PYFUNCTYPE(result, *arguments)(_address(function))


_get_loose_box = bind(raw.FPDFText_GetLooseCharBox, _INT, _PTR, _INT, _PTR)
_get_char_matrix = bind(raw.FPDFText_GetMatrix, _INT, _PTR, _INT, _PTR)
_get_unicode = bind(raw.FPDFText_GetUnicode, _UINT, _PTR, _INT)
_get_text = bind(raw.FPDFText_GetText, _INT, _PTR, _INT, _INT, _PTR)
_get_object = bind(raw.FPDFPage_GetObject, _PTR, _PTR, _INT)
_get_form_object = bind(raw.FPDFFormObj_GetObject, _PTR, _PTR, ctypes.c_ulong)
_get_type = bind(raw.FPDFPageObj_GetType, _INT, _PTR)
_get_matrix = bind(raw.FPDFPageObj_GetMatrix, _INT, _PTR, _PTR)
_get_bounds = bind(raw.FPDFPageObj_GetBounds, _INT, _PTR, _PTR, _PTR, _PTR, _PTR)
_get_fill = bind(raw.FPDFPageObj_GetFillColor, _INT, _PTR, _PTR, _PTR, _PTR, _PTR)
_get_stroke = bind(raw.FPDFPageObj_GetStrokeColor, _INT, _PTR, _PTR, _PTR, _PTR, _PTR)
_get_width = bind(raw.FPDFPageObj_GetStrokeWidth, _INT, _PTR, _PTR)
_get_draw_mode = bind(raw.FPDFPath_GetDrawMode, _INT, _PTR, _PTR, _PTR)
_count_chars = bind(raw.FPDFText_CountChars, _INT, _PTR)
_count_form_objects = bind(raw.FPDFFormObj_CountObjects, _INT, _PTR)
_count_segments = bind(raw.FPDFPath_CountSegments, _INT, _PTR)
_get_segment = bind(raw.FPDFPath_GetPathSegment, _PTR, _PTR, _INT)
_get_segment_type = bind(raw.FPDFPathSegment_GetType, _INT, _PTR)
_get_segment_close = bind(raw.FPDFPathSegment_GetClose, _INT, _PTR)
_get_segment_point = bind(raw.FPDFPathSegment_GetPoint, _INT, _PTR, _PTR, _PTR)

Matrix = tuple[float, float, float, float, float, float]
_ASLANT = 6.0
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

_floats = (_FLOAT * 8)()
_at = [ctypes.addressof(_floats) + 4 * index for index in range(8)]
_ints = (_UINT * 4)()
_int_at = [ctypes.addressof(_ints) + 4 * index for index in range(4)]


@contextmanager
def open_document(data: bytes) -> Iterator[Any]:
    """Open a PDF held in memory; the handle is closed on leaving.

    pdfium rebuilds a damaged cross reference table itself (mess 11 of the domain: WPS writes wrong ones).

    Raises:
        UnsupportedFormatError: the file asks for a password.
        DamagedDocumentError: pdfium finds no document in it.
    """
    handle = raw.FPDF_LoadMemDocument64(data, len(data), None)
    if not handle:
        raise _open_error(raw.FPDF_GetLastError(), len(data))
    try:
        yield handle
    finally:
        raw.FPDF_CloseDocument(handle)


def _open_error(code: int, size: int) -> DocumentError:
    if code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
        return UnsupportedFormatError(
            "the PDF is encrypted and asks for a password",
            expected="a PDF that opens without a password",
            do="ask the publisher for an open copy, or save one without protection and load that",
        )
    return DamagedDocumentError(
        "the PDF cannot be opened",
        found=f"{size} bytes without a readable page tree (pdfium error {code})",
        expected="a PDF",
        do="fetch it again; if it stays so, open it in a viewer and save a copy",
    )


def page_count(document: Any) -> int:
    """Return the number of pages."""
    return int(raw.FPDF_GetPageCount(document))


@contextmanager
def open_page(document: Any, index: int) -> Iterator[Any]:
    """Load a page, numbered from 0; yields None where pdfium cannot."""
    page = raw.FPDF_LoadPage(document, index)
    try:
        yield page or None
    finally:
        if page:
            raw.FPDF_ClosePage(page)


def page_box(page: Any) -> tuple[float, float, float, float]:
    """Return left, bottom, right, top of the visible part of a page in page space, before rotation."""
    rect = raw.FS_RECTF()
    raw.FPDF_GetPageBoundingBox(page, rect)
    return rect.left, rect.bottom, rect.right, rect.top


def page_turn(page: Any) -> int:
    """Return the rotation of a page, degrees clockwise."""
    return int(raw.FPDFPage_GetRotation(page)) % 4 * 90


@contextmanager
def open_text(page: Any) -> Iterator[int]:
    """Load the text of a page; yields its address, 0 where there is none."""
    text = raw.FPDFText_LoadPage(page)
    try:
        yield _address(text)
    finally:
        if text:
            raw.FPDFText_ClosePage(text)


def meta_text(document: Any, tag: str) -> str:
    """Return an entry of the document information, "" where it has none."""
    name = tag.encode("ascii")
    size = min(raw.FPDF_GetMetaText(document, name, None, 0), 4096)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    raw.FPDF_GetMetaText(document, name, buffer, size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace").strip("\x00 \t\r\n")


def char_count(text: int) -> int:
    """Return the number of characters of a text page, those included that pdfium generates."""
    return max(_count_chars(text), 0) if text else 0


def char_string(text: int, count: int) -> str:
    """Return all characters, one code point each, U+FFFD where the font does not say which."""
    buffer = (ctypes.c_ushort * (count + 1))()
    written = _get_text(text, 0, count, ctypes.addressof(buffer)) - 1
    if written == count:
        whole = bytes(buffer)[: 2 * count].decode("utf-16-le", "replace")
        if len(whole) == count and "\x00" not in whole:
            return whole
    codes = map(_get_unicode, repeat(text), range(count))
    return "".join(chr(code) if 0 < code < 0xD800 or 0xE000 <= code < 0x110000 else "\ufffd" for code in codes)


def loose_boxes(text: int, count: int) -> tuple[float, ...]:
    """Return left, top, right, bottom of every character in page space, y upwards, one after the other.

    The boxes are as high as the font size. pdfium leaves them without area for generated characters and for text that
    does not run along the x axis.
    """
    buffer = (_FLOAT * (4 * count))()
    base = ctypes.addressof(buffer)
    deque(map(_get_loose_box, repeat(text), range(count), range(base, base + 16 * count, 16)), maxlen=0)
    return struct.unpack(f"{4 * count}f", buffer)


def char_turn(text: int, index: int) -> int:
    """Return the direction in which a character is written: 0, 90, 180 or 270 degrees from the x axis upwards."""
    if not _get_char_matrix(text, index, _at[0]) or (_floats[1] == 0 and _floats[0] > 0):
        return 0
    return round(math.degrees(math.atan2(_floats[1], _floats[0])) / 90) * 90 % 360


def is_aslant(text: int, index: int) -> bool:
    """Tell whether a character is written neither along nor across the page."""
    if not _get_char_matrix(text, index, _at[0]):
        return False
    turn = math.degrees(math.atan2(_floats[1], _floats[0])) % 90
    return _ASLANT < turn < 90 - _ASLANT


def _matrix() -> Matrix:
    return (_floats[0], _floats[1], _floats[2], _floats[3], _floats[4], _floats[5])


def page_objects(page: Any) -> tuple[bytes, list[int]]:
    """Return the kinds and the addresses of what a page draws."""
    objects = list(map(_get_object, repeat(_address(page)), range(raw.FPDFPage_CountObjects(page))))
    return bytes(map(_get_type, objects)), objects


def form_objects(form: int) -> tuple[bytes, list[int]]:
    """Return the kinds and the addresses of what a form draws."""
    objects = list(map(_get_form_object, repeat(form), range(max(_count_form_objects(form), 0))))
    return bytes(map(_get_type, objects)), objects


def object_matrix(item: int) -> Matrix:
    """Return the matrix of a page object."""
    return _matrix() if _get_matrix(item, _at[0]) else IDENTITY


def object_bounds(item: int) -> tuple[float, float, float, float]:
    """Return left, bottom, right, top of a page object; zeros where pdfium knows none."""
    if not _get_bounds(item, *_at[:4]):
        return (0.0, 0.0, 0.0, 0.0)
    return (_floats[0], _floats[1], _floats[2], _floats[3])


def fill_color(item: int) -> tuple[int, int, int, int] | None:
    """Return red, green, blue, alpha of a fill; None for patterns and the like."""
    if not _get_fill(item, *_int_at):
        return None
    return (_ints[0], _ints[1], _ints[2], _ints[3])


def stroke_color(item: int) -> tuple[int, int, int, int] | None:
    """Return red, green, blue, alpha of a stroke; None for patterns and the like."""
    if not _get_stroke(item, *_int_at):
        return None
    return (_ints[0], _ints[1], _ints[2], _ints[3])


def stroke_width(item: int) -> float:
    """Return the line width of a path, in its own units."""
    return float(_floats[0]) if _get_width(item, _at[0]) else 0.0


def draw_mode(path: int) -> tuple[bool, bool]:
    """Return whether a path is filled and whether it is stroked."""
    if not _get_draw_mode(path, _int_at[0], _int_at[1]):
        return False, False
    return bool(_ints[0]), bool(_ints[1])


def path_segments(path: int, limit: int) -> Iterator[tuple[int, float, float, bool]]:
    """Yield kind (0 line, 1 curve, 2 move), x, y and "closes here" of at most `limit` segments."""
    for index in range(min(_count_segments(path), limit)):
        segment = _get_segment(path, index)
        _get_segment_point(segment, _at[0], _at[1])
        yield _get_segment_type(segment), _floats[0], _floats[1], bool(_get_segment_close(segment))
