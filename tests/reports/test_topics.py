"""The passages of chapter 一 by topic."""

from __future__ import annotations

import pytest
from tests.work import work_of_at_most

from gongkai.reports.topics import find_topics

TOPICS = ["disclosure", "requests", "management", "platform", "supervision"]
NAMES = ["主动公开", "依申请公开", "政府信息管理", "政府信息公开平台建设", "监督保障"]


def passages(text, chapter="overview"):
    return [(topic.code, text[topic.start : topic.end]) for topic in find_topics(chapter, text)]


@pytest.mark.parametrize("number", ["（{}）", "({})", "{}是", "{}、"])
@pytest.mark.parametrize("tail", ["。", "情况。", "：", "方面。", "情况\n", "工作情况 "])
@pytest.mark.parametrize("between", ["\n", ""])
def test_passages_by_number_and_name(number, tail, between):
    heads = [number.format(sign) + name + tail for sign, name in zip("一二三四五", NAMES, strict=True)]
    text = "全年工作有序。" + between.join(f"{head}做法{place}。" for place, head in enumerate(heads))
    assert passages(text) == [(topic, f"做法{place}。") for place, topic in enumerate(TOPICS)]


def test_digits_and_no_number():
    text = "1.主动公开情况\n甲。\n2．依申请公开情况\n乙。\n信息管理情况\n丙。"
    assert passages(text) == [("disclosure", "甲。"), ("requests", "乙。"), ("management", "丙。")]


@pytest.mark.parametrize("name", ["平台建设管理情况", "公开平台建设", "信息公开平台建设情况", "平台建设"])
def test_names_of_the_platform(name):
    assert passages(f"（四）{name}\n甲。") == [("platform", "甲。")]


def test_a_number_of_another_name_ends_a_passage():
    assert passages("（一）主动公开。甲。\n（二）其他工作。乙。") == [("disclosure", "甲。")]


def test_names_in_running_text_begin_no_passage():
    assert passages("我局主动公开信息5条。依申请公开工作不断加强，一是主动公开意识增强。") == []


def test_other_chapters_have_no_topics():
    assert passages("（一）主动公开。甲。", "problems") == []


def test_an_empty_passage():
    assert passages("（一）主动公开\n（二）依申请公开\n乙。") == [("disclosure", ""), ("requests", "乙。")]


@pytest.mark.parametrize(
    "text", ["（一）" * 50_000, " " * 200_000, "信息公开" * 50_000, "。（" * 80_000, "　（一） 主动公开" * 20_000]
)
def test_long_texts_cost_little(text):
    with work_of_at_most(1):
        find_topics("overview", text)
