"""Ways of printing a Word file, by name: text boxes, tracked changes, hidden text, odd merges, fields, controls."""

from __future__ import annotations

import io
import re
import zipfile
from html import escape

from tests.documents.making import W

from samples.making.forms import FormCell, FormTable
from samples.making.paper import Paper

from .hard_docx import Inner, Look, lines, on_values, par, plain, relations, run, table, tbl

_BY = 'w:id="7" w:author="办公室" w:date="2024-01-10T10:00:00Z"'


def box(content: str) -> str:
    """A text box as Word writes it: the new form, and the old one as a fallback with the same content."""
    return (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:wsp><wps:txbx><w:txbxContent>'
        f"{content}</w:txbxContent></wps:txbx></wps:wsp></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>"
        f"<w:txbxContent>{content}</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def _in_box(form: FormTable, inner: Inner) -> str:
    return par(box(table(form, inner) + "<w:p/>"))


def _values_in_boxes(cell: FormCell) -> str:
    return par(box(plain(cell))) if cell.key and cell.text else plain(cell)


def _tracked_rows(form: FormTable, inner: Inner) -> str:
    """Every row once as it was, deleted, and once as it is, inserted."""
    out = []
    for cells in lines(form, inner):
        row = "".join(cells)
        before = re.sub(r"<w:t [^>]*>([^<]*)</w:t>", r"<w:delText>9\1</w:delText>", row)
        out.append(f"<w:tr><w:trPr><w:del {_BY}/></w:trPr>{before}</w:tr>")
        out.append(f"<w:tr><w:trPr><w:ins {_BY}/></w:trPr>{row}</w:tr>")
    return tbl(out)


def _tracked_cells(form: FormTable, inner: Inner) -> str:
    """A deleted cell before the last of each row, and the last one inserted."""
    rows = []
    for cells in lines(form, inner):
        gone = f"<w:tc><w:tcPr><w:cellDel {_BY}/></w:tcPr>{par(run('99'))}</w:tc>"
        last = cells[-1].replace("<w:tcPr>", f"<w:tcPr><w:cellIns {_BY}/>", 1)
        rows.append(f"<w:tr>{''.join(cells[:-1])}{gone}{last}</w:tr>")
    return tbl(rows)


def _moved(text: str) -> str:
    return (
        f'<w:moveFromRangeStart w:id="1" w:name="m"/><w:moveFrom {_BY}>{run("8")}</w:moveFrom>'
        '<w:moveFromRangeEnd w:id="1"/>'
        f"<w:moveTo {_BY}>{run(text)}</w:moveTo>"
    )


def _one_cell_tables(cell: FormCell) -> str:
    """Every third value and some labels in a table of their own."""
    if cell.text and (cell.col + cell.row) % 3 == 0 and cell.row > 2:
        return tbl([f"<w:tr><w:tc>{plain(cell)}</w:tc></w:tr>"]) + "<w:p/>"
    return plain(cell)


def _no_restart(form: FormTable, inner: Inner) -> str:
    return table(form, inner).replace('<w:vMerge w:val="restart"/>', "<w:vMerge/>")


def _merge_by_hand(form: FormTable, inner: Inner) -> str:
    """Spans as hMerge: the first cell, then a cell for each column it covers."""
    rows = []
    for row in range(form.n_rows):
        cells = []
        here = [one for one in form.cells if one.row <= row < one.row + one.row_span]
        for one in sorted(here, key=lambda one: one.col):
            starts = one.row == row
            merge = "" if one.row_span == 1 else f'<w:vMerge w:val="{"restart" if starts else "continue"}"/>'
            first = '<w:hMerge w:val="restart"/>' if one.col_span > 1 else ""
            cells.append(f"<w:tc><w:tcPr>{first}{merge}</w:tcPr>{inner(one) if starts else '<w:p/>'}</w:tc>")
            cells += [f"<w:tc><w:tcPr><w:hMerge/>{merge}</w:tcPr><w:p/></w:tc>"] * (one.col_span - 1)
        rows.append(f"<w:tr>{''.join(cells)}</w:tr>")
    return tbl(rows)


def _margins(form: FormTable, inner: Inner) -> str:
    """Every row leaves out a column on the left and one on the right."""
    skip = '<w:trPr><w:gridBefore w:val="1"/><w:gridAfter w:val="1"/></w:trPr>'
    return tbl(f"<w:tr>{skip}{''.join(cells)}</w:tr>" for cells in lines(form, inner))


def _controls(form: FormTable, inner: Inner) -> str:
    """Content controls around rows and cells."""
    rows = []
    for number, cells in enumerate(lines(form, inner)):
        cells[-1] = (
            f"<w:sdt><w:sdtPr><w:id w:val='{number}'/></w:sdtPr><w:sdtContent>{cells[-1]}</w:sdtContent></w:sdt>"
        )
        row = f"<w:tr>{''.join(cells)}</w:tr>"
        rows.append(f"<w:sdt><w:sdtPr/><w:sdtContent>{row}</w:sdtContent></w:sdt>" if number % 2 else row)
    return tbl(rows)


def _dropdown(text: str) -> str:
    items = "".join(f'<w:listItem w:displayText="{n}" w:value="{n}"/>' for n in ("77", text))
    properties = f"<w:sdtPr><w:dropDownList>{items}</w:dropDownList></w:sdtPr>"
    return f"<w:sdt>{properties}<w:sdtContent>{run(text)}</w:sdtContent></w:sdt>"


def _field(code: str, result: str) -> str:
    """A complex field, with another one inside its code."""
    char = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'.format
    inner = char("begin") + "<w:r><w:instrText>PAGE</w:instrText></w:r>" + char("separate") + run("5") + char("end")
    return (
        char("begin") + f'<w:r><w:instrText xml:space="preserve"> {escape(code)} </w:instrText></w:r>' + inner
        + char("separate") + run(result) + char("end")
    )  # fmt: skip


def _hidden_rows(form: FormTable, inner: Inner) -> str:
    """Rows of older figures, hidden as Word hides rows: by their text and their marks."""
    rows = []
    for cells in lines(form, inner):
        row = "".join(cells)
        if "vMerge" not in row:
            old = re.sub(r"<w:r><w:t [^>]*>([^<]*)<", r"<w:r><w:rPr><w:vanish/></w:rPr><w:t>9\1<", row)
            rows.append(f"<w:tr><w:trPr><w:hidden/></w:trPr>{old}</w:tr>")
        rows.append(f"<w:tr>{row}</w:tr>")
    return tbl(rows)


def _tabs(form: FormTable, inner: Inner) -> str:
    return "".join(
        par("<w:r><w:tab/></w:r>".join(run(one.text) for one in form.cells if one.row == row))
        for row in range(form.n_rows)
    )


def _broken_head(cell: FormCell) -> str:
    if cell.key or cell.row > 2:
        return plain(cell)
    pieces = [cell.text[start : start + 2] for start in range(0, len(cell.text), 2)]
    return par("<w:r><w:br/></w:r>".join(run(piece) for piece in pieces))


def _headed(body: str, paper: Paper) -> str:
    section = (
        '<w:sectPr><w:headerReference w:type="default" /><w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/>'
        "</w:sectPr>"
    )
    return body.replace("<w:tbl>", f"<w:p><w:pPr>{section}</w:pPr></w:p><w:tbl>") + section


def _strict(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    names = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    parts["word/document.xml"] = parts["word/document.xml"].replace(
        names, b"http://purl.oclc.org/ooxml/wordprocessingml/main"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        for name, part in parts.items():
            new.writestr(name, part)
    return out.getvalue()


_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_STYLES = (
    f"<w:styles {W}>"
    '<w:style w:type="character" w:styleId="a9"><w:name w:val="暗"/><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="b9"><w:name w:val="更暗"/><w:basedOn w:val="a9"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="c9"><w:name w:val="批注"/><w:rPr><w:vanish/></w:rPr></w:style></w:styles>'
)
_HEADER = f"<w:hdr {W}>{tbl(['<w:tr><w:tc>' + par(run('本年新收政府信息公开申请数量')) + '</w:tc></w:tr>'])}</w:hdr>"
_NOTE = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr>{}</w:r>'

LOOKS: dict[str, Look] = {
    "plain": Look(),
    "tables in text boxes": Look(table=_in_box),
    "values in text boxes": Look(inner=_values_in_boxes),
    "rows deleted and inserted": Look(table=_tracked_rows),
    "cells deleted and inserted": Look(table=_tracked_cells),
    "digits deleted and inserted": Look(
        inner=on_values(
            lambda text: f"<w:del {_BY}><w:r><w:delText>9</w:delText></w:r></w:del><w:ins {_BY}>{run(text)}</w:ins>"
        )
    ),
    "digits moved": Look(inner=on_values(_moved)),
    "formats changed": Look(
        inner=on_values(
            lambda text: run(text, f"<w:rPrChange {_BY}><w:rPr><w:vanish/><w:strike/></w:rPr></w:rPrChange>")
        )
    ),
    "hidden digits": Look(inner=on_values(lambda text: run("7", "<w:vanish/>") + run(text))),
    "hidden digits, not hidden": Look(inner=on_values(lambda text: run(text, '<w:vanish w:val="0"/>'))),
    "hidden by style": Look(
        inner=on_values(lambda text: run("7", '<w:rStyle w:val="a9"/>') + run(text)), parts={"word/styles.xml": _STYLES}
    ),
    "hidden by a style's parent": Look(
        inner=on_values(lambda text: run("7", '<w:rStyle w:val="b9"/>') + run(text)), parts={"word/styles.xml": _STYLES}
    ),
    "hidden paragraphs by style": Look(
        inner=lambda cell: par(run("7"), '<w:pStyle w:val="c9"/>') + plain(cell), parts={"word/styles.xml": _STYLES}
    ),
    "hidden rows": Look(table=_hidden_rows),
    "struck digits": Look(inner=on_values(lambda text: run("9", "<w:strike/>") + run(text))),
    "twice struck digits": Look(inner=on_values(lambda text: run("9", "<w:dstrike/>") + run(text))),
    "white digits": Look(inner=on_values(lambda text: run("9", '<w:color w:val="FFFFFF"/>') + run(text))),
    "tables in cells": Look(inner=_one_cell_tables),
    "merges without a beginning": Look(table=_no_restart),
    "merges by hMerge": Look(table=_merge_by_hand),
    "columns left out": Look(table=_margins),
    "controls around rows and cells": Look(table=_controls),
    "controls around runs": Look(inner=on_values(_dropdown)),
    "simple fields": Look(
        inner=on_values(lambda text: f'<w:fldSimple w:instr=" =SUM(ABOVE) ">{run(text)}</w:fldSimple>')
    ),
    "fields in fields": Look(inner=on_values(lambda text: _field("=SUM(ABOVE)", text))),
    "broken head": Look(inner=_broken_head),
    "tabs for columns": Look(table=_tabs),
    "smart tags": Look(
        inner=on_values(
            lambda text: (
                f'<w:smartTag w:element="chsdate"><w:customXml w:element="n">{run(text)}</w:customXml></w:smartTag>'
            )
        )
    ),
    "notes": Look(
        inner=on_values(lambda text: run(text) + _NOTE.format('<w:footnoteReference w:id="2"/>')),
        parts={
            "word/footnotes.xml": f"<w:footnotes {W}><w:footnote w:id='2'>{par(run('99'))}</w:footnote></w:footnotes>"
        },
    ),
    "notes by hand": Look(inner=on_values(lambda text: run(text) + _NOTE.format("<w:t>1</w:t>"))),
    "notes in brackets by hand": Look(inner=on_values(lambda text: run(text) + _NOTE.format("<w:t>[2]</w:t>"))),
    "comments": Look(
        inner=on_values(
            lambda text: (
                f'<w:commentRangeStart w:id="3"/>{run(text)}<w:commentRangeEnd w:id="3"/>'
                '<w:r><w:commentReference w:id="3"/></w:r>'
            )
        ),
        parts={"word/comments.xml": f"<w:comments {W}><w:comment w:id='3'>{par(run('99'))}</w:comment></w:comments>"},
    ),
    "header with a table, landscape": Look(
        wrap=_headed, parts=relations(("rId1", "header", "header1.xml")) | {"word/header1.xml": _HEADER}
    ),
    "vertical and combined text": Look(
        inner=lambda cell: par(run(cell.text, '<w:eastAsianLayout w:id="1" w:combine="1"/>'))
    ),
    "symbols beside digits": Look(
        inner=on_values(lambda text: run(text) + '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>')
    ),
    "digits in runs": Look(inner=on_values(lambda text: "".join(run(char, "<w:b/>") for char in text))),
    "ruby": Look(
        inner=on_values(
            lambda text: f"<w:r><w:ruby><w:rt>{run('7')}</w:rt><w:rubyBase>{run(text)}</w:rubyBase></w:ruby></w:r>"
        )
    ),
    "strict": Look(finish=_strict),
}
"""Ways of printing, by name; each shows all values of the paper to a reader of the file."""
