import json
from datetime import date

import pytest
from tests.work import work_of_at_most

from gongkai.errors import LimitError, SourceError
from gongkai.settings import Limits
from gongkai.sources.json_list import JsonList, day_of
from gongkai.sources.link_rules import load_link_rules
from gongkai.sources.options import JsonListOptions

RULES = load_link_rules()
URL = "http://a.gov.cn/api/list?page=1&size=2"
TITLE = "云岭县2023年政府信息公开工作年度报告"


def read(data, at=URL, **options):
    body = data if isinstance(data, bytes) else (data if isinstance(data, str) else json.dumps(data)).encode()
    adapter = JsonList(((URL, None),), JsonListOptions(list_urls=[URL], **options), RULES, Limits())
    return adapter.read(body, at)


def links(page):
    return [(link.url.removeprefix("http://a.gov.cn"), link.title, link.listed_date) for link in page.links]


ROW = {"title": TITLE, "url": "/a/1.html", "pubDate": "2024-01-20 09:00:00"}
FOUND = [("/a/1.html", TITLE, date(2024, 1, 20))]


@pytest.mark.parametrize(
    "data",
    [
        {"code": 200, "total": 1, "rows": [ROW]},
        [ROW],
        {"data": {"tags": [{"name": "x"}], "results": {"list": [ROW, {"title": "政务要闻", "url": "/a/2.html"}]}}},
        {
            "rows": [
                {
                    "docTitle": "<em>云岭县</em>2023年政府信息&amp;lt;公开工作年度报告"[:0] + TITLE,
                    "docpuburl": "/a/1.html",
                    "docRelTime": 1705712400000,
                }
            ]
        },
        {"rows": [{"TITLE": f"<font color=red>云岭县</font>{TITLE[3:]}", "link": "../a/1.html", "time": "20240120"}]},
        {"rows": [{"title": TITLE, "link": "http://a.gov.cn/a/1.html", "date": 1705712400}]},
        f"callback123({json.dumps({'rows': [ROW]})});",
        f"/**/ jQuery_1.cb( {json.dumps([ROW])} )",
        f"var data = {json.dumps([ROW])};",
        json.dumps({"rows": [ROW]}, ensure_ascii=False).encode("gb18030"),
        b"\xef\xbb\xbf" + json.dumps([ROW]).encode(),
    ],
    ids=range(11),
)
def test_rows_are_found_by_the_names_of_their_fields(data):
    assert links(read(data)) == FOUND


def test_fields_are_mapped():
    data = {"d": {"items": [{"meta": {"t": TITLE}, "id": 7, "col": "nb gk", "when": {"ms": "1705712400000"}}]}, "n": 41}
    page = read(
        data,
        rows="d.items",
        title="meta.t",
        url="/art/{col}/{id}.html",
        date="when.ms",
        total="n",
        base="http://a.gov.cn/www/",
        pagination={"parameter": "pageNo"},
    )
    assert links(page) == [("/art/nb%20gk/7.html", TITLE, date(2024, 1, 20))]
    assert len(page.further) == 40
    assert page.further[-1].url == f"{URL}&pageNo=41"


def test_further_pages():
    full = {"total": 3, "rows": [ROW, {**ROW, "url": "/a/2.html"}]}
    assert [one.url for one in read(full).further] == ["http://a.gov.cn/api/list?page=2&size=2"]
    assert read({"total": 3, "rows": []}, "http://a.gov.cn/api/list?page=3&size=2").further == ()
    assert [one.url[-13:] for one in read(full, total="total").further] == ["page=2&size=2"]
    assert read(full, "http://a.gov.cn/api/list?page=2&size=2", total="total").further == ()
    assert read(full, "http://a.gov.cn/api/list?c=2").further == (), "no parameter is named"
    assert [one.url[-11:] for one in read(full, pagination={"template": "list_{n}.json"}).further] == ["list_1.json"]


def test_a_number_called_total_may_be_one_of_pages():
    """jqGrid calls the number of pages "total": believing it would lose what stands on the pages after it."""
    assert read({"total": 2, "rows": [ROW, {**ROW, "url": "/a/2.html"}]}).further != ()


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        ("<html>403</html>", {}, "the answer is no JSON"),
        ('{"rows": [', {}, "the answer is no JSON"),
        ("[" * 50_000, {}, "the answer is no JSON"),
        ("", {}, "the answer is no JSON"),
        ({"code": 500, "msg": "x"}, {}, "holds no list of rows with a title"),
        ({"rows": 3}, {"rows": "rows"}, "has no such list"),
        ({"rows": [ROW]}, {"total": "n"}, "states no number of rows"),
    ],
)
def test_what_is_no_list_is_an_error(data, options, words):
    with pytest.raises(SourceError, match=words):
        read(data, **options)


@pytest.mark.parametrize("body", [b"[" + b"[]," * 600_000 + b"[]]", b'["' + b"x" * 17_000_000 + b'"]'])
def test_answers_too_large_for_a_list_are_refused(body):
    with pytest.raises(LimitError, match="too large for a list"):
        read(body)


def test_wide_and_deep_answers_are_read_in_time():
    with work_of_at_most(5), pytest.raises(SourceError):
        read({"a": [[[{"b": [1] * 10}] * 100] * 100] * 3})


def test_rows_without_address_or_of_odd_types_are_told():
    page = read(
        {"rows": [{"title": TITLE}, {"title": 5, "url": 7}, {"title": None}, "x", {"title": TITLE, "url": "http://["}]}
    )
    assert page.links == ()
    assert page.warnings == (f"{URL}: no address is told of {TITLE}",) * 2


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2024-01-20", DAY := date(2024, 1, 20)),
        ("2024-01-20T23:59:59.000+0800", DAY),
        ("2024年1月20日", DAY),
        ("20240120", DAY),
        ("20240120093000", DAY),
        (1705712400000, DAY),
        ("1705712400000", DAY),
        (1705712400, DAY),
        (1705712400.5, DAY),
        (1705680000, date(2024, 1, 20)),  # midnight in China, the day before in UTC
        ("", None),
        ("20241399", None),
        (7, None),
        (True, None),
        (10**40, None),
    ],
)
def test_dates_of_apis(value, day):
    assert day_of(value, RULES) == day
