"""Markup of list pages beyond the plain styles of test_html_list: each was seen on some content management system."""

from datetime import date

import pytest
from tests.work import work_of_at_most

from gongkai.errors import SourceError
from gongkai.settings import Limits
from gongkai.sources.html_list import HtmlList
from gongkai.sources.link_rules import load_link_rules
from gongkai.sources.options import HtmlListOptions

RULES = load_link_rules()
URL = "http://a.gov.cn/zfxxgknb/index.html"
TITLE = "云岭县教育局2023年政府信息公开工作年度报告"
DAY = date(2024, 1, 20)


def read(body, **more):
    options = HtmlListOptions(list_urls=[URL], **more)
    return HtmlList(((URL, None),), options, RULES, Limits()).read(body.encode(), URL)


def only(body, **more):
    found = [link for link in read(body, **more).links if not link.skip]
    assert len(found) == 1
    return found[0].url.removeprefix("http://a.gov.cn"), found[0].title, found[0].listed_date


@pytest.mark.parametrize(
    "body",
    [
        f"<a href=1.html><h3>{TITLE}</h3><p>根据条例，现公布本机关年度报告。</p><i>2024-01-20</i></a>",
        f"<a href=1.html><span>2024-01-20</span><div>{TITLE}</div></a>",
        "<a href=1.html><b>云岭县教育局</b><b>2023年政府信息公开工作年度报告</b><i>2024-01-20</i></a>",
        f"<a href=1.html>{TITLE}</a><b>[2024-01-20]</b>",
        f"<div onclick=\"location.href='1.html'\"><em>2024-01-20</em><h4>{TITLE}</h4></div>",
        f"<tr><td>{TITLE}<td>2024-01-20<td><a href=1.html>查看</a>",
        f"<table><tr><td>{TITLE}</td><td>2024-01-20</td><td><a href=1.html>下载</a></td></table>",
        f"<li>{TITLE}（2024-01-20）<a href=1.html>详情&gt;&gt;</a></li>".replace(
            "（2024-01-20）", " <i>2024-01-20</i> "
        ),
        f"<li><a href='javascript:void(0)' onclick=\"window.open('1.html','_blank')\">{TITLE}</a>2024-01-20</li>",
        f"<li><a href=\"javascript:window.open('1.html')\">{TITLE}</a>2024-01-20</li>",
        f"<li><a href=\"window.open('1.html')\">{TITLE}</a>2024-01-20</li>",
        f"<li><a href='#' onclick=\"show('3', './1.html')\">{TITLE}</a>2024-01-20</li>",
        f"<li onclick=\"go('/zfxxgknb/1.html')\"><a>{TITLE}</a><span>2024-01-20</span></li>",
        f"<!-- <li><a href=0.html>{TITLE.replace('2023', '2020')}</a></li> --><li><a href=1.html>{TITLE}</a>2024-01-20",
        f"<li><a href=1.html title='{TITLE}'>云岭县教育局2023年政府信…</a>2024-01-20</li>",
        f"<li><a href=1.html><img src=x.gif alt='{TITLE}'></a>2024-01-20</li>",
        f"<li><a href=1.html>{TITLE}</a><a href='javascript:share()'>分享</a><p>发布时间：2024年01月20日</p></li>",
    ],
)
def test_every_markup_gives_title_address_and_date(body):
    assert only(f"<html><a href=/>首页</a><ul>{body}</ul></html>") == ("/zfxxgknb/1.html", TITLE, DAY)


def test_a_base_address_counts():
    assert only(f"<html><base href='/files/'><li><a href=1.html>{TITLE}</a>2024-01-20")[0] == "/files/1.html"
    assert only(f"<html><base href='http://['><li><a href=1.html>{TITLE}</a>2024-01-20")[0] == "/zfxxgknb/1.html"


def test_a_report_without_any_address_is_a_warning_not_silence():
    page = read(
        f"<li><a href=\"javascript:open_doc(17)\">{TITLE}</a></li><li><a href='javascript:home()'>首页</a></li>"
    )
    assert page.links == ()
    assert page.warnings == (f"{URL}: no address is told of {TITLE}",)
    page = read(f"<li><a href='javascript:share()'>{TITLE}</a><a href=1.html>{TITLE}</a></li>")
    assert (len(page.links), page.warnings) == (1, ())


