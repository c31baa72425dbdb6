"""Digits compared by their shape: which cells show the same picture, and does each look like others read alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gongkai.documents.scan_lines import Box, Ink
from gongkai.documents.scan_page import Grey

ALIKE = 0.92
"""Correlation from which two digits are the same. On the sample scans the nearest digit of another kind reaches 0.85
and the nearest of the same kind 0.93 to 1.00."""

SAME = 0.97
"""Correlation from which two cells show the same picture, so that one reading serves for both."""

_MARGIN = 0.06
_WIDTH, _HEIGHT = 20, 24

Shape = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters of a short line: boxes of strokes that overlap in x, and their normalised pictures."""

    boxes: tuple[Box, ...]
    shapes: tuple[Shape, ...]


def glyphs_of(grey: Grey, ink: Ink) -> Glyphs:
    """Cut a line into characters: strokes one above the other are of one character."""
    boxes: list[Box] = []
    for box in sorted(ink.strokes):
        if boxes and box[0] < boxes[-1][2]:
            last = boxes[-1]
            boxes[-1] = (last[0], min(last[1], box[1]), max(last[2], box[2]), max(last[3], box[3]))
        else:
            boxes.append(box)
    top = min((box[1] for box in boxes), default=0)
    bottom = max((box[3] for box in boxes), default=0)
    return Glyphs(tuple(boxes), tuple(_shape(grey, box, top, bottom) for box in boxes))


def same_pictures(items: Sequence[Glyphs]) -> list[int]:
    """Return for each item the index of the first one that shows the same picture (its own, if none does).

    Only lines of one character are compared; each is compared with the first of its kind, never by way of a third.
    """
    leaders: list[int] = []
    shapes: list[Shape] = []
    out: list[int] = []
    for index, item in enumerate(items):
        leader = index
        if len(item.shapes) == 1:
            if shapes:
                likeness = np.stack(shapes) @ item.shapes[0]
                best = int(np.argmax(likeness))
                if likeness[best] >= SAME:
                    leader = leaders[best]
            if leader == index:
                leaders.append(index)
                shapes.append(item.shapes[0])
        out.append(leader)
    return out


def kinds_apart(items: Sequence[Glyphs], texts: Sequence[str]) -> bool:
    """Tell whether single characters that were read differently also look different.

    Where they do not (coarse scans), one reading must not serve for several cells.
    """
    single = [(item.shapes[0], text) for item, text in zip(items, texts, strict=True) if len(item.shapes) == 1]
    if len(single) < 2:
        return True
    stack, kinds = np.stack([shape for shape, _ in single]), np.array([text for _, text in single])
    likeness = np.where(kinds[:, None] == kinds[None, :], -1.0, stack @ stack.T)
    return bool(likeness.max() < SAME - _MARGIN)


def confirmed(items: Sequence[Glyphs], texts: Sequence[str]) -> list[bool]:
    """Tell of each line of digits whether every digit looks like another one that was read alike, and like no other.

    This is a second opinion that does not ask the recogniser: a misread digit stands beside well-read ones of the
    digit it really is.

    Args:
        items: Characters of each line.
        texts: Their readings; a line whose reading has more or fewer characters is not confirmed.
    """
    shapes: list[Shape] = []
    labels: list[str] = []
    owners: list[int] = []
    for index, (item, text) in enumerate(zip(items, texts, strict=True)):
        if text.isdigit() and len(text) == len(item.shapes):
            shapes.extend(item.shapes)
            labels.extend(text)
            owners.extend([index] * len(text))
    out = [False] * len(items)
    if len(shapes) < 2:
        return out
    stack, kinds = np.stack(shapes), np.array(labels)
    sure = np.ones(len(items), dtype=bool)
    for start in range(0, len(stack), 512):  # bounded memory, however many digits
        part = slice(start, start + 512)
        likeness = stack[part] @ stack.T
        rows = np.arange(likeness.shape[0])
        likeness[rows, rows + start] = -1.0
        alike = kinds[part, None] == kinds[None, :]
        best = np.where(alike, likeness, -1.0).max(axis=1)
        other = np.where(alike, -1.0, likeness).max(axis=1)
        for row in np.flatnonzero((best < ALIKE) | (other > best - _MARGIN)).tolist():
            sure[owners[start + row]] = False
    for index in set(owners):
        out[index] = bool(sure[index])
    return out


def _shape(grey: Grey, box: Box, top: int, bottom: int) -> Shape:
    """The picture of a character, scaled to one size with its proportions kept, as a vector of length 1."""
    import cv2

    height = bottom - top
    middle, half = (box[0] + box[2]) / 2, height * _WIDTH / _HEIGHT / 2
    x0, x1 = max(0, round(middle - half) - 1), round(middle + half) + 1
    cut = grey[max(0, top - 1) : bottom + 1, x0:x1].astype(np.float32)
    left, right = max(0, box[0] - 1 - x0), max(0, box[2] + 1 - x0)
    paper = float(cut.max()) if cut.size else 255.0
    cut[:, :left] = paper  # neighbours
    cut[:, right:] = paper
    scaled = np.asarray(cv2.resize(cut, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA), dtype=np.float32).ravel()
    scaled -= scaled.mean()
    return scaled / (np.linalg.norm(scaled) + 1e-6)
