"""What every reader makes of a file: ordered blocks of text and grids, each with its provenance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

BBox = tuple[float, float, float, float]
"""x0, top, x1, bottom in points from the top left corner of the page."""


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell of a grid, at its top left position; spans say what it covers.

    Attributes:
        row: Row from 0.
        col: Column from 0.
        row_span: Rows covered, 1 or more.
        col_span: Columns covered, 1 or more.
        text: Text as printed, inner line breaks kept as newline.
        path: Where it stands in the file, e.g. "table[2]/row[4]/cell[1]" (numbers from 1).
        page: Page from 1, None where the format has no pages.
        bbox: Box on the page, None where the format has none.
        confidence: 1.0 for text that the file states; less for OCR.
    """

    row: int
    col: int
    row_span: int
    col_span: int
    text: str
    path: str = ""
    page: int | None = None
    bbox: BBox | None = None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as a grid; positions that no cell covers were not in the file.

    Attributes:
        n_rows: Number of rows.
        n_cols: Number of columns.
        cells: Cells ordered by (row, col).
        path: Where the table stands, e.g. "table[2]".
        page: First page, None where the format has no pages.
        nested: True for a table inside a cell of another.
    """

    n_rows: int
    n_cols: int
    cells: tuple[GridCell, ...]
    path: str = ""
    page: int | None = None
    nested: bool = False

    def rows(self) -> Iterator[list[GridCell]]:
        """Yield for each row the cells that start in it, ordered by column (empty rows give an empty list)."""
        lines: list[list[GridCell]] = [[] for _ in range(self.n_rows)]
        for cell in self.cells:
            lines[cell.row].append(cell)
        yield from lines


@dataclass(frozen=True, slots=True)
class TextBlock:
    """One paragraph or line of text outside grids.

    Attributes:
        text: Text with inner line breaks kept; never only white space, except in flattened tables, where an
            empty paragraph may be a blank cell (`text` is then "").
        path: Where it stands in the file, e.g. "p[17]" or "page[2]/line[5]".
        page: Page from 1, None where the format has no pages.
        bbox: Box on the page, None where the format has none.
        role: "paragraph", "heading" (marked as such by the file), "title" or "furniture" (navigation, page
            numbers, running headers: kept for the record, not part of the report).
        confidence: 1.0 for text that the file states; less for OCR.
    """

    text: str
    path: str = ""
    page: int | None = None
    bbox: BBox | None = None
    role: str = "paragraph"
    confidence: float = 1.0


Block = TextBlock | Grid


@dataclass(frozen=True, slots=True)
class Document:
    """A file as read.

    Attributes:
        format: "docx", "html", "pdf", "txt" or "md", sniffed from the content.
        sha256: Hex digest of the bytes.
        blocks: Text and grids in reading order.
        meta: What the file says of itself, as strings: keys "title" (of the page or the property table),
            "published" (as printed), "publisher", "index_no", "doc_no", "encoding", "producer"; absent if not stated.
        attachments: (href, text) of links to files that may hold the report.
        pages: Number of pages, None where the format has none.
        warnings: What the reader noticed, in words.
        method: How the text was read, e.g. "docx-xml", "html-lxml", "pdfium-lines".
    """

    format: str
    sha256: str
    blocks: tuple[Block, ...]
    meta: dict[str, str] = field(default_factory=dict)
    attachments: tuple[tuple[str, str], ...] = ()
    pages: int | None = None
    warnings: tuple[str, ...] = ()
    method: str = ""

    def grids(self) -> Iterator[Grid]:
        """Yield the grids in reading order."""
        return (block for block in self.blocks if isinstance(block, Grid))

    def texts(self) -> Iterator[TextBlock]:
        """Yield the text blocks in reading order."""
        return (block for block in self.blocks if isinstance(block, TextBlock))
