from datetime import date
from itertools import pairwise

import pytest
from tests.work import work_of_at_most

from gongkai.errors import GoneError, SourceError
from gongkai.settings import Limits
from gongkai.sources.html_list import HtmlList
from gongkai.sources.link_rules import load_link_rules
from gongkai.sources.options import HtmlListOptions
from gongkai.sources.walk import walk as walk_pages

RULES = load_link_rules()
URL = "http://a.gov.cn/zfxxgknb/index.html"
TITLE = "云岭县{}年政府信息公开工作年度报告"


def options(**more):
    return HtmlListOptions(list_urls=[URL], **more)


def adapter(**more):
    return HtmlList(((URL, None),), options(**more), RULES, Limits())


def read(body, **more):
    return adapter(**more).read(body.encode(), URL)


def summary(page):
    return [(link.url.rpartition("/")[2], link.listed_year, link.listed_date) for link in page.links]


STYLES = {
    "ul": "<ul><li><span>{c}</span><a href=1.html>{a}</a></li><li><a href=2.html>{b}</a><i>{d}</i></li></ul>",
    "table": "<table><tr><td>1<td><a href=1.html>{a}</a><td>{c}<tr><td>2<td><a href=2.html>{b}</a><td>{d}</table>",
    "table with downloads": """<table><tr><td><a href=1.html>{a}</a><td><a href=x.doc>下载</a><td>{c}
        <tr><td><a href=2.html>{b}</a><td>{d}</table>""",
    "div": "<div><div><a href=1.html>{a}</a><p>{c}</p></div><div><a href=2.html>{b}</a><p>{d}</p></div></div>",
    "lines": "<div><a href=1.html>{a}</a> [{c}]<br><a href=2.html>{b}</a> <em>{d}</em><br></div>",
    "layout table": """<table><tr><td><a href=1.html>{a}</a> {c}<br><a href=2.html>{b}</a> {d}<br>
        <a href=/>首页</a><a href=/a>动态</a><a href=/b>公告</a></td></tr></table>""",
    "dl": "<dl><dd><a href=1.html>{a}</a></dd><dd>{c}</dd><dd><a href=2.html>{b}</a></dd><dd>{d}</dd></dl>",
}


@pytest.mark.parametrize("body", STYLES.values(), ids=STYLES)
@pytest.mark.parametrize("dates", [("2024-01-20", "2023-01-20"), ("2024年1月20日", "2023.1.20")])
def test_list_styles(body, dates):
    page = read(body.format(a=TITLE.format(2023), b=TITLE.format(2022), c=dates[0], d=dates[1]))
    assert [entry for entry in summary(page) if entry[0].endswith(".html")] == [
        ("1.html", 2023, date(2024, 1, 20)),
        ("2.html", 2022, date(2023, 1, 20)),
    ]


def test_a_cut_text_gives_way_to_the_title_attribute():
    page = read(
        f"<li><a href=1.html title='标题：{TITLE.format(2023)}&#10;发布：2024-01-20'>云岭县2023年政...</a></li>"
    )
    assert page.links[0].title == TITLE.format(2023)
    page = read(f"<li><a href=1.html title='点击查看详细的内容并下载这个文件的全部内容'>{TITLE.format(2023)}</a></li>")
    assert page.links[0].title == TITLE.format(2023)


def test_what_is_no_report_is_listed_with_its_reason_and_navigation_is_not():
    page = read(
        "<a href=/>首页</a><a href='javascript:void(0)'>2023年信息公开年报</a><a href='#top'>2023年信息公开年报</a>"
        "<li><a href=1.html>政务公开工作要点</a>2024-01-20</li><li><a href=2.html>政府信息公开指南</a></li>"
    )
    assert [(link.url[-6:], link.skip) for link in page.links] == [
        ("1.html", "the title has no 信息公开"),
        ("2.html", "the title says 指南"),
    ]


def test_an_address_linked_by_a_picture_first_is_known_by_its_title():
    page = read(
        f"<li><a href=1.html><img></a><a href=1.html>信息公开年报</a><a href=1.html>{TITLE.format(2023)}</a></li>"
    )
    assert [(link.title, link.skip) for link in page.links] == [(TITLE.format(2023), "")]


def test_pages_without_declaration_in_gb18030_are_read():
    body = f"<ul><li><a href=1.html>{TITLE.format(2023)}</a></li></ul>".encode("gb18030")
    assert adapter().read(body, URL).links[0].listed_year == 2023


