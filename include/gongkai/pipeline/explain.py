"""Explain: for each document a page that shows where every value was read, and pictures with the grid drawn in.

The pictures come from a document read anew; the values are those of the extraction, whatever ways they were read by.
"""

from __future__ import annotations

import io
import zlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gongkai.contracts.load import load_templates
from gongkai.errors import DocumentError, RunError
from gongkai.pipeline.explain_blocks import shown_blocks
from gongkai.pipeline.explain_html import IndexLine, Page, Sheet, document_html, index_html, sheet
from gongkai.pipeline.explain_source import Source, read_again
from gongkai.pipeline.explain_view import (
    DOUBTFUL,
    Box,
    Mark,
    boxes_by_page,
    marks_of,
    outlines_by_page,
    spots_by_path,
    value_tables,
)
from gongkai.pipeline.workers import run
from gongkai.reports.model import Report
from gongkai.reports.serialise import Extraction, from_json, to_json
from gongkai.settings import get_settings

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PICTURES = 60
"""Most pages of a document that are shown as pictures; those with values come first."""
_MOST_CELLS, _MOST_CHARS = 20_000, 300_000
_NAME = 20


class Explanations:
    """Writes explanations into a folder: `<sha256>.html` with pictures beside it for each document, and `index.html`.

    Names of files are made from the documents' hashes, never from what a document or its path says.

    Args:
        folder: Made where it does not exist.

    Raises:
        RunError: The folder cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(folder, error) from error
        self._folder = folder
        self._added: list[tuple[Path, bytes]] = []

    def add(self, file: Path, extraction: Extraction) -> None:
        """Note a document to explain: where it is, and what reading it gave."""
        self._added.append((file, zlib.compress(to_json(extraction), 1)))

    def finish(self, jobs: int = 1) -> Path:
        """Explain the documents added, each in a process within the limits of time and memory, and write the index.

        A document that hangs, crashes or takes too much the second time is explained without pictures.

        Args:
            jobs: Number of processes.

        Returns:
            Where the index is.

        Raises:
            RunError: The folder cannot be written to.
        """
        calls = ((str(file), (self._folder, file, packed)) for file, packed in self._added)
        outcomes = run(explain_file, calls, get_settings().limits, jobs=jobs, warm_up=load_templates)
        lines = []
        for (file, packed), outcome in zip(self._added, outcomes, strict=True):
            lines.append(
                explain_file(self._folder, file, packed, f"not shown: {outcome}")
                if isinstance(outcome, DocumentError)
                else outcome
            )
        path = self._folder / "index.html"
        _write(path, index_html(lines))
        return path


def explain_file(folder: Path, file: Path, packed: bytes, trouble: str = "") -> IndexLine:
    """Write the page and the pictures of one document.

    Args:
        folder: Where to.
        file: Where the document is.
        packed: What reading it gave, as JSON compressed by zlib.
        trouble: Why the document is not to be read again; its page then shows the values alone.

    Returns:
        Its line in the index, without a page where the document has no content to speak of.

    Raises:
        RunError: The folder cannot be written to.
    """
    extraction = from_json(zlib.decompress(packed))
    if not extraction.sha256:
        return IndexLine(str(file), "", reason=extraction.reason)
    stem = extraction.sha256[:_NAME]
    report = extraction.report
    contract = load_templates()[report.template] if report else None
    marks = marks_of(report, contract) if report and contract else ()
    notes = [trouble] if trouble else []
    source = None if trouble else read_again(file, extraction, notes)
    sheets: tuple[Sheet, ...] = ()
    if source and source.document.format == "pdf":
        boxes = boxes_by_page(marks, contract) if contract else {}
        try:
            sheets = _sheets(folder, stem, source, boxes, notes)
        except DocumentError as error:
            notes.append(str(error))
    blocks = []
    if source and not sheets:
        blocks = shown_blocks(source.document, spots_by_path(marks, source.prefix), _MOST_CELLS, _MOST_CHARS)
    page = Page(
        heading=_heading(file, report),
        facts=tuple(_facts(file, extraction, marks)),
        reason="" if report else extraction.reason,
        warnings=report.warnings if report else source.document.warnings if source else (),
        notes=tuple(notes),
        doubtful=tuple(mark for mark in marks if mark.kind in DOUBTFUL),
        sheets=sheets,
        blocks=tuple(blocks),
        tables=value_tables(marks, contract) if contract else (),
    )
    _write(folder / f"{stem}.html", document_html(page))
    return _index_line(file, f"{stem}.html", extraction, marks)


def _sheets(
    folder: Path,
    stem: str,
    source: Source,
    boxes: Mapping[int, Sequence[Box]],
    notes: list[str],
) -> tuple[Sheet, ...]:
    """Write the pictures of a PDF's pages, one page in memory at a time."""
    from gongkai.pipeline.explain_pictures import draw, open_pdf, page_picture

    limits = get_settings().limits
    document = source.document
    outlines = outlines_by_page(document)
    numbers = pages_to_show(document.pages or 0, boxes, outlines)
    if len(numbers) < (document.pages or 0):
        notes.append(f"{len(numbers)} of {document.pages} pages are shown, those with values first")
    sheets = []
    with open_pdf(source.data) as pdf:
        for number in numbers:
            shown = page_picture(pdf, number, limits)
            if shown is None:
                notes.append(f"page {number} cannot be shown")
                continue
            plain = drawn = f"{stem}-p{number}.png"
            lines, values = outlines.get(number, ()), boxes.get(number, ())
            _save(shown.picture, folder / plain)
            if lines or values:
                drawn = f"{stem}-p{number}-grid.png"
                _save(draw(shown, lines, values), folder / drawn)
            sheets.append(sheet(number, (plain, drawn), (shown.width, shown.height), lines, values))
    return tuple(sheets)


