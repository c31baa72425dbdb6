"""Reads pictures: files that are one, pages of a multi-page TIFF, and tables shown as pictures inside documents."""

from __future__ import annotations

import base64
import io
import math
import struct
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from gongkai.documents.digest import sha256_hex
from gongkai.documents.effort import Effort, begin
from gongkai.documents.model import Block, Document, Grid, TextBlock
from gongkai.documents.scan import METHOD, read_bitmaps
from gongkai.documents.scan_page import DPI, Grey, scale_for, straighten
from gongkai.documents.scan_rules import find_ruled_tables
from gongkai.documents.scan_seal import grey_without_seals
from gongkai.errors import DamagedDocumentError, DocumentError, EmptyDocumentError, LimitError
from gongkai.settings import Limits

_KINDS = {"png": "PNG", "jpeg": "JPEG", "tiff": "TIFF", "gif": "GIF", "bmp": "BMP", "webp": "WEBP"}
_UNREADABLE = (
    OSError, ValueError, SyntaxError, EOFError, TypeError, LookupError, ArithmeticError, AttributeError, RuntimeError,
    struct.error, zlib.error, MemoryError,
)  # fmt: skip
"""What Pillow raises on headers and data that are cut off or make no sense."""

_A4_WIDTH, _A4_HEIGHT = 595.0, 842.0
_SCANNER_DPI = (100.0, 1300.0)
"""Cameras and screens state 72 or 96 dots an inch, which say nothing of the paper."""
_NARROWEST, _WIDEST = 200.0, 1700.0
_LANDSCAPE, _LANDSCAPE_WIDTH = (1.35, 1.5), 1400
_LONG = 2.0
_MOST_PIXELS, _LARGEST_ENLARGEMENT = 16_000_000, 4.0
_SMALLEST, _LARGE = (200, 40), (400, 80)
"""Table 四 is a single row of values below its head: as a picture it is wide and low."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A picture inside another document.

    Attributes:
        data: The picture.
        path: Its place, e.g. "p[12]/image[1]".
        index: Number of the blocks before it.
    """

    data: bytes
    path: str
    index: int


def read_picture(data: bytes, format_: str, limits: Limits, *, zoom: float = 1.0) -> Document:
    """Read a file that is a picture: one page, or a page for each of a TIFF.

    Boxes are in points: by the resolution where a scanner states one, else as if the picture were as wide as A4 paper.

    Args:
        data: The file.
        format_: "png", "jpeg", "tiff", "gif", "bmp" or "webp".
        limits: Limits of the run.
        zoom: Size at which it is looked at, relative to the usual one.

    Raises:
        DamagedDocumentError: It cannot be decoded.
        LimitError: It has more pixels or pages than `limits` allows, or too much on a page.
        EmptyDocumentError: Nothing is printed on it.
    """
    count = 0

    def pages() -> Iterator[tuple[int, Grey, float, float]]:
        nonlocal count
        for grey, dpi in _decoded(data, (format_,), limits):
            count += 1
            yield (count, *_on_paper(grey, dpi, zoom))

    blocks = read_bitmaps(pages(), limits)
    if not blocks:
        raise EmptyDocumentError("nothing is printed on the picture", found=f"{count} pages", expected="a report")
    return Document(
        format=format_,
        sha256=sha256_hex(data),
        blocks=blocks,
        pages=count,
        warnings=(f"{count} of {count} pages were read by character recognition",),
        method=METHOD,
    )


