import pytest

from gongkai.errors import GoneError
from gongkai.settings import Limits
from gongkai.sources.html_list import HtmlList
from gongkai.sources.link_rules import load_link_rules
from gongkai.sources.options import HtmlListOptions
from gongkai.sources.walk import walk

RULES = load_link_rules()
BASE = "http://a.gov.cn/nb/"
TITLE = "云岭县{}年政府信息公开工作年度报告"


def row(year, href=None, title=TITLE):
    return f"<li><a href={href or f'/c/{year}.html'}>{title.format(year)}</a></li>"


class Site:
    def __init__(self, **pages):
        self.pages = {BASE + name.replace("__", "/").replace("_html", ".html"): body for name, body in pages.items()}
        self.asked = []

    def __call__(self, url):
        self.asked.append(url.removeprefix(BASE))
        if url not in self.pages:
            raise GoneError("nothing", where=url)
        return f"<html>{self.pages[url]}</html>".encode()


def collect(site, *columns, **options):
    columns = columns or (("index.html", None),)
    adapter = HtmlList(
        tuple((BASE + url, year) for url, year in columns),
        HtmlListOptions(list_urls=[BASE + columns[0][0]], **options),
        RULES,
        Limits(),
    )
    pages = list(walk(adapter, lambda url: adapter.read(site(url), url)))
    return [link for page in pages for link in page.links], [page.error for page in pages if page.error]


def years(links):
    return [link.listed_year for link in links if not link.skip]


def test_columns_of_years_are_followed_and_name_the_year():
    site = Site(
        index_html="<a href=2023/index.html>2023年</a><a href=2022/index.html>2022</a><a href=/other/>走进云岭</a>"
        + row(2021),
        **{"2023__index_html": row(2023) + row("", "/c/x.html", "云岭县教育局政府信息公开工作年度报告{}")},
        **{"2022__index_html": row(2022) + "<a href=index_1.html>下一页</a>", "2022__index_1_html": row(2020)},
    )
    links, errors = collect(site)
    assert errors == []
    assert sorted(year for year in years(links) if year) == [2020, 2021, 2022, 2023]
    untitled = next(link for link in links if link.listed_year is None)
    assert (untitled.skip, untitled.hint_year) == ("", 2023), "the column says what the title does not"
    assert collect(site, depth=0)[1] == []
    assert years(collect(site, depth=0)[0]) == [2021]


def test_columns_of_columns_end_at_the_depth():
    site = Site(
        index_html="<a href=a/index.html>2023年</a>",
        a__index_html="<a href=../b/index.html>2022年</a>" + row(2023),
        b__index_html="<a href=../c/index.html>2021年</a>" + row(2022),
        c__index_html=row(2021),
    )
    assert years(collect(site)[0]) == [2023, 2022]
    assert "c/index.html" not in site.asked


def test_columns_of_another_name():
    site = Site(
        index_html="<a href=dept/index.html>县直部门</a><a href=town/index.html>乡镇街道</a>",
        dept__index_html=row(2023),
    )
    assert years(collect(site, columns="部门$")[0]) == [2023]
    assert site.asked == ["index.html", "dept/index.html"]


def test_a_column_may_be_called_like_a_report():
    name = "2023年政府信息公开年报"
    site = Site(index_html=f"<a href=23/index.html>{name}</a>", **{"23__index_html": row(2023)})
    assert [link.title for link in collect(site)[0]] == [name]
    assert [link.title for link in collect(site, columns="^20..年政府信息公开年报$")[0]] == [TITLE.format(2023)]


def test_what_a_column_says_its_titles_may_leave_out():
    table = "<tr><td>云岭县教育局<td><a href=1.html>2022年</a><td><a href=2.html>2023年</a></tr>"
    others = (
        "<a href=3.html>云岭县2023年年报</a><a href=4.html>2023年决算公开</a><a href=5.html>编制2023年年报的通知</a>"
    )
    body = f"<a href=/>首页</a><table>{table}</table><li>{others}"
    links, _ = collect(Site(index_html=body), says="政府信息公开年报", depth=0)
    assert [(link.listed_year, link.skip) for link in links] == [
        *((2022, ""), (2023, ""), (2023, "")),
        (2023, "the title says 决算"),
        (2023, "the title says 编制2023年年报的通知"),
    ]
    assert years(collect(Site(index_html=body), depth=0)[0]) == []


def test_lists_that_count_from_1():
    pages = {f"index_{n}_html": row(2024 - n) + "<script>countPage=3</script>" for n in (1, 2, 3)}
    for first in (pages["index_1_html"], row(2023) + "<script>countPage=3</script>"):
        links, errors = collect(Site(index_html=first, **pages))
        assert (sorted({link.listed_year for link in links}), errors) == ([2021, 2022, 2023], [])
    del pages["index_1_html"]
    links, errors = collect(Site(index_html=row(2023) + "<script>countPage=3</script>", **pages))
    assert sorted(years(links)) == [2021, 2022, 2023]
    assert [error.code for error in errors] == ["gone"]


def test_a_list_that_fails_does_not_stop_the_others():
    site = Site(
        index_html="".join(f"<a href={year}/index.html>{year}年</a>" for year in range(2015, 2024)),
        **{"2023__index_html": row(2023)},
    )
    links, errors = collect(site)
    assert (years(links), len(errors)) == ([2023], 8), "each of nine columns is tried"


@pytest.mark.parametrize("how", [{"template": "index_{n}.html"}, {"parameter": "page", "first": 0}])
def test_counting_up_ends_where_nothing_new_is_listed(how):
    pages = {"index_html": row(2023), "index_1_html": row(2022)}
    site = Site(**pages)
    site.pages |= {f"{BASE}index.html?page={n}": row(2023 - n) for n in (1,)}
    site.pages[f"{BASE}index.html?page=2"] = row(2022)
    links, errors = collect(site, pagination=how)
    assert (years(links)[:2], errors) == ([2023, 2022], [])
    assert len(site.asked) == 3


def test_past_its_last_page_a_portal_may_show_anything():
    site = Site(index_html=f"<ul class=l>{row(2023)}</ul>", index_1_html="<p>没有更多数据</p>")
    links, errors = collect(site, pagination={"template": "index_{n}.html"}, selector="ul.l")
    assert (years(links), errors, site.asked) == ([2023], [], ["index.html", "index_1.html"])


def test_two_columns_of_one_list_ask_each_page_once():
    site = Site(
        index_html=row(2023) + "<a href=index_1.html>2</a>", index_1_html=row(2022) + "<a href=index.html>1</a>"
    )
    collect(site, ("index.html", None), ("index_1.html", None))
    assert site.asked == ["index.html", "index_1.html"]


def test_more_links_than_allowed_end_the_walk():
    site = Site(index_html="".join(map(row, range(2010, 2024))) + "<a href=index_1.html>2</a>", index_1_html=row(2009))
    _, errors = collect(site, max_links=10)
    assert "more links than are allowed" in str(errors[0])
    assert site.asked == ["index.html"]


def test_sub_columns_on_other_hosts_are_left():
    site = Site(index_html="<a href=http://b.gov.cn/2023/>2023年</a>" + row(2022))
    collect(site)
    assert site.asked == ["index.html"]
