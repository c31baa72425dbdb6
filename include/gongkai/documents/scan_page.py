"""One page of a scan as a picture: rendered, turned straight, ink told from paper."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gongkai.documents.model import BBox

Grey = NDArray[np.uint8]
"""Rows and columns of a picture, 0 black to 255 white; of a mask, 0 or 255."""

DPI = 200
_A4 = 595.0 * 842.0
_MOST_PIXELS = 9_000_000
_STEEPEST = 3.0
_POINTS = 30_000
_SKEW_STEPS = ((0.25, _STEEPEST), (0.05, 0.25))
_LEAST_SKEW = 0.03
_WINDOW, _DARKER = 41, 22
_COARSE, _DARK_SHARE = 8, 0.72
_FAINT, _FULL, _MOST_GAIN = 115.0, 200.0, 6.0
_GRAIN = 5.0
_DARK, _EDGE, _MOST_EDGE = 110, 2.0, 0.4
_RULE, _NEAR = 41, np.ones((3, 3), dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class PageImage:
    """A straight page.

    Attributes:
        grey: The picture.
        ink: Where there is ink: 255, elsewhere 0.
        scale: Pixels a point.
        unit: Pixels a point of an A4 page: the same, but for pages whose size in points is out of proportion.
        skew: Degrees by which the page was turned to be straight.
        turn: Quarters of a circle, counterclockwise, by which it was turned before, to be upright.
    """

    grey: Grey
    ink: Grey
    scale: float
    unit: float
    skew: float
    turn: int = 0

    @property
    def sheets(self) -> float:
        """How many sheets of A4 the page is as large as, at least 1."""
        return max(1.0, self.grey.size / (self.unit**2 * _A4))

    def points(self, x0: float, top: float, x1: float, bottom: float) -> BBox:
        """Return the box in points of the page as it is shown, that is before it was turned upright and straight."""
        height, width = self.grey.shape
        angle = math.radians(self.skew)
        cos, sin, cx, cy = math.cos(angle), math.sin(angle), width / 2, height / 2
        corners = [
            (cx + (x - cx) * cos - (y - cy) * sin, cy + (x - cx) * sin + (y - cy) * cos)
            for x, y in ((x0, top), (x1, top), (x0, bottom), (x1, bottom))
        ]
        if self.turn == 1:
            corners = [(height - y, x) for x, y in corners]
        elif self.turn == 2:
            corners = [(width - x, height - y) for x, y in corners]
        elif self.turn == 3:
            corners = [(y, width - x) for x, y in corners]
        xs, ys = [x / self.scale for x, _ in corners], [y / self.scale for _, y in corners]
        return round(min(xs), 2), round(min(ys), 2), round(max(xs), 2), round(max(ys), 2)


def scale_for(width: float, height: float) -> tuple[float, float]:
    """Return pixels a point to render a page of this size with, and pixels a point of an A4 page.

    Some scanners write one point a pixel: such a page is taken for an A4 page of odd size.
    """
    area = max(width * height, 1.0)
    oversize = math.sqrt(area / _A4) if area > 2.5 * _A4 else 1.0
    scale = min(DPI / 72 / oversize, math.sqrt(_MOST_PIXELS / area))
    return scale, scale * oversize


def straighten(grey: Grey, scale: float, unit: float) -> PageImage:
    """Turn a page straight and tell ink from paper.

    Args:
        grey: The page as rendered.
        scale: Pixels a point.
        unit: Pixels a point of an A4 page.
    """
    import cv2

    grey = _strengthened(_without_edges(grey, unit))
    ink = _ink(grey, unit)
    skew = _skew(ink)
    if abs(skew) >= _LEAST_SKEW:
        height, width = grey.shape
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), skew, 1.0)
        paper = int(np.median(grey[::16, ::16]))
        grey = _as_grey(cv2.warpAffine(grey, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=paper))
        ink = _ink(grey, unit)
    else:
        skew = 0.0
    return PageImage(grey, ink, scale, unit, skew)


def _without_edges(grey: Grey, unit: float) -> Grey:
    """Return a page without the dark edges that a scanner sees beside the paper.

    They are dark, thicker than a rule, and reach the edge of the picture; left in, they join all lines into one.
    """
    import cv2

    thick = round(_EDGE * unit) | 1
    dark = (grey < _DARK).astype(np.uint8)
    padded: Any = cv2.copyMakeBorder(dark, thick, thick, thick, thick, cv2.BORDER_REPLICATE)
    core: Any = cv2.erode(padded, np.ones((thick, thick), dtype=np.uint8))[thick:-thick, thick:-thick]
    labels: Any
    count, labels = cv2.connectedComponents(np.ascontiguousarray(core), connectivity=8)
    touching = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    touching = touching[touching > 0]
    if count < 2 or not len(touching):
        return grey
    is_edge = np.zeros(count, dtype=np.uint8)
    is_edge[touching] = 1
    grown = 2 * thick + 1
    mask: Any = cv2.dilate(is_edge[labels], np.ones((grown, grown), dtype=np.uint8))
    if np.count_nonzero(mask) > _MOST_EDGE * mask.size:
        return grey  # a dark page
    clean = grey.copy()
    clean[mask > 0] = np.uint8(np.median(grey[::16, ::16]))
    return clean


def _strengthened(grey: Grey) -> Grey:
    """Return faint print as dark as common print is, on white paper; other pages as they are.

    How dark print is say its darkest strokes; grain of the paper and stains are no strokes.
    """
    import cv2

    height, width = grey.shape
    sample = cv2.GaussianBlur(grey, (0, 0), 1.0)[::2, ::2]
    darker = cv2.subtract(cv2.morphologyEx(sample, cv2.MORPH_CLOSE, np.ones((9, 9), dtype=np.uint8)), sample)
    middle = float(np.median(darker))
    grain = 1.5 * float(np.median(np.abs(darker - middle)))
    dark = cv2.threshold(darker, middle + max(8.0, _GRAIN * grain), 255, cv2.THRESH_BINARY)[1]
    for kernel in ((_RULE, 1), (1, _RULE)):  # rules may be dark where print is faint
        dark = cv2.subtract(dark, cv2.dilate(cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones(kernel, np.uint8)), _NEAR))
    print_ = darker[np.asarray(dark) > 0]
    if print_.size < 1e-4 * darker.size:
        return grey
    contrast = float(np.percentile(print_, 85)) - middle
    if contrast >= _FAINT:
        return grey
    gain = min(_FULL / contrast, _MOST_GAIN)
    soft = cv2.GaussianBlur(grey, (0, 0), 0.8) if gain * grain > 2.0 else grey
    level: Any = cv2.resize(_paper(grey), (width, height)).astype(np.float32) - middle
    return _as_grey(np.clip(255.0 - (level - soft) * gain, 0, 255).astype(np.uint8))


def _paper(grey: Grey) -> Any:
    """How light the paper is, at an eighth of the size."""
    import cv2

    height, width = grey.shape
    size = max(1, width // _COARSE), max(1, height // _COARSE)
    return cv2.dilate(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.ones((9, 9), dtype=np.uint8))


def _ink(grey: Grey, unit: float) -> Grey:
    """Ink is what is clearly darker than its surroundings, or than the paper near it: shadows and grey paper are not.

    The former finds faded print, the latter blurred rules close to bold print.
    """
    import cv2

    window = max(3, round(_WINDOW * unit * 72 / DPI)) | 1
    darker = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, window, _DARKER)
    height, width = grey.shape
    limit = cv2.resize((_paper(grey) * _DARK_SHARE).astype(np.uint8), (width, height))
    return _as_grey(cv2.bitwise_or(darker, cv2.compare(grey, limit, cv2.CMP_LT)))


def _skew(ink: Grey) -> float:
    """Degrees, clockwise positive, at which ink falls into the sharpest rows."""
    ys, xs = np.nonzero(ink)
    if len(xs) < 100:
        return 0.0
    step = max(1, len(xs) // _POINTS)
    x, y = xs[::step] - ink.shape[1] / 2, ys[::step].astype(np.float64)
    best = 0.0
    for width, reach in _SKEW_STEPS:
        angles = best + np.arange(-reach, reach + width / 2, width)
        best = float(max(angles, key=lambda angle: _sharpness(x, y, angle)))
    return best


def _sharpness(x: NDArray[np.float64], y: NDArray[np.float64], angle: float) -> float:
    rows = np.rint(y - x * math.tan(math.radians(angle))).astype(np.int64)
    counts = np.bincount(rows - rows.min())
    return float(np.sum(counts.astype(np.float64) ** 2))


def _as_grey(picture: Any) -> Grey:
    return np.asarray(picture, dtype=np.uint8)