def with_pictures(document: Document, pictures: list[Embedded], limits: Limits) -> Document:
    """Return a document with what recognition finds on the pictures in it, each at its place.

    A document that has tables of its own keeps them: then only large pictures are looked at, and only those that show
    a table with ruling lines are used. Icons and lines are never read. A picture that cannot be read is left out with
    a warning. Blocks of a picture have no page; their boxes are in points of the picture, taken for as wide as A4.

    Args:
        document: What its reader made of it; pictures count its blocks.
        pictures: The pictures in reading order.
        limits: Limits of the run.
    """
    has_tables = any(grid.n_rows > 1 and any(cell.text.strip() for cell in grid.cells) for grid in document.grids())
    least = _LARGE if has_tables else _SMALLEST
    found: dict[int, list[Block]] = {}
    notes: list[str] = []
    read = 0
    for picture in pictures:
        try:
            size = _size(picture.data, limits)
            if size[0] < least[0] or size[1] < least[1]:
                continue
            if read >= limits.scan_pages:
                notes.append(f"{picture.path} is not read: at most {limits.scan_pages} pictures are recognised")
                break
            read += 1
            blocks = _blocks_of(picture, limits, ruled_only=has_tables)
        except DocumentError as error:
            notes.append(f"{picture.path} is not read: {error}")
            continue
        if blocks and (not has_tables or any(isinstance(block, Grid) for block in blocks)):
            found.setdefault(picture.index, []).extend(blocks)
            notes.append(f"{picture.path} was read by character recognition")
    if not found:
        return replace(document, warnings=(*document.warnings, *notes))
    merged: list[Block] = []
    for index in range(len(document.blocks) + 1):
        merged += found.get(index, [])
        merged += document.blocks[index : index + 1]
    return replace(
        document, blocks=tuple(merged), warnings=(*document.warnings, *notes), method=f"{document.method}+{METHOD}"
    )


def unpacked(address: str) -> bytes:
    """Return the picture that a data: address holds in base64, b"" if it holds none (as vector graphics do)."""
    head, _, body = address.partition(",")
    if not head.lower().endswith("base64"):
        return b""
    try:
        return base64.b64decode("".join(body.split()).replace("%2B", "+").replace("%2F", "/").replace("%3D", "="))
    except ValueError:
        return b""


def _blocks_of(picture: Embedded, limits: Limits, *, ruled_only: bool) -> list[Block]:
    (grey, _), *_ = _decoded(picture.data, tuple(_KINDS), limits, most=1)
    page = _on_paper(grey, 0.0)
    if ruled_only:  # rules are found in a tenth of a second, the print of a photo takes many
        tables, _ = find_ruled_tables(straighten(*page), most_cells=limits.cells, where=picture.path)
        if not any(len(table.cells) > 1 for table in tables):
            return []
    return [_placed(block, picture.path) for block in read_bitmaps([(1, *page)], limits)]


def _placed(block: Block, path: str) -> Block:
    """Give a block of a picture its path in the document; the page is the picture's own and says nothing there."""

    def under(inner: str) -> str:
        return f"{path}/{inner.removeprefix('page[1]/')}"

    if isinstance(block, TextBlock):
        return replace(block, path=under(block.path), page=None)
    cells = tuple(replace(cell, path=under(cell.path), page=None) for cell in block.cells)
    return replace(block, path=under(block.path), page=None, cells=cells)


def _size(data: bytes, limits: Limits) -> tuple[int, int]:
    """Width and height as the header states."""
    with _opened(data, tuple(_KINDS), limits) as picture:
        width, height = picture.size
        return int(width), int(height)


def _opened(data: bytes, kinds: tuple[str, ...], limits: Limits) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(data), formats=[_KINDS[kind] for kind in kinds])
    except Image.DecompressionBombError as error:
        raise _too_large(limits, str(error)) from error
    except _UNREADABLE as error:
        raise _damaged(error) from error
    _check_size(picture, limits)
    return picture


