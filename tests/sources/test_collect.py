import re
from collections import Counter

import pytest
from werkzeug import Request, Response

from gongkai.archive.catalog import Catalog
from gongkai.archive.log import Fate, read_listings, read_requests
from gongkai.archive.provenance import read_provenance
from gongkai.archive.store import Archive
from gongkai.errors import BlockedError, SourceError
from gongkai.sources import keeping
from gongkai.sources.collect import CollectSummary, ShortListError, collect

TITLE = "云岭县{}年政府信息公开工作年度报告"
REPORT = "<!DOCTYPE html><h1>{}</h1><p>本机关在当年主动公开政府信息若干条，未收到政府信息公开申请。</p>"


class Site:
    """A portal in a dict: paths to bodies, with ETag and 304; lists what it is told to list."""

    def __init__(self, server):
        self.server, self.pages, self.listed = server, {}, []
        server.expect_request("/robots.txt").respond_with_data("", status=404)
        server.expect_request(re.compile(r"/site/.*")).respond_with_handler(self.answer)
        self.url = server.url_for("/site/")

    def report(self, name, year=2023, body=None, title=None):
        self.pages[name] = REPORT.format(year) if body is None else body
        self.listed.append((name, title or TITLE.format(year)))
        return self.url + name

    def answer(self, request: Request):
        name = request.path.removeprefix("/site/")
        if not name:
            rows = "".join(f"<li><a href='{href}'>{title}</a>2024-01-20</li>" for href, title in self.listed)
            body = f"<html><title>信息公开年报</title><ul>{rows}</ul><p>政府信息公开年报，按年份排列。</p>"
        elif name in self.pages:
            body = self.pages[name]
        else:
            return Response("", 404)
        if isinstance(body, Response):
            return body
        data = body.encode() if isinstance(body, str) else body
        response = Response(data, content_type="text/html")
        response.add_etag()
        return response.make_conditional(request)


@pytest.fixture
def site(httpserver):
    return Site(httpserver)


@pytest.fixture
def source(site, make_source):
    return make_source(site.url)


def fates(archive, run_id):
    return {row.url.rpartition("/")[2]: row.fate for row in read_listings(archive, run_id)}


def reason(archive, run_id, name):
    return next(row.reason for row in read_listings(archive, run_id) if row.url.endswith(name))


def adds_up(found: CollectSummary) -> bool:
    return (
        found.listed == found.new + found.unchanged + found.revised + found.blocked + found.failed + found.not_a_report
    )


def test_a_second_run_asks_conditionally_and_archives_nothing(site, source, run, archive):
    for year in (2021, 2022, 2023):
        site.report(f"{year}.html", year)
    first = run(source)
    files = archive.names("")
    second = run(source)
    assert (first.listed, first.new, first.years_touched) == (3, 3, (2021, 2022, 2023))
    assert (second.listed, second.new, second.unchanged, second.years_touched) == (3, 0, 3, ())
    assert Counter(row.status for row in read_requests(archive, "r2")) == {304: 4}
    assert [name for name in archive.names("") if name not in files] == [
        "listings/r2/test.parquet",
        "requests/r2/test.parquet",
        "runs/r2/test.parquet",
    ]


def test_a_silently_replaced_report_is_a_revision(site, source, run, archive):
    url = site.report("1.html")
    run(source)
    site.pages["1.html"] = REPORT.format("更正")
    found = run(source)
    assert (found.revised, found.years_touched) == (1, (2023,))
    old, new = Catalog.load(archive).entries()
    assert [(entry.url, entry.revision_no, entry.is_current) for entry in (old, new)] == [
        (url, 1, False),
        (url, 2, True),
    ]
    assert archive.get(old.sha256) != archive.get(new.sha256)
    assert run(source).unchanged == 1


def test_the_same_content_without_validators_is_unchanged(site, source, run, archive):
    site.report("1.html", body=Response(REPORT))
    assert run(source).new == 1
    assert run(source).unchanged == 1
    assert len(Catalog.load(archive).entries()) == 1


