"""Every listed link has one fate a run, and the class of what it answered."""

import re
from collections import Counter
from itertools import count

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from werkzeug import Request, Response

from gongkai.archive.answers import AnswerKind as Kind
from gongkai.archive.catalog import Catalog
from gongkai.archive.log import Fate, read_listings, read_requests
from gongkai.archive.store import Archive
from gongkai.errors import BlockedError, SourceError
from gongkai.sources.collect import collect

from . import answer_pages
from .conftest import QUICK

TITLE = "云岭县第{}局2023年政府信息公开工作年度报告"
GOOD = answer_pages.GOLDEN["a report"][0]


FURTHER = {
    "/c/good2": GOOD,
    "/c/soft2": answer_pages.GOLDEN["您访问的页面不存在"][0],
    "/c/1.pdf": b"%PDF-1",
    "/c/2.pdf": answer_pages.SAFEDOG,
    **dict.fromkeys(("/", "/cas/login", "/error/404.html"), GOOD),
}
"""What stands on the portal beside what it lists; good pages at bad addresses, for the address to tell."""


class Portal:
    """A portal in a dict of paths; what is in `listed` is named by its list, each with the title of a report."""

    def __init__(self, server):
        self.pages, self.listed = dict(FURTHER), []
        self.url = server.url_for("/nb/")
        server.expect_request(re.compile("/.*")).respond_with_handler(self.answer)

    def add(self, name, body, title=TITLE):
        self.pages[f"/c/{name}"] = body
        self.listed.append((name, title.format(name)))

    def answer(self, request: Request):
        body = self.pages.get(request.path, Response("", 404))
        if request.path == "/nb/":
            rows = (f"<li><a href='/c/{name}'>{title}</a>2024-01-20</li>" for name, title in self.listed)
            body = f"<html><ul>{''.join(rows)}</ul></html>"
        return body if isinstance(body, Response) else Response(body, content_type="text/html")


@pytest.fixture
def portal(httpserver):
    return Portal(httpserver)


def listed(archive, run_id="r1"):
    return {row.url.rpartition("/c/")[2]: row for row in read_listings(archive, run_id) if row.parent_url is None}


def moved(place, status=302):
    return Response("", status, {"Location": place})


