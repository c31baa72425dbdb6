"""Seconds a scanned page takes: sample PDFs rendered to pictures, a page of narrative and a page of tables."""

from __future__ import annotations

import io
import statistics
from collections.abc import Iterator
from pathlib import Path

from tests.bench.common import SAMPLES, Figure, timed

from gongkai.documents.model import Document
from gongkai.documents.read import read

_DPI = 200
_TABLE_SECONDS, _NARRATIVE_SECONDS = 1.2, 3.0
_SOURCES = ("xiajiang-government-2021.pdf", "yunling-education-2023.pdf")


def scanned_pages(path: Path, dpi: int = _DPI) -> Iterator[bytes]:
    """Yield each page of a PDF as a PDF of its own that holds nothing but the picture of it."""
    import pypdfium2
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    document = pypdfium2.PdfDocument(path)
    for page in document:
        width, height = page.get_size()
        picture = page.render(scale=dpi / 72, grayscale=True).to_pil()
        out = io.BytesIO()
        canvas = Canvas(out, pagesize=(width, height))
        canvas.drawImage(ImageReader(picture), 0, 0, width, height)
        canvas.save()
        yield out.getvalue()
    document.close()


def scans(rounds: int) -> Iterator[Figure]:
    """Yield the seconds of the slowest and of the median page of each kind."""
    seconds: dict[str, list[float]] = {"table": [], "narrative": []}
    for name in _SOURCES:
        for data in scanned_pages(SAMPLES / name):
            document = read(data, name)  # a first time: the models are loaded
            kind = "table" if _is_of_tables(document) else "narrative"
            seconds[kind].append(min(timed(lambda data=data, name=name: read(data, name)) for _ in range(rounds)))
    targets = {"table": _TABLE_SECONDS, "narrative": _NARRATIVE_SECONDS}
    for kind, found in seconds.items():
        if found:
            note = f"{len(found)} pages, slowest {max(found):.2f} s"
            yield Figure(f"scan, page of {kind}", statistics.median(found), "s", targets[kind], at_most=True, note=note)


def _is_of_tables(document: Document) -> bool:
    in_cells = sum(len(cell.text) for grid in document.grids() for cell in grid.cells)
    return in_cells > sum(len(block.text) for block in document.texts())
