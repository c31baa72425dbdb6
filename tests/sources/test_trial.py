import re

import pytest

from gongkai.errors import BlockedError, SourceError
from gongkai.sources.model import Source
from gongkai.sources.trial import try_source

TITLE = "云岭县{}年政府信息公开工作年度报告"


@pytest.fixture
def attempt(make_source, settings):
    from .conftest import QUICK

    def once(url, pages=1, **more):
        return try_source(make_source(url, **more), pages=pages, settings=settings, retry=QUICK)

    return once


def board(number):
    rows = "".join(
        f"<li><a href=/{year}.html>{TITLE.format(year)}</a>{year + 1}-01-20</li>" for year in (2024 - number,)
    )
    return (
        f"<html><ul>{rows}<li><a href=/guide.html>政府信息公开指南</a></ul>"
        "<li><a href='javascript:show(3)'>云岭县2015年政府信息公开工作年度报告</a></li>"
        f"<a href=index_{number + 1}.html>下一页</a></html>".encode("gb18030").decode("latin-1")
    )


def test_what_would_be_taken_and_skipped_is_shown(httpserver, attempt, tmp_path):
    httpserver.expect_request("/list/index.html").respond_with_data(board(0).encode("latin-1"))
    httpserver.expect_request("/list/index_1.html").respond_with_data(board(1).encode("latin-1"))
    url = httpserver.url_for("/list/index.html")
    trial = attempt(url)
    text = "\n".join(trial.lines())
    assert re.search(r"take  2024   2025-01-20  云岭县2024年政府信息公开工作年度报告\n +http://\S+/2024.html", text)
    assert "skip                     政府信息公开指南  [the title says 指南]" in text
    assert f"{url}: 2 links, 1 with a date, read as gb18030" in text
    assert f"further pages: 1, {url.replace('index', 'index_1')}" in text
    assert "no address is told of 云岭县2015年政府信息公开工作年度报告" in text
    assert text.endswith("1 would be taken, 1 skipped; nothing was archived")
    assert trial.has_trouble, "one report has no address"
    assert [request.path for request, _ in httpserver.log] == ["/list/index.html"]
    assert not any(path.is_file() for path in (tmp_path / "archive").rglob("*")), "nothing is archived"
    assert attempt(url, pages=2).taken == 2


@pytest.mark.parametrize(
    ("body", "status", "kind", "words"),
    [
        ("", 403, BlockedError, "the portal refuses us"),
        ("<html><p>访问过于频繁，请稍后再试</p></html>", 200, BlockedError, "a block page with status 200"),
        ("<html><p>您访问的页面不存在</p></html>", 200, SourceError, "not a list page"),
        ("", 404, SourceError, "nothing at this address"),
    ],
)
def test_a_portal_that_refuses_is_a_clear_error(httpserver, attempt, body, status, kind, words):
    httpserver.expect_request("/list").respond_with_data(body, status=status)
    with pytest.raises(kind, match=words):
        attempt(httpserver.url_for("/list"))


def test_robots_are_obeyed(httpserver, attempt):
    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow: /")
    with pytest.raises(BlockedError, match=r"robots.txt disallows"):
        attempt(httpserver.url_for("/list"), politeness={"robots": True})


def test_a_folder_is_listed(settings, tmp_path, make_source):
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / f"{TITLE.format(2023)}.pdf").write_bytes(b"%PDF")
    portal = make_source("http://a/").model_dump(exclude={"html_list", "json_list", "sitemap"})
    folder = Source.model_validate({**portal, "adapter": "folder", "folder": {"path": tmp_path / "papers"}})
    trial = try_source(folder, pages=1, settings=settings)
    assert (trial.taken, trial.links[0].listed_year) == (1, 2023)
