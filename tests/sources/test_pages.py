import pytest

from gongkai.settings import Limits
from gongkai.sources.link_rules import load_link_rules
from gongkai.sources.pages import articles, attachment_links, is_html, parse, text_of

RULES = load_link_rules()
URL = "http://a.gov.cn/x/content/post_1.html"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"\xef\xbb\xbf<!DOCTYPE HTML>", True),
        (b"\n<!-- x --><html>", True),
        (b"<div class=x>", True),
        (b"<?xml version='1.0'?><w:document>", False),
        (b"%PDF-1.7", False),
        (b"PK\x03\x04", False),
        ("一、总体情况".encode(), False),
    ],
)
def test_html_is_told_by_its_bytes(body, expected):
    assert is_html(body) is expected


def test_text_is_what_people_see():
    root = parse(b"<html><head><title>t</title></head><p>a<script>b</script>c<br>d<!-- e --></p>f", URL, Limits())
    assert text_of(root) == "acdf"


def test_text_of_a_deep_page_needs_no_deep_stack():
    root = parse(b"<html><body>" + b"<div>" * 200 + b"x" + b"</div>" * 200, URL, Limits())
    assert text_of(root) == "x"


def attached(page):
    root = parse(page.encode(), URL, Limits())
    return list(attachment_links(articles(root, RULES) or [root], URL, RULES.attachments))


def test_attachments_stand_in_the_article():
    page = """<a href=/guide.pdf>指南</a><div class="a TRS_Editor b"><a href=../files/1.docx>年报</a>
        <a href=../files/1.docx>下载</a><a href=/down?id=1>2023年年报.pdf</a><a href=other.html>其他</a>
        <a href="javascript:x('1.doc')">x</a></div>"""
    assert attached(page) == [
        ("http://a.gov.cn/x/files/1.docx", "年报"),
        ("http://a.gov.cn/down?id=1", "2023年年报.pdf"),
    ]


def test_without_a_known_article_the_whole_page_is_searched():
    assert attached("<html><a href=1.doc>年报</a>") == [("http://a.gov.cn/x/content/1.doc", "年报")]
