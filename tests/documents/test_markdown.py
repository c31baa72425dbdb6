"""Markdown as OCR and conversion tools leave it."""

import pytest
from tests.documents.making import outline, texts

from gongkai.documents.markdown import plain, read_md
from gongkai.errors import EmptyDocumentError, LimitError
from gongkai.settings import Limits

LIMITS = Limits()


def read(text, limits=LIMITS):
    return read_md(text.encode(), limits)


def test_headings_paragraphs_and_pipe_tables():
    document = read(
        "# **某局** 2024 年年报\n\n## 一、总体情况 ##\n文字\n\n"
        "| 信息内容 | 本年<br>制发件数 | |\n|---|:--:|--:|\n| 规章 | 0 |\n| 许可 | 1 | 2 | 3 |\n"
        "| | \\| | **4** |\n\n---\n后文\n"
    )
    assert outline(document) == [
        "某局 2024 年年报",
        "一、总体情况",
        "文字",
        [["信息内容", "本年\n制发件数", ""], ["规章", "0"], ["许可", "1", "2", "3"], ["", "|", "4"]],
        "后文",
    ]
    assert texts(document, "heading") == ["某局 2024 年年报", "一、总体情况"]
    (grid,) = document.grids()
    assert (grid.n_rows, grid.n_cols) == (4, 4)
    assert (document.format, document.method, document.meta["encoding"]) == ("md", "md-lines", "utf-8")


def test_tables_without_outer_pipes_or_rule():
    assert outline(read("规章 | 1\n--- | ---\n许可 | 2\n")) == [[["规章", "1"], ["许可", "2"]]]
    assert outline(read("# 表\n| 规章 | 1 |\n| 许可 | 2 |\n")) == ["表", [["规章", "1"], ["许可", "2"]]]


def test_a_pipe_in_a_sentence_is_no_table():
    assert outline(read("# 一\n公开 | 透明\n文")) == ["一", "公开 | 透明", "文"]


def test_dashes_as_values_are_no_rule():
    assert outline(read("| 规章 | 1 |\n|---|---|\n| 许可 | — |\n| 处罚 | / |\n")) == [
        [["规章", "1"], ["许可", "—"], ["处罚", "/"]],
    ]


def test_html_tables_inside():
    rows = "<tr><td rowspan=2>结果</td><td>公开</td><td>1</td></tr>\n<tr><td>部分</td><td></td></tr>"
    document = read(f"# 一\n前\n<table>{rows}</table>\n后\n")
    assert outline(document) == ["一", "前", [["结果", "公开", "1"], ["部分", ""]], "后"]
    assert next(document.grids()).cells[0].row_span == 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**规章**", "规章"),
        ("__规章__ *一* _二_", "规章 一 二"),
        ("3*4*5 a_b_c 2 * 3", "3*4*5 a_b_c 2 * 3"),
        ("\\*0 1\\. &lt;&nbsp;", "*0 1. <\xa0"),
        ("[年报](http://x/a.pdf)见![图](b.png)", "年报见"),
        ("0<sup>1</sup><br/>2 <3", "01\n2 <3"),
        ("**", "**"),
        ("***0***", "0"),
    ],
)
def test_marks_are_resolved(text, shown):
    assert plain(text) == shown


def test_pictures_are_noted():
    assert read("# 一\n![](1.png)\n").warnings == ("1 pictures, whose text is not read",)


def test_empty_and_over_the_limit():
    with pytest.raises(EmptyDocumentError):
        read(" \n\n")
    with pytest.raises(LimitError):
        read("# 甲\n" + "|1|2|\n" * 100, Limits(cells=50))
    with pytest.raises(LimitError):
        read("# 甲乙丙丁" * 100, Limits(text_chars=50))


def test_a_row_of_dashes_below_the_head_is_data():
    text = "| 结果维持 | 总计 |\n|---|---|\n| - | - |\n| --- | 0 |\n"
    (grid,) = read_md(text.encode(), Limits()).grids()
    assert [[cell.text for cell in row] for row in grid.rows()] == [["结果维持", "总计"], ["-", "-"], ["---", "0"]]
