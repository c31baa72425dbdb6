"""Pages that print a sample paper in hard ways: layout tables, nesting, hidden noise, broken markup, grids of <div>."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from samples.making.forms import FormCell, FormTable, lay_out
from samples.making.paper import Paper

Cell = Callable[[FormCell], str]


def spans(cell: FormCell) -> str:
    """The span attributes of a cell."""
    rows = f' rowspan="{cell.row_span}"' if cell.row_span > 1 else ""
    return rows + (f' colspan="{cell.col_span}"' if cell.col_span > 1 else "")


def td(inner: Callable[[FormCell], str], attributes: Callable[[FormCell], str] = lambda cell: "") -> Cell:
    """A <td> around what `inner` makes of the cell."""
    return lambda cell: f"<td{spans(cell)}{attributes(cell)}>{inner(cell)}</td>"


def plain(cell: FormCell) -> str:
    return escape(cell.text)


def on_values(change: Callable[[str], str], otherwise: Callable[[FormCell], str] = plain) -> Callable[[FormCell], str]:
    """Change printed numbers only."""
    return lambda cell: change(escape(cell.text)) if cell.key and cell.text.isdigit() else otherwise(cell)


def rows(form: FormTable, cell: Cell) -> list[str]:
    """The inner markup of each row."""
    return ["".join(cell(one) for one in form.cells if one.row == row) for row in range(form.n_rows)]


PLAIN_CELL = td(plain)


@dataclass(frozen=True)
class Look:
    """How a paper is printed: its cells, tables, paragraphs, and what stands around the body."""

    cell: Cell = PLAIN_CELL
    table: Callable[[FormTable, Cell], str] = lambda form, cell: (
        "<table>" + "".join(f"<tr>{row}</tr>" for row in rows(form, cell)) + "</table>"
    )
    paragraph: Callable[[str], str] = lambda text: f"<p>{escape(text)}</p>"
    wrap: Callable[[str, Paper], str] = lambda body, paper: f'<div id="zoom">{body}</div>'
    head: str = ""
    encode: Callable[[str], bytes] = lambda page: page.encode()


def forms_of(paper: Paper) -> list[FormTable]:
    """The tables of a paper in order."""
    return [lay_out(paper.template, chapter.table, paper.sheet) for chapter in paper.chapters if chapter.table]


def body_of(paper: Paper, look: Look) -> str:
    """Title, narrative and tables."""
    parts = [f"<h1>{escape(paper.title)}</h1>", *(look.paragraph(text) for text in paper.preface)]
    for chapter in paper.chapters:
        parts.append(look.paragraph(chapter.heading))
        parts += [look.paragraph(text) for text in chapter.paragraphs]
        if chapter.table:
            parts.append(look.table(lay_out(paper.template, chapter.table, paper.sheet), look.cell))
    return "\n".join(parts)


def print_page(paper: Paper, look: Look) -> bytes:
    """The whole page."""
    head = f"<title>{escape(paper.title)}</title>{look.head}"
    return look.encode(
        f"<!DOCTYPE html><html><head>{head}</head><body>{look.wrap(body_of(paper, look), paper)}</body></html>"
    )


def plain_rows(form: FormTable, cell: Cell) -> str:
    return "".join(f"<tr>{row}</tr>" for row in rows(form, cell))


# Tables that are none.


def aria(form: FormTable, cell: Cell) -> str:
    lines = [
        "<div role='row' style='display:table-row'>"
        + "".join(f"<span style='display:table-cell'>{plain(one)}</span>" for one in form.cells if one.row == number)
        + "</div>"
        for number in range(form.n_rows)
    ]
    return "<div role='table' style='display:table'>" + "".join(lines) + "</div>"


def flat(tag: str, blank: str = "") -> Callable[[FormTable, Cell], str]:
    def table(form: FormTable, cell: Cell) -> str:
        return "\n".join(f"<{tag} class='c'>{plain(one) or blank}</{tag}>" for one in form.cells)

    return table


def div_grid(form: FormTable, cell: Cell) -> str:
    style = f"display:grid;grid-template-columns:repeat({len(form.widths)},1fr)"
    return f"<div style='{style}'>" + "".join(f"<div class='cell'>{plain(one)}</div>" for one in form.cells) + "</div>"


def flex_rows(form: FormTable, cell: Cell) -> str:
    lines = (
        "<div class='row' style='display:flex'>"
        + "".join(f"<div class='col'><span>{plain(one)}</span></div>" for one in form.cells if one.row == number)
        + "</div>"
        for number in range(form.n_rows)
    )
    return "<section>" + "".join(lines) + "</section>"
