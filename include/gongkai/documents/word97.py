"""Reads a Word 97 to 2003 file (.doc, also written by WPS): paragraphs and tables of its main text."""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gongkai.documents.budget import Budget
from gongkai.documents.digest import sha256_hex
from gongkai.documents.layout import LONG_TEXT, is_layout, segments
from gongkai.documents.model import Block, Document, Grid, TextBlock
from gongkai.documents.placing import make_grid
from gongkai.documents.word97_ole import Streams, open_streams
from gongkai.documents.word97_props import ParagraphShape, ParagraphShapes, is_hidden_piece, marked_bytes, modifier_of
from gongkai.documents.word97_tables import Table, TableRow, place_rows
from gongkai.documents.word97_text import SUB, SUPER, Text, drop, field_codes, raise_notes, read_text, shown
from gongkai.errors import DamagedDocumentError, EmptyDocumentError
from gongkai.settings import Limits

METHOD = "word97"

_MARK = re.compile("[\x07\x0c\r]")
_PICTURE, _DRAWN = "\x01", "\x08"
"""Stand for a picture in the text, and for the anchor of a drawing or text box."""

_DEEPEST = 40
"""Deepest table in a table that is looked for; Word's own dialogs go less deep."""


def read_doc(data: bytes, limits: Limits) -> Document:
    """Read a Word 97 file into blocks of text and grids, in the order of its main text.

    Hidden text, tracked deletions and field codes are left out; a cell covered by a merge is no cell. Footnotes,
    headers and text boxes are not read. A table inside a cell follows its parent, except where the outer table only
    serves the layout: that one is dissolved.

    Raises:
        DamagedDocumentError: The compound file, its header or its piece table is broken.
        UnsupportedFormatError: Encrypted, or older than Word 97.
        LimitError: It holds more than `limits` allows.
        EmptyDocumentError: No text at all.
    """
    streams = open_streams(data)
    try:
        text = read_text(streams.word, streams.clx, streams.text_length, limits.text_chars)
        maker = _BlockMaker(Budget(limits, "doc"))
        for chars, mark, shape, is_struck in _paragraphs(text, streams):
            maker.take(chars, mark, shape, is_struck=is_struck)
        blocks = maker.finish()
    except struct.error as error:
        raise DamagedDocumentError(
            "a structure of the Word file is cut off", where="doc", found=str(error), do="fetch it again"
        ) from error
    if not blocks:
        raise EmptyDocumentError("the Word file has no text", where="doc", expected="paragraphs or tables")
    return Document(
        format="doc",
        sha256=sha256_hex(data),
        blocks=blocks,
        meta={"title": streams.title} if streams.title else {},
        warnings=tuple(maker.warnings()),
        method=METHOD,
    )


def _paragraphs(text: Text, streams: Streams) -> Iterator[tuple[str, str, ParagraphShape, bool]]:
    """Yield characters, mark, shape of each paragraph, and whether all of it is struck out; hidden characters are zero.

    What is struck out beside other text is hidden as well.
    """
    marked = marked_bytes(streams.word, streams.character_pages)
    ranges = list(text.positions(marked.hidden))
    ranges += [
        (piece.start, piece.start + piece.length) for piece in text.pieces if is_hidden_piece(piece.prm, text.modifiers)
    ]
    chars = drop(text.chars, ranges) if ranges else text.chars
    chars = drop(chars, list(field_codes(chars))) if "\x13" in chars else chars
    chars = raise_notes(chars, text.positions(marked.raised), SUPER)
    chars = raise_notes(chars, text.positions(marked.lowered), SUB)
    struck = sorted(text.positions(marked.struck))
    shapes = ParagraphShapes(streams.word, streams.data, streams.paragraph_pages)
    start = 0
    for found in _MARK.finditer(chars):
        end = found.start()
        piece = text.piece_at(end)
        modifier = modifier_of(piece.prm, text.modifiers) if piece.prm else b""
        shape = shapes.at(piece.offset + (end - piece.start) * piece.width, modifier)
        own, is_struck = _without(chars[start:end], start, struck) if struck else (chars[start:end], False)
        yield own, found[0], shape, is_struck
        start = end + 1
    if start < len(chars):
        yield chars[start:], "\r", ParagraphShape(), False


