"""Adds what recognition finds to a PDF: pages that are pictures, and tables that are pictures on pages of text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeGuard

from gongkai.documents import pdf_native as native
from gongkai.documents.model import BBox, Block, Document, Grid, TextBlock
from gongkai.documents.scan_layers import Layers, has_pictures, layers_of
from gongkai.errors import EmptyDocumentError, LimitError
from gongkai.settings import Limits

_TEXTLESS = re.compile(r"page (\d+) has no text layer")
_RECOGNISED = re.compile(r"page (\d+) is a picture with a text layer")
_FIGURE = re.compile(r"\d+(?:\.\d+)?")
_FEWEST_CELLS, _SURE = 4, 0.5
_INSIDE = 4.0


def pages_to_scan(document: Document) -> list[int]:
    """Return the pages of a PDF, from 1, whose text layer its reader missed."""
    return [int(found[1]) for warning in document.warnings if (found := _TEXTLESS.fullmatch(warning))]


def add_scanned(document: Document, data: bytes, limits: Limits) -> Document:
    """Return a PDF as read, with what recognition finds in its pictures.

    Pages without text are read as pictures. So are those whose only text is an invisible layer, which is some other
    recognition's work: it is left out, and how far it agrees is told in the warnings. Pictures on pages of text are
    looked at for tables with ruling lines. Where some pages have text and more than `limits.scan_pages` have none (an
    annex of pictures), the latter are left unread, with a warning.

    Args:
        document: What the PDF reader made of it.
        data: The same file.
        limits: Limits of the run.

    Raises:
        EmptyDocumentError: Nothing is found on any page.
        LimitError: More pages to recognise than the limits allow, and no other; or a page with too much on it.
    """
    textless = pages_to_scan(document)
    layers = layers_of(data, document.pages or 0) if has_pictures(data) else []
    covered = {page.number: page for page in layers if page.is_scan and page.number not in textless}
    numbers = sorted({*textless, *covered})
    mixed = [page for page in layers if page.number not in numbers]
    if not numbers and not mixed:
        return document
    if covered:
        document = replace(
            document,
            blocks=tuple(block for block in document.blocks if block.page not in covered),
            warnings=tuple(
                warning
                for warning in document.warnings
                if not ((found := _RECOGNISED.match(warning)) and int(found[1]) in covered)
            ),
        )
    if len(numbers) > limits.scan_pages:
        return _left_out(document, numbers, limits)
    if numbers:
        document = _with_pages(document, data, numbers, covered, limits)
    return _with_tables(document, data, mixed[: limits.scan_pages - len(numbers)], limits)


def _left_out(document: Document, numbers: list[int], limits: Limits) -> Document:
    if len(numbers) < (document.pages or 0):
        warning = f"{len(numbers)} pages without text layer are not read: at most {limits.scan_pages} are recognised"
        return replace(document, warnings=(*document.warnings, warning))
    raise LimitError(
        "too many pages to recognise",
        found=len(numbers),
        expected=f"at most {limits.scan_pages}",
        do="raise GONGKAI_LIMIT_SCAN_PAGES if the document is genuine",
    )


def _with_pages(
    document: Document, data: bytes, numbers: list[int], covered: dict[int, Layers], limits: Limits
) -> Document:
    from gongkai.documents.scan import METHOD, read_scan

    scanned = read_scan(data, numbers, limits)
    is_all = len(numbers) == document.pages
    if is_all and not scanned:
        raise EmptyDocumentError("nothing is printed on the pages", found=f"{len(numbers)} pages", expected="a report")
    warnings = [w for w in document.warnings if not _TEXTLESS.fullmatch(w) and w != "no text layer"]
    warnings.append(f"{len(numbers)} of {document.pages} pages were read by character recognition")
    for page in covered.values():
        if page.hidden.strip():
            found = _figures(text for block in scanned if block.page == page.number for text in _texts(block))
            stated = _figures([page.hidden])
            warnings.append(
                f"page {page.number} is a picture with an invisible text layer, which is not used: "
                f"{(found & stated).total()} of its {stated.total()} figures are those of the picture"
            )
    return replace(
        document,
        blocks=scanned if is_all else _merged(document.blocks, scanned),
        warnings=tuple(warnings),
        method=METHOD if is_all else f"{document.method}+{METHOD}",
    )


def _with_tables(document: Document, data: bytes, pages: Sequence[Layers], limits: Limits) -> Document:
    """Add the tables that pictures on pages of text show, at their places."""
    from gongkai.documents.scan import METHOD

    blocks = list(document.blocks)
    count = 0
    for page in pages:
        found = _tables_of(data, page, limits)
        for grid in found:
            box = _box_of(grid)
            if any(_overlap(_box_of(block), box) for block in blocks if _is_grid_of(block, page.number)):
                continue  # the page draws the table itself, over a picture
            blocks = [block for block in blocks if not _is_under(block, page.number, box)]
            place = next((i for i, block in enumerate(blocks) if _place_of(block) > (page.number, box[1])), len(blocks))
            blocks.insert(place, _in_image(grid, page.number))
            count += 1
    if not count:
        return document
    method = document.method if METHOD in document.method else f"{document.method}+{METHOD}"
    warning = f"{count} tables are pictures on pages of text and were read by character recognition"
    return replace(document, blocks=tuple(blocks), warnings=(*document.warnings, warning), method=method)


def _tables_of(data: bytes, page: Layers, limits: Limits) -> list[Grid]:
    import numpy as np
    import pypdfium2

    from gongkai.documents.scan import read_bitmaps
    from gongkai.documents.scan_page import scale_for, straighten
    from gongkai.documents.scan_rules import find_ruled_tables

    with native.LOCK, pypdfium2.PdfDocument(data) as opened:
        shown = opened[page.number - 1]
        scale, unit = scale_for(*shown.get_size())
        grey = np.array(shown.render(scale=scale, grayscale=True).to_numpy(), dtype=np.uint8)
    grey = grey.reshape(grey.shape[:2])
    kept = np.full_like(grey, 255)
    for box in page.pictures:
        x0, top, x1, bottom = (max(0, round(value * scale)) for value in box)
        kept[top:bottom, x0:x1] = grey[top:bottom, x0:x1]
    try:  # rules are found in a tenth of a second, the print of a photo takes many
        tables, _ = find_ruled_tables(straighten(kept, scale, unit), most_cells=limits.cells, where="")
        if not any(len(table.cells) >= _FEWEST_CELLS for table in tables):
            return []
        found = read_bitmaps([(page.number, kept, scale, unit)], limits)
    except LimitError:
        return []  # a photo, a drawing
    return [block for block in found if isinstance(block, Grid) and _is_printed(block)]


def _is_printed(grid: Grid) -> bool:
    """Tell a table from the lines of a photo or a drawing: most of what stands in its cells can be read."""
    printed = [cell for cell in grid.cells if cell.text or cell.confidence < 1]
    sure = sum(bool(cell.text) and cell.confidence >= _SURE for cell in printed)
    return len(grid.cells) >= _FEWEST_CELLS and sure >= max(2, _SURE * len(printed))


def _box_of(grid: Grid) -> BBox:
    boxes = [cell.bbox for cell in grid.cells if cell.bbox and cell.page == grid.page]
    if not boxes:
        return (0.0, 0.0, 0.0, 0.0)
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def _place_of(block: Block) -> tuple[int, float]:
    box = _box_of(block) if isinstance(block, Grid) else block.bbox
    return (block.page or 0, box[1] if box else 0.0)


def _in_image(grid: Grid, number: int) -> Grid:
    """Give a table of a picture a path that no table of the page's own has."""
    own, new = f"page[{number}]/", f"page[{number}]/image/"
    cells = tuple(replace(cell, path=cell.path.replace(own, new, 1)) for cell in grid.cells)
    return replace(grid, path=grid.path.replace(own, new, 1), cells=cells)


def _is_grid_of(block: Block, number: int) -> TypeGuard[Grid]:
    return isinstance(block, Grid) and block.page == number


def _overlap(one: BBox, other: BBox) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _is_under(block: Block, number: int, box: BBox) -> bool:
    """Tell whether a text lies inside a table: typed or recognised over its picture."""
    if not isinstance(block, TextBlock) or block.page != number or not block.bbox:
        return False
    x0, top, x1, bottom = block.bbox
    return box[0] <= (x0 + x1) / 2 <= box[2] and box[1] - _INSIDE <= top and bottom <= box[3] + _INSIDE


def _texts(block: Block) -> Iterator[str]:
    if isinstance(block, Grid):
        yield from (cell.text for cell in block.cells)
    else:
        yield block.text


def _figures(texts: Iterator[str] | list[str]) -> Counter[str]:
    return Counter(figure for text in texts for figure in _FIGURE.findall(text.replace(",", "")))


def _merged(read: Sequence[Block], scanned: Sequence[Block]) -> tuple[Block, ...]:
    """Put blocks of recognised pages between those of the other pages; the order on each page stays."""
    return tuple(sorted((*read, *scanned), key=lambda block: block.page or 0))
