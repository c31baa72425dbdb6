"""Lines of text that hold table rows: how they part, and which labels they may have."""

import pytest

from gongkai.reports.lines import Line, is_short, split_line, wordings, words_of


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("1.属于国家秘密 0 0 0 0 0 0 0", ["1.属于国家秘密", "0", "0", "0", "0", "0", "0", "0"]),
        ("0 0 0 0 0 0 0", ["0", "0", "0", "0", "0", "0", "0"]),
        ("二、上年结转 0 0 件 0 / 0 0 0 件", ["二、上年结转", "0", "0件", "0", "/", "0", "0", "0件"]),
        ("行政许可 12", ["行政许可", "12"]),
        ("1.主动公开文件数 件 12", ["1.主动公开文件数", "件", "12"]),
        ("件 12", ["件", "12"]),
        ("12", ["12"]),
        ("（含自然失效29件） 22件", ["（含自然失效29件） 22件"]),
        ("全年共收到申请，其中网络申请 12", ["全年共收到申请，其中网络申请 12"]),
        ("本年度办理结果", ["本年度办理结果"]),
    ],
)
def test_a_line_parts_into_label_unit_and_values(text, pieces):
    assert split_line(text) == pieces


def test_a_label_goes_on_over_the_lines_around_its_values():
    lines = [
        Line("4.无正当理由大量反复申请", True),
        Line("1.申请人无正当理由逾期不补", False),
        Line("正、行政机关不再处理其政府信", True),
        Line("息公开申请", False),
        Line("2.申请人逾期未按收费通知要求", False),
        Line("", True),
    ]
    found = wordings(lines)
    assert "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请" in found[2]
    assert all("2.申请人" not in wording for wording in found[2])
    assert found[5] == ("2.申请人逾期未按收费通知要求",)
    assert found[1] == found[3] == found[4] == ()


def test_what_stands_below_a_line_without_words_is_no_label_of_it():
    assert wordings([Line("", True), Line("重复申请", False)]) == [(), ()]


def test_a_group_label_before_the_own_label_is_left_out():
    assert wordings([Line("（三） 4.保护第三方合法权益", True)]) == [("4.保护第三方合法权益",)]


def test_words_printed_wide_are_one_word():
    assert words_of("自然人  商业企  总 计") == ["自然人", "商业企", "总计"]


def test_blanks_between_headers_do_not_make_a_line_long():
    assert is_short("自然人" + " " * 80 + "总计")
    assert not is_short("本" * 91)
    assert not is_short("自然人" + " " * 4000)