def test_one_broken_link_never_stops_the_others(site, source, run, archive):
    site.report("gone.html", 2017)
    del site.pages["gone.html"]
    site.report("refused.html", 2018, body=Response("", 403))
    site.report("broken.html", 2019, body=Response("", 500))
    site.report("soft404.html", 2020, body="<html><h1>404 您访问的页面不存在</h1></html>")
    site.report("huge.html", 2021, body="<html>" + "x" * 200_000)
    site.report("away.html", 2022, body=Response("", 302, {"Location": "http://10.0.0.1/x"}))
    site.report("good.html", 2023)
    found = run(source)
    assert fates(archive, "r1") == {
        "gone.html": Fate.FAILED,
        "refused.html": Fate.BLOCKED,
        "broken.html": Fate.FAILED,
        "soft404.html": Fate.NOT_A_REPORT,
        "huge.html": Fate.FAILED,
        "away.html": Fate.FAILED,
        "good.html": Fate.NEW,
    }
    assert adds_up(found)
    assert (found.listed, found.new, found.failed, found.blocked, found.not_a_report) == (7, 1, 4, 1, 1)
    assert len(found.errors) == 6
    for name, words in {
        "gone.html": "gone: ",
        "refused.html": "status 403",
        "soft404.html": "status 200: 页面不存在",
        "huge.html": "over_limit: ",
        "away.html": "refused: ",
    }.items():
        assert words in reason(archive, "r1", name)
    assert [entry.url.rpartition("/")[2] for entry in Catalog.load(archive).entries()] == ["good.html"]


def test_a_report_that_becomes_an_error_page_stays_as_it_was(site, source, run, archive):
    site.report("1.html")
    run(source)
    before = Catalog.load(archive).entries()
    site.pages["1.html"] = "<html><h1>404 页面不存在</h1></html>"
    assert run(source).not_a_report == 1
    assert Catalog.load(archive).entries() == before


def test_files_that_a_page_links_are_archived_with_it(site, source, run, archive):
    page = site.report(
        "1.html", body="<html><div id=zoom><p>全文见附件。<a href=a.pdf>年报</a><a href=b.docx>年报</a></div>"
    )
    site.pages |= {"a.pdf": b"%PDF-1", "b.docx": b"PK one"}
    found = run(source)
    assert (found.listed, found.new) == (1, 1), "files count with their page"
    entries = {entry.url.rpartition("/")[2]: entry for entry in Catalog.load(archive).entries(2023)}
    assert set(entries) == {"1.html", "a.pdf", "b.docx"}
    assert (entries["a.pdf"].parent_url, entries["a.pdf"].listed_year) == (page, 2023)
    assert entries["a.pdf"].page_sha256 == entries["1.html"].sha256
    site.pages["b.docx"] = b"PK two"
    found = run(source)
    assert (found.revised, found.unchanged, found.years_touched) == (1, 0, (2023,))
    site.pages["1.html"] = "<html><div id=zoom><p>全文见附件。<a href=a.pdf>年报</a></div>"
    run(source)
    current = {
        (entry.url.rpartition("/")[2], entry.revision_no)
        for entry in Catalog.load(archive).entries()
        if entry.is_current
    }
    assert current == {("1.html", 2), ("a.pdf", 1)}


def test_a_page_whose_file_fails_has_failed(site, source, run, archive):
    site.report("1.html", body="<html><div id=zoom><p>全文见附件。<a href=a.pdf>年报</a></div>")
    found = run(source)
    assert (found.failed, found.new) == (1, 0)
    assert "a.pdf: gone: " in found.errors[0]
    site.pages["a.pdf"] = b"%PDF-1"
    found = run(source)
    assert (found.failed, found.revised) == (0, 1), "it is tried again the next time"


def test_an_error_page_in_place_of_a_file_is_no_file(site, source, run, archive):
    site.report("1.html", body="<html><div id=zoom><p>全文见附件。<a href=a.pdf>年报</a></div>")
    site.pages["a.pdf"] = "<html><p>访问被拒绝</p></html>"
    found = run(source)
    assert found.blocked == 1
    assert len(Catalog.load(archive).entries()) == 1


