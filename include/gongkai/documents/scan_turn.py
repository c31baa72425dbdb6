"""Which way up a scanned page is: by how well a few of its lines can be read."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gongkai.documents.ocr import Recogniser
from gongkai.documents.scan_cells import crop
from gongkai.documents.scan_lines import Box, ink_of, line_boxes, pieces, print_size
from gongkai.documents.scan_page import Grey, straighten
from gongkai.documents.scan_rules import find_ruled_tables
from gongkai.errors import LimitError

UPRIGHT = 0.85
"""Mean certainty from which a page is not doubted: upright scans of the samples reach 0.95 to 1.00, turned ones 0.14
to 0.79."""

_LINES = 10
_SHORTEST, _LONGEST = 2.5, 12.0
_SQUEEZE = 0.6
_BETTER = 1.4
_LEAST = 0.6
_MOST_CELLS = 20_000


def turned(grey: Grey, turn: int) -> Grey:
    """Return a picture turned by `turn` quarters of a circle, counterclockwise."""
    return np.ascontiguousarray(np.rot90(grey, turn)) if turn else grey


def find_turn(grey: Grey, scale: float, unit: float, reader: Recogniser) -> int:
    """Return by how many quarters, counterclockwise, a page must be turned to be read; 0 if no turn reads better.

    Takes about a second: for pages that were read with doubt.

    Args:
        grey: The page as rendered.
        scale: Pixels a point.
        unit: Pixels a point of an A4 page.
        reader: Reads lines.
    """
    found = [_legibility(turned(grey, turn), scale, unit, reader) for turn in range(4)]
    best = max(range(4), key=found.__getitem__)
    return best if best and found[best] >= max(_LEAST, _BETTER * found[0]) else 0


def _legibility(grey: Grey, scale: float, unit: float, reader: Recogniser) -> float:
    """How much of some lines can be read: certain characters for each character that has room.

    Certainty alone does not do: single characters on their side are read well. Upright pages of the samples reach 0.9
    to 1.1, others 0.03 to 0.5.
    """
    page = straighten(grey, scale, unit)
    try:
        _, rest = find_ruled_tables(page, most_cells=_MOST_CELLS, where="")
    except LimitError:
        return 0.0
    boxes = sorted(_lines(rest, unit, print_size(page, rest)), key=lambda box: box[0] - box[2])[:_LINES]
    boxes = [(x0, top, min(x1, x0 + round(_LONGEST * (bottom - top))), bottom) for x0, top, x1, bottom in boxes]
    room = sum((x1 - x0) / (bottom - top) for x0, top, x1, bottom in boxes)
    readings = reader.read([crop(page.grey, box, box[3] - box[1], 0.12) for box in boxes], squeeze=_SQUEEZE)
    return sum(sum(reading.probabilities) for reading in readings) / room if room else 0.0


def _lines(rest: Grey, unit: float, size: float) -> Iterator[Box]:
    """Yield pieces of lines about as high as a character."""
    height, width = rest.shape
    ink = ink_of(rest, (0, 0, width, height), unit)
    for line in line_boxes(ink, size, rest):
        for box in pieces(line, ink, size):
            across = box[3] - box[1]
            if 0.5 * size <= across <= 2.5 * size and box[2] - box[0] >= _SHORTEST * across:
                yield box
