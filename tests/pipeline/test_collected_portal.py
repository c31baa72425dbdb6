"""What a release says of the addresses, files and requests of a portal."""

import re
from contextlib import suppress

import pytest
from werkzeug import Response

from gongkai.archive.store import Archive
from gongkai.errors import SourceError
from gongkai.lake.store import Lake
from gongkai.pipeline.collected import collected
from gongkai.settings import Settings
from gongkai.sources.collect import collect
from gongkai.sources.http import Retry
from gongkai.sources.model import Source

ONCE = Retry(attempts=1)
LIST = "<title>政府信息公开年报</title><ul><li><a href='{}.html'>云岭县2023年政府信息公开年报</a>2024-01-20</li>{}</ul>"
OTHER = "<li><a href='b.html'>云岭县教育局2023年政府信息公开年报</a>2024-01-20</li>"
PAGE = "<!DOCTYPE html><h1>年报</h1><p>本机关在当年主动公开政府信息若干条，未收到政府信息公开申请。</p>{}"
FILE = "<a href='a.docx'>附件：年报.docx</a>"


@pytest.fixture
def portal(httpserver):
    """A portal of two reports, one with a file; `pages` may be changed."""
    pages = {"": LIST.format("a", OTHER), "a.html": PAGE.format(FILE), "a.docx": "a file", "b.html": PAGE.format("")}

    def answer(request):
        body = pages.get(request.path.removeprefix("/site/"))
        return Response("", 404) if body is None else body if isinstance(body, Response) else Response(body)

    httpserver.expect_request(re.compile("/site/.*")).respond_with_handler(answer)
    httpserver.pages = pages
    return httpserver


@pytest.fixture
def look(portal, tmp_path):
    """Collect, and return what a release would say of it."""
    source = Source.model_validate(
        {
            "name": "s",
            "title": "年报",
            "publisher": "云岭县",
            "region": {"code": "900121", "name": "云岭县"},
            "adapter": "html_list",
            "html_list": {"list_urls": [portal.url_for("/site/")]},
            "allow_private": True,
            "politeness": {"requests_per_second": 500, "robots": False},
            "expect": {
                "years": {"first": 2023, "last": 2023},
                "agencies": [
                    {"name": name, "region": {"code": "900121", "name": "云岭县"}, "level": "county", "kind": kind}
                    for name, kind in (("云岭县教育局", "department"), ("云岭县人民政府", "government"))
                ],
            },
        }
    )
    archive, lake, count = Archive(str(tmp_path / "archive")), Lake(str(tmp_path / "lake")), iter(range(9))

    def run(**options):
        with suppress(SourceError):
            collect(source, archive, years=None, settings=Settings(data=tmp_path), run_id=f"r{next(count)}", retry=ONCE)
        return collected(archive, lake, [source], **{"runs": 10} | options)

    return run


def by_name(found, table="addresses"):
    return {row["url"].rpartition("/")[2]: row for row in getattr(found, table).to_pylist()}


def test_a_file_goes_when_its_page_no_longer_links_it_and_when_its_page_goes(look, portal):
    rows = by_name(look())
    assert {name: row["kind"] for name, row in rows.items()} == {
        "a.html": "page",
        "a.docx": "attachment",
        "b.html": "page",
    }
    assert rows["a.docx"]["parent_url"] == rows["a.html"]["url"] and rows["a.docx"]["last_listed"] is None
    portal.pages["a.html"] = PAGE.format("<p>附件已撤下。</p>")
    rows = by_name(look())
    assert rows["a.docx"]["removed_on"] and not rows["a.docx"]["is_current"]
    portal.pages["a.html"] = PAGE.format(FILE)
    rows = by_name(look())
    assert rows["a.docx"]["removed_on"] is None and rows["a.docx"]["is_current"]
    portal.pages[""] = LIST.format("b", "")
    rows = by_name(look())
    assert rows["a.docx"]["removed_on"] == rows["a.html"]["removed_on"] is not None
    assert rows["b.html"]["removed_on"] is None


def test_a_gap_says_what_stands_in_the_way(look, portal):
    portal.pages["b.html"] = Response("", 403)
    gaps = {row["url"] and row["url"].rpartition("/")[2]: row for row in look().gaps.to_pylist()}
    assert (gaps["b.html"]["outcome"], gaps["b.html"]["reason"].partition(":")[0]) == ("blocked", "blocked")
    del portal.pages["b.html"]
    gaps = {row["url"] and row["url"].rpartition("/")[2]: row for row in look().gaps.to_pylist()}
    assert (gaps["b.html"]["outcome"], gaps["b.html"]["reason"].partition(":")[0]) == ("failed", "gone")
    portal.pages["b.html"] = PAGE.format("")
    gaps = {row["url"] and row["url"].rpartition("/")[2]: row for row in look().gaps.to_pylist()}
    assert (gaps["b.html"]["outcome"], gaps["b.html"]["reason"].partition(":")[0]) == ("missing", "not_read")


def test_a_source_that_refuses_us_blocks_what_it_is_expected_to_list(look, portal):
    portal.pages[""] = Response("", 403)
    gaps = look().gaps.to_pylist()
    assert {(row["outcome"], row["reason"].partition(":")[0], row["url"]) for row in gaps} == {
        ("blocked", "blocked", None)
    }
    portal.pages[""] = LIST.format("b", "")
    assert {row["outcome"] for row in look().gaps.to_pylist()} == {"missing"}


def test_the_requests_of_the_last_runs_are_told(look, portal):
    look()
    portal.pages["b.html"] = Response("", 500)
    found = look(runs=1)
    rows = found.tables()["requests"].to_pylist()
    assert {row["run_id"] for row in rows} == {"r1"}
    assert [row["request_no"] for row in rows] == list(range(1, len(rows) + 1))
    runs = {row["run_id"]: row for row in found.collect_runs.to_pylist()}
    assert runs["r1"]["requests"] == len(rows) and runs["r1"]["failed"] == 1
    assert {row["error"] for row in rows} == {"", "server_error"}
    assert found.tables()["requests"].schema.field("sent").type == "timestamp[us]"