ANSWERS = {
    "good": (GOOD, Fate.NEW, Kind.REPORT),
    "picture": (answer_pages.FILES["a picture"][0], Fate.NEW, Kind.PICTURE),
    "sheet": (answer_pages.FILES["a spreadsheet"][0], Fate.NEW, Kind.OTHER_FORMAT),
    "json": (answer_pages.FILES["an error as JSON"][0], Fate.NOT_A_REPORT, Kind.WRONG_TYPE),
    "empty": (b"", Fate.NOT_A_REPORT, Kind.EMPTY),
    "soft": (answer_pages.GOLDEN["您访问的页面不存在"][0], Fate.NOT_A_REPORT, Kind.SOFT_404),
    "refresh404": (answer_pages.GOLDEN["a refresh to /404.html"][0], Fate.NOT_A_REPORT, Kind.SOFT_404),
    "shield": (answer_pages.CHUANGYU, Fate.BLOCKED, Kind.BLOCK_PAGE),
    "challenge": (answer_pages.ALIYUN, Fate.BLOCKED, Kind.JS_CHALLENGE),
    "jsl": (Response(answer_pages.JSL, 521), Fate.BLOCKED, Kind.JS_CHALLENGE),
    "login": (answer_pages.LOGIN, Fate.BLOCKED, Kind.LOGIN),
    "spa": (answer_pages.SPA, Fate.NOT_A_REPORT, Kind.NO_TEXT),
    "list": (answer_pages.LIST, Fate.NOT_A_REPORT, Kind.LIST),
    "home": (moved("/"), Fate.NOT_A_REPORT, Kind.MOVED),
    "missing": (moved("/error/404.html"), Fate.NOT_A_REPORT, Kind.SOFT_404),
    "sso": (moved("http://sso.a.gov.cn/cas/login?service=x"), Fate.FAILED, Kind.LOGIN),
    "inside": (moved("/cas/login"), Fate.BLOCKED, Kind.LOGIN),
    "other": (moved("http://10.0.0.1/"), Fate.FAILED, Kind.REFUSED),
    "renamed": (moved("/c/good2", 301), Fate.NEW, Kind.REPORT),
    "gone": (Response("", 410), Fate.FAILED, Kind.GONE),
    "fault": (Response("", 500), Fate.FAILED, Kind.SERVER_ERROR),
    "status": (Response("", 400), Fate.FAILED, Kind.BAD_STATUS),
    "large": ("<html>" + "x" * 200_000, Fate.FAILED, Kind.TOO_LARGE),
    "ring": (moved("/c/ring"), Fate.FAILED, Kind.REDIRECT_LOOP),
    "shell": ("<html><meta http-equiv=refresh content='0;url=/c/good2'></html>", Fate.NEW, Kind.SHELL),
    "hollow": ("<html><meta http-equiv=refresh content='0;url=/c/soft2'></html>", Fate.NOT_A_REPORT, Kind.SOFT_404),
    "file": ("<html><div id=zoom>见附件<a href=/c/1.pdf>年报</a></div></html>", Fate.NEW, Kind.ATTACHMENT_PAGE),
    "lost": ("<html><div id=zoom>见附件<a href=/c/2.pdf>年报</a></div></html>", Fate.BLOCKED, Kind.ATTACHMENT_PAGE),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_each_answer_has_its_fate_and_class(portal, make_source, run, archive, name):
    body, fate, kind = ANSWERS[name]
    portal.add(name, body)
    run(make_source(portal.url))
    row = listed(archive)[name]
    assert (row.fate, row.answer) == (fate, kind), row.reason
    assert bool(row.reason) == (fate is not Fate.NEW)
    assert all(request.answer for request in read_requests(archive, "r1")), "every request says what it was answered"
    kept = {entry.url.rpartition("/c/")[2] for entry in Catalog.load(archive).entries()}
    assert (name in kept) == (fate is Fate.NEW or name == "lost"), "the page of a file that failed is kept"


def test_a_portal_that_blocks_with_status_200_is_left(portal, make_source, run, archive):
    for number in range(20):
        portal.add(f"{number}.html", answer_pages.CHUANGYU)
    found = run(make_source(portal.url))
    assert found.blocked == 20
    kinds = Counter(row.answer for row in listed(archive).values())
    assert kinds == {Kind.BLOCK_PAGE: QUICK.leave_after, Kind.HOST_LEFT: 20 - QUICK.leave_after}


@pytest.mark.parametrize(("page", "kind"), [(answer_pages.LOGIN, Kind.LOGIN), (answer_pages.RUISHU, Kind.JS_CHALLENGE)])
def test_a_list_behind_a_protection_says_so(httpserver, make_source, run, archive, page, kind):
    httpserver.expect_request("/nb/").respond_with_data(page, content_type="text/html")
    with pytest.raises(BlockedError):
        run(make_source(httpserver.url_for("/nb/")))
    assert [row.answer for row in read_requests(archive, "r1")] == [kind]


def test_a_list_that_has_moved_says_where_to(httpserver, make_source, run, archive):
    shell = "<html><meta http-equiv=refresh content='0;url=/new/index.html'></html>"
    httpserver.expect_request("/nb/").respond_with_data(shell, content_type="text/html")
    with pytest.raises(SourceError, match=r"leads to http.*/new/index.html; look whether the list has moved"):
        run(make_source(httpserver.url_for("/nb/")))
    assert [row.answer for row in read_requests(archive, "r1")] == [Kind.SHELL]


def test_a_link_that_two_columns_name_differently_has_one_fate(httpserver, make_source, run, archive):
    for path, title in (("/a/", "2023年法治政府建设年度报告"), ("/b/", TITLE), ("/c/", "2023年政务公开工作要点")):
        row = (
            f"<html><li><a href=/1.html>{title}</a>2024-01-20</li><li><a href=/2.html>2023年工作要点</a>2024-01-20</li>"
        )
        httpserver.expect_request(path).respond_with_data(row, content_type="text/html")
    httpserver.expect_request("/1.html").respond_with_data(GOOD, content_type="text/html")
    found = run(make_source(*(httpserver.url_for(path) for path in ("/a/", "/b/", "/c/"))))
    assert (found.new, found.skipped, found.listed) == (1, 1, 1)
    fates = sorted((row.url.rpartition("/")[2], row.fate, row.answer) for row in read_listings(archive, "r1"))
    assert fates == [("1.html", Fate.NEW, Kind.REPORT), ("2.html", Fate.SKIPPED, Kind.NOT_ASKED)]


def test_whatever_a_portal_lists_each_link_has_one_row(portal, make_source, settings, tmp_path):
    """Random lists of random answers, some addresses more than once and under titles of both kinds."""
    source = make_source(portal.url, politeness={"concurrency": 4, "requests_per_second": 1000})
    names = st.sampled_from(sorted(ANSWERS.keys() - {"fault", "large"}))
    titles = st.sampled_from([TITLE, "2023年政务公开工作要点", "县教育局政府信息公开年报"])
    runs = count()

    @hypothesis_settings(max_examples=25)
    @given(st.lists(st.tuples(names, titles), max_size=12))
    def check(links):
        portal.listed.clear()
        for name, title in links:
            portal.add(name, ANSWERS[name][0], title)
        archive = Archive(str(tmp_path / f"archive{next(runs)}"))
        if links:
            found = collect(source, archive, years=None, settings=settings, run_id="r1", retry=QUICK)
            rows = Counter(row.url.rpartition("/c/")[2] for row in read_listings(archive) if row.parent_url is None)
            assert rows == dict.fromkeys({name for name, _ in links}, 1)
            assert found.listed + found.skipped == len(rows)

    check()


@pytest.mark.parametrize("name", ["file", "shell"])
@pytest.mark.parametrize("moment", [1, 2])
def test_whatever_moment_a_run_is_killed_at_the_page_of_a_file_is_known(
    portal, make_source, run, archive, monkeypatch, name, moment
):
    """The record of a page comes before those of its files, also where the page only leads to them."""
    portal.add(name, ANSWERS[name][0])
    put, calls = Archive.put_file, count(1)

    def killed(self, file):
        if next(calls) == moment:
            raise KeyboardInterrupt
        return put(self, file)

    monkeypatch.setattr(Archive, "put_file", killed)
    with pytest.raises(KeyboardInterrupt):
        run(make_source(portal.url))
    monkeypatch.undo()
    entries = Catalog.load(archive).entries()
    assert len(entries) == moment - 1
    assert {entry.parent_url for entry in entries if entry.parent_url} <= {entry.url for entry in entries}
    found = run(make_source(portal.url))
    assert (found.new, found.revised) == ((1, 0) if moment == 1 else (0, 1))
    assert len(Catalog.load(archive).entries()) == 2
