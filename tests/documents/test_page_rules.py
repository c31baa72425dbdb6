"""The layout rules of pages are data, checked on load."""

import pytest

from gongkai.documents.page_rules import Selector, load_page_rules
from gongkai.documents.properties import is_property_table, read_properties
from gongkai.errors import ContractError

RULES = load_page_rules()


def test_bundled_rules_name_the_containers_of_the_known_systems():
    assert {"#zoom", ".TRS_Editor", "#UCAP-CONTENT", ".pages_content", "#ivs_content"} <= set(RULES.containers)
    assert set(RULES.properties) == {"title", "published", "publisher", "index_no", "doc_no"}


@pytest.mark.parametrize(
    ("text", "fits"),
    [("#Zoom", True), ("#zoo", False), (".A", True), (".a.B", True), (".a.c", False), ("div", True), ("p", False)],
)
def test_selectors(text, fits):
    assert Selector.parse(text).fits("div", "zoom", frozenset({"a", "b"})) is fits


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("furniture:", "furnitur:", "furnitur"),
        ('  - "#zoom"', '  - "div > p"', "div > p"),
        ("meta_tags:", "meta_tags: [", "YAML"),
    ],
)
def test_broken_rules_are_refused_with_file_and_reason(tmp_path, old, new, reason):
    from gongkai.settings import get_settings

    text = (get_settings().contracts / "documents" / "html.yml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "html.yml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContractError, match=reason) as raised:
        load_page_rules(tmp_path)
    assert "html.yml:" in str(raised.value)


def test_a_value_ends_where_the_next_label_begins():
    line = "发布日期：2025-01-18 10:20 来源：某局 浏览次数：17 次"
    assert read_properties([line], RULES) == {"published": "2025-01-18 10:20", "publisher": "某局"}


def test_labels_in_running_text_state_nothing():
    text = "本局网站的来源：这里的时间：都是句子里的词"
    assert read_properties([text, "主动公开政府信息的文号：是"], RULES) == {}


def test_first_statement_counts_and_blank_ones_do_not():
    texts = ["文号", "发布日期", "2024-01-19", "发布日期：2020-01-01", "标题", "", "索引号：", "x/1"]
    assert read_properties(texts, RULES) == {"published": "2024-01-19", "index_no": "x/1"}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["索引号", "x", "发布日期", "2024-01-19"], True),
        (["索引号：x", "公开日期：2024", "信息分类：年报"], True),
        (["信息内容", "本年制发件数", "本年废止件数", "规章", "1", "0"], False),
        (["标题", "一", *map(str, range(70))], False),
        (["公开方式", "主动公开", "名称", "某局"], False),
    ],
)
def test_property_tables(cells, expected):
    assert is_property_table(cells, RULES) is expected