def test_files_on_other_hosts_are_left_with_a_warning(site, source, run, httpserver):
    site.report("1.html", body="<html><div id=zoom><p>全文见附件。<a href=http://127.0.0.2:1/a.pdf>年报</a></div>")
    found = run(source)
    assert found.new == 1
    assert "add it to hosts" in found.warnings[0]


FRAME = "<html><head><title>年报</title></head><body>{}</body></html>"


@pytest.mark.parametrize(
    "shell",
    [
        "<html><meta http-equiv='Refresh' content='0; url=real.html'></html>",
        '<html><script>window.location.href = "real.html";</script></html>',
        "<html><body>正在跳转<script>// location='/no'\nlocation.replace('real.html')</script></body></html>",
        FRAME.format("<p>政府信息公开年报</p><iframe width=100% src='real.html'></iframe>"),
        "<html><frameset><frame src=real.html></frameset></html>",
    ],
)
def test_a_page_that_only_leads_to_the_report_is_followed(site, source, run, archive, shell):
    page = site.report("1.html", body=shell)
    site.pages["real.html"] = REPORT.format(2023)
    found = run(source)
    assert (found.listed, found.new, found.failed) == (1, 1, 0)
    entries = {entry.url.rpartition("/")[2]: entry for entry in Catalog.load(archive).entries(2023)}
    assert set(entries) == {"1.html", "real.html"}
    assert entries["real.html"].parent_url == page
    assert (run(source).unchanged, len(Catalog.load(archive).entries())) == (1, 2)
    site.pages["real.html"] = REPORT.format("二〇二三")
    assert run(source).revised == 1


def test_a_frame_around_a_page_that_links_the_file(site, source, run, archive):
    page = site.report("1.html", body=FRAME.format("<iframe src=frame.html></iframe>"))
    site.pages["frame.html"] = "<html><meta http-equiv=refresh content='1;URL=\"inner.html\"'></html>"
    site.pages["inner.html"] = "<html><div id=zoom><p>全文见附件。<a href=a.pdf>年报</a></div>"
    site.pages["a.pdf"] = b"%PDF-1"
    assert run(source).new == 1
    entries = {entry.url.rpartition("/")[2]: entry for entry in Catalog.load(archive).entries()}
    assert set(entries) == {"1.html", "frame.html", "inner.html", "a.pdf"}
    assert entries["a.pdf"].parent_url == page
    assert run(source).unchanged == 1
    assert all(entry.is_current for entry in Catalog.load(archive).entries())


def test_shells_that_lead_nowhere_are_no_reports(site, source, run, archive, httpserver):
    site.report("loop.html", 2019, "<html><meta http-equiv=refresh content='0;url=loop.html'></html>")
    site.report("ring1.html", 2020, "<html><script>location='ring2.html'</script></html>")
    site.pages["ring2.html"] = "<html><script>location='ring3.html'</script></html>"
    site.pages["ring3.html"] = "<html><script>location='ring4.html'</script></html>"
    site.report("home.html", 2021, "<html><script>top.location.href='/index.html';</script></html>")
    site.report("away.html", 2022, "<html><script>location='http://127.0.0.2:1/a.html'</script></html>")
    site.report("lost.html", 2023, "<html><script>location='gone.html'</script></html>")
    site.report("error.html", 2024, "<html>页面不存在<script>location='ring4.html'</script></html>")
    site.report("made.html", 2018, "<html><script>location='/x' + token + 'y';</script></html>")
    found = run(source)
    assert adds_up(found)
    seen = fates(archive, "r1")
    for name in ("loop.html", "home.html", "away.html", "error.html", "made.html"):
        assert seen[name] == Fate.NOT_A_REPORT, name
    assert seen["lost.html"] == Fate.FAILED
    assert seen["ring1.html"] == Fate.FAILED, "its end is not there"
    assert "gone.html" in reason(archive, "r1", "lost.html")
    assert "add it to hosts" in reason(archive, "r1", "away.html")
    assert not any("127.0.0.2" in row.url for row in read_requests(archive, "r1"))
    assert not any(entry.url.endswith(("lost.html", "away.html")) for entry in Catalog.load(archive).entries())


