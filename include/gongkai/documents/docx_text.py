"""The text of one docx paragraph or cell, as Word shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from gongkai.documents import docx_names as n
from gongkai.documents.frames import Frames
from gongkai.documents.placing import MOST_COLUMNS

_OFF = frozenset({"0", "false", "off", "none"})
FRAMES = Frames(n.TBL, n.TC, (n.T,))
_PRIVATE_USE = range(0xE000, 0xF900)
_STOPS = frozenset({n.P, n.TBL, n.TR, n.TC, n.ALT_CHUNK})
_MARKS = {n.TAB: "\t", n.CR: "\n", n.HYPHEN: "-"}


@dataclass(slots=True)
class Piece:
    """What a paragraph holds.

    Attributes:
        text: Its text; soft line breaks are newlines.
        boxes: Contents of its text boxes.
        pictures: Number of its pictures.
        images: Relationships of those stored in the file.
        objects: Programs of the objects embedded in it.
    """

    text: str = ""
    boxes: list[etree._Element] = field(default_factory=list)
    pictures: int = 0
    images: list[str] = field(default_factory=list)
    objects: list[str] = field(default_factory=list)


def children(element: etree._Element) -> Iterator[etree._Element]:
    """Yield the paragraphs, tables, rows, cells directly in `element`, looking through what Word does not show.

    Content controls, custom XML, insertions and moved text are transparent; of alternate contents the first is taken.
    """
    for child in element:
        tag = child.tag
        if tag in _STOPS:
            yield child
        elif tag == n.ALTERNATE:
            yield from children(_chosen(child))
        elif tag not in n.SKIPPED:
            yield from children(child)


def paragraph_piece(paragraph: etree._Element) -> Piece:
    """Return text, text boxes and pictures of a w:p."""
    piece = Piece()
    out: list[str] = []
    _inline(paragraph, out, piece)
    piece.text = "".join(out)
    return piece


def cell_content(cell: etree._Element) -> Iterator[Piece | etree._Element]:
    """Yield a Piece for each paragraph of a w:tc, its text boxes included, and each w:tbl in it."""
    for child in children(cell):
        if child.tag == n.P:
            piece = paragraph_piece(child)
            yield piece
            for box in piece.boxes:
                yield from cell_content(box)
        elif child.tag == n.TBL:
            only = FRAMES.only_cell(child)
            if only is None:
                yield child
            else:
                yield from cell_content(only)


@dataclass(slots=True)
class Span:
    """What a cell covers.

    Attributes:
        columns: Columns covered, 1 or more.
        vertical: "restart", "continue" or "" of its vertical merge.
        continues_left: It is part of the cell to its left (w:hMerge, which old converters write).
        deleted: It is a tracked deletion.
    """

    columns: int = 1
    vertical: str = ""
    continues_left: bool = False
    deleted: bool = False


def span_of(cell: etree._Element) -> Span:
    """Return what a w:tc covers."""
    span = Span()
    for properties in cell:
        if properties.tag == n.TCPR:
            for item in properties:
                tag = item.tag
                if tag == n.V_MERGE:
                    span.vertical = "restart" if val_of(item) == "restart" else "continue"
                elif tag == n.GRID_SPAN:
                    span.columns = min(max(1, number_of(item)), MOST_COLUMNS)
                elif tag == n.H_MERGE:
                    span.continues_left = val_of(item) != "restart"
                elif tag == n.CELL_DEL:
                    span.deleted = True
        break  # the schema puts the properties first
    return span


def val_of(element: etree._Element) -> str:
    """Return the w:val of an element, "" if it has none."""
    return element.get(n.VAL, "")


def is_on(element: etree._Element) -> bool:
    """Tell whether a property that is either on or off is on; on is what it says without a value."""
    return val_of(element).lower() not in _OFF


def number_of(element: etree._Element) -> int:
    """Return the w:val of an element as a whole number, 0 if it is none."""
    value = val_of(element)
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0


def _inline(element: etree._Element, out: list[str], piece: Piece) -> None:
    for child in element:
        tag = child.tag
        if tag == n.R:
            _run(child, out, piece)
        elif tag == n.ALTERNATE:
            _inline(_chosen(child), out, piece)
        elif tag == n.M_T:
            out.append(child.text or "")
        elif tag not in n.SKIPPED:
            _inline(child, out, piece)


def _run(run: etree._Element, out: list[str], piece: Piece) -> None:
    for child in run:
        tag = child.tag
        if tag == n.T:
            out.append(child.text or "")
        elif tag == n.RPR:
            vanish = next(child.iterchildren(n.VANISH), None)
            if vanish is not None and is_on(vanish):
                return
        elif tag == n.BR:
            if child.get(n.TYPE, "textWrapping") == "textWrapping":
                out.append("\n")
        elif tag in _MARKS:
            out.append(_MARKS[tag])
        elif tag == n.SYM:
            out.append(_symbol(child))
        elif tag in n.DRAWINGS:
            _drawing(child, piece)
        elif tag not in n.SKIPPED:
            _inline(child, out, piece)


def _symbol(element: etree._Element) -> str:
    """A character by its code; those of symbol fonts (private use) have no meaning as text."""
    try:
        code = int(element.get(n.CHAR, ""), 16)
    except ValueError:
        return ""
    return chr(code) if 0x20 <= code < 0xD800 and code not in _PRIVATE_USE else "\ufffd"


def _drawing(element: etree._Element, piece: Piece) -> None:
    """Note text boxes and pictures under a drawing; its fallback for old versions of Word repeats the same."""
    if element.tag == n.ALTERNATE:
        _drawing(_chosen(element), piece)
        return
    for child in element:
        if child.tag == n.TXBX_CONTENT:
            piece.boxes.append(child)
        else:
            if child.tag in n.PICTURES:
                piece.pictures += 1
                piece.images += filter(None, (child.get(name) for name in n.IMAGE_IDS))
            elif child.tag == n.OLE_OBJECT:
                piece.objects.append(child.get(n.PROG_ID, "")[:60])
            _drawing(child, piece)


def _chosen(alternate: etree._Element) -> etree._Element:
    """The branch of an mc:AlternateContent that a new Word shows: the first choice that is not empty."""
    for branch in alternate:
        if len(branch):
            return branch
    return alternate
