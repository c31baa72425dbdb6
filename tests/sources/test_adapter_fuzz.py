"""Whatever a portal answers, an adapter reads it or raises an error of this project."""

import random
from urllib.parse import urlsplit

import pytest

from gongkai.errors import GongkaiError
from gongkai.settings import Limits
from gongkai.sources.html_list import HtmlList
from gongkai.sources.json_list import JsonList
from gongkai.sources.link_rules import load_link_rules
from gongkai.sources.options import HtmlListOptions, JsonListOptions, Pagination, SitemapOptions
from gongkai.sources.sitemap import Sitemap

RULES = load_link_rules()
URL = "http://a.gov.cn/zfxxgknb/index.html?page=1"
COLUMNS = ((URL, None),)
TITLE = "云岭县2023年政府信息公开工作年度报告"
HTML = (
    f"<html><base href='/x/'><ul><li onclick=\"go('1.html')\"><a href=1.html title='{TITLE}'>云岭县2023…</a>"
    f"<i>2024-01-20</i><li><a href=\"javascript:window.open('2.html')\"><h3>{TITLE}</h3><p>摘要</p></a></ul>"
    "<script>countPage = 3</script><a href=2022/>2022年</a><a href=index_4.html>尾页</a>"
    "<script type='text/xml'><datastore><nextgroup><![CDATA[<a href=n>]]>"
    f"</nextgroup><record><![CDATA[<li><a href=3.html>{TITLE}</a>]]></record></datastore></script></html>"
)
ROW = f'{{"title": "<b>{TITLE}</b>", "url": "/1.html", "pubDate": 1705712400000}}'
JSON = f'cb({{"total": 3, "rows": [{ROW}, [1], null]}});'
ENTRY = "<url><loc>http://a.gov.cn/gknb/1.html</loc><lastmod>2024-01-20</lastmod></url>"
XML = f"<?xml version='1.0'?><urlset>{ENTRY}</urlset>"
PIECES = [
    HTML[20:60],
    JSON[:30],
    XML[20:50],
    "<",
    ">",
    "'",
    '"',
    "\0",
    "{",
    "[",
    "]]>",
    "<![CDATA[",
    "&#0;",
    "9" * 30,
    "\ud7ff",
    "{n}",
]


@pytest.mark.parametrize(
    ("text", "adapter"),
    [
        (HTML, HtmlList(COLUMNS, HtmlListOptions(list_urls=[URL]), RULES, Limits())),
        (
            HTML,
            HtmlList(
                COLUMNS,
                HtmlListOptions(
                    list_urls=[URL],
                    row="li",
                    title="a",
                    date="i",
                    says="年报",
                    pagination=Pagination(template="p{n}.html"),
                ),
                RULES,
                Limits(),
            ),
        ),
        (JSON, JsonList(COLUMNS, JsonListOptions(list_urls=[URL]), RULES, Limits())),
        (
            JSON,
            JsonList(COLUMNS, JsonListOptions(list_urls=[URL], url="/{pubDate}/{url}", total="total"), RULES, Limits()),
        ),
        (XML, Sitemap(COLUMNS, SitemapOptions(list_urls=[URL]), RULES, Limits())),
    ],
    ids=["html", "html rows", "json", "json mapped", "sitemap"],
)
def test_broken_answers_are_read_or_refused(text, adapter):
    assert adapter.read(text.encode(), URL).links
    dice = random.Random(7)
    for _ in range(400):
        body = bytearray(text.encode(dice.choice(["utf-8", "gb18030"])))
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(body))
            match dice.randrange(4):
                case 0:
                    del body[at : at + dice.randint(1, 30)]
                case 1:
                    body[at:at] = dice.choice(PIECES).encode()
                case 2:
                    body[at] = dice.randrange(256)
                case _:
                    body[at:at] = body[dice.randrange(len(body)) :][:80]
            body = body or bytearray(b"x")
        try:
            page = adapter.read(bytes(body), URL)
        except GongkaiError:
            continue
        for address in (*(link.url for link in page.links), *(one.url for one in page.further)):
            assert urlsplit(address).netloc or ":" in address, address
        assert all(len(link.title) <= 400 for link in page.links)
