"""Plain text as other tools leave it."""

import pytest
from tests.documents.making import outline, tables

from gongkai.documents.text import read_txt
from gongkai.errors import EmptyDocumentError, LimitError
from gongkai.settings import Limits

LIMITS = Limits()


def read(text, limits=LIMITS):
    return read_txt(text.encode(), limits)


def test_cells_begin_with_a_tab_and_an_empty_line_ends_the_row():
    document = read(
        "\n二、主动公开\n\t第二十条第（一）项\n\n\t规章\n\t1\n\t\n\t3\n\n\t行政规\n范性文件\n\t\u3000\n\t0\n\t5\n\n三、收到\n"
        "\t结果\n维持\n\t总计\n\n\n四、\n后文"
    )
    assert outline(document) == [
        "二、主动公开",
        [["第二十条第（一）项"], ["规章", "1", "", "3"], ["行政规\n范性文件", "\u3000", "0", "5"]],
        "三、收到",
        [["结果\n维持", "总计"]],
        "四、",
        "后文",
    ]
    first = next(document.grids())
    assert (first.n_rows, first.n_cols, first.path) == (3, 4, "table[1]")
    assert [(c.row, c.col, c.row_span, c.col_span) for c in first.cells[1:3]] == [(1, 0, 1, 1), (1, 1, 1, 1)]
    assert first.cells[2].path == "table[1]/row[2]/cell[2]"
    assert (document.format, document.method) == ("txt", "txt-lines")


def test_bookmarks_of_word_are_dropped():
    assert outline(read("[bookmark: _GoBack]2024年\n\t[bookmark: _Hlk6]复议\n\t1\n")) == ["2024年", [["复议", "1"]]]


def test_rows_copied_from_a_spreadsheet():
    assert outline(read("表\n规章\t1\t\t3\n\t自然人\t4\t5\n后")) == [
        "表",
        [["规章", "1", "", "3"], ["", "自然人", "4", "5"]],
        "后",
    ]


def test_tabs_that_only_indent_are_no_table():
    long = "公开" * 60
    assert outline(read(f"\t{long}\n\t{long}\n")) == [long, long]
    assert outline(read("\t第一段\n\n\t第二段\n")) == ["第一段", "第二段"]
    assert outline(read("某局\t年度报告\n文")) == ["某局\t年度报告", "文"]


def test_blank_values_of_one_value_a_line():
    values = ["规章", "1", "", "3", "行政规范性文件", "4", "5", "6"]
    assert outline(read("\n".join(values) + "\n")) == values
    apart = "规章\n\n1\n\n\n\n3\n\n许可\n\n4"
    assert outline(read(apart)) == ["规章", "1", "", "3", "许可", "4"]
    assert outline(read("规章\n1\n \n3\n")) == ["规章", "1", "", "3"]


def test_properties_at_the_head():
    head = " 索引号  x/2024-1  公开目录  年报\n 发布机构  某局  发布日期  2024-01-19\n文号: \n标题：某局2023年年报\n"
    meta = read(head + "正文\n" * 3).meta
    assert meta == {
        "index_no": "x/2024-1", "publisher": "某局", "published": "2024-01-19", "title": "某局2023年年报",
        "encoding": "utf-8",
    }  # fmt: skip


def test_gb18030_and_line_ends():
    document = read_txt("规章\r\n1\r\n".encode("gb18030") * 20, LIMITS)
    assert document.meta["encoding"] == "gb18030"
    assert outline(document)[:2] == ["规章", "1"]


def test_empty_and_over_the_limit():
    with pytest.raises(EmptyDocumentError):
        read("[bookmark: x]\n \n")
    with pytest.raises(LimitError):
        read("甲\n" * 100, Limits(text_chars=50))
    for text in ("\t1\n" * 100, "\n" * 99 + "甲"):
        with pytest.raises(LimitError):
            read(text, Limits(cells=50))


def test_nothing_of_the_text_is_lost():
    text = "甲\n\t乙\n丙\n\t丁\n\n\t戊\n己\n\n庚\n辛\t壬\t癸\n"
    document = read(text)
    printed = "".join(map(str, outline(document)))
    assert all(char in printed for char in "甲乙丙丁戊己庚辛壬癸")
    assert tables(document) == [[["乙\n丙", "丁"], ["戊\n己"]], [["辛", "壬", "癸"]]]
