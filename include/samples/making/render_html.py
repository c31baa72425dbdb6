"""Prints a paper as the page of a content management system: head, navigation, property table, body."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from string import Template

from samples.making.forms import FormCell, FormTable, lay_out
from samples.making.paper import Paper

_ENCODINGS = {"html_declared": "gb18030", "html_bare": "gb18030"}
"""Styles that are not in UTF-8; GB18030 is what portals send that say gb2312 or say nothing."""

_PAGE = Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))


def render_html(paper: Paper) -> bytes:
    """Print a paper as a web page in the encoding of its style."""
    encoding = _ENCODINGS.get(paper.style, "utf-8")
    charset = {"html_declared": '<meta charset="gb2312">\n', "html_bare": ""}.get(
        paper.style, '<meta charset="utf-8">\n'
    )
    flat, word = paper.style == "html_flat", paper.style == "html_word"
    paragraph = _word_paragraph if word else _paragraph
    table = _flat_table if flat else _word_table if word else _table
    page = _PAGE.substitute(
        charset=charset,
        title=escape(paper.title),
        site=escape(paper.site),
        agency=escape(paper.agency),
        published=paper.published.isoformat(),
        index_no=escape(paper.index_no),
        body="\n".join(_body(paper, paragraph, table)),
    )
    return page.encode(encoding)


def _body(paper: Paper, paragraph: Callable[[str], str], table: Callable[[FormTable], str]) -> Iterator[str]:
    yield from (paragraph(text) for text in paper.preface)
    for chapter in paper.chapters:
        yield paragraph(chapter.heading)
        yield from (paragraph(text) for text in chapter.paragraphs)
        if chapter.table:
            yield table(lay_out(paper.template, chapter.table, paper.sheet))
    date = paper.published
    yield paragraph(paper.agency)
    yield paragraph(f"{date.year}年{date.month}月{date.day}日")


def _paragraph(text: str) -> str:
    return f'<p style="text-indent:2em">{escape(text)}</p>'


def _table(form: FormTable) -> str:
    return "<table><tbody>\n" + "\n".join(_rows(form, _cell)) + "\n</tbody></table>"


def _rows(form: FormTable, cell: Callable[[FormCell], str]) -> Iterator[str]:
    for row in range(form.n_rows):
        yield "<tr>" + "".join(cell(one) for one in form.cells if one.row == row) + "</tr>"


def _spans(cell: FormCell) -> str:
    spans = f' rowspan="{cell.row_span}"' if cell.row_span > 1 else ""
    return spans + (f' colspan="{cell.col_span}"' if cell.col_span > 1 else "")


def _cell(cell: FormCell) -> str:
    text = "<br>".join(escape(part) for part in cell.text) if cell.vertical else escape(cell.text)
    return f"<td{_spans(cell)}>{text or '&nbsp;'}</td>"


def _flat_table(form: FormTable) -> str:
    """One paragraph a cell, as pages look after an editor threw the table away."""
    return "\n".join(_paragraph(cell.text) if cell.text else "<p>&nbsp;</p>" for cell in form.cells)


def _word_paragraph(text: str) -> str:
    half = len(text) // 2
    spans = "".join(
        f'<span style="font-size:16.0pt;font-family:仿宋_GB2312;mso-bidi-font-family:宋体">{escape(part)}</span>'
        for part in (text[:half], text[half:])
    )
    end = '<span lang="EN-US"><o:p></o:p></span>'
    return f'<p class="MsoNormal" style="text-indent:32.0pt;mso-char-indent-count:2.0">{spans}{end}</p>'


def _word_table(form: FormTable) -> str:
    """As word processors export: classes, nested spans, empty o:p elements, no-break spaces for blanks."""
    rows = "\n".join(_rows(form, _word_cell))
    return (
        '<div align="center"><table class="MsoNormalTable" border="1" cellspacing="0" cellpadding="0" '
        f'style="border-collapse:collapse;mso-table-layout-alt:fixed">\n{rows}\n</table></div>'
    )


def _word_cell(cell: FormCell) -> str:
    lines = [cell.text] if not cell.vertical else list(cell.text)
    inner = "".join(
        '<p class="MsoNormal" align="center"><span lang="EN-US" style="font-size:9.0pt"><span style="mso-spacerun:yes">'
        f"{escape(line) or '&nbsp;'}</span><o:p></o:p></span></p>"
        for line in lines
    )
    return f'<td valign="center"{_spans(cell)} style="mso-border-alt:solid windowtext .5pt">{inner}</td>'
