"""Word files that print a sample paper in hard ways, written as WordprocessingML by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import escape

from tests.documents.making import docx

from samples.making.forms import FormCell, FormTable, lay_out
from samples.making.paper import Paper

Inner = Callable[[FormCell], str]


def run(text: str, properties: str = "") -> str:
    """A run; nothing for no text."""
    rpr = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{rpr}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>' if text else ""


def par(content: str, properties: str = "") -> str:
    """A paragraph around runs."""
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{content}</w:p>"


def plain(cell: FormCell) -> str:
    return par(run(cell.text))


def on_values(change: Callable[[str], str], otherwise: Inner = plain) -> Inner:
    """Change the content of cells that hold a number of digits; `change` gives the content of the paragraph."""
    return lambda cell: par(change(cell.text)) if cell.key and cell.text.isdigit() else otherwise(cell)


def tc(content: str, cell: FormCell, *, starts: bool = True, properties: str = "") -> str:
    """A cell with its spans."""
    span = f'<w:gridSpan w:val="{cell.col_span}"/>' if cell.col_span > 1 else ""
    merge = ("" if cell.row_span == 1 else '<w:vMerge w:val="restart"/>') if starts else "<w:vMerge/>"
    return f"<w:tc><w:tcPr>{properties}{span}{merge}</w:tcPr>{content}</w:tc>"


def lines(form: FormTable, inner: Inner) -> list[list[str]]:
    """The cells of each row, those that continue a merge included."""
    covering = {(row, cell.col): cell for cell in form.cells for row in range(cell.row, cell.row + cell.row_span)}
    out = []
    for row in range(form.n_rows):
        here = [covering[at] for at in sorted(covering) if at[0] == row]
        out.append([
            tc(inner(cell), cell) if cell.row == row else tc("<w:p/>", cell, starts=False) for cell in here
        ])  # fmt: skip
    return out


def tbl(rows: Iterable[str]) -> str:
    return f"<w:tbl><w:tblPr/>{''.join(rows)}</w:tbl>"


def table(form: FormTable, inner: Inner) -> str:
    """The form as a table."""
    return tbl(f"<w:tr>{''.join(cells)}</w:tr>" for cells in lines(form, inner))


def unchanged(body: str, paper: Paper) -> str:
    return body


@dataclass(frozen=True)
class Look:
    """How a paper is printed: its cells, tables, headings, what surrounds them, other parts of the file."""

    inner: Inner = plain
    table: Callable[[FormTable, Inner], str] = table
    paragraph: Callable[[str], str] = lambda text: par(run(text))
    wrap: Callable[[str, Paper], str] = unchanged
    parts: Mapping[str, str] = field(default_factory=dict)
    finish: Callable[[bytes], bytes] = bytes


def body_of(paper: Paper, look: Look) -> str:
    """Title, narrative and tables."""
    out = [par(run(paper.title)), *(look.paragraph(text) for text in paper.preface)]
    for chapter in paper.chapters:
        out.append(look.paragraph(chapter.heading))
        out += [look.paragraph(text) for text in chapter.paragraphs]
        if chapter.table:
            out.append(look.table(lay_out(paper.template, chapter.table, paper.sheet), look.inner))
    return "".join(out)


def print_docx(paper: Paper, look: Look) -> bytes:
    """The whole file."""
    return look.finish(docx(look.wrap(body_of(paper, look), paper), dict(look.parts)))


def relations(*items: tuple[str, str, str]) -> dict[str, str]:
    """The relationships of the main part: (id, kind, target)."""
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    inner = "".join(
        f'<Relationship Id="{id_}" Type="{kinds}/{kind}" Target="{target}"/>' for id_, kind, target in items
    )
    names = "http://schemas.openxmlformats.org/package/2006/relationships"
    return {"word/_rels/document.xml.rels": f'<Relationships xmlns="{names}">{inner}</Relationships>'}