def _without(chars: str, start: int, struck: list[tuple[int, int]]) -> tuple[str, bool]:
    """Drop struck characters from a paragraph; if nothing else is shown, keep them and say so."""
    end = start + len(chars)
    inside: list[tuple[int, int]] = []
    for first, last in struck[bisect_right(struck, start, key=lambda one: one[1]) :]:
        if first >= end:
            break
        inside.append((max(first, start) - start, min(last, end) - start))
    if not inside or not any(shown(chars[first:last]).strip() for first, last in inside):
        return chars, False
    rest = drop(chars, inside)
    return (rest, False) if shown(rest).strip() else (chars, True)


@dataclass(slots=True)
class _BlockMaker:
    """Takes paragraphs one by one, keeps the tables that are open, makes blocks."""

    budget: Budget
    blocks: list[Block] = field(default_factory=list)
    open: list[Table] = field(default_factory=list)
    paragraphs: int = 0
    tables: int = 0
    pictures: int = 0
    hidden: int = 0

    def take(self, chars: str, mark: str, shape: ParagraphShape, *, is_struck: bool = False) -> None:
        """Take the next paragraph."""
        self.pictures += chars.count(_PICTURE)
        depth = min(shape.depth or mark == "\x07", _DEEPEST)
        while len(self.open) > depth:
            self._close()
        while len(self.open) < depth:
            self.tables += 1
            self.open.append(Table(f"table[{self.tables}]"))
        text = shown(chars)
        if not self.open:
            self.paragraphs += 1
            self._paragraph(text, f"p[{self.paragraphs}]", "heading" if shape.is_heading else "paragraph")
            return
        table = self.open[-1]
        if shape.ends_row:
            table.end_row(shape.row)
            return
        hides = not text.strip() and any(anchor in chars for anchor in (_PICTURE, _DRAWN))
        table.add(text, shows_more=is_struck or hides)
        if shape.ends_cell or (mark == "\x07" and depth == 1):
            table.end_cell()

    def finish(self) -> tuple[Block, ...]:
        """Close what is open and return the blocks; blank paragraphs are kept only where there is no table."""
        while self.open:
            self._close()
        kept = [block for block in self.blocks if isinstance(block, Grid) or block.text or not self.tables]
        has_text = any(isinstance(block, Grid) or block.text for block in kept)
        return tuple(kept) if has_text else ()

    def warnings(self) -> Iterator[str]:
        """Yield what was noticed."""
        if self.pictures:
            yield f"{self.pictures} pictures, whose text is not read"
        if self.hidden:
            yield f"{self.hidden} cells covered by a merge hold text, which Word does not show"

    def _close(self) -> None:
        table = self.open.pop()
        table.end_row(None)
        if self.open and table.frames_only():
            only = table.rows[0].cells[0]
            for item in only.content:
                self.open[-1].add(item, shows_more=only.shows_more)
        elif self.open:
            self.open[-1].add(table)
        else:
            self._table(table, nested=False)

    def _paragraph(self, text: str, path: str, role: str = "paragraph") -> None:
        text = self.budget.take_text(text)
        self.blocks.append(TextBlock(text, path, role=role) if text.strip() else TextBlock("", path))

    def _table(self, table: Table, *, nested: bool) -> None:
        rows = list(enumerate(table.rows, 1))
        own, inner = table.count()
        if inner and is_layout(own, inner):
            shape = [
                (len(row.cells), any(isinstance(item, Table) for cell in row.cells for item in cell.content))
                for _, row in rows
            ]
            for is_grid, run in segments(shape):
                part = [rows[index] for index in run]
                if is_grid:
                    self._grid(part, table.path, nested=False)
                else:
                    self._flow(part, table.path)
        elif own == 1 and len(table.rows[0].cells[0].text) > LONG_TEXT:
            self._flow(rows, table.path)
        elif rows:
            self._grid(rows, table.path, nested=nested)
            for item in table.tables():
                self._table(item, nested=True)

    def _flow(self, rows: Sequence[tuple[int, TableRow]], path: str) -> None:
        for number, row in rows:
            for position, cell in enumerate(row.cells, 1):
                for item in cell.content:
                    if isinstance(item, Table):
                        self._table(item, nested=False)
                    else:
                        self._paragraph(item, f"{path}/row[{number}]/cell[{position}]")

    def _grid(self, rows: Sequence[tuple[int, TableRow]], path: str, *, nested: bool) -> None:
        n_cols, drafts, hidden = place_rows(rows, path, self.budget)
        self.hidden += hidden
        self.blocks.append(make_grid(drafts, n_cols, path, nested=nested))
