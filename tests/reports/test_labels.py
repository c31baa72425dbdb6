from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.reports.labels import normalise, split_numbering


@pytest.mark.parametrize(
    ("printed", "number", "rest"),
    [
        ("（三） 不予\n公开", "三", "不予公开"),
        ("1．属于国家秘密", "1", "属于国家秘密"),
        ("1、申请人", "1", "申请人"),
        ("3.危及“三安全一稳定”", "3", "危及三安全一稳定"),
        ('3.危及"三安全一稳定"', "3", "危及三安全一稳定"),
        ("三、本年度办理结果", "三", "本年度办理结果"),
        ("其中：涉及国家秘密", "", "涉及国家秘密"),
        ("一是主动公开情况", "一", "主动公开情况"),
        ("第二十条 第(一)项", "", "第二十条第(一)项"),
        ("第一部分 概述", "一", "概述"),
        ("总\u3000计", "", "总计"),
        ("\ufeff自\u200b然 人", "", "自然人"),
        ("2024年", "", "2024年"),
        ("12", "", "12"),
        ("一、", "", "一,"),
    ],
)
def test_numbering_is_split_off(printed, number, rest):
    assert split_numbering(printed) == (number, rest)


def test_wrapped_and_unwrapped_labels_compare_equal():
    assert normalise("（二）部分公开（区分处理的，只计这一情\n 形，不计其他情形）") == normalise(
        "(二)部分公开(区分处理的,只计这一情形,不计其他情形)"
    )


@given(st.text(alphabet="一二三四五（）().、1２ \n\u3000国家秘密属于总计", max_size=30))
def test_normalising_is_stable(text):
    once = normalise(text)
    assert normalise(" ".join(text)) == once
    assert not any(char.isspace() for char in once)
