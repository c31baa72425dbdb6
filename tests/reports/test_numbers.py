from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.reports.model import State
from gongkai.reports.numbers import is_unit, looks_like_value, parse_value


@pytest.mark.parametrize(
    ("printed", "unit", "number", "note"),
    [
        ("0", "", "0", None),
        (" 45\xa0", "", "45", None),
        ("４５", "", "45", None),
        ("3，416", "", "3416", None),
        ("1,234,567", "", "1234567", None),
        ("0件", "件", "0", None),
        ("零", "", "0", None),
        ("+2", "", "2", None),
        ("-1", "", "-1", None),
        ("减11", "", "-11", None),
        ("增2", "", "2", None),
        ("22（其中修订16件）", "件", "22", "其中修订16件"),
        ("55（含自然失效29件）", "件", "55", "含自然失效29件"),
        ("（其中修订16件）22", "件", "22", "其中修订16件"),
        ("(含自然失效29件) 55件", "件", "55", "含自然失效29件"),
        ("44722\n8", "", "447228", None),
        ("59237.2449", "万元", "59237.2449", None),
        ("251000元", "万元", "25.1", None),
        ("25.1万元", "元", "251000", None),
        ("0.5亿元", "万元", "5000", None),
        ("7", "元", "7", None),
    ],
)
def test_numbers_as_printed(printed, unit, number, note):
    assert parse_value(printed, unit) == (State.NUMBER, Decimal(number), note)


@pytest.mark.parametrize("printed", ["", " ", "\u3000", "\xa0\n", "\u200b"])
def test_nothing_is_blank_and_never_zero(printed):
    assert parse_value(printed) == (State.BLANK, None, None)


@pytest.mark.parametrize("printed", ["/", "／", "-", "--", "—", "——", "－", "–", "无", "不涉及", "不适用", "N/A"])
def test_not_applicable_is_not_blank(printed):
    assert parse_value(printed) == (State.NOT_APPLICABLE, None, None)


@pytest.mark.parametrize(
    "printed",
    [
        "见附件",
        "1 2条 3",
        "12.3.4",
        "1,23",
        "O",
        "l2",
        "一",
        "约30",
        "9" * 19,
        "1" * 70,
        "（一）5",
        "(2)5",
        "（含3件）5（另1件）",
        "（第一项）3",
    ],
)
def test_what_is_no_number_is_text_and_keeps_no_value(printed):
    assert parse_value(printed) == (State.TEXT, None, None)


@given(st.integers(0, 10**15))
def test_every_way_to_print_a_count_reads_the_same(count):
    wide = str(count).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    for printed in (str(count), f"{count:,}", wide, f" {count} 件", f"{count}（其中1件）"):
        assert parse_value(printed).number == count


@given(st.text(max_size=40))
def test_any_text_has_one_state_and_a_value_only_as_a_number(text):
    value = parse_value(text)
    assert (value.number is not None) == (value.state is State.NUMBER)
    assert looks_like_value(text) == (value.state is not State.TEXT)


def test_units_in_cells_of_their_own():
    assert is_unit("条") and is_unit(" （万元） ") and not is_unit("5条") and not is_unit("")


@pytest.mark.parametrize("text", ["12①", "12²", "１２ ³", "12件¹⁰", "12₁"])
def test_the_mark_of_a_note_is_no_digit(text):
    assert parse_value(text).number == 12


@pytest.mark.parametrize("text", ["①", "1²3", "²"])
def test_a_mark_that_is_no_note_is_no_number(text):
    assert parse_value(text).state is State.TEXT