def _decoded(
    data: bytes, kinds: tuple[str, ...], limits: Limits, *, most: int | None = None
) -> Iterator[tuple[Grey, float]]:
    """Yield each page in grey, with the dots an inch that it states, 0 if none. Of an animation only the first."""
    with _opened(data, kinds, limits) as picture:
        number = 0
        while True:
            begin(Effort.PAGE)
            yield _grey(picture), _dpi(picture)
            number += 1
            if picture.format != "TIFF" or number == most:
                return
            try:
                picture.seek(number)
            except EOFError:
                return
            except _UNREADABLE as error:
                raise _damaged(error) from error
            if number >= limits.scan_pages:
                raise LimitError(
                    "too many pages to recognise",
                    expected=f"at most {limits.scan_pages}",
                    do="raise GONGKAI_LIMIT_SCAN_PAGES if the document is genuine",
                )
            _check_size(picture, limits)


def _grey(picture: Any) -> Grey:
    """Decode a page: as a camera held it, on white paper where it is transparent."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            shown = ImageOps.exif_transpose(picture)
            if shown.mode.startswith(("I", "F")):
                values = np.asarray(shown, dtype=np.float32)
                top = float(values.max(initial=1.0))
                return (values * (255.0 / max(top, 1.0))).clip(0, 255).astype(np.uint8)
            if shown.mode in ("RGBA", "LA", "PA") or "transparency" in shown.info:
                shown = shown.convert("RGBA")
                paper = Image.new("RGB", shown.size, "white")
                paper.paste(shown, mask=shown.getchannel("A"))
                shown = paper
            is_grey = shown.mode in ("1", "L")
            return np.array(shown.convert("L")) if is_grey else grey_without_seals(np.asarray(shown.convert("RGB")))
    except _UNREADABLE as error:
        raise _damaged(error) from error


def _dpi(picture: Any) -> float:
    stated = picture.info.get("dpi", (0, 0))
    try:
        dpi = float(stated[0])
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        return 0.0
    return dpi if math.isfinite(dpi) and _SCANNER_DPI[0] <= dpi <= _SCANNER_DPI[1] else 0.0


def _on_paper(grey: Grey, dpi: float, zoom: float = 1.0) -> tuple[Grey, float, float]:
    """Scale a picture to what scans of paper are read at.

    Returns:
        The picture, pixels a point, pixels a point of an A4 page.
    """
    import cv2

    height, width = grey.shape
    points = width * 72 / dpi if dpi else 0.0
    if not _NARROWEST <= points <= _WIDEST:
        is_landscape = _LANDSCAPE[0] <= width / height <= _LANDSCAPE[1] and width >= _LANDSCAPE_WIDTH
        points = _A4_HEIGHT if is_landscape else _A4_WIDTH
    tall = points * height / width
    if tall > _LONG * points:  # a web page saved as one picture, not a large sheet
        scale = unit = min(DPI / 72, math.sqrt(_MOST_PIXELS / (points * tall)))
    else:
        scale, unit = scale_for(points, tall)
    scale, unit = zoom * scale, zoom * unit
    change = min(scale * points / width, _LARGEST_ENLARGEMENT)
    oversize, scale = unit / scale, change * width / points
    if (size := (max(1, round(width * change)), max(1, round(height * change)))) != (width, height):
        method = cv2.INTER_AREA if change < 1 else cv2.INTER_CUBIC
        grey = np.asarray(cv2.resize(grey, size, interpolation=method), dtype=np.uint8)
    return grey, scale, scale * oversize


def _check_size(picture: Any, limits: Limits) -> None:
    width, height = picture.size
    if width * height > limits.picture_pixels:
        raise _too_large(limits, f"{width} x {height}")
    if min(width, height) < 1 or max(width, height) > 100 * min(width, height):
        raise _damaged(f"{width} x {height} pixels")


def _too_large(limits: Limits, found: str) -> LimitError:
    return LimitError(
        "the picture has too many pixels",
        found=found,
        expected=f"at most {limits.picture_pixels}",
        do="raise GONGKAI_LIMIT_PICTURE_PIXELS if the document is genuine",
    )


def _damaged(found: object) -> DamagedDocumentError:
    return DamagedDocumentError(
        "the picture cannot be decoded", found=str(found).split(" <")[0][:200], do="fetch it again"
    )
