"""Print that a scan hardly shows: faint marks beside what was taken for print, and strokes that were lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gongkai.documents.scan_lines import Box
from gongkai.documents.scan_page import Grey, PageImage

_FAINTEST, _GRAIN = 14.0, 8.0
_LONG = 0.3
_BROKEN, _LEAST = 0.08, 3


@dataclass(frozen=True, slots=True)
class Traces:
    """Marks that are darker than the paper but too faint for ink.

    Attributes:
        boxes: x0, top, x1, bottom of each that is large enough for a stroke.
    """

    boxes: NDArray[np.int64]

    def inside(self, region: Box) -> bool:
        """Tell whether one of them lies in a region."""
        x0, top, x1, bottom = region
        b = self.boxes
        return bool(np.any((b[:, 0] < x1) & (b[:, 2] > x0) & (b[:, 1] < bottom) & (b[:, 3] > top)))


def traces_of(page: PageImage, size: float) -> Traces:
    """Return the faint marks of a page, as lost strokes of print leave them.

    Args:
        page: The straight page.
        size: Height of a character in pixels.
    """
    import cv2

    soft = cv2.GaussianBlur(page.grey, (0, 0), 0.36 * page.unit)
    window = round(5 * page.unit) | 1
    darker: Any = cv2.subtract(cv2.morphologyEx(soft, cv2.MORPH_CLOSE, np.ones((window, window), np.uint8)), soft)
    reach = round(0.72 * page.unit) * 2 + 1
    near = cv2.dilate(page.ink, np.ones((reach, reach), dtype=np.uint8))
    paper = darker[::4, ::4][near[::4, ::4] == 0]
    middle = float(np.median(paper)) if paper.size else 0.0
    grain = 1.5 * float(np.median(np.abs(paper - middle))) if paper.size else 0.0
    faint = ((darker > max(_FAINTEST, middle + _GRAIN * grain)) & (near == 0)).astype(np.uint8)
    stats: Any = cv2.connectedComponentsWithStats(faint, connectivity=8)[2][1:]
    kept = stats[np.maximum(stats[:, 2], stats[:, 3]) >= _LONG * size].astype(np.int64)
    return Traces(np.stack([kept[:, 0], kept[:, 1], kept[:, 0] + kept[:, 2], kept[:, 1] + kept[:, 3]], axis=1))


def is_broken(text: str, strokes: int) -> bool:
    """Tell whether a figure consists of more strokes than its signs have: a digit has one, 件 at most four."""
    return strokes > sum(1 if char.isascii() else 4 for char in text)


def is_weak(broken: int, figures: int) -> bool:
    """Tell whether print lost strokes: many figures have fallen into pieces.

    In black-and-white scans of thin print three in ten are broken, in others none to two in a hundred.
    """
    return broken >= max(_LEAST, _BROKEN * figures)


def thickened(grey: Grey, unit: float) -> Grey:
    """Return print with its strokes thickened by about a point, so that small breaks close."""
    import cv2

    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(2, round(unit)),) * 2)
    return np.asarray(cv2.GaussianBlur(cv2.erode(grey, kernel), (0, 0), 0.3 * unit), dtype=np.uint8)
