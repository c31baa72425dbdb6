import pytest

from gongkai.settings import Limits
from gongkai.sources.html_list import HtmlList
from gongkai.sources.link_rules import load_link_rules
from gongkai.sources.list_pages import same_list
from gongkai.sources.options import HtmlListOptions

RULES = load_link_rules()
BASE = "http://a.gov.cn/gk/"


def further(body, url="index.html", **how):
    options = HtmlListOptions(list_urls=[BASE + url], pagination=how)
    page = HtmlList(((BASE + url, None),), options, RULES, Limits()).read(body.encode(), BASE + url)
    assert all(not one.is_column for one in page.further)
    return [one.url.removeprefix(BASE) for one in page.further], [one.url.removeprefix(BASE) for one in page.spare]


@pytest.mark.parametrize(
    "script",
    [
        "createPageHTML(3, 0, 'index', 'html')",
        'createPageHTML(3,0,"index","html");',
        'createPageHTML("page_div",3, 0,"index","html",45);',
        "var countPage = 3//共多少页",
        "var totalPage=3;",
        '{"totalPages": "3", "size": 15}',
        "pageCount : 3,",
    ],
)
def test_scripts_that_state_the_number_of_pages(script):
    assert further(f"<script>{script}</script>") == (["index_1.html", "index_2.html"], ["index_3.html"])


@pytest.mark.parametrize(
    ("url", "script", "pages"),
    [
        ("list.shtml", "createPageHTML(3,0,'list','shtml')", ["list_1.shtml", "list_2.shtml"]),
        ("list_1.shtml", "createPageHTML(3,1,'list','shtml')", ["list_2.shtml"]),
        ("", "createPageHTML(2,0,'default','htm')", ["default_1.htm"]),
        ("", "countPage=1", []),
        ("index.html", "createPageHTML(3,0,'other','html')", []),
        ("index.html", "countPage = 99999", []),
    ],
)
def test_files_of_counted_pages(url, script, pages):
    assert further(f"<script>{script}</script>", url)[0] == pages


@pytest.mark.parametrize(
    ("url", "body", "pages"),
    [
        ("index.html", "<a href=index_2.html>2</a><a href=index_9.html>&gt;</a>", ["index_2.html", "index_9.html"]),
        ("index.html", "<a href=index_4.html>尾页</a>", [f"index_{n}.html" for n in (1, 2, 3, 4)]),
        ("list?c=3", "<a href='list?c=3&page=4'>末页</a>", [f"list?c=3&page={n}" for n in (2, 3, 4)]),
        ("nb.htm", "<a href=nb/2.htm>下页</a><a href=nb/1.htm>尾页</a>", ["nb/2.htm", "nb/1.htm"]),
        ("nb/2.htm", "<a href=1.htm>下页</a>", ["nb/1.htm"]),
        ("node_12.html", "<a href=node_12_2.html>2</a>", ["node_12_2.html"]),
        ("index.html", "<a href=?pageNum=1>1</a><a href=?pageNum=2>2</a>", ["index.html?pageNum=2"]),
        ("index.html", "<a href='javascript:;' onclick=\"location='index_1.html'\">下一页</a>", ["index_1.html"]),
        ("index.html", "<a href=http://b.gov.cn/gk/index_1.html>下一页</a><a href=/gk2/index_1.html>2</a>", []),
        # What is linked tells how pages are called; what a script states would be a guess.
        ("index.html", "<script>totalPage=9</script><a href='?p=2'>2</a>", ["index.html?p=2"]),
    ],
)
def test_links_to_further_pages(url, body, pages):
    assert further(body, url)[0] == pages


@pytest.mark.parametrize(
    ("url", "how", "following"),
    [
        ("index.html", {"template": "index_{n}.html"}, "index_1.html"),
        ("index_1.html", {"template": "index_{n}.html"}, "index_2.html"),
        ("1.html", {"template": "{n}.html", "first": 1}, "2.html"),
        ("index.html", {"template": "?p={n}", "first": 1}, "index.html?p=2"),
        ("index.html?p=7", {"template": "?p={n}", "first": 1}, "index.html?p=8"),
        ("list?c=1", {"parameter": "page"}, "list?c=1&page=2"),
        ("list?page=2&c=1", {"parameter": "page"}, "list?page=3&c=1"),
        ("list?c=1", {"parameter": "page", "first": 0}, "list?c=1&page=1"),
        ("list?page=%EF%BC%92", {"parameter": "page"}, "list?page=2"),
    ],
)
def test_counted_up_addresses(url, how, following):
    assert further("<p>x<script>countPage=9</script>", url, **how)[0] == [following]


def test_lists_are_told_from_other_pages():
    assert same_list(BASE + "index_2.html", BASE)
    assert same_list(BASE + "?page=2", BASE + "?page=1")
    assert not same_list(BASE + "content_5.html", BASE)
    assert not same_list("http://b.gov.cn/gk/", BASE)