def test_a_report_that_becomes_a_challenge_stays_as_it_was(site, source, run, archive):
    site.report("1.html")
    run(source)
    before = Catalog.load(archive).entries()
    site.pages["1.html"] = "<html><script>window.location='/site/1.html?c=1';</script></html>"
    site.pages["1.html?c=1"] = ""
    run(source)
    assert [entry.sha256 for entry in Catalog.load(archive).entries() if entry.url.endswith("1.html")] == [
        entry.sha256 for entry in before
    ]


def test_a_file_in_a_frame_is_a_file_of_the_page(site, source, run, archive):
    long = "本机关在当年主动公开政府信息若干条，未收到政府信息公开申请。" * 9
    for name, frame in (("1.html", "<iframe src=a.pdf>"), ("2.html", "<embed src=/site/b.pdf>")):
        site.report(name, body=f"<html><div id=zoom><p>{long}</p>{frame}</div>")
    site.pages |= {"a.pdf": b"%PDF-1", "b.pdf": b"%PDF-2"}
    assert run(source).new == 2
    assert len(Catalog.load(archive).entries()) == 4


def test_a_file_linked_by_two_pages_belongs_to_one(site, source, run, archive):
    for name in ("1.html", "2.html"):
        site.report(name, body=f"<html><div id=zoom><p>{name} 全文见附件。<a href=a.pdf>年报</a></div>")
    site.pages["a.pdf"] = b"%PDF-1"
    assert run(source).new == 2
    assert [row.path for row, _ in site.server.log].count("/site/a.pdf") == 1
    assert (run(source).unchanged, len(Catalog.load(archive).entries())) == (2, 3)


def test_a_report_listed_twice_is_taken_once(site, source, run, archive):
    site.report("1.html")
    site.listed.append(("1.html#top", TITLE.format(2023)))
    assert run(source).listed == 1


def test_two_addresses_with_one_content_share_a_document(site, source, run, archive):
    site.report("1.html")
    site.report("2.html")
    assert run(source).new == 2
    one, other = Catalog.load(archive).entries()
    assert one.sha256 == other.sha256
    assert one.url != other.url


def test_years_are_those_that_titles_name(site, source, run, archive):
    site.report("1.html", 2022)
    site.report("2.html", 2023)
    site.report("3.html", title="政府信息公开工作年度报告2024-01-20")
    found = run(source, years=[2022])
    assert (found.listed, found.new, found.skipped) == (1, 1, 2)
    assert reason(archive, "r1", "2.html") == "of 2023, which this run does not ask for"
    found = run(source, years=[2023])
    assert (found.new, found.years_touched) == (2, (2023,)), "a date alone is taken for the year before"


def test_skipped_links_keep_a_reason(site, source, run, archive):
    site.report("1.html", title="2023年法治政府建设年度报告")
    assert run(source).skipped == 1
    assert reason(archive, "r1", "1.html") == "the title says 法治政府"
    assert "/site/1.html" not in [request.path for request, _ in site.server.log]


def test_too_few_reports_are_an_error_after_archiving(site, make_source, run, archive):
    site.report("1.html")
    with pytest.raises(ShortListError, match="found 1; expected at least 2") as caught:
        run(make_source(site.url, assertions={"min": 2}))
    assert caught.value.summary.years_touched == (2023,)
    assert len(Catalog.load(archive).entries()) == 1


def test_too_many_reports_are_a_warning(site, make_source, run):
    site.report("1.html", 2022)
    site.report("2.html", 2023)
    found = run(make_source(site.url, assertions={"max": 1}), years=[2022])
    assert found.warnings == ("2 reports are listed, more than the 1 that the source expects",)


def test_a_column_that_fails_does_not_stop_the_other(site, make_source, run):
    site.report("1.html")
    found = run(make_source(site.url + "nothing/", site.url))
    assert found.new == 1
    assert "gone" in found.errors[0]


