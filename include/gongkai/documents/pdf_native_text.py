"""The pdfium calls that tell whether the text of a page is seen."""

from __future__ import annotations

import ctypes
import math
import struct
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import repeat

from pypdfium2 import raw

from gongkai.documents.pdf_native import bind

_INT, _UINT, _PTR = ctypes.c_int, ctypes.c_uint, ctypes.c_void_p
_get_mode = bind(raw.FPDFTextObj_GetTextRenderMode, _INT, _PTR)
_get_text_object = bind(raw.FPDFText_GetTextObject, _PTR, _PTR, _INT)
_get_clip = bind(raw.FPDFPageObj_GetClipPath, _PTR, _PTR)
_count_clips = bind(raw.FPDFClipPath_CountPaths, _INT, _PTR)
_count_clip_segments = bind(raw.FPDFClipPath_CountPathSegments, _INT, _PTR, _INT)
_get_clip_segment = bind(raw.FPDFClipPath_GetPathSegment, _PTR, _PTR, _INT, _INT)
_get_fill = bind(raw.FPDFPageObj_GetFillColor, _INT, _PTR, _PTR, _PTR, _PTR, _PTR)
_get_point = bind(raw.FPDFPathSegment_GetPoint, _INT, _PTR, _PTR, _PTR)

_MOST_CLIPS = 64
_point = (ctypes.c_float * 2)()
_point_at = [ctypes.addressof(_point), ctypes.addressof(_point) + 4]


def render_modes(texts: Sequence[int]) -> list[int]:
    """Return the render mode of text objects: 3 and 7 draw nothing."""
    return list(map(_get_mode, texts))


def text_colors(texts: Sequence[int]) -> list[tuple[int, int, int, int]]:
    """Return red, green, blue, alpha of the fill of text objects; opaque black where pdfium knows none."""
    count = len(texts)
    buffer = (_UINT * (4 * count)).from_buffer_copy(b"\0\0\0\0\0\0\0\0\0\0\0\0\xff\0\0\0" * count)
    base = ctypes.addressof(buffer)
    places = [range(base + at, base + at + 16 * count, 16) for at in (0, 4, 8, 12)]
    deque(map(_get_fill, texts, *places), maxlen=0)
    return list(struct.iter_unpack("4I", buffer))


def clip_counts(texts: Sequence[int]) -> list[int]:
    """Return how many paths clip each object, none as 0 or less."""
    return list(map(_count_clips, map(_get_clip, texts)))


def clip_box(item: int) -> tuple[float, float, float, float] | None:
    """Return left, bottom, right, top of what the clip paths of an object leave, None where they leave nothing."""
    clip = _get_clip(item)
    box = (-math.inf, -math.inf, math.inf, math.inf)
    for path in range(min(_count_clips(clip), _MOST_CLIPS)):
        points = []
        for index in range(min(_count_clip_segments(clip, path), _MOST_CLIPS)):
            _get_point(_get_clip_segment(clip, path, index), *_point_at)
            points.append((_point[0], _point[1]))
        if not points:
            continue
        xs, ys = zip(*points, strict=True)
        box = (max(box[0], min(xs)), max(box[1], min(ys)), min(box[2], max(xs)), min(box[3], max(ys)))
    return box if box[0] < box[2] and box[1] < box[3] else None


def text_objects(text: int, indexes: Iterable[int]) -> list[int]:
    """Return the address of the object that each of some characters of a text page is part of."""
    return list(map(_get_text_object, repeat(text), indexes))
