"""Ways of printing a page, by name: layout tables, nesting, hidden noise, broken markup, grids of <div>, encodings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import escape

from samples.making.forms import FormCell, FormTable
from samples.making.paper import Paper

from .hard_html import (
    Cell,
    Look,
    aria,
    div_grid,
    flat,
    flex_rows,
    on_values,
    plain,
    plain_rows,
    rows,
    spans,
    td,
)  # fmt: skip

# What stands around everything.


def _layout_three_deep(body: str, paper: Paper) -> str:
    menu = "<table><tr><td><a href='/'>首页</a></td></tr><tr><td><a href='/gk/'>政务公开 12</a></td></tr></table>"
    inner = f"<table width=100%><tr><td width=180>{menu}</td><td>{body}</td></tr></table>"
    middle = (
        f"<table><tr><td colspan=2>您的位置：首页 &gt; 公开</td></tr><tr><td>{inner}</td><td>&nbsp;</td></tr></table>"
    )
    return (
        f"<table><tr><td>{paper.site}</td></tr><tr><td>{middle}</td></tr><tr><td>主办：{paper.site}</td></tr></table>"
    )


def _properties_first(body: str, paper: Paper) -> str:
    cells = "".join(
        f"<tr><td>{name}</td><td>{value}</td></tr>"
        for name, value in (
            ("索引号", paper.index_no), ("发布机构", paper.agency), ("发布日期", paper.published.isoformat()),
            ("文号", "无"), ("有效性", "有效"), ("浏览次数", "1024"),
        )
    )  # fmt: skip
    return f"<table><tbody>{cells}</tbody></table><div class='content'>{body}</div>"


def _in_srcdoc(body: str, paper: Paper) -> str:
    return f'<div id="zoom"><iframe srcdoc="{escape(body)}"></iframe></div>'


def _in_paragraph(body: str, paper: Paper) -> str:
    return f'<div id="zoom"><p><font>{body}</font></p></div>'


# Tables.


def _each_row_a_table(form: FormTable, cell: Cell) -> str:
    """Rows that no span crosses, in tables of their own."""
    parts: list[list[str]] = [[]]
    until = 0
    for number, row in enumerate(rows(form, cell)):
        if number >= until and parts[-1] and number > form.header_rows:
            parts.append([])
        until = max([until, *(one.row + one.row_span for one in form.cells if one.row == number)])
        parts[-1].append(row)
    return "<p></p>".join("<table>" + "".join(f"<tr>{row}</tr>" for row in part) + "</table>" for part in parts)


def _foot_before_body(form: FormTable, cell: Cell) -> str:
    lines = [f"<tr>{row}</tr>" for row in rows(form, cell)]
    if any(one.row < len(lines) - 1 < one.row + one.row_span for one in form.cells) or form.header_rows == 0:
        return "<table>" + "".join(lines) + "</table>"
    head, body, foot = lines[: form.header_rows], lines[form.header_rows : -1], lines[-1:]
    sections = (("tfoot", foot), ("tbody", body), ("thead", head))
    return "<table>" + "".join(f"<{tag}>{''.join(part)}</{tag}>" for tag, part in sections) + "</table>"


def _unclosed(form: FormTable, cell: Cell) -> str:
    inner = "<tr>".join(rows(form, cell)).replace("</td>", "")
    return f"<table><tr>{inner}</table>"


def _extra_blanks(form: FormTable, cell: Cell) -> str:
    lines = []
    for number, row in enumerate(rows(form, cell)):
        lines.append(f"<tr>{row}<td>&nbsp;</td><td></td></tr>")
        if number % 5 == 4:
            lines.append("<tr></tr>")
    width = max(one.col + one.col_span for one in form.cells)
    lines.append(f"<tr>{'<td>&nbsp;</td>' * (width + 2)}</tr>")
    return "<table>" + "".join(lines) + "</table>"


def _spacer_row(form: FormTable, cell: Cell) -> str:
    """The last row that Word writes to hold the widths of all columns."""
    spacer = "".join("<td width=52 style='border:none'></td>" for _ in form.widths)
    return (
        "<!--[if gte mso 9]><xml><w:WordDocument><w:View>7</w:View></w:WordDocument></xml><![endif]-->"
        "<table class=MsoNormalTable border=0 cellspacing=0 style='mso-yfti-tbllook:1184'>"
        + "".join(f"<tr style='mso-yfti-irow:{n}'>{row}</tr>" for n, row in enumerate(rows(form, cell)))
        + f"<![if !supportMisalignedColumns]><tr height=0>{spacer}</tr><![endif]></table>"
    )


def _hidden_twin(hide: str) -> Callable[[FormTable, Cell], str]:
    """The same table again for another width of the screen, not shown, with older numbers."""

    def table(form: FormTable, cell: Cell) -> str:
        old = replace(
            form,
            cells=tuple(
                replace(one, text=str(int(one.text) + 7)) if one.key and one.text.isdigit() else one
                for one in form.cells
            ),
        )
        return f"<div {hide}><table>{plain_rows(old, cell)}</table></div><table>{plain_rows(form, cell)}</table>"

    return table


def _too_large_spans(form: FormTable, cell: Cell) -> str:
    """The last column's spans reach beyond the table, the last row's below it."""
    lines = []
    for number in range(form.n_rows):
        line = [one for one in form.cells if one.row == number]
        changed = [
            replace(
                one,
                col_span=99 if one is line[-1] and one.col_span > 1 else one.col_span,
                row_span=99 if number + one.row_span == form.n_rows and one.row_span > 1 else one.row_span,
            )
            for one in line
        ]
        lines.append("<tr>" + "".join(cell(one) for one in changed) + "</tr>")
    return "<table>" + "".join(lines) + "</table>"


def _zero_spans(form: FormTable, cell: Cell) -> str:
    zero = "<table>" + plain_rows(form, cell) + "</table>"
    return zero.replace("<td>", '<td rowspan="1" colspan="0">')


def _overlapping(form: FormTable, cell: Cell) -> str:
    """A label that spans one row too many: it covers a position of the row below."""
    lines = rows(form, cell)
    out = []
    for number, row in enumerate(lines):
        out.append(f"<tr>{row.replace('<td>', '<td rowspan=2>', 1) if number == 5 else row}</tr>")
    return "<table>" + "".join(out) + "</table>"


# Cells.


def _inner_table(cell: FormCell) -> str:
    """Every third value, and some labels, in a table of their own."""
    if cell.text and (cell.col + cell.row) % 3 == 0 and cell.row > 2:
        return f"<table border=0><tbody><tr><td>{plain(cell)}</td></tr></tbody></table>"
    return plain(cell)


def _broken_head(cell: FormCell) -> str:
    if cell.key or cell.row > 2:
        return plain(cell)
    return "<br/>".join(escape(cell.text[start : start + 2]) for start in range(0, len(cell.text), 2))


def _vertical(cell: FormCell) -> str:
    return "<br>\n".join(escape(char) for char in cell.text) if cell.vertical else plain(cell)


def _word(cell: FormCell) -> str:
    lines = list(cell.text) if cell.vertical else [cell.text]
    return "".join(
        "<p class=MsoNormal align=center style='text-align:center;mso-pagination:widow-orphan'><b style='mso-bidi-font-"
        f"weight:normal'><span lang=EN-US style='font-size:9.0pt;mso-hansi-font-family:宋体'>{escape(line) or '&nbsp;'}"
        "<span style='mso-spacerun:yes'>&nbsp; </span><o:p></o:p></span></b></p>"
        "<p class=MsoNormal style='display:none;mso-hide:all'><span>77</span></p>"
        for line in lines
    )


def _wps(cell: FormCell) -> str:
    """As WPS saves: spans of one font each, o:p with a blank, a paragraph of class."""
    half = len(cell.text) // 2
    runs = "".join(
        f'<span style="font-family:仿宋;mso-ascii-font-family:Calibri;font-size:10.5000pt;"><font face="仿宋">'
        f"{escape(part)}</font></span>"
        for part in (cell.text[:half], cell.text[half:])
    )
    return f'<p class="17" align="center" style="text-align:center;">{runs}<span><o:p>&nbsp;</o:p></span></p>'


def _input(cell: FormCell) -> str:
    if not cell.key:
        return plain(cell)
    kinds = (
        f'<input type="text" value="{plain(cell)}" readonly>',
        f'<textarea rows=1>{plain(cell)}</textarea><input type="hidden" value="99">',
        f'<select><option>88</option><option selected="selected">{plain(cell)}</option></select>',
        f'<input value="{plain(cell)}"><button>保存</button>',
    )
    return kinds[(cell.row + cell.col) % len(kinds)]


def _noise(before: str) -> Callable[[FormCell], str]:
    return on_values(lambda value: before + value)


def _title_only(cell: FormCell) -> str:
    return f'<span title="{plain(cell)}"></span>' if cell.key and (cell.row + cell.col) % 4 == 0 else plain(cell)


_GB_META = '<meta http-equiv="Content-Type" content="text/html; charset=gb2312">'
_UTF_META = '<meta charset="utf-8">'
_HIDE_STYLE = "<style>.note,td i.x{display:none}@media (max-width:600px){p{display:none}}</style>"
_WHITE = "<font color='#FFFFFF'>3</font>"

LOOKS: dict[str, Look] = {
    "layout tables three deep": Look(wrap=_layout_three_deep),
    "properties before the body": Look(wrap=_properties_first),
    "iframe with srcdoc": Look(wrap=_in_srcdoc),
    "everything in a paragraph": Look(wrap=_in_paragraph),
    "a table for every row": Look(table=_each_row_a_table),
    "tfoot first, thead last": Look(table=_foot_before_body),
    "cells not closed": Look(table=_unclosed),
    "extra blanks": Look(table=_extra_blanks),
    "exported by Word": Look(cell=td(_word), table=_spacer_row),
    "exported by WPS": Look(cell=td(_wps)),
    "hidden twin by style": Look(table=_hidden_twin("style='display: none;'")),
    "hidden twin by attribute": Look(table=_hidden_twin("hidden")),
    "hidden twin by class": Look(table=_hidden_twin("class='note'"), head=_HIDE_STYLE),
    "spans that leave the table": Look(table=_too_large_spans),
    "spans of zero": Look(table=_zero_spans),
    "span that covers a row too many": Look(table=_overlapping),
    "display:table": Look(table=aria),
    "a div a cell": Look(table=flat("div", "&nbsp;")),
    "a div a cell, blank ones empty": Look(table=flat("div")),
    "a p a cell": Look(table=flat("p", "&nbsp;")),
    "a span a cell": Look(table=flat("span", "&nbsp;")),
    "a list item a cell": Look(table=flat("li")),
    "grid of div": Look(table=div_grid),
    "rows of flex": Look(table=flex_rows),
    "tables in cells": Look(cell=td(_inner_table)),
    "broken head": Look(cell=td(_broken_head)),
    "vertical labels": Look(cell=td(_vertical)),
    "row labels are th": Look(
        cell=lambda cell: td(plain)(cell) if cell.key else td(plain)(cell).replace("td>", "th>").replace("<td", "<th")
    ),
    "digits in spans": Look(cell=td(on_values(lambda text: "".join(f"<span>{char}</span>" for char in text)))),
    "digits on lines of the source": Look(
        cell=td(on_values(lambda text: "\n".join(f"<b>{char}</b>" for char in text)))
    ),
    "input fields": Look(cell=td(_input)),
    "text in title only": Look(cell=td(_title_only)),
    "superscript notes": Look(cell=td(on_values(lambda text: f"{text}<sup>2</sup>"))),
    "superscript notes in brackets": Look(cell=td(on_values(lambda text: f"{text}<sup>[1]</sup>"))),
    "circled notes": Look(cell=td(on_values(lambda text: f"{text}①"))),
    "struck out": Look(cell=td(_noise("<del>9</del>"))),
    "struck out by style": Look(cell=td(_noise("<span style='text-decoration: line-through'>9</span>"))),
    "noise: display none": Look(cell=td(_noise("<span style='display:none'>7</span>"))),
    "noise: visibility": Look(cell=td(_noise("<i style='visibility: hidden'>7</i>"))),
    "noise: attribute": Look(cell=td(_noise("<span hidden>7</span>"))),
    "noise: size zero": Look(cell=td(_noise("<span style='font-size:0px'>7</span>"))),
    "noise: opacity": Look(cell=td(_noise("<span style='opacity:0'>7</span>"))),
    "noise: off screen": Look(cell=td(_noise("<span style='position:absolute;left:-9999px'>7</span>"))),
    "noise: white": Look(cell=td(_noise(_WHITE))),
    "noise: white by style": Look(cell=td(_noise("<span style='color:#fff'>7</span>"))),
    "noise: class": Look(cell=td(_noise("<span class='note'>7</span>")), head=_HIDE_STYLE),
    "noise: tag and class": Look(cell=td(_noise("<i class='x'>7</i>")), head=_HIDE_STYLE),
    "noise: comments": Look(cell=td(_noise("<!-- 7 --><!--[if !mso]>8<![endif]-->"))),
    "noise: ruby": Look(cell=td(on_values(lambda text: f"<ruby>{text}<rp>(</rp><rt>7</rt><rp>)</rp></ruby>"))),
    "white text on dark heads": Look(
        cell=lambda cell: (
            td(plain)(cell)
            if cell.key
            else f"<td{spans(cell)} style='background:#036'><font color=white>{plain(cell)}</font></td>"
        )
    ),
    "entities": Look(cell=td(lambda cell: "".join(f"&#{ord(char)};" for char in cell.text))),
    "wide digits": Look(
        cell=td(on_values(lambda text: text.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})))
    ),
    "zero-width marks": Look(cell=td(on_values(lambda text: "&#8203;".join(text) + "&zwnj;&#65279;"))),
    "gb18030 undeclared": Look(encode=lambda page: page.encode("gb18030")),
    "gbk declared utf-8": Look(head=_UTF_META, encode=lambda page: page.encode("gbk", "replace")),
    "utf-8 declared gb2312": Look(head=_GB_META),
    "utf-8 with BOM declared gb2312": Look(head=_GB_META, encode=lambda page: page.encode("utf-8-sig")),
    "utf-16 with BOM": Look(encode=lambda page: page.encode("utf-16")),
    "utf-16 without BOM": Look(encode=lambda page: page.encode("utf-16-le")),
}
"""Ways of printing, by name; each shows all values of the paper to a reader of the page."""
