"""Files of every format, all made by code, to be damaged bit by bit."""

from __future__ import annotations

import base64
import gzip
import io
import random
import zipfile
from collections.abc import Mapping
from html import escape

from tests.documents.archive_making import rar_of, seven_of, zip_of
from tests.documents.ofd_making import ofd_of_pdf
from tests.documents.test_odt import odt

from gongkai.documents.model import Document, Grid
from samples.making.forms import lay_out
from samples.making.paper import Paper

from .drawing import draw_form, png
from .fuzz import as_doc, as_md, as_txt, flip_bits


def light_files(source: Document, pdf: bytes, html: bytes, docx: bytes) -> Mapping[str, bytes]:
    """A file of every format that needs neither another program nor recognition, by name."""
    text = as_txt(source)
    return {
        "report.docx": docx,
        "report.html": html,
        "report.pdf": pdf,
        "report.txt": text,
        "report.md": as_md(source),
        "report.doc": as_doc(source),
        "report.odt": as_odt(source),
        "report.ofd": ofd_of_pdf(pdf),
        "report.mht": as_mhtml(html),
        "report.zip": zip_of({"年报.docx": docx, "说明.txt": text}),
        "report.7z": seven_of({"年报.html": html}),
        "report.rar": rar_of({"年报.txt": text}),
        "report.txt.gz": gzip.compress(text, mtime=0),
    }


def heavy_files(source: Document, paper: Paper) -> Mapping[str, bytes]:
    """A file of every format whose characters are recognised, or that LibreOffice reads."""
    picture = draw_form(lay_out(paper.template, "review", paper.sheet))
    out = {"report.png": png(picture), "report.rtf": as_rtf(source)}
    for name, kind, options in (("report.jpg", "JPEG", {"quality": 90}), ("scan.pdf", "PDF", {"resolution": 150.0})):
        file = io.BytesIO()
        picture.save(file, kind, **options)
        out[name] = file.getvalue()
    return out


def damaged(data: bytes, seed: int) -> bytes:
    """Change some bytes of a file; of every other zip, those of a part, which a checksum would hide otherwise."""
    if not data.startswith(b"PK") or seed % 2:
        return flip_bits(data, seed)
    rng = random.Random(seed)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        names = [name for name in old.namelist() if old.read(name)]
        hit = rng.choice([*names, max(names, key=lambda name: len(old.read(name)))])
        for name in old.namelist():
            new.writestr(name, flip_bits(old.read(name), seed) if name == hit else old.read(name))
    return out.getvalue()


def as_odt(document: Document) -> bytes:
    """An OpenDocument text; covered cells as the format wants them."""
    parts: list[str] = []
    for block in document.blocks:
        if not isinstance(block, Grid):
            parts.append(f"<text:p>{escape(block.text)}</text:p>")
            continue
        starts = {(cell.row, cell.col): cell for cell in block.cells}
        rows = []
        for row in range(block.n_rows):
            cells = []
            for col in range(block.n_cols):
                cell = starts.get((row, col))
                if cell is None:
                    cells.append("<table:covered-table-cell/>")
                    continue
                spans = f'table:number-columns-spanned="{cell.col_span}" table:number-rows-spanned="{cell.row_span}"'
                cells.append(f"<table:table-cell {spans}><text:p>{escape(cell.text)}</text:p></table:table-cell>")
            rows.append(f"<table:table-row>{''.join(cells)}</table:table-row>")
        parts.append(f"<table:table>{''.join(rows)}</table:table>")
    return odt("".join(parts))


def as_mhtml(page: bytes) -> bytes:
    """A web page as browsers save it in one file."""
    head = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=part\r\n\r\n--part\r\n"
    kind = b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head + kind + base64.encodebytes(page) + b"\r\n--part--\r\n"


def as_rtf(document: Document) -> bytes:
    """Rich text with a paragraph a block and a row a line of cells."""

    def said(text: str) -> str:
        return "".join(char if char.isascii() and char.isalnum() else f"\\u{ord(char)}?" for char in text[:400])

    parts: list[str] = []
    for block in document.blocks:
        if not isinstance(block, Grid):
            parts.append(said(block.text) + "\\par\n")
            continue
        for row in block.rows():
            edges = "".join(f"\\cellx{600 * (cell.col + cell.col_span)}" for cell in row)
            cells = "".join(f"\\intbl {said(cell.text)}\\cell" for cell in row)
            parts.append(f"\\trowd{edges}{cells}\\row\n" if row else "")
        parts.append("\\pard\\par\n")
    return ("{\\rtf1\\ansi\\uc1 " + "".join(parts) + "}").encode("ascii")
