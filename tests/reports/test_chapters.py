"""Chapters are found however they are numbered, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from tests.work import work_of_at_most

from gongkai.contracts.load import load_templates
from gongkai.documents.model import Document, Grid, GridCell, TextBlock
from gongkai.reports.chapters import find_chapters

TABLE = Grid(1, 1, (GridCell(0, 0, 1, 1, "0"),))
NAMES = (
    "总体情况",
    "主动公开政府信息情况",
    "收到和处理政府信息公开申请情况",
    "政府信息公开行政复议、行政诉讼情况",
    "存在的主要问题及改进情况",
    "其他需要报告的事项",
)
CODES = ["overview", "proactive", "applications", "review", "problems", "other_matters"]


def chapters(*blocks, template="2021"):
    made = tuple(TextBlock(block) if isinstance(block, str) else block for block in blocks)
    return find_chapters(Document("docx", "0" * 64, made), load_templates()[template])


def codes(*blocks, template="2021"):
    return [chapter.code for chapter in chapters(*blocks, template=template)]


def report(number, between="正文内容，说明情况。"):
    blocks = []
    for place, name in enumerate(NAMES):
        blocks += [f"{number(place)}{name}", TABLE if place in (1, 2, 3) else between]
    return blocks


@pytest.mark.parametrize(
    "number",
    [
        lambda place: "一二三四五六"[place] + "、",
        lambda place: "二三四五六七"[place] + "、",
        lambda place: f"第{'一二三四五六'[place]}部分 ",
        lambda place: f"{place + 1}. ",
        lambda place: f"{place + 1}．",
        lambda place: f"（{'一二三四五六'[place]}）",
        lambda place: "",
    ],
    ids=["chinese", "shifted", "part", "digit", "wide digit", "bracket", "none"],
)
def test_any_numbering_of_the_chapters(number):
    assert codes(*report(number)) == CODES


def test_headings_on_one_line_with_their_text():
    found = chapters(
        "一、总体情况 2024年，我局做好公开工作。", "二、主动公开政府信息情况", TABLE,
        "三、收到和处理政府信息公开申请情况：详见下表。", TABLE, "五、存在的主要问题及改进情况。人手不足。",
    )  # fmt: skip
    assert [(one.code, one.text) for one in found] == [
        ("overview", "2024年，我局做好公开工作。"),
        ("proactive", ""),
        ("applications", "详见下表。"),
        ("problems", "人手不足。"),
    ]


@pytest.mark.parametrize(
    "listing",
    [
        "本报告由总体情况、主动公开政府信息情况、收到和处理政府信息公开申请情况、存在的主要问题及改进情况六部分组成。",
        "总体情况、主动公开政府信息情况、其他需要报告的事项等内容见下。",
    ],
)
def test_a_sentence_that_lists_the_names_is_no_heading(listing):
    assert codes(listing, *report(lambda place: "一二三四五六"[place] + "、")) == ["preamble", *CODES]


def test_a_table_of_contents_is_no_run_of_chapters():
    contents = [f"{'一二三四五六'[place]}、{name}" for place, name in enumerate(NAMES)]
    assert codes("目录", *contents, *report(lambda place: "一二三四五六"[place] + "、")) == ["preamble", *CODES]


def test_passages_named_like_chapters_are_no_chapters():
    found = codes(
        "一、总体情况", "（一）主动公开政府信息情况", "公开信息5条。", "（二）依申请公开方面", "1.主动公开工作情况",
        "三、收到和处理政府信息公开申请情况", TABLE,
    )  # fmt: skip
    assert found == ["overview", "applications"]


def test_problems_without_heading():
    found = chapters(
        "一、总体情况", "正文。", "四、政府信息公开行政复议、行政诉讼情况", TABLE,
        "工作中还存在一些问题，主要是更新不及时。", "下一步将改进。", "六、其他需要报告的事项", "无。",
    )  # fmt: skip
    assert [(one.code, one.heading) for one in found][2] == ("problems", "")
    assert found[2].text == "工作中还存在一些问题，主要是更新不及时。\n下一步将改进。"


def test_what_is_said_of_problems_before_the_table_stays_in_its_chapter():
    found = codes(
        "四、政府信息公开行政复议、行政诉讼情况", "存在个别问题的复议已纠正。", TABLE, "六、其他需要报告的事项"
    )
    assert found == ["review", "other_matters"]


def test_a_list_within_a_chapter_makes_no_chapters():
    found = codes("五、存在的主要问题及改进情况", "一、公开不及时", "二、人手不足", "六、其他需要报告的事项", "无。")
    assert found == ["problems", "other_matters"]


def test_free_chapters_of_the_legacy_form():
    found = chapters(
        "一、概述", "正文。", "二、组织领导和制度建设情况", "正文。", "三、依申请公开情况", "正文。",
        "政府信息公开工作情况统计表", TABLE, template="legacy",
    )  # fmt: skip
    assert [one.code for one in found] == ["overview", "other", "applications", "statistics"]


def test_groups_of_a_flattened_statistics_table_are_no_chapters():
    found = codes(
        "一、概述",
        "正文。",
        "政府信息公开工作情况统计表",
        "三、依申请公开情况",
        "（一）收到申请数",
        "5",
        template="legacy",
    )
    assert found == ["overview", "statistics"]


def test_several_lines_in_one_paragraph():
    found = chapters("一、总体情况\n正文一。\n二、主动公开政府信息情况\n正文二。")
    assert [(one.code, one.text) for one in found] == [("overview", "正文一。"), ("proactive", "正文二。")]


def test_long_texts_cost_little():
    with work_of_at_most(3):
        chapters(*["一、" + "总体情况" * 20_000, "（一）" * 50_000, "、" * 100_000, *["二、主动公开" * 5] * 2_000])
