from __future__ import annotations

from datetime import date

import pytest

from gongkai.documents.model import Document, TextBlock
from gongkai.reports.identity import (
    Hints,
    due_date,
    find_identity,
    is_government,
    normalise_agency,
    parse_date,
    parse_title,
)


@pytest.mark.parametrize(
    ("title", "agency", "year"),
    [
        ("淮安市人民政府2024年政府信息公开工作年度报告", "淮安市人民政府", 2024),
        ("2024年云岭县人民政府政府信息公开工作年度报告", "云岭县人民政府", 2024),
        ("2023年度云岭县人民政府信息公开年报", "云岭县人民政府", 2023),
        ("云岭县教育局关于2020年政府信息公开工作情况的年度报告", "云岭县教育局", 2020),
        ("云岭县水利局政府信息公开工作2022年年度报告", "云岭县水利局", 2022),
        ("云岭县水利局信息公开年度报告（2021年）", "云岭县水利局", 2021),
        ("（图片版）霞江市交通运输局2021年度政府信息公开工作年度报告", "霞江市交通运输局", 2021),
        ("霞江市交通运输局2018年政府信息公开工作报告（更正）", "霞江市交通运输局", 2018),
        ("霞江市交通运输局二〇一九年政府信息公开年度报告", "霞江市交通运输局", 2019),
        ("济宁市科技局2018年度政府信息公开工作\n年 度 报 告", "济宁市科技局", 2018),
        ("2022年政府信息公开工作年度报告", "", 2022),
        ("霞江市交通运输局二〇二〇年政府信息公开年度报告", "霞江市交通运输局", 2020),
        ("霞江市交通运输局二O二O年政府信息公开年度报告", "霞江市交通运输局", 2020),
        ("霞江市交通运输局二零二三年度政府信息公开工作年度报告", "霞江市交通运输局", 2023),
        ("云岭县水利局２０２２年政府信息公开工作年度报告（图片版）", "云岭县水利局", 2022),
        ("云岭县水利局关于报送2022年政府信息公开工作年度报告的报告", "云岭县水利局", 2022),
    ],
)
def test_titles(title, agency, year):
    found = parse_title(title)
    assert (found.agency, found.year) == (agency, year)


@pytest.mark.parametrize(
    "title",
    [
        "云岭县2023年法治政府建设年度报告", "政府信息公开指南", "2023年政府网站工作年度报表",
        "云岭县2023年部门决算公开",
        "云岭县人民政府办公室关于印发2023年政务公开工作要点的通知", "", "年度报告",
    ],
)  # fmt: skip
def test_other_documents_are_no_reports(title):
    assert parse_title(title) is None


def document(*lines, **meta):
    return Document("txt", "0" * 64, tuple(TextBlock(line) for line in lines), meta=meta)


def test_title_over_two_lines_and_agency_above():
    identity = find_identity(
        document("云岭县教育局", "2024年政府信息公开", "工作年度报告", "本报告由云岭县教育局编制。")
    )
    assert (identity.agency, identity.report_year) == ("云岭县教育局", 2024)
    assert identity.evidence["title"] == "text"


def test_the_year_is_never_taken_from_the_publication_date():
    identity = find_identity(
        document("政府信息公开年报", "统计期限自2022年1月1日至2022年12月31日。2021年以来", published="2023-01-20")
    )
    assert (identity.report_year, identity.published) == (2022, date(2023, 1, 20))
    assert identity.evidence["year"] == "period"


def test_a_document_without_a_year_has_no_identity():
    assert find_identity(document("政府信息公开年报", published="2023-01-20")) is None


def test_listing_fills_what_the_document_does_not_say():
    hints = Hints(title="云岭县教育局2021年政府信息公开工作年度报告", published=date(2022, 1, 5), year=2021)
    identity = find_identity(document("一、总体情况", "工作有序开展。"), hints)
    assert (identity.agency, identity.report_year, identity.published) == ("云岭县教育局", 2021, date(2022, 1, 5))
    assert identity.evidence == {"title": "listing", "year": "listing", "agency": "title", "published": "listing"}


def test_publisher_names_the_agency_where_the_title_does_not():
    identity = find_identity(document("2022年政府信息公开工作年度报告", publisher="云岭县水利局"))
    assert (identity.agency, identity.evidence["agency"]) == ("云岭县水利局", "meta")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("发布日期：2024-01-20 10:30", date(2024, 1, 20)),
        ("2024年1月5日", date(2024, 1, 5)),
        ("2024/02/30", None),
        ("20240120", date(2024, 1, 20)),
        ("二〇二四年一月二十日", date(2024, 1, 20)),
        ("二零二三年十二月三十一日", date(2023, 12, 31)),
        ("二O二四年元月五日", date(2024, 1, 5)),
        ("202401200", None),
        ("无", None),
    ],
)
def test_dates(text, expected):
    assert parse_date(text) == expected


