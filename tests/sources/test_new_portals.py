"""Portals that are added with a few lines of YAML: one of odd markup on a local server, and the three of the corpus."""

import importlib
import re
import sys

import pytest
from werkzeug import Request, Response

from gongkai.archive.log import Fate, read_listings, read_requests

HEAD = """
name: portal
title: 政府信息公开年报
publisher: 云岭县人民政府
region: {code: "900121", name: 云岭县}
allow_private: true
politeness: {requests_per_second: 100, robots: false}
"""

ODD = """<html><head><meta charset=gb2312><base href="/gov/"></head><body>
<nav><a href=/>首页</a><a href=/zw>政务</a></nav><section>{cards}</section>
<div class=pager><b onclick="turn({n})">下一页</b></div></body></html>"""
CARD = """<div class=card onclick="go('detail/{id}.html', event)">
<em>{year}年1月20日发布</em><h4>{title}</h4><p>摘要……</p></div>"""
REPORT = "<html><h1>{}</h1><p>本机关在当年主动公开政府信息若干条，未收到政府信息公开申请。</p></html>"


@pytest.fixture
def odd_portal(httpserver):
    """Cards without anchors, opened by scripts; pages board-1.html ... board-3.html; GB18030; a <base>."""

    def answer(request: Request) -> Response:
        number = int(re.search(r"\d+", request.path)[0])
        if "detail" in request.path:
            return Response(REPORT.format(f"云岭县{number}年政府信息公开工作年度报告").encode("gb18030"))
        report = 2024 - number
        titles = {report: f"云岭县{report}年政府信息公开工作年度报告", number: f"第{number}号公告"}
        cards = [CARD.format(id=id, title=title, year=report + 1) for id, title in titles.items()]
        return Response(ODD.format(cards="".join(cards), n=number).encode("gb18030"))

    httpserver.expect_request(re.compile(r"/gov/detail/\d+\.html")).respond_with_handler(answer)
    httpserver.expect_request("/gov/board-4.html").respond_with_data("", status=404)
    httpserver.expect_request(re.compile(r"/gov/board-[123]\.html")).respond_with_handler(answer)
    return httpserver.url_for("/gov/")


def test_a_portal_with_markup_unlike_the_others_takes_ten_lines(odd_portal, write_source, run, archive):
    source = write_source(
        HEAD
        + f"""
html_list:
  list_urls: [{odd_portal}board-1.html]
  pagination: {{template: "board-{{n}}.html", first: 1}}
"""
    )
    found = run(source)
    rows = {row.title: row for row in read_listings(archive, "r1")}
    assert [rows[f"云岭县{year}年政府信息公开工作年度报告"].fate for year in (2023, 2022, 2021)] == [Fate.NEW] * 3
    assert rows["云岭县2023年政府信息公开工作年度报告"].listed_date.isoformat() == "2024-01-20"
    assert (found.listed, found.new, found.skipped) == (3, 3, 3)
    assert rows["第1号公告"].reason == "the title has no 信息公开"
    assert found.errors == (), "where counted pages are missing the list ends"
    assert sum("board-" in row.url for row in read_requests(archive, "r1") if row.status == 200) == 3


SITES = {
    "site1": "html_list: {list_urls: [%s/site1/zwgk/gknb/index.html]}",
    "site2": "html_list: {list_urls: [%s/site2/zwgk/gknb/index.html]}",
    "site3": "json_list: {list_urls: [%s/site3/api/list?page=1&size=15]}",
}


@pytest.fixture
def shared_portal(monkeypatch, shared):
    monkeypatch.syspath_prepend(str(shared / "tools"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    site, servers = importlib.import_module("portal").serve(shared / "corpus" / "sample", 0, hosts=1)
    yield site, f"http://127.0.0.1:{servers[0].server_address[1]}"
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.corpus
@pytest.mark.parametrize("site", SITES)
def test_the_three_sites_of_the_corpus_are_walked_to_the_end(shared_portal, write_source, run, archive, settings, site):
    portal, address = shared_portal
    settings.limits.file_bytes = 50_000_000
    found = run(write_source(HEAD + SITES[site] % address))
    assert found.errors == ()
    rows = {row.url.removeprefix(address): row for row in read_listings(archive, "r1") if row.parent_url is None}
    assert set(rows) == {url for _, _, url in portal.entries(site)}, "every page was read, to the last entry"
    for truth in portal.sites[site]:
        row = rows[truth["url"]]
        assert (row.fate, row.listed_year) == (Fate.NEW, truth["report_year"]), row.title
        assert row.listed_date.isoformat() == truth["date"]
    decoys = {row.title: row for url, row in rows.items() if "/decoy/" in url}
    assert len(decoys) == 4
    assert all(row.fate is Fate.SKIPPED and row.reason.startswith("the title ") for row in decoys.values())
    assert not any("/decoy/" in row.url for row in read_requests(archive, "r1")), "they are not even asked for"