def _save(picture: Image, path: Path) -> None:
    buffer = io.BytesIO()
    picture.save(buffer, "png")
    _write(path, buffer.getvalue())


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> RunError:
    return RunError(
        "explanations cannot be written",
        where=str(path),
        found=error.strerror,
        do="name another folder after --explain",
    )


def pages_to_show(pages: int, boxes: Collection[int], outlines: Collection[int]) -> list[int]:
    """Return the pages, from 1, to make pictures of: those with values before those with grids before the others."""
    ranked = sorted(range(1, pages + 1), key=lambda number: (number not in boxes, number not in outlines, number))
    return sorted(ranked[:MOST_PICTURES])


def _heading(file: Path, report: Report | None) -> str:
    if report is None:
        return file.name
    return f"{report.identity.agency or file.name} · {report.identity.report_year}"


def _facts(file: Path, extraction: Extraction, marks: Sequence[Mark]) -> Iterator[tuple[str, str]]:
    yield "file", str(file)
    yield "sha256", extraction.sha256
    yield "format", extraction.format or "unknown"
    report = extraction.report
    if report is None:
        yield "error", extraction.error_code
        return
    identity = report.identity
    yield "agency", identity.agency or "not named"
    if identity.agency_printed and identity.agency_printed != identity.agency:
        yield "agency as printed", identity.agency_printed
    for name, said in (("region", identity.region_code), ("level", identity.level), ("kind", identity.kind)):
        if said:
            yield name, said
    yield "report year", str(identity.report_year)
    yield "title", identity.title
    yield "published", identity.published.isoformat() if identity.published else "not stated"
    yield "template", report.template
    yield "method", report.method
    counts = Counter(mark.cell.state.value for mark in marks)
    yield "values", ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))


def _index_line(file: Path, page: str, extraction: Extraction, marks: Sequence[Mark]) -> IndexLine:
    report = extraction.report
    if report is None:
        return IndexLine(str(file), page, format=extraction.format, reason=extraction.reason)
    return IndexLine(
        file=str(file),
        page=page,
        agency=report.identity.agency,
        year=report.identity.report_year,
        template=report.template,
        format=report.format,
        values=len(marks),
        doubtful=sum(mark.kind in DOUBTFUL for mark in marks),
        warnings=len(report.warnings),
    )
