"""The second opinion: when a reading is in doubt, the document is read again by an independent way.

Documents that read cleanly are never read twice. In doubt is a cell that was not found or is no number, one whose
characters were recognised with little confidence, and every cell of a sum that fails, where the characters were not
stated by an exact format: a wrong sum in a docx is the publisher's.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from gongkai.documents.again import as_scanned, pictured_pages, recognised_pages, unmapped_pages, ways
from gongkai.documents.model import Document
from gongkai.documents.sniff import PICTURES
from gongkai.errors import DocumentError, NoTablesError, NotAReportError, UnknownTemplateError
from gongkai.reports.build import build_report
from gongkai.reports.identity import Hints
from gongkai.reports.model import Agreement, Cell, Report, State
from gongkai.reports.second import Second, is_recognised, merge
from gongkai.reports.sums import Key, failing_cells
from gongkai.settings import Limits

SURE = 0.9
"""Recognised characters of less confidence are looked at again."""

_TWICE = ("pdf", *PICTURES)
"""Formats that there is another way to read."""


def is_wanted(document: Document, report: Report | None, error: DocumentError | None, limits: Limits) -> bool:
    """Tell whether a document should be read again.

    Args:
        document: As read.
        report: What it gave, None where it gave none.
        error: Why it gave none.
        limits: Limits of the run; `second_pages` 0 wants none.
    """
    if not limits.second_pages or document.format not in _TWICE:
        return False
    return bool(_in_doubt(report)) if report else _may_hide_tables(document, error, limits)


def ask(data: bytes, document: Document, report: Report | None, hints: Hints | None, limits: Limits) -> Report | None:
    """Read a document again where that may help, and return the report as all readings together give it.

    Pages whose characters mean nothing are recognised and take the place of the first reading; so are, where no tables
    were found, pages with a picture large enough to be one. Of the rest see `merge`.

    Args:
        data: The file.
        document: As read the first time.
        report: What that gave, None where it gave no report.
        hints: What its listing says.
        limits: At most `second_pages` pages are read again.

    Returns:
        None where no way gives a report.
    """
    notes: list[str] = []
    document, report = _made_legible(data, document, report, hints, limits, notes)
    if report is None:
        return None
    first, asked = report, list[Second]()
    for way in ways(document, data, limits):
        pages = _pages(document, report, _in_doubt(report)) & way.serves
        if pages:
            pages = frozenset(sorted(pages)[: limits.second_pages])
            try:
                other = build_report(way.apply(document, pages), _known(first))
            except DocumentError as failure:
                notes.append(f"a second reading by {way.method} gives nothing: {failure}")
                continue
            if other.template != first.template:
                notes.append(f"a second reading by {way.method} takes the form for that of {other.template}")
                continue
            asked.append(Second(other, pages, way.method))
            report = merge(first, asked)
    return replace(report, warnings=(*report.warnings, *notes))


def _made_legible(
    data: bytes, document: Document, report: Report | None, hints: Hints | None, limits: Limits, notes: list[str]
) -> tuple[Document, Report | None]:
    """Recognise the pages that the first reading could make nothing of."""
    every = frozenset(range(1, (document.pages or 0) + 1)) - recognised_pages(document)
    try:
        pages = unmapped_pages(document) or (pictured_pages(data, every) if report is None else frozenset())
        pages = frozenset(sorted(pages & every)[: limits.second_pages])
        if not pages:
            return document, report
        way = as_scanned(document, data, limits)
        legible = replace(way.apply(document, pages), method=f"{document.method}+{way.method}")
        found = build_report(legible, hints)
    except DocumentError as failure:
        notes.append(f"recognising its characters gives nothing: {failure}")
        return document, report
    told = f"{len(pages)} of {document.pages} pages were read by character recognition"
    return legible, replace(found, warnings=(*found.warnings, told))


def _known(report: Report) -> Hints:
    """What the first reading knows of the report: the second looks at its cells only."""
    who = report.identity
    return Hints(who.title, who.agency_printed, who.published, who.report_year)


def _may_hide_tables(document: Document, error: DocumentError | None, limits: Limits) -> bool:
    if document.format != "pdf" or (document.pages or 0) > limits.scan_pages:
        return False
    if isinstance(error, NoTablesError | UnknownTemplateError):
        return True
    return isinstance(error, NotAReportError) and bool(unmapped_pages(document))


def _pages(document: Document, report: Report, keys: Collection[Key]) -> frozenset[int]:
    """Return the pages of cells; for cells that were not found all pages on which there are any, and the one after."""
    doubted = [cell for cell in report.cells if cell.key in keys]
    located = {cell.page for cell in doubted if cell.page is not None}
    if any(cell.page is None for cell in doubted):
        known = {cell.page for cell in report.cells if cell.page is not None}
        located |= set(range(min(known, default=1), max(known, default=0) + 2))
    return frozenset(page for page in located if 1 <= page <= (document.pages or 0))


def _in_doubt(report: Report) -> frozenset[Key]:
    """Return the cells that were read with doubt, as far as no two readings say the same of them."""
    failing = failing_cells(report)
    return frozenset(
        cell.key
        for cell in report.cells
        if cell.agreement is not Agreement.AGREE and (cell.key in failing or _is_unsure(cell))
    )


def _is_unsure(cell: Cell) -> bool:
    if cell.state in (State.NOT_EXTRACTED, State.TEXT):
        return True
    return is_recognised(cell.method) and cell.confidence < SURE
