"""Red seals of a scan in colour: what they cover is read as if they were not there."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gongkai.documents.scan_page import Grey

_COARSE = 8
_RED, _REDDISH = 45, 15
_SMALLEST, _LARGEST = 0.06, 0.4
_SQUARE = 1.8


def grey_without_seals(picture: NDArray[np.uint8]) -> Grey:
    """Return a picture in grey, red seals left out; black print under them stays.

    A seal is told by its colour and its shape: about as wide as high, a tenth to a third of the page wide (seals of
    agencies measure 38 to 45 mm). Red print of other shapes stays, such as the agency in the head of a document.

    Args:
        picture: Rows, columns and red, green, blue.
    """
    import cv2

    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    small = cv2.resize(
        picture, (max(1, grey.shape[1] // _COARSE), max(1, grey.shape[0] // _COARSE)), interpolation=cv2.INTER_AREA
    ).astype(np.int16)
    red = (small[..., 0] - small[..., 1:].max(axis=2) > _RED // 2).astype(np.uint8)
    if not red.any():
        return grey
    near: Any = cv2.morphologyEx(red, cv2.MORPH_CLOSE, np.ones((5, 5), dtype=np.uint8))
    boxes: Any = cv2.connectedComponentsWithStats(near, connectivity=8)[2][1:]
    for x, y, width, height, _ in boxes.tolist():
        low, high = sorted((width, height))
        if high > _SQUARE * low or not _SMALLEST * small.shape[1] <= low <= high <= _LARGEST * small.shape[1]:
            continue
        part = (
            slice(max(0, (y - 1) * _COARSE), (y + height + 1) * _COARSE),
            slice(max(0, (x - 1) * _COARSE), (x + width + 1) * _COARSE),
        )
        _bleach(grey[part], picture[part])
    return grey


def _bleach(grey: Grey, picture: NDArray[np.uint8]) -> None:
    """Show red as paper: in red light red ink is as light as paper, and black stays black."""
    light = picture[..., 0].astype(np.float32)
    redness = light - picture[..., 1:].max(axis=2)
    ink = light[redness > _RED]
    if not ink.size:
        return
    shown = np.clip(light * (255.0 / max(float(np.percentile(ink, 25)), 1.0)), 0, 255)
    grey[:] = np.where(redness > _REDDISH, shown, grey).astype(np.uint8)
