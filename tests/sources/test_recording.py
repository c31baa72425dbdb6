import re

import pytest
from werkzeug import Response

from gongkai.archive.log import read_listings, read_requests
from gongkai.archive.runs import read_runs
from gongkai.errors import SourceError
from gongkai.sources.collect import ShortListError

REPORT = "<!DOCTYPE html><h1>{}</h1><p>本机关在当年主动公开政府信息若干条，未收到政府信息公开申请。</p>"


@pytest.fixture
def portal(httpserver):
    """A portal of two list pages with two reports; `pages` may be changed."""
    pages = {
        "": "<ul><li><a href='a.html'>2022年政府信息公开年报</a>2023-01-20</li></ul><a href='index_1.html'>下一页</a>",
        "index_1.html": "<ul><li><a href='b.html'>2023年政府信息公开年报</a>2024-01-20</li></ul>",
        "a.html": REPORT.format("2022"),
        "b.html": REPORT.format("2023"),
    }

    def answer(request):
        body = pages.get(request.path.removeprefix("/site/"))
        return Response("", 404) if body is None else body if isinstance(body, Response) else Response(body)

    httpserver.expect_request(re.compile("/site/.*")).respond_with_handler(answer)
    httpserver.pages = pages
    return httpserver


def only(archive, run_id):
    (row,) = read_runs(archive, run_id)
    return row


def test_a_run_leaves_one_row_with_what_it_did(portal, make_source, run, archive):
    found = run(make_source(portal.url_for("/site/")))
    row, asked = only(archive, "r1"), list(read_requests(archive, "r1"))
    assert (row.source, row.years, row.error, row.why, row.is_complete) == ("test", "", "", "", True)
    assert (row.listed, row.new, row.unchanged) == (2, 2, 0) == (found.listed, found.new, found.unchanged)
    assert (row.requests, row.bytes) == (len(asked), sum(one.bytes for one in asked))
    assert row.started <= min(one.at for one in asked) and row.ended >= max(one.at for one in asked)
    assert row.lists == portal.url_for("/site/")
    run(make_source(portal.url_for("/site/")))
    assert (only(archive, "r2").new, only(archive, "r2").unchanged) == (0, 2)


def test_a_run_for_a_year_walks_the_list_and_says_so(portal, make_source, run, archive):
    run(make_source(portal.url_for("/site/")), years=[2023])
    row = only(archive, "r1")
    assert (row.years, row.listed, row.skipped, row.is_complete) == ("2023", 1, 1, True)


def test_a_list_page_that_fails_makes_the_walk_incomplete(portal, make_source, run, archive):
    portal.pages["index_1.html"] = Response("", 500)
    run(make_source(portal.url_for("/site/")))
    row = only(archive, "r1")
    assert (row.is_complete, row.listed, row.errors, row.error) == (False, 1, 1, "")
    assert row.why.startswith(portal.url_for("/site/index_1.html") + ": server_error")


def test_a_source_that_fails_has_its_row_too(portal, make_source, run, archive):
    portal.pages[""] = Response("", 403)
    with pytest.raises(SourceError):
        run(make_source(portal.url_for("/site/")))
    row = only(archive, "r1")
    assert (row.error, row.is_complete, row.listed) == ("blocked", False, 0)
    assert row.requests > 0 and "no list page could be read" in row.why


def test_a_list_that_is_too_short_is_no_complete_walk(portal, make_source, run, archive):
    with pytest.raises(ShortListError):
        run(make_source(portal.url_for("/site/"), assertions={"min": 3}))
    row = only(archive, "r1")
    assert (row.error, row.is_complete, row.new) == ("short_list", False, 2)
    assert len(list(read_listings(archive, "r1"))) == 2


def test_a_run_that_breaks_off_has_its_row(portal, make_source, run, archive, monkeypatch):
    monkeypatch.setattr("gongkai.sources.collect.assess", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(make_source(portal.url_for("/site/")))
    assert (only(archive, "r1").error, only(archive, "r1").new) == ("ZeroDivisionError", 2)
