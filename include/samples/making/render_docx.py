"""Prints a paper as a Word file: the official form with gridSpan and vMerge, soft breaks, or tracked changes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt
from lxml import etree

from samples.making.forms import FormCell, FormTable, lay_out
from samples.making.paper import Paper

_WIDTH = 9_000
"""Width of a table in twentieths of a point."""

_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_SOFT_BREAK_AFTER = 4
"""In soft style, labels of the header are broken after so many characters, as narrow columns make authors do."""


def render_docx(paper: Paper) -> bytes:
    """Print a paper as docx; the same paper gives the same bytes."""
    document = Document()
    core = document.core_properties
    core.title, core.author, core.comments = paper.title, paper.agency, ""
    core.created = core.modified = datetime(
        paper.published.year, paper.published.month, paper.published.day, 1, 30, tzinfo=UTC
    ).replace(tzinfo=None)
    lines = (paper.title,) if paper.style == "docx_official" else paper.title_lines
    for line in lines:
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = paragraph.add_run(line)
        run.bold, run.font.size = True, Pt(20)
    for text in paper.preface:
        document.add_paragraph(text)
    body = document.element.body
    for chapter in paper.chapters:
        document.add_paragraph().add_run(chapter.heading).bold = True
        for text in chapter.paragraphs:
            document.add_paragraph(text)
        if chapter.table:
            form = lay_out(paper.template, chapter.table, paper.sheet)
            body.insert(len(body) - 1, _table(form, paper.style))
            document.add_paragraph()
    date = paper.published
    for text in (paper.agency, f"{date.year}年{date.month}月{date.day}日"):
        document.add_paragraph(text).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    buffer = io.BytesIO()
    document.save(buffer)
    return _with_fixed_dates(buffer.getvalue())


def _with_fixed_dates(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != "docProps/thumbnail.jpeg":
                info = zipfile.ZipInfo(name, _ZIP_DATE)
                info.compress_type = zipfile.ZIP_DEFLATED
                new.writestr(info, _without_thumbnail(old.read(name)) if name == "_rels/.rels" else old.read(name))
    return buffer.getvalue()


def _without_thumbnail(rels: bytes) -> bytes:
    root = etree.fromstring(rels)
    for relation in list(root):
        if relation.get("Target") == "docProps/thumbnail.jpeg":
            root.remove(relation)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _w(parent: etree._Element, tag: str, **attributes: object) -> etree._Element:
    child = etree.SubElement(parent, qn(f"w:{tag}"))
    for name, value in attributes.items():
        child.set(qn(f"w:{name.rstrip('_')}"), str(value))
    return child


def _table(form: FormTable, style: str) -> etree._Element:
    holder = etree.Element("holder", nsmap={"w": qn("w:tbl")[1:].split("}")[0]})
    table = _w(holder, "tbl")
    properties = _w(table, "tblPr")
    _w(properties, "tblW", w=_WIDTH, type="dxa")
    borders = _w(properties, "tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        _w(borders, side, val="single", sz=4, space=0, color="000000")
    _w(properties, "tblLayout", type="fixed")
    widths = [int(_WIDTH * width / sum(form.widths)) for width in form.widths]
    grid = _w(table, "tblGrid")
    for width in widths:
        _w(grid, "gridCol", w=width)
    covering = {(row, cell.col): cell for cell in form.cells for row in range(cell.row, cell.row + cell.row_span)}
    changed = (
        next((cell for cell in form.cells if cell.key and cell.text.isdigit()), None)
        if style == "docx_tracked"
        else None
    )
    for row in range(form.n_rows):
        line = _w(table, "tr")
        for cell in (covering[key] for key in sorted(key for key in covering if key[0] == row)):
            box = _w(line, "tc")
            _cell_properties(
                box, cell, sum(widths[cell.col : cell.col + cell.col_span]), starts=cell.row == row, style=style
            )
            _cell_text(box, cell if cell.row == row else None, style, tracked=cell is changed)
    holder.remove(table)
    return table


def _cell_properties(box: etree._Element, cell: FormCell, width: int, *, starts: bool, style: str) -> None:
    properties = _w(box, "tcPr")
    _w(properties, "tcW", w=width, type="dxa")
    if cell.col_span > 1:
        _w(properties, "gridSpan", val=cell.col_span)
    if cell.row_span > 1:
        merge = _w(properties, "vMerge")
        if starts:
            merge.set(qn("w:val"), "restart")
    if cell.vertical and style != "docx_soft":
        _w(properties, "textDirection", val="tbRlV")
    _w(properties, "vAlign", val="center")


def _cell_text(box: etree._Element, cell: FormCell | None, style: str, *, tracked: bool) -> None:
    paragraph = _w(box, "p")
    if cell is None:
        return
    _w(_w(paragraph, "pPr"), "jc", val="left" if cell.key is None and cell.col_span + cell.col == 3 else "center")
    if style != "docx_official" and cell.key is None:
        _w(paragraph, "bookmarkStart", id=cell.row * 100 + cell.col, name=f"_c{cell.row}_{cell.col}")
    if tracked:
        _deleted(paragraph, "9" + cell.text)
        paragraph = _w(paragraph, "ins", id=9001, author="办公室", date="2024-01-10T10:00:00Z")
    run = _w(paragraph, "r")
    _w(_w(run, "rPr"), "sz", val=18)
    for index, line in enumerate(_lines(cell, style)):
        if index:
            _w(run, "br")
        text = _w(run, "t")
        text.text = line
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    if style != "docx_official" and cell.key is None:
        _w(paragraph, "bookmarkEnd", id=cell.row * 100 + cell.col)


def _deleted(paragraph: etree._Element, text: str) -> None:
    run = _w(_w(paragraph, "del", id=9000, author="办公室", date="2024-01-10T10:00:00Z"), "r")
    _w(run, "delText").text = text


def _lines(cell: FormCell, style: str) -> Iterator[str]:
    if style != "docx_soft" or cell.key is not None:
        yield cell.text
    elif cell.vertical:
        yield from cell.text
    elif cell.row < 3 and cell.col_span == 1 and len(cell.text) > _SOFT_BREAK_AFTER:
        for start in range(0, len(cell.text), _SOFT_BREAK_AFTER):
            yield cell.text[start : start + _SOFT_BREAK_AFTER]
    else:
        yield cell.text
