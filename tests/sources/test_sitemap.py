import gzip
from datetime import date

import pytest
from tests.work import work_of_at_most

from gongkai.errors import LimitError, SourceError
from gongkai.settings import Limits
from gongkai.sources.link_rules import load_link_rules
from gongkai.sources.options import SitemapOptions
from gongkai.sources.sitemap import Sitemap
from gongkai.sources.walk import walk

RULES = load_link_rules()
URL = "http://a.gov.cn/sitemap.xml"
SPACE = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"


def urls(*places):
    rows = "".join(f"<url><loc>\n{place} </loc><lastmod>2024-02-01T10:00:00+08:00</lastmod></url>" for place in places)
    return f"<?xml version='1.0' encoding='UTF-8'?><urlset {SPACE}>{rows}</urlset>".encode()


def index(*places):
    rows = "".join(f"<sitemap><loc>{place}</loc></sitemap>" for place in places)
    return f"<sitemapindex {SPACE}>{rows}</sitemapindex>".encode()


def adapter(limits=None, **options):
    return Sitemap(((URL, None),), SitemapOptions(list_urls=[URL], **options), RULES, limits or Limits())


def test_addresses_of_the_usual_columns_are_taken_without_title():
    body = urls(
        "http://a.gov.cn/zwgk/zfxxgknb/202401/t20240120_1.html",
        "http://a.gov.cn/jyj/xxgkndbg/content_12.html",
        "http://a.gov.cn/zwgk/zfxxgknb/",
        "http://a.gov.cn/news/1.html",
    )
    page = adapter().read(body, URL)
    assert [
        (link.url[-9:], link.title, link.listed_date, link.listed_year, link.hint_year, link.skip)
        for link in page.links
    ] == [
        ("0_1.html"[-9:].rjust(9, "2"), "", date(2024, 1, 20), None, 2023, ""),
        ("t_12.html", "", date(2024, 2, 1), None, None, ""),
    ]
    assert page.passed_over == 2
    page = adapter(pattern="/news/").read(body, URL)
    assert [link.url for link in page.links] == ["http://a.gov.cn/news/1.html"]


def test_indexes_are_followed_packed_or_not_to_a_depth():
    site = {
        URL: index("http://a.gov.cn/1.xml.gz", "http://a.gov.cn/more.xml", "http://b.gov.cn/x.xml", URL),
        "http://a.gov.cn/1.xml.gz": gzip.compress(urls("http://a.gov.cn/gknb/1.html")),
        "http://a.gov.cn/more.xml": index("http://a.gov.cn/2.xml", "http://a.gov.cn/deep.xml"),
        "http://a.gov.cn/2.xml": urls("http://a.gov.cn/gknb/2.html", "http://a.gov.cn/gknb/1.html"),
        "http://a.gov.cn/deep.xml": index("http://a.gov.cn/deeper.xml"),
    }
    asked = []

    def fetch(url):
        asked.append(url)
        return adapter().read(site[url], url)

    found = [link.url for page in walk(adapter(), fetch) for link in page.links]
    assert set(found) == {"http://a.gov.cn/gknb/1.html", "http://a.gov.cn/gknb/2.html"}
    assert len(asked) == len(set(asked)) == 5, "neither other hosts, nor deeper, nor twice"


BOMB = b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;'>]><urlset><url><loc>http://a/&b;</loc></url></urlset>"


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (BOMB, SourceError, "declares a document"),
        (b" " * 5000 + BOMB, SourceError, "declares a document"),
        (BOMB.decode().encode("utf-16"), SourceError, "declares a document"),
        (b"<html><body>404</body></html>", SourceError, "not a sitemap"),
        (b"{}", SourceError, "not a sitemap"),
        (urls("http://a/1")[:90], SourceError, "not a sitemap"),
        (gzip.compress(urls("http://a/1"))[:20] + b"x", SourceError, "gzip is damaged|not a sitemap"),
        (gzip.compress(b" " * 60_000_000), LimitError, "too large"),
    ],
    ids=["entities", "late entities", "utf-16", "html", "json", "cut", "gzip", "bomb"],
)
def test_what_is_no_sitemap_is_refused(body, kind, words):
    with pytest.raises(kind, match=words):
        adapter().read(body, URL)


def test_entries_are_bounded_and_those_of_no_report_cost_little():
    body = urls(*(f"http://a.gov.cn/{'gknb' * 200}{n}.html" for n in range(50_000)), "http://a.gov.cn/gknb/1.html")
    with work_of_at_most(10):
        page = adapter().read(body, URL)
        assert (page.links, page.passed_over) == ((), 50_000), "what stands after the standard's 50,000 is left"
