"""Tables printed in other layouts than the form's: laid out by the samples' builder, bent here, written to files.

A table is a list of rows of boxes. What a test bends is a box's text or the boxes of a row; the writers put them into
HTML, docx and text as they are, so that a row with too many boxes is a row with too many cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from tests.documents.making import docx, p, tbl, tc, tr

from samples.making.forms import lay_out
from samples.making.paper import Key, Paper, Printed

from .mutate import sample_entries

TITLE = "云岭县教育局{year}年政府信息公开工作年度报告"
HEADINGS = {
    "proactive": "二、主动公开政府信息情况",
    "applications": "三、收到和处理政府信息公开申请情况",
    "review": "四、政府信息公开行政复议、行政诉讼情况",
}
OUTCOMES = {
    "upheld": "结果维持",
    "corrected": "结果纠正",
    "other": "其他结果",
    "pending": "尚未审结",
    "total": "总计",
}


@dataclass(frozen=True)
class Box:
    """A printed cell; `key` names the value it holds."""

    text: str
    cols: int = 1
    rows: int = 1
    key: Key | None = None


Lines = list[list[Box]]


def paper_of(name: str) -> Paper:
    return sample_entries()[name].paper


def with_values(paper: Paper, values: Mapping[Key, str]) -> Paper:
    return replace(paper, sheet={**paper.sheet, **{key: Printed.of(raw) for key, raw in values.items()}})


def table(paper: Paper, code: str) -> Lines:
    form = lay_out(paper.template, code, paper.sheet)
    rows: Lines = [[] for _ in range(form.n_rows)]
    for cell in form.cells:
        rows[cell.row].append(Box(cell.text, cell.col_span, cell.row_span, cell.key))
    return rows


def tables(paper: Paper) -> dict[str, Lines]:
    return {code: table(paper, code) for code in HEADINGS}


def row_of(lines: Lines, row_code: str) -> list[Box]:
    """The row that holds a row's values; changing it changes the table."""
    return next(row for row in lines if any(box.key and box.key[1] == row_code for box in row))


def place_of(row: Sequence[Box], column: str) -> int:
    return next(place for place, box in enumerate(row) if box.key and box.key[2] == column)


def split(row: list[Box], column: str) -> None:
    """Put each digit of a value into a cell of its own."""
    place = place_of(row, column)
    assert len(row[place].text) > 1
    row[place : place + 1] = [Box(digit) for digit in row[place].text]


def as_html(parts: Iterable[str | Lines], year: int) -> bytes:
    def cell(box: Box) -> str:
        spans = f' colspan="{box.cols}"' * (box.cols > 1) + f' rowspan="{box.rows}"' * (box.rows > 1)
        return f"<td{spans}>{escape(box.text).replace(chr(10), '<br>')}</td>"

    body: list[str] = []
    for part in parts:
        if isinstance(part, str):
            body.append(f"<p>{escape(part)}</p>")
        else:
            rows = "".join(f"<tr>{''.join(map(cell, row))}</tr>" for row in part)
            body.append(f"<table>{rows}</table>")
    title = TITLE.format(year=year)
    return (
        f'<html><head><meta charset="utf-8"><title>{title}</title></head><body><h1>{title}</h1>{"".join(body)}'
        "</body></html>"
    ).encode()


def as_docx(parts: Iterable[str | Lines], year: int) -> bytes:
    body = [p(escape(part)) if isinstance(part, str) else _docx_table(part) for part in parts]
    return docx("".join([p(TITLE.format(year=year)), *body]))


def _docx_table(lines: Lines) -> str:
    rows: list[str] = []
    below: dict[int, Box] = {}  # column: the box above that covers it, with the rows it still covers
    for line in lines:
        cells: list[str] = []
        waiting, here, col = list(line), below, 0
        below = {}
        while waiting or any(place >= col for place in here):
            if col in here:
                box, merge = here[col], "<w:vMerge/>"
            elif waiting:
                box = waiting.pop(0)
                merge = '<w:vMerge w:val="restart"/>' if box.rows > 1 else ""
            else:
                break
            text = "".join(p(escape(piece)) for piece in ("" if col in here else box.text).split("\n"))
            cells.append(tc(text, f'<w:gridSpan w:val="{box.cols}"/>{merge}'))
            if box.rows > 1:
                below[col] = replace(box, rows=box.rows - 1)
            col += box.cols
        rows.append(tr(*cells))
    return tbl(*rows)


def as_txt(parts: Iterable[str | Lines], year: int, *, blanks: bool = True) -> bytes:
    """One cell or paragraph a line; without `blanks` empty cells are left out."""
    text = [TITLE.format(year=year)]
    for part in parts:
        if isinstance(part, str):
            text.append(part)
        else:
            text += [box.text.replace("\n", "") for row in part for box in row if blanks or box.text.strip()]
    return "\n".join(text).encode()


def as_html_paragraphs(parts: Iterable[str | Lines], year: int, *, blanks: bool = True) -> bytes:
    """One paragraph a cell, no table."""
    loose: list[str | Lines] = []
    for part in parts:
        if isinstance(part, str):
            loose.append(part)
        else:
            loose += [box.text for row in part for box in row if blanks or box.text.strip()]
    return as_html(loose, year).replace(b"<p></p>", b"<p>&nbsp;</p>")


def headed(found: Mapping[str, Lines]) -> list[str | Lines]:
    """The tables under the headings of their chapters."""
    parts: list[str | Lines] = ["一、总体情况", "本年度工作情况如下。"]
    for code, lines in found.items():
        parts += [HEADINGS[code], lines]
    return [*parts, "五、存在的主要问题及改进情况", "公开内容有待充实。", "六、其他需要报告的事项", "无。"]


def review_lines(paper: Paper) -> Lines:
    """Table 四 as a line for each kind of case."""
    names = {"review": "行政复议", "litigation_direct": "未经复议直接起诉", "litigation_after_review": "复议后起诉"}
    lines: Lines = [[Box("类别", cols=2), *(Box(label) for label in OUTCOMES.values())]]
    for row, label in names.items():
        keys = [("review", row, column) for column in OUTCOMES]
        values = [Box(paper.sheet[key].raw, key=key) for key in keys]
        group = [Box("行政诉讼", rows=2)] if row == "litigation_direct" else []
        lines.append([*group, Box(label, cols=2 if row == "review" else 1), *values])
    return lines


def review_turned(paper: Paper) -> Lines:
    """Table 四 turned over: its columns are lines."""
    rows = ("review", "litigation_direct", "litigation_after_review")
    lines: Lines = [
        [Box("结果", rows=2), Box("行政复议", rows=2), Box("行政诉讼", cols=2)],
        [Box("未经复议直接起诉"), Box("复议后起诉")],
    ]
    for column, label in OUTCOMES.items():
        keys = [("review", row, column) for row in rows]
        lines.append([Box(label), *(Box(paper.sheet[key].raw, key=key) for key in keys)])
    return lines


def review_tables(paper: Paper) -> list[Lines]:
    """Table 四 as three tables, each under its own header."""
    header, *lines = review_lines(paper)
    return [
        [[Box(next(b.text for b in line if b.text not in ("行政诉讼",)), cols=5)], header[1:], line[-5:]]
        for line in lines
    ]


def apart(lines: Lines, starts: str) -> list[Lines]:
    """A table cut into tables before each line that begins with a text."""
    parts: list[Lines] = []
    for line in lines:
        if not parts or line[0].text.startswith(starts):
            parts.append([])
        parts[-1].append(line)
    return parts
