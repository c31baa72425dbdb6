"""Where the article of a page stands, what the page says of itself, what it links to."""

import pytest
from tests.documents.making import outline, page, tables, texts

from gongkai.documents.html import read_html
from gongkai.settings import Limits

LIMITS = Limits()
TITLE = "某市统计局2024年政府信息公开工作年度报告"
TABLE = (
    "<table class=xxgk><tr><td><b>索引号</b></td><td>x/2025-1</td><td>公开目录</td><td>年报</td></tr>"
    "<tr><td>发布机构：</td><td>某市统计局</td><td>发布日期</td><td>2025-01-19</td></tr>"
    "<tr><td>文  号</td><td></td><td>有效性</td><td>有效</td></tr>"
    f"<tr><td>标题</td><td colspan=3>{TITLE}</td></tr></table>"
)
LIST = (
    "<ul><li>索引号: x/2025-1</li><li>公开目录: 年报</li><li>发布机构: 某市统计局</li>"
    f"<li>发布日期: 2025-01-19</li><li>文号: </li><li>标题：{TITLE}</li></ul>"
)
LINE = (
    "<div class=info><span>索引号：x/2025-1</span> <span>发布日期：2025-01-19</span> <span>来源：某市统计局</span>"
    f" <span>点击数：<script>hits(1)</script></span></div><p>标题： {TITLE} 【字体：大 中 小】</p>"
)
PAIRS = (
    "<dl><dt>索引号</dt><dd>x/2025-1</dd><dt>发布机构：</dt><dd>某市统计局</dd><dt>发布日期</dt><dd>2025-01-19</dd>"
    f"<dt>文号</dt><dd></dd><dt>标题</dt><dd>{TITLE}</dd></dl>"
)
GRID = "<table>" + "".join(f"<tr><td>行政处罚决定的数量{n}<td>{n}</tr>" for n in range(40)) + "</table>"


def read(article, **kwargs):
    return read_html(page(article, **kwargs), LIMITS)


@pytest.mark.parametrize("properties", [TABLE, LIST, LINE, PAIRS])
def test_properties_in_all_their_forms(properties):
    document = read("<p>文</p>", before=properties)
    meta = document.meta
    assert (meta["title"], meta["published"], meta["publisher"], meta["index_no"]) == (
        TITLE, "2025-01-19", "某市统计局", "x/2025-1",
    )  # fmt: skip
    assert "doc_no" not in meta
    assert outline(document) == ["文"]
    assert texts(document, "furniture")


def test_property_table_inside_the_article_is_no_data():
    document = read(TABLE + "<p>一、</p><table><tr><td>规章<td>1</table>")
    assert tables(document) == [[["规章", "1"]]]
    assert document.meta["published"] == "2025-01-19"


def test_meta_tags_answer_where_the_page_is_silent():
    head = (
        f'<meta name="ArticleTitle" content="{TITLE}"><META NAME="pubdate" CONTENT="2025-02-01 10:00">'
        '<meta name="ContentSource" content="办公室"><meta name="SiteName" content="某市政府">'
    )
    meta = read(
        "<p>文</p>", head=head, before="<ul><li>发布日期：2025-01-19</li><li>文号：某统〔2025〕1号</li></ul>"
    ).meta
    assert meta["title"] == TITLE
    assert meta["published"] == "2025-01-19"
    assert meta["publisher"] == "办公室"
    assert meta["site"] == "某市政府"
    assert meta["doc_no"] == "某统〔2025〕1号"


def test_title_element_comes_last_and_loses_the_site_name():
    head = f'<title>{TITLE}_某市政府</title><meta name="SiteName" content="某市政府">'
    html = f"<html><head>{head}</head><body><p>文</p></body></html>"
    assert read_html(html.encode(), LIMITS).meta["title"] == TITLE


def test_heading_outside_the_article_is_the_title_only_if_it_is():
    before = f"<div class=header><h1>某市政府</h1></div><h2 class=title>{TITLE}</h2>"
    document = read("<p>文</p>", head=f'<meta name="ArticleTitle" content="{TITLE}">', before=before)
    assert texts(document, "title") == [TITLE]
    assert "某市政府" in texts(document, "furniture")


@pytest.mark.parametrize("zoom", ["id=ZOOM", "class='main TRS_Editor x'", "id=UCAP-CONTENT", "class=pages_content"])
def test_containers(zoom):
    document = read("<p>文</p>", zoom=zoom, before="<div>当前位置</div>", after="<div class=footer>主办</div>")
    assert outline(document) == ["文"]
    assert texts(document, "furniture") == ["当前位置", "主办"]


def test_several_editors_make_one_article():
    second = "<div class=TRS_Editor><p>乙</p><div class=TRS_Editor><p>丙</p></div></div>"
    assert outline(read("<p>甲</p>", zoom="class=TRS_Editor", after=second)) == ["甲", "乙", "丙"]


def test_container_without_the_tables_is_passed_over():
    document = read("<p>摘要</p>", after=f"<div class=unknown><p>二、</p>{GRID}</div><div class=footer>主办</div>")
    assert len(tables(document)) == 1
    assert outline(document)[:2] == ["摘要", "二、"]
    assert texts(document, "furniture") == ["主办"]
    assert any("no known article container" in warning for warning in document.warnings)


def test_container_without_the_text_is_passed_over_for_the_next():
    after = f"<div class=article-content><p>{'公开' * 1500}</p></div>"
    document = read("<p>分享</p>", after=after)
    assert [len(text) for text in texts(document)] == [3000]


def test_short_article_that_only_links_to_the_file_stays_the_article():
    article = (
        f'<p>{TITLE}见附件。</p><p>附件：<a href="P0.pdf" target=_blank>{TITLE}.pdf</a></p>'
        '<a href="javascript:window.print()">打印.pdf</a><a href="/about.html">关于</a>'
    )
    nav = "<div class=nav>" + "".join(f"<a href='/{n}.doc'>栏目{n}</a>" for n in range(50)) + "</div>"
    below = (
        '<div class=fj><a href="./1.docx?x=1">年报</a><a href="P0.pdf">again</a><a href="/down?id=3">年报.wps</a></div>'
    )
    document = read(article, before=nav, after=below)
    assert document.attachments == (("P0.pdf", f"{TITLE}.pdf"), ("./1.docx?x=1", "年报"), ("/down?id=3", "年报.wps"))


def test_embedded_files_are_attachments():
    article = (
        '<iframe src="/viewer.html?file=/files/1.pdf&x=1"></iframe><embed src="2.PDF"><object data="3.ofd"></object>'
        '<iframe src="data:application/pdf;base64,AAAA.pdf"></iframe><a href="http://[bad/4.pdf">x</a>'
    )
    assert [href for href, _ in read(article).attachments] == ["/files/1.pdf", "2.PDF", "3.ofd"]


def test_error_page_is_read_as_a_document():
    html = "<html><head><title>404</title></head><body><h1>404 Not Found</h1><hr>nginx</body></html>"
    document = read_html(html.encode(), LIMITS)
    assert outline(document) == ["404 Not Found", "nginx"]