def test_a_decoy_does_not_take_the_title_beside_it():
    page = read(f"<tr><td>{TITLE}</td><td><a href=1.html>图解</a></td><td><a href=2.html>下载</a></td></tr>")
    assert [link.title for link in page.links if not link.skip] == []


def test_rows_by_selectors():
    cards = "".join(
        f"<div class='it hot'><i class=when>{year + 1}/1/20</i><a href=/cat>年报</a>"
        f"<p class=t>云岭县{year}年政府信息公开年报</p><a class=go href={year}.html>进入</a></div>"
        for year in (2022, 2023)
    )
    page = read(
        f"<div class=it2><a href=x>2021年信息公开年报</a></div>{cards}",
        row="div.it",
        link="a.go",
        title="p.t",
        date=".when",
    )
    assert [(link.url[-9:], link.title, link.listed_date) for link in page.links] == [
        ("2022.html", "云岭县2022年政府信息公开年报", date(2023, 1, 20)),
        ("2023.html", "云岭县2023年政府信息公开年报", date(2024, 1, 20)),
    ]


def test_real_css_selectors():
    body = f"<div class='l a'><ul><li><a href=1.html>{TITLE}</a></ul></div><ul><li><a href=2.html>{TITLE}</a></ul>"
    assert [link.url[-6:] for link in read(body, selector="div.l.a > ul").links] == ["1.html"]
    assert [link.url[-6:] for link in read(body, selector="a[href^='2']").links] == ["2.html"]
    with pytest.raises(SourceError, match="no such element"):
        read(body, selector="table td:nth-child(2)")


RECORD = "<record><![CDATA[<li><a href='/art/2024/art_1_{n}.html'>{t}</a><span>2024-01-20</span></li>]]></record>"
STORE = (
    "<datastore><nextgroup><![CDATA[<a href='/module/dataproxy.jsp?page=2&appid=1&columnid=7'></a>]]></nextgroup>"
    "<recordset>{}</recordset></datastore>"
)


@pytest.mark.parametrize(
    "frame",
    [
        "<html><body><div id=9><script type='text/xml'>{}</script></div></body></html>",
        '<html><body><script type="text/xml">\n<!-- {} --></script><p>x</p></body></html>',
        "<?xml version='1.0' encoding='utf-8'?>\n{}",
        "{}",
    ],
)
def test_lists_in_a_datastore(frame):
    records = "".join(RECORD.format(n=year, t=f"云岭县{year}年政府信息公开工作年度报告") for year in (2023, 2022))
    page = read(frame.format(STORE.format(records)))
    assert [(link.listed_year, link.listed_date, link.url[-15:]) for link in page.links] == [
        (2023, DAY, "art_1_2023.html"),
        (2022, DAY, "art_1_2022.html"),
    ]
    assert [one.url for one in page.further] == ["http://a.gov.cn/module/dataproxy.jsp?page=2&appid=1&columnid=7"]


def test_a_broken_datastore_costs_its_records_only():
    page = read("<script type=text/xml><datastore><recordset><record><![CDATA[<li>" + "<record>" * 100_000)
    assert page.links == ()


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 200_000,
        "<ul>" + "<li onclick=\"open('x.html')\">" * 5_000,
        "<a href='javascript:" + "(" * 500_000 + "'>" + TITLE + "</a>",
        f"<li><a href=1.html>{TITLE}</a>" + "<b>" * 100_000,
        "<script type=text/xml>" * 20_000 + "<datastore>",
        "createPageHTML(" * 50_000,
        "<table>" + f"<tr><td><a href=1.html>{TITLE}</a><td><td>" * 3_000,
    ],
    ids=["deep", "rows in rows", "script", "tail", "scripts", "calls", "cells"],
)
def test_hostile_pages_are_read_in_bounded_time(body):
    with work_of_at_most(8):
        read(f"<html>{body}</html>")
