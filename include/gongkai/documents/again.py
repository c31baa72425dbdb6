"""Other ways to read a document that was read already, and the pages that each is good for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

from gongkai.documents.model import Block, Document, Grid
from gongkai.documents.plumber import METHOD as PLAIN
from gongkai.documents.sniff import PICTURES
from gongkai.errors import DamagedDocumentError
from gongkai.settings import Limits

RECOGNISED = "scan-ocr"
"""Method of readers that recognise characters (gongkai.documents.scan, which takes long to import)."""

_CLOSER, _FARTHER = 1.25, 0.8
"""Other sizes at which print is looked at: what is read alike at two of them is not an accident of the pixels. On the
sample scans either size gives the very cells of the usual one."""

_TABLE_SHARE = 0.06
"""Share of the page that the smallest table of the form covers as a picture."""

_MOST_PICTURES = 200
_DOUBTED = 0.4
_UNMAPPED = re.compile(r"page (\d+): \d+ characters have no Unicode value")
_UNLIKE_PRINT = re.compile(r"page (\d+) is (?:a picture with a text layer|printed sideways)")


@dataclass(frozen=True, slots=True)
class Way:
    """Another way to read pages of a document.

    Attributes:
        method: Its name.
        serves: The pages, from 1, that it is good for.
        read: Reads pages into blocks.
    """

    method: str
    serves: frozenset[int]
    read: Callable[[frozenset[int]], tuple[Block, ...]]

    def apply(self, document: Document, pages: frozenset[int]) -> Document:
        """Return the document with pages read this way; all others as they were.

        Raises:
            DocumentError: They cannot be read this way.
        """
        kept = [block for block in document.blocks if block.page not in pages]
        read = [block for block in self.read(pages) if block.page in pages]
        blocks = sorted((*kept, *read), key=lambda block: block.page or 0)
        return replace(document, blocks=tuple(blocks), method=self.method, warnings=())


def ways(document: Document, data: bytes, limits: Limits) -> Iterator[Way]:
    """Yield the other ways to read a document, the cheapest first; none for formats that state their cells.

    Text is read by plain pdfplumber, which shares neither parser nor grouping with our reader, then recognised as it is
    printed. Where the text layer is itself doubtful (a picture with a text layer below, characters without a Unicode
    value, pages written sideways) another parser would repeat its faults: there print is recognised at once. Pages that
    were recognised are recognised at two other sizes.

    Args:
        document: As read the first time.
        data: The file.
        limits: Limits of the run.
    """
    pages = frozenset(range(1, (document.pages or 0) + 1))
    if document.format == "pdf":
        doubtful = recognised_pages(document) | unmapped_pages(document) | _named(document, _UNLIKE_PRINT)
        if document.method != PLAIN:
            yield Way(PLAIN, pages - doubtful, lambda some: _plain(data, some, limits))
        yield _recognise(data, pages, limits, _CLOSER)
        yield _recognise(data, doubtful, limits, _FARTHER)
    elif document.format in PICTURES:
        for zoom in (_CLOSER, _FARTHER):
            yield Way(_name(zoom), pages, partial(_picture, document.format, data, limits, zoom))


def as_scanned(document: Document, data: bytes, limits: Limits) -> Way:
    """Return the way to read pages of a PDF as a scan is read the first time."""
    return _recognise(data, frozenset(range(1, (document.pages or 0) + 1)), limits, 1.0)


def recognised_pages(document: Document) -> frozenset[int]:
    """Return the pages whose characters were recognised."""
    if not document.method.startswith(RECOGNISED) and f"+{RECOGNISED}" not in document.method:
        return frozenset()
    if document.method.startswith(RECOGNISED):
        return frozenset(range(1, (document.pages or 0) + 1))
    return frozenset(
        block.page for block in document.blocks if block.page and any(_DOUBTED < one < 1 for one in _confidences(block))
    )


def unmapped_pages(document: Document) -> frozenset[int]:
    """Return the pages with characters that the file does not say the meaning of."""
    return _named(document, _UNMAPPED)


def pictured_pages(data: bytes, pages: Iterable[int]) -> frozenset[int]:
    """Return those of the pages of a PDF on which a picture is as large as a table.

    Args:
        data: The file.
        pages: Pages from 1 to look at.

    Raises:
        DamagedDocumentError: pdfium cannot open the file.
    """
    import pypdfium2

    from gongkai.documents import pdf_native as native

    found = []
    with native.LOCK:
        try:
            with closing(pypdfium2.PdfDocument(data)) as document:
                for number in sorted(pages):
                    with closing(document[number - 1]) as page:
                        if _largest_picture(page) >= _TABLE_SHARE:
                            found.append(number)
        except pypdfium2.PdfiumError as error:
            raise DamagedDocumentError("the PDF cannot be opened a second time", found=str(error)) from error
    return frozenset(found)


def _largest_picture(page: Any) -> float:
    import pypdfium2

    width, height = page.get_size()
    largest = 0.0
    for item in islice(page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=3), _MOST_PICTURES):
        left, bottom, right, top = item.get_bounds()
        largest = max(largest, (right - left) * (top - bottom))
    return float(largest / max(width * height, 1.0))


def _named(document: Document, form: re.Pattern[str]) -> frozenset[int]:
    return frozenset(int(found[1]) for warning in document.warnings if (found := form.match(warning)))


def _confidences(block: Block) -> Iterator[float]:
    if isinstance(block, Grid):
        yield from (cell.confidence for cell in block.cells)
    else:
        yield block.confidence


def _plain(data: bytes, pages: frozenset[int], limits: Limits) -> tuple[Block, ...]:
    from gongkai.documents.plumber import read_plain

    return read_plain(data, sorted(pages), limits)


def _name(zoom: float) -> str:
    from gongkai.documents.scan_page import DPI

    return RECOGNISED if zoom == 1 else f"{RECOGNISED}-{round(zoom * DPI)}dpi"


def _recognise(data: bytes, serves: frozenset[int], limits: Limits, zoom: float) -> Way:
    def read(pages: frozenset[int]) -> tuple[Block, ...]:
        from gongkai.documents.scan import read_scan

        return read_scan(data, sorted(pages), limits, zoom=zoom)

    return Way(_name(zoom), serves, read)


def _picture(format_: str, data: bytes, limits: Limits, zoom: float, _: frozenset[int]) -> tuple[Block, ...]:
    from gongkai.documents.picture import read_picture

    return read_picture(data, format_, limits, zoom=zoom).blocks