def test_a_title_over_four_lines():
    identity = find_identity(document("济宁市兖州区", "科学技术局", "二〇二四年政府信息公开", "工作年度报告", "本报告"))
    assert (identity.agency, identity.report_year) == ("济宁市兖州区科学技术局", 2024)
    assert identity.title == "济宁市兖州区科学技术局2024年政府信息公开工作年度报告"


def test_the_agency_is_known_by_its_full_name_and_kept_as_printed():
    identity = find_identity(document("济宁市科技局2018年度政府信息公开工作", "年 度 报 告"))
    assert (identity.agency, identity.agency_printed) == ("济宁市科学技术局", "济宁市科技局")
    assert (identity.region_code, identity.level, identity.kind) == ("370800", "city", "department")


def test_a_region_alone_speaks_for_its_government():
    identity = find_identity(document("淮安市2024年政府信息公开工作年度报告"))
    assert (identity.agency, identity.agency_printed, identity.kind) == ("淮安市人民政府", "淮安市", "government")


def test_an_invented_place_has_no_code():
    identity = find_identity(document("昌临市瑶岭县自然资源局2021年政府信息公开工作年度报告"))
    assert (identity.region_code, identity.level, identity.kind) == (None, "county", "department")


def test_the_publisher_decides_between_regions_of_one_name():
    title = "鼓楼区教育局2023年政府信息公开工作年度报告"
    assert find_identity(document(title)).region_code is None
    told = find_identity(document(title, publisher="徐州市鼓楼区教育局"))
    assert (told.region_code, told.evidence["region"]) == ("320302", "publisher")
    assert find_identity(document(title, site="南京市人民政府门户网站")).region_code == "320106"
    assert find_identity(document(title, site="江苏省人民政府")).region_code is None
    by_text = document(title, "本报告由开封市鼓楼区教育局按照《条例》编制。")
    assert find_identity(by_text).region_code == "410204"


def test_the_property_of_a_word_file_is_weaker_than_what_it_prints():
    blocks = (TextBlock("云岭县教育局2024年政府信息公开工作年度报告"),)
    stale = {"title": "云岭县教育局2023年政府信息公开工作年度报告"}
    assert find_identity(Document("docx", "0" * 64, blocks, meta=stale)).report_year == 2024
    assert find_identity(Document("docx", "0" * 64, (TextBlock("一、总体情况"),), meta=stale)).report_year == 2023


@pytest.mark.parametrize(
    ("lines", "published", "evidence"),
    [
        (["云岭县教育局", "2024年1月20日"], date(2024, 1, 20), "signature"),
        (["二〇二四年一月二十日"], date(2024, 1, 20), "signature"),
        (["（2024年1月20日）", *["正文"] * 9], date(2024, 1, 20), "head"),
        (["发布日期：2024-01-20", *["正文"] * 9], date(2024, 1, 20), "head"),
        (["2023年12月31日"], None, None),  # a day of the report year is no day of publication
        (["打印时间：2024-03-01"], None, None),
        (["截至2024年1月20日"], None, None),
    ],
)
def test_a_date_of_its_own_is_the_day_of_publication(lines, published, evidence):
    identity = find_identity(document("云岭县教育局2023年政府信息公开工作年度报告", *lines))
    assert (identity.published, identity.evidence.get("published")) == (published, evidence)


def test_what_the_page_states_comes_before_listing_and_signature():
    text = document("云岭县教育局2023年政府信息公开工作年度报告", "2024年1月20日", published="2024-01-22 09:00")
    assert find_identity(text, Hints(published=date(2024, 1, 25))).published == date(2024, 1, 22)
    unsaid = document("云岭县教育局2023年政府信息公开工作年度报告", "2024年1月20日")
    assert find_identity(unsaid, Hints(published=date(2024, 1, 25))).published == date(2024, 1, 25)


def test_agencies_and_due_dates():
    assert normalise_agency(" 中共云岭县 ") == "云岭县"
    assert normalise_agency("云岭县人民政府门户网站") == "云岭县人民政府"
    assert is_government("云岭县人民政府") and not is_government("云岭县教育局")
    assert due_date(2023, government=True) == date(2024, 3, 31)
    assert due_date(2023, government=False) == date(2024, 1, 31)
