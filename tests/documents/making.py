"""Small documents, made piece by piece, for the tests of the readers."""

import io
import zipfile

from gongkai.documents.model import Document, Grid, TextBlock

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
NAMESPACES = (
    f"{W} "
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
)


def docx(body: str, parts: dict[str, str] | None = None, prolog: str = "") -> bytes:
    """A docx whose w:body holds `body`."""
    xml = f"<?xml version='1.0' encoding='UTF-8'?>{prolog}<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>"
    return zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": xml} | (parts or {}))


def zipped(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def stored(parts: dict[str, bytes]) -> bytes:
    """A zip whose members are not packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def p(text: str, properties: str = "") -> str:
    ppr = f"<w:pPr>{properties}</w:pPr>" if properties else ""
    return f'<w:p>{ppr}<w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def tc(content: str, properties: str = "") -> str:
    """A cell; text without markup is wrapped in a paragraph."""
    inner = content if content.startswith("<") else p(content)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


def tr(*cells: str, properties: str = "") -> str:
    body = "".join(cell if cell.startswith("<w:") else tc(cell) for cell in cells)
    return f"<w:tr>{properties}{body}</w:tr>"


def tbl(*rows: str) -> str:
    return f"<w:tbl><w:tblPr/>{''.join(rows)}</w:tbl>"


SPAN = '<w:gridSpan w:val="{}"/>'
MERGE, MERGED = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"


def page(article: str, *, head: str = "", before: str = "", after: str = "", zoom: str = 'id="zoom"') -> bytes:
    """A web page with the article in a container, UTF-8."""
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>页</title>{head}</head>'
        f"<body>{before}<div {zoom}>{article}</div>{after}</body></html>"
    ).encode()


def texts(document: Document, role: str = "") -> list[str]:
    """Texts outside grids, of one role or of all but furniture."""
    return [b.text for b in document.texts() if (b.role == role if role else b.role != "furniture")]


def table(grid: Grid) -> list[list[str]]:
    """Texts of a grid, row by row, only cells that begin there."""
    return [[cell.text for cell in row] for row in grid.rows()]


def tables(document: Document) -> list[list[list[str]]]:
    return [table(grid) for grid in document.grids()]


def outline(document: Document) -> list[object]:
    """Blocks in order: texts as they are, grids as their rows; furniture left out."""
    out: list[object] = []
    for block in document.blocks:
        if isinstance(block, TextBlock):
            if block.role != "furniture":
                out.append(block.text)
        else:
            out.append(table(block))
    return out
