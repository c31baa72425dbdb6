"""Documents of a size that no report has: built by code, to be read or refused within the limits of memory and time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

_TITLE = "云岭县人民政府2023年政府信息公开工作年度报告"
_DOCX_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>'
)
_DOCX_RELS = (
    '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'officeDocument" Target="word/document.xml"/></Relationships>'
)


def html_of_rows(rows: int = 10_000) -> bytes:
    """A page with one table of that many rows of eight cells."""
    line = "<tr><td>{n}.其他处理</td>" + "<td style='text-align:center'><p>0</p></td>" * 7 + "</tr>"
    table = "\n".join(line.format(n=n) for n in range(rows))
    body = f"<h1>{_TITLE}</h1><table>{table}</table>"
    return f"<html><head><title>{_TITLE}</title></head><body>{body}</body></html>".encode()


def docx_of_bytes(size: int = 40 * 2**20) -> bytes:
    """A docx of that many bytes: pictures make it large, and a main part of a megabyte of tables."""
    cell = "<w:tc><w:tcPr><w:tcW w:w='900'/></w:tcPr><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    rows = "".join("<w:tr>" + cell.format("其他处理") + cell.format("0") * 7 + "</w:tr>" for _ in range(1500))
    body = f"<w:p><w:r><w:t>{_TITLE}</w:t></w:r></w:p><w:tbl>{rows}</w:tbl>"
    main = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{body}</w:body>'
        "</w:document>"
    )
    return _docx(main, size)


def docx_of_markup(size: int = 40 * 2**20) -> bytes:
    """A docx whose main part unpacks to that many bytes of tables."""
    cell = "<w:tc><w:p><w:r><w:t>0</w:t></w:r></w:p></w:tc>"
    row = "<w:tr>" + cell * 8 + "</w:tr>"
    body = f"<w:p><w:r><w:t>{_TITLE}</w:t></w:r></w:p><w:tbl>{row * (size // len(row))}</w:tbl>"
    main = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{body}</w:body>'
        "</w:document>"
    )
    return _docx(main, 0)


def _docx(main: str, size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("[Content_Types].xml", _DOCX_TYPES)
        parts.writestr("_rels/.rels", _DOCX_RELS)
        parts.writestr("word/document.xml", main)
        left, number = size - len(out.getvalue()), 1
        while left > 0:
            piece = min(left, 4 * 2**20)
            parts.writestr(zipfile.ZipInfo(f"word/media/image{number}.png"), bytes(range(256)) * (piece // 256 + 1))
            left, number = left - piece, number + 1
    return out.getvalue()


def pdf_of_pages(pages: int = 500) -> bytes:
    """A PDF of that many pages: a ruled table of eight columns and some lines of text on each."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842))
    for page in range(pages):
        canvas.setFont("STSong-Light", 10)
        canvas.drawString(60, 790, _TITLE if not page else f"第{page + 1}页 本机关主动公开政府信息的情况")
        canvas.grid([60 + 60 * column for column in range(9)], [760 - 20 * row for row in range(31)])
        for row in range(30):
            canvas.drawString(64, 746 - 20 * row, "其他处理")
            for column in range(1, 8):
                canvas.drawString(64 + 60 * column, 746 - 20 * row, str(row * column))
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def docx_of_paragraphs(count: int = 50_000) -> bytes:
    """A docx of that many paragraphs, each with runs of every kind that needs a second look."""
    runs = (
        "<w:r><w:rPr><w:rStyle w:val='a'/><w:strike/></w:rPr><w:t>9</w:t></w:r><w:r><w:t>3</w:t></w:r>"
        "<w:r><w:fldChar w:fldCharType='begin'/></w:r>"
        "<w:r><w:rPr><w:vertAlign w:val='superscript'/></w:rPr><w:t>1</w:t></w:r>"
    )
    body = f"<w:p><w:r><w:t>{_TITLE}</w:t></w:r></w:p>" + f"<w:p>{runs}</w:p>" * count
    return _docx(_main(body), 0)


def docx_of_tables(deep: int = 30, rows: int = 500) -> bytes:
    """A docx of tables that deep inside each other, the innermost of that many rows."""
    inner = "<w:tr>" + "<w:tc><w:p><w:r><w:t>0</w:t></w:r></w:p></w:tc>" * 8 + "</w:tr>"
    body = f"<w:tbl>{inner * rows}</w:tbl>"
    for _ in range(deep):
        body = f"<w:tbl><w:tr><w:tc>{body}<w:p/></w:tc></w:tr></w:tbl>"
    return _docx(_main(body), 0)


def html_of_tables(deep: int = 60, rows: int = 3000) -> bytes:
    """A page of tables that deep inside each other, the innermost of that many rows."""
    body = "<table>" + "<tr><td>其他处理</td><td>0</td></tr>" * rows + "</table>"
    for number in range(deep):
        body = f"<table><tr><td>{number}</td><td>{body}</td></tr></table>"
    return f"<html><body><h1>{_TITLE}</h1>{body}</body></html>".encode()


def html_of_spans(rows: int = 3000) -> bytes:
    """A page whose every cell says that it spans more than there is."""
    line = "<tr>" + "<td rowspan=65534 colspan=1000>0</td>" * 3 + "</tr>"
    return f"<html><body><h1>{_TITLE}</h1><table>{line * rows}</table></body></html>".encode()


def html_of_levels(deep: int = 100_000) -> bytes:
    """A page of elements that deep inside each other."""
    return f"<html><body><h1>{_TITLE}</h1>{'<div><span style=font-size:0>' * deep}".encode()


def _main(body: str) -> str:
    names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    return f'<?xml version="1.0" encoding="UTF-8"?><w:document {names}><w:body>{body}</w:body></w:document>'


MONSTERS: dict[str, Callable[[], bytes]] = {
    "500-pages.pdf": pdf_of_pages,
    "40-mb.docx": docx_of_bytes,
    "40-mb-of-markup.docx": docx_of_markup,
    "10000-rows.html": html_of_rows,
}

ODD: dict[str, Callable[[], bytes]] = {
    "100000-rows.html": lambda: html_of_rows(100_000),
    "tables-in-tables.html": html_of_tables,
    "spans.html": html_of_spans,
    "levels.html": html_of_levels,
    "50000-paragraphs.docx": docx_of_paragraphs,
    "tables-in-tables.docx": docx_of_tables,
}
"""Others, which need not be measured against a figure of their own."""


def build_monsters(folder: Path) -> Iterator[Path]:
    """Write each into a folder."""
    for name, build in MONSTERS.items():
        path = folder / name
        path.write_bytes(build())
        yield path
