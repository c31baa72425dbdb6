from datetime import date

import pytest

from gongkai.errors import ContractError
from gongkai.sources.link_rules import load_link_rules
from gongkai.sources.links import date_in_url, file_extension, make_link, printed_date, title_year

RULES = load_link_rules()


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("2023年云岭县人民政府政府信息公开工作年度报告", 2023),
        ("云岭县教育局２０２３年度政府信息公开年报", 2023),
        ("云岭县教育局 2 023 年政府信息公开工作年度报告", 2023),
        ("政府信息公开工作年度报告（2019年度）", 2019),
        ("二〇二一年政府信息公开工作年度报告", 2021),
        ("二○二○年政府信息公开年报", 2020),
        ("2024年发布的2023年政府信息公开工作年度报告", 2023),
        ("政府信息公开工作年度报告2024-01-20", None),
        ("政府信息公开工作年度报告（2024年1月20日）", None),
        ("政府信息公开工作年度报告20240120", None),
        ("云岭县教育局2024年1月20日发布2023年政府信息公开工作年度报告", 2023),
        ("索引号120231号政府信息公开年报", None),
        ("政府信息公开指南", None),
    ],
)
def test_the_year_of_a_title(title, year):
    assert title_year(title, RULES.titles) == year


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("2023年政府信息公开工作年度报告", ""),
        ("2023年信息公开年报（图片版）", ""),
        ("政府信息公开工作年度报告2024-01-20", ""),
        ("2023年政府信息公开工作年度报告解读", "the title says 解读"),
        ("【图解】2023年政府信息公开年报", "the title says 图解"),
        ("2023年政府信息公开年报汇编", "the title says 汇编"),
        ("2023年法治政府建设年度报告", "the title says 法治政府"),
        ("2023年部门决算信息公开年度报告", "the title says 决算"),
        ("政府信息公开年报", "the title has no year"),
        ("2023年政府信息公开指南", "the title says 指南"),
        ("2023年政府信息公开目录", "the title has no 年度报告 or 年报"),
        ("2023年年度报告", "the title has no 信息公开"),
        ("2023年政府信息 公开工作年 度报告", ""),
    ],
)
def test_annual_reports_are_told_by_their_titles(title, reason):
    assert make_link("http://a/1.html", title, None, "http://a/", RULES).skip == reason


def test_a_publication_date_alone_gives_a_guess():
    link = make_link("http://a/1.html", "政府信息公开工作年度报告2024-01-20", date(2024, 1, 20), "http://a/", RULES)
    assert (link.listed_year, link.hint_year) == (None, 2023)
    link = make_link("http://a/t20240120_1.html", "2022年政府信息公开年报", None, "http://a/", RULES)
    assert (link.listed_year, link.hint_year, link.listed_date) == (2022, None, date(2024, 1, 20))


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("http://a/zwgk/202401/t20240120_123.html", date(2024, 1, 20)),
        ("http://a/art/2024/1/20/art_1_2.html", date(2024, 1, 20)),
        ("http://a/20240120/1.html", date(2024, 1, 20)),
        ("http://a/20241320/1.html", None),
        ("http://a/content/post_20240120.html", date(2024, 1, 20)),
        ("http://a/content/post_7654321.html", None),
    ],
)
def test_dates_in_addresses(url, day):
    assert date_in_url(url, RULES.dates) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("[2024-01-20]", date(2024, 1, 20)),
        ("2024年1月20日", date(2024, 1, 20)),
        ("２０２４．０１．２０", date(2024, 1, 20)),
        ("2023-12-31 更新 2024/1/20", date(2024, 1, 20)),
        ("2024-13-40", None),
        ("第20240120号", None),
    ],
)
def test_printed_dates(text, day):
    assert printed_date(text, RULES.dates) == day


@pytest.mark.parametrize(
    ("url", "extension"),
    [
        ("http://a/files/2023.PDF", "pdf"),
        ("http://a/%E5%B9%B4%E6%8A%A5.docx?v=2", "docx"),
        ("http://a/download?id=3&filename=年报.doc", "doc"),
        ("http://a/content/post_1.html", ""),
        ("http://a/x?file=1.exe", ""),
    ],
)
def test_files_are_told_by_their_addresses(url, extension):
    assert file_extension(url, RULES.attachments) == extension


def test_broken_rules_are_refused_with_the_line(tmp_path):
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "links.yml").write_text("titles:\n  year: '(20'\n", encoding="utf-8")
    with pytest.raises(ContractError, match=r"links.yml:2: titles.year"):
        load_link_rules(tmp_path)
