"""Pictures on the pages of a PDF, and text laid over them that is not shown: the work of somebody's recognition."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pypdfium2 import raw

from gongkai.documents import pdf_native as native
from gongkai.documents.model import BBox
from gongkai.documents.pdf_chars import Frame, page_frame

_PICTURE = re.compile(rb"/Subtype\s*/Image\b")
_UNSHOWN = (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
_MOST_OBJECTS, _MOST_PICTURES, _FORM_DEPTH = 20_000, 1_000, 8
_TOUCH = 2.0
_COVER = 0.5
_FEW_CHARS = 60
_WIDE, _HIGH = 150.0, 36.0


@dataclass(frozen=True, slots=True)
class Layers:
    """What a page shows as pictures, and what text it hides.

    Attributes:
        number: The page, from 1.
        pictures: Boxes of its larger pictures, as shown; pieces that touch (strips, tiles) are one.
        share: Share of the page that pictures cover, 0 to 1.
        shown: Number of characters that are shown.
        hidden: The other text: invisible, or under a picture.
    """

    number: int
    pictures: tuple[BBox, ...]
    share: float
    shown: int
    hidden: str

    @property
    def is_scan(self) -> bool:
        """True where the page is a picture with no more text of its own than a page number or a scanner's mark."""
        return self.share >= _COVER and self.shown <= _FEW_CHARS


def has_pictures(data: bytes) -> bool:
    """Tell whether a PDF holds pictures: their dictionaries are never packed."""
    return _PICTURE.search(data) is not None


def layers_of(data: bytes, pages: int) -> list[Layers]:
    """Return the pages of a PDF that show pictures of more than an icon's size, with what text they hide.

    Scanning programs lay text under the picture of a page, or over it and invisible, for searching. It holds the errors
    of their recognition, which nobody sees; what is shown is the picture.
    """
    found: list[Layers] = []
    with native.LOCK, native.open_document(data) as document:
        for number in range(1, pages + 1):
            with native.open_page(document, number - 1) as page:
                layers = _layers(page, number) if page else None
            if layers:
                found.append(layers)
    return found


def _layers(page: Any, number: int) -> Layers | None:
    frame = page_frame(page)
    pictures: list[tuple[int, BBox]] = []
    texts: list[tuple[int, Any, BBox]] = []
    count = raw.FPDFPage_CountObjects(page)
    objects = (raw.FPDFPage_GetObject(page, index) for index in range(min(count, _MOST_OBJECTS)))
    for order, (item, box) in enumerate(_flat(objects, frame, _FORM_DEPTH, native.IDENTITY)):
        if raw.FPDFPageObj_GetType(item) == raw.FPDF_PAGEOBJ_TEXT:
            texts.append((order, item, box))
        elif len(pictures) < _MOST_PICTURES:
            pictures.append((order, box))
    joined = _joined([box for _, box in pictures])
    large = tuple(box for box in joined if box[2] - box[0] >= _WIDE and box[3] - box[1] >= _HIGH)
    if not large:
        return None
    size = max(frame.width * frame.height, 1.0)
    covers = [(order, box) for order, box in pictures if _area(box) >= _COVER * size]
    shown, hidden = 0, []
    text_page = raw.FPDFText_LoadPage(page)
    for order, item, box in texts:
        text = _text(item, text_page)
        if raw.FPDFTextObj_GetTextRenderMode(item) in _UNSHOWN or any(
            after > order and _holds(cover, box) for after, cover in covers
        ):
            hidden.append(text)
        else:
            shown += len("".join(text.split()))
    if text_page:
        raw.FPDFText_ClosePage(text_page)
    share = min(sum(_area(_clipped(box, frame)) for box in joined) / size, 1.0)
    return Layers(number, large, share, shown, "\n".join(hidden))


def _flat(objects: Iterable[Any], frame: Frame, depth: int, outer: native.Matrix) -> Iterator[tuple[Any, BBox]]:
    """Yield the texts and pictures among objects, those inside forms as well, with their boxes on the page as shown."""
    for item in objects:
        kind = raw.FPDFPageObj_GetType(item)
        if kind == raw.FPDF_PAGEOBJ_FORM and depth:
            matrix = raw.FS_MATRIX()
            raw.FPDFPageObj_GetMatrix(item, matrix)
            inner = _compose((matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f), outer)
            count = min(max(raw.FPDFFormObj_CountObjects(item), 0), _MOST_OBJECTS)
            yield from _flat(map(raw.FPDFFormObj_GetObject, [item] * count, range(count)), frame, depth - 1, inner)
        elif kind in (raw.FPDF_PAGEOBJ_TEXT, raw.FPDF_PAGEOBJ_IMAGE):
            sides = [ctypes.c_float() for _ in range(4)]
            if raw.FPDFPageObj_GetBounds(item, *sides):
                x0, y0, x1, y1 = (side.value for side in sides)
                a, b, c, d, e, f = outer
                corners = [(a * x + c * y + e, b * x + d * y + f) for x in (x0, x1) for y in (y0, y1)]
                xs, ys = [x for x, _ in corners], [y for _, y in corners]
                yield item, frame.box(min(xs), min(ys), max(xs), max(ys))


def _compose(inner: native.Matrix, outer: native.Matrix) -> native.Matrix:
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _text(item: Any, text_page: Any) -> str:
    size = raw.FPDFTextObj_GetText(item, text_page, None, 0)
    if not 2 < size <= 1 << 16:
        return ""
    buffer = ctypes.create_string_buffer(size)
    raw.FPDFTextObj_GetText(item, text_page, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace")


def _area(box: BBox) -> float:
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)


def _clipped(box: BBox, frame: Frame) -> BBox:
    return max(box[0], 0.0), max(box[1], 0.0), min(box[2], frame.width), min(box[3], frame.height)


def _holds(outer: BBox, inner: BBox) -> bool:
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def _joined(boxes: list[BBox]) -> list[BBox]:
    """Join pictures that touch each other: strips and tiles of one."""
    joined: list[BBox] = []
    for box in sorted(boxes, key=lambda box: (box[1], box[0])):
        grown = box
        while near := next((other for other in joined if _touch(other, grown)), None):
            joined.remove(near)
            x0, top, x1, bottom = near
            grown = (min(x0, grown[0]), min(top, grown[1]), max(x1, grown[2]), max(bottom, grown[3]))
        joined.append(grown)
    return joined


def _touch(one: BBox, other: BBox) -> bool:
    return (
        one[0] <= other[2] + _TOUCH
        and other[0] <= one[2] + _TOUCH
        and one[1] <= other[3] + _TOUCH
        and other[1] <= one[3] + _TOUCH
    )
