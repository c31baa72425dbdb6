"""Explanations as HTML: one page a document, one index; what documents say is escaped, nothing comes from afar."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gongkai.documents.model import BBox
from gongkai.pipeline.explain_blocks import ShownBlock
from gongkai.pipeline.explain_view import Box, Mark, Spot, ValueTable

_FOLDER = Path(__file__).parent / "explain_page"
_TYPE = 4.5
"""Size of codes in the boxes, in points of the page."""
_WIDTH_OF_TYPE = 0.61


@dataclass(frozen=True, slots=True)
class SheetBox:
    """A box of a value in points, with the size of its code and the place of its row's code."""

    spot: Spot
    x: float
    y: float
    w: float
    h: float
    size: float
    row_code: str
    row_x: float
    row_y: float
    row_anchor: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of the document: its pictures' names, its size in points, its boxes."""

    number: int
    plain: str
    drawn: str
    width: float
    height: float
    outlines: tuple[BBox, ...]
    boxes: tuple[SheetBox, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page of one document shows."""

    heading: str
    facts: tuple[tuple[str, str], ...]
    reason: str = ""
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    doubtful: tuple[Mark, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    blocks: tuple[ShownBlock, ...] = ()
    tables: tuple[ValueTable, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexLine:
    """A document in the index; `page` is the name of its page, "" where it has none."""

    file: str
    page: str
    agency: str = ""
    year: int | None = None
    template: str = ""
    format: str = ""
    values: int = 0
    doubtful: int = 0
    warnings: int = 0
    reason: str = ""


def sheet(
    number: int, names: tuple[str, str], size: tuple[float, float], outlines: Sequence[BBox], boxes: Sequence[Box]
) -> Sheet:
    """Lay out a page.

    Args:
        number: Page from 1.
        names: File names of the plain picture and of the one with the grid drawn in.
        size: Width and height in points.
        outlines: Boxes of its grids' cells in points.
        boxes: Boxes of its values.
    """
    rects = tuple(rect for rect in map(_rect, outlines) if rect)
    return Sheet(number, *names, *size, rects, tuple(found for found in map(_sheet_box, boxes) if found))


def _rect(bbox: BBox) -> BBox | None:
    """A box as x, y, width, height; None where the file gives no finite one."""
    if not all(map(math.isfinite, bbox)):
        return None
    x0, top, x1, bottom = bbox
    return round(x0, 1), round(top, 1), round(max(x1 - x0, 0.0), 1), round(max(bottom - top, 0.0), 1)


def _sheet_box(box: Box) -> SheetBox | None:
    rect = _rect(box.bbox)
    if rect is None:
        return None
    x, y, w, h = rect
    size = min(_TYPE, w / (_WIDTH_OF_TYPE * max(len(box.spot.code), 1) + 1), max(h / 3, 1.5))
    row = (x + 1, y + h + _TYPE, "start") if box.row_code_below else (x - 2, y + h - 1.5, "end")
    return SheetBox(box.spot, x, y, w, h, round(size, 1), box.row_code, *row)


def document_html(page: Page) -> bytes:
    """Write the page of one document (UTF-8)."""
    return _render("document.html", page=page)


def index_html(lines: Sequence[IndexLine]) -> bytes:
    """Write the index of all documents (UTF-8)."""
    return _render("index.html", lines=lines)


def _render(template: str, **values: Any) -> bytes:
    html = _environment().get_template(template).render(**values)
    return html.encode("utf-8", "replace")  # what a damaged file says may hold lone surrogates


@cache
def _environment() -> Environment:
    style, script = ((_FOLDER / name).read_text(encoding="utf-8") for name in ("style.css", "script.js"))
    environment = Environment(
        loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.globals.update(
        style=style,  # style and script are our own files, and stand in the pages unescaped
        script=script,
        policy=(
            f"default-src 'none'; img-src 'self' file:; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
            "base-uri 'none'; form-action 'none'"
        ),
    )
    return environment


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