@pytest.mark.parametrize(("status", "kind"), [(403, BlockedError), (404, SourceError)])
def test_a_portal_without_lists_is_an_error(httpserver, make_source, run, status, kind):
    httpserver.expect_request("/list").respond_with_data("", status=status)
    with pytest.raises(kind, match="no list page could be read"):
        run(make_source(httpserver.url_for("/list")))


def test_a_block_page_in_place_of_the_list_is_an_error(httpserver, make_source, run):
    httpserver.expect_request("/list").respond_with_data("<html><p>访问过于频繁，请稍后再试</p></html>")
    with pytest.raises(BlockedError, match="a block page with status 200"):
        run(make_source(httpserver.url_for("/list")))


def test_several_threads_find_the_same(site, make_source, run, archive):
    for year in range(2015, 2024):
        site.report(
            f"{year}.html", year, body=f"<html><div id=zoom>全文见附件，{year}年。<a href={year}.pdf>年报</a></div>"
        )
        site.pages[f"{year}.pdf"] = f"%PDF {year}".encode()
    found = run(make_source(site.url, politeness={"concurrency": 4}))
    assert found.new == 9
    assert len(Catalog.load(archive).entries()) == 18
    assert sorted(row.listed_year for row in read_listings(archive) if not row.parent_url) == list(range(2015, 2024))


def test_a_document_lost_from_the_archive_is_fetched_again(site, source, run, archive, tmp_path):
    site.report("1.html")
    run(source)
    sha256 = Catalog.load(archive).entries()[0].sha256
    (tmp_path / "archive" / "documents" / sha256[:2] / sha256).unlink()
    assert run(source).unchanged == 1
    assert archive.has(sha256)


def test_only_pages_are_bounded_more_tightly_than_files(site, source, run, archive, monkeypatch):
    monkeypatch.setattr(keeping, "_MOST_PAGE", 70_000)
    site.report("page.html", body=REPORT.format("年" * 25_000))
    site.report("file.pdf", body=b"%PDF-" + bytes(80_000))
    found = run(source)
    assert (found.new, found.failed) == (1, 1)
    assert "the page is too large" in reason(archive, "r1", "page.html")
    assert len(archive.get(Catalog.load(archive).entries()[0].sha256)) == 80_005


def test_a_run_that_was_killed_is_taken_up(site, source, settings, archive, monkeypatch):
    for year in (2022, 2023):
        site.report(f"{year}.html", year)
    put, count = Archive.put_file, 0

    def killed(self, file):
        nonlocal count
        count += 1
        if count == 3:  # the list page, the first report, then
            raise KeyboardInterrupt
        return put(self, file)

    monkeypatch.setattr(Archive, "put_file", killed)
    with pytest.raises(KeyboardInterrupt):
        collect(source, archive, years=None, settings=settings, run_id="r1")
    monkeypatch.undo()
    found = collect(source, archive, years=None, settings=settings, run_id="r1")
    assert (found.unchanged, found.new) == (1, 1)


@pytest.mark.parametrize("kind", ["memory", "s3"])
def test_an_archive_of_another_kind_does_as_well(site, source, settings, tmp_path, kind, request):
    location = f"memory://{tmp_path.name}" if kind == "memory" else request.getfixturevalue("s3_location")
    archive = Archive(location)
    site.report("1.html")
    assert collect(source, archive, years=None, settings=settings, run_id="r1").new == 1
    assert collect(source, archive, years=None, settings=settings, run_id="r2").unchanged == 1
    assert len(Catalog.load(archive).entries(2023)) == 1
    assert [row.status for row in read_requests(archive, "r2")] == [304, 304]
    (entry,) = Catalog.load(archive).entries()
    (known,) = read_provenance(archive, entry.sha256)
    assert (known.url, known.title, known.status) == (entry.url, entry.title, 200)
    assert known.headers["ETag"]
    assert {name.rpartition(".")[2] for name in archive.names("requests")} == {"parquet"}