def test_the_selector_keeps_to_a_part():
    one, other = TITLE.format(2023), TITLE.format(2022)
    body = f"<p class='a hot'><a href=1.html>{one}</a></p><p id=b><a href=2.html>{other}</a></p>"
    assert [link.listed_year for link in read(body, selector=".hot").links] == [2023]
    assert [link.listed_year for link in read(body, selector="#b").links] == [2022]
    with pytest.raises(SourceError, match="no such element"):
        read(body, selector="#c")


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("<script>var countPage = 3;</script>", ["index_1.html", "index_2.html"]),
        ("<script>createPageHTML(3, 0, 'index', 'html')</script>", ["index_1.html", "index_2.html"]),
        ("<a href='index_1.html'>下一页</a><a href='index_8.html'>尾页</a>", [f"index_{n}.html" for n in range(1, 9)]),
        ("<a href='?page=2'>2</a> <a href='?page=3'>[3]</a>", ["index.html?page=2", "index.html?page=3"]),
        ("<a href='http://b.gov.cn/index_1.html'>下一页</a>", []),
        ("<a href='/other/index_1.html'>下一页</a>", []),
        ("<a href='content_5.html'>5</a>", []),
    ],
)
def test_further_pages(body, names):
    assert [one.url.rpartition("/")[2] for one in read(body).further] == names


def test_a_counted_parameter():
    read = adapter(pagination={"parameter": "page"}).read
    first = read(b"<p>x", "http://a.gov.cn/list?c=1").further[0].url
    assert first == "http://a.gov.cn/list?c=1&page=2"
    assert read(b"<p>x", first).further[0].url == "http://a.gov.cn/list?c=1&page=3"


def site(pages):
    """A fetch over {name: (ids, next names)}."""

    def fetch(url):
        name = url.rpartition("/")[2]
        if name not in pages:
            raise GoneError("nothing", where=url)
        ids, further = pages[name]
        rows = "".join(f"<li><a href=c{n}.html>{TITLE.format(2000 + n)}</a></li>" for n in ids)
        return (rows + "".join(f"<a href={href}>下一页</a>" for href in further)).encode()

    return fetch


def walk(pages, **more):
    reader, fetch = adapter(**more), site(pages)
    return list(walk_pages(reader, lambda url: reader.read(fetch(url), url)))


def test_pages_are_followed_to_the_end():
    pages = walk(
        {"index.html": ([23], ["index_1.html"]), "index_1.html": ([22], ["index_2.html"]), "index_2.html": ([21], [])}
    )
    assert [link.listed_year for page in pages for link in page.links] == [2023, 2022, 2021]


def test_pages_that_repeat_end_the_column():
    names = ["index.html", *(f"index_{n}.html" for n in range(1, 99))]
    pages = walk({name: ([23], [following]) for name, following in pairwise(names)})
    assert len(pages) == 2, "the second page lists nothing new, so it leads nowhere"


def test_pages_that_lead_back_are_asked_once():
    pages = walk({"index.html": ([23], ["index_1.html"]), "index_1.html": ([22], ["index.html", "index_1.html"])})
    assert len(pages) == 2


def test_more_pages_than_allowed_is_an_error():
    pages = walk({"index.html": ([23], ["index_1.html"]), "index_1.html": ([22], ["index_2.html"])}, max_pages=2)
    assert [page.error is None for page in pages] == [True, True, False]
    assert "raise max_pages" in str(pages[-1].error)


def test_a_page_that_fails_does_not_stop_the_others():
    pages = walk({"index.html": ([23], [f"index_{n}.html" for n in range(1, 9)]), "index_2.html": ([22], [])})
    assert [page.error is None for page in pages] == [True, False, True, False, False, False]
    assert [link.listed_year for page in pages for link in page.links] == [2023, 2022]


def test_a_page_of_very_many_links_in_one_row_is_read_in_time():
    with work_of_at_most(10, "work for each link does not grow with the number of links"):
        page = read("<ul><li>" + "".join(f"<a href={n}.html>{TITLE.format(2023)}</a>" for n in range(5000)))
        assert len(page.links) == 5000


def test_endless_titles_are_cut():
    page = read(f"<li><a href=1.html>{TITLE.format(2023)}{'长' * 100_000}</a></li>")
    assert len(page.links[0].title) == 400
