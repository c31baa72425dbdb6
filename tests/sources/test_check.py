from datetime import date

import pytest

from gongkai.errors import ContractError
from gongkai.sources.check import check_sources

TODAY = date(2025, 7, 1)
GOOD = """\
name: huaian
title: 政府信息公开年报
publisher: 淮安市人民政府
region: {code: "320800", name: 淮安市}
html_list:
  list_urls: [https://www.example.gov.cn/zfxxgknb/]
  hosts: ["*.example.gov.cn"]
expect:
  years: {first: 2018}
  agencies:
    - {name: 淮安市人民政府, aliases: [淮安市], region: {code: "320800", name: 淮安市}, level: city, kind: government}
    - {name: 淮安市教育局, region: {code: "320800", name: 淮安市}, level: city, kind: department}
checked: 2025-06-30
"""


@pytest.fixture
def check(tmp_path):
    def once(*names, **texts):
        for name, text in texts.items():
            (tmp_path / f"{name}.yml").write_text(text, encoding="utf-8")
        return [str(one).removeprefix(f"{tmp_path}/") for one in check_sources(tmp_path, names, today=TODAY)]

    return once


def test_a_sound_source_gives_nothing_to_look_at(check):
    assert check(huaian=GOOD) == []


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (("320800", "320801", 1), "huaian.yml:4: no region has the code 320801 (淮安市)"),
        (("name: 淮安市}", "name: 宿迁市}", 1), "huaian.yml:4: 320800 is the code of 淮安市, not of 宿迁市"),
        (("level: city", "level: county", 1), "huaian.yml:11: 淮安市人民政府 is said to be of level county"),
        (("aliases: [淮安市]", "aliases: [淮安市教育局]"), "huaian.yml:12: 淮安市教育局 stands for two agencies"),
        (("淮安市教育局", "淮安市人民政府"), "huaian.yml:11: 淮安市人民政府 stands for two agencies"),
        (('["*.example.gov.cn"]', "[www.example.gov.cn]"), "huaian.yml:7: www.example.gov.cn is allowed already"),
        (("https://www.example.gov.cn", "http://10.0.0.1"), "huaian.yml:6: http://10.0.0.1/zfxxgknb/ is not public"),
        (("2025-06-30", "2024-06-30"), "huaian.yml:13: last compared with the portal on 2024-06-30"),
        (("2025-06-30", "2025-08-01"), "huaian.yml:13: checked on 2025-08-01, which is to come"),
        (("checked: 2025-06-30", ""), "huaian.yml:1: nobody has compared it with the portal"),
        (("name: huaian", "name: other"), "huaian.yml:1: the source's name is not its file's name"),
        (("knb/]", "knb/]\n  row: 'div['"), "huaian.yml:7: html_list.row: Value error, not a CSS selector"),
        (("years: {first: 2018}", "notes: x"), "huaian.yml:9: expect.notes: Extra inputs are not permitted"),
        (
            (
                "  years: {first: 2018}\n",
                "",
                "[https://www.example.gov.cn/zfxxgknb/]",
                "['https://www.example.gov.cn/{year}/']",
            ),
            "huaian.yml:1: the document: Value error, list addresses and forms with {year} need expect.years",
        ),
        (
            ("[https://www.example.gov.cn/zfxxgknb/]", "['https://www.example.gov.cn/{page}/']"),
            "huaian.yml:6: html_list.list_urls.0: Value error, unknown placeholder {page}",
        ),
        (
            ("knb/]", "knb/, https://www.example.gov.cn/zfxxgknb/]"),
            "huaian.yml:6: https://www.example.gov.cn/zfxxgknb/",
        ),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(check, change, finding):
    *pairs, count = change if isinstance(change[-1], int) else (*change, -1)
    text = GOOD
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        assert old in text
        text = text.replace(old, new, count)
    assert any(line.startswith(finding) for line in check(huaian=text)), check()


def test_every_reason_of_every_file_is_said(check):
    broken = GOOD.replace("title:", "titel:").replace("level: city", "level: town").replace("huaian", "a")
    lines = check(a=broken, b="name: [", huaian=GOOD)
    assert [line.split(" ")[0] for line in lines] == [
        *("a.yml:1:", "a.yml:2:", "a.yml:11:", "a.yml:12:"),
        "b.yml:1:",
    ]


def test_what_two_sources_claim_is_said_of_the_second(check):
    assert check(huaian=GOOD, second=GOOD.replace("name: huaian", "name: second")) == [
        "second.yml:6: https://www.example.gov.cn/zfxxgknb/ is a column of source huaian too",
        "second.yml:11: 淮安市人民政府 is expected of source huaian too",
        "second.yml:12: 淮安市教育局 is expected of source huaian too",
    ]
    assert check("huaian") == [], "only findings of the sources that were named"
    with pytest.raises(ContractError, match="no such source"):
        check("other")


def test_portals_of_this_machine_do_not_age(check):
    text = GOOD.replace("https://www.example.gov.cn", "http://127.0.0.1:80").replace("checked: 2025-06-30", "")
    assert check(huaian=text + "allow_private: true\n") == []
