"""Pictures of a report's page are collected with it, and its tables that are pictures are read in their places."""

import base64

import pytest
from tests.golden.drawing import draw_form, png
from tests.golden.hard_html import Look, print_page
from tests.golden.mutate import sample_entries
from tests.golden.outcome import judge_reading
from werkzeug import Response

from gongkai.archive.catalog import Catalog
from gongkai.pipeline.candidates import candidates, extract_candidates
from gongkai.pipeline.extractions import Extractions
from gongkai.settings import Settings

from .test_collect import Site

DOT = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")
REPORT = (
    "<!DOCTYPE html><h1>云岭县2023年政府信息公开工作年度报告</h1><div id=zoom><p>本机关全年未收到申请。</p>{}</div>"
)


@pytest.fixture
def site(httpserver):
    return Site(httpserver)


@pytest.fixture
def source(site, make_source):
    return make_source(site.url)


def pictures(archive):
    return {entry.url.rpartition("/")[2]: entry for entry in Catalog.load(archive).entries() if entry.is_picture}


def test_pictures_of_the_article_come_with_the_page(site, source, run, archive):
    article = (
        "<img src=p/1.png><img data-original='/site/p/2.png' src=blank.gif><img src=p/1.png><img width=16 src=i.png>"
        "<img src='data:image/png;base64,xx'><img src='javascript:x'><img src='http://[x'>"
    )
    page = site.report("1.html", body=REPORT.format(article) + "<img src=logo.png>")
    site.pages |= dict.fromkeys(["p/1.png", "logo.png", "i.png"], DOT) | {"p/2.png": DOT + b"2"}
    first = run(source)
    assert (first.new, first.failed) == (1, 0)
    found = pictures(archive)
    assert set(found) == {"1.png", "2.png"}
    assert all(entry.parent_url == page and entry.is_current for entry in found.values())
    second = run(source)
    assert (second.unchanged, second.years_touched) == (1, ())


def test_a_picture_that_changes_revises_its_page_and_one_that_is_gone_is_noted(site, source, run, archive):
    site.report("1.html", body=REPORT.format("<img src=1.png>"))
    site.pages["1.png"] = DOT
    run(source)
    site.pages["1.png"] = DOT + b"2"
    changed = run(source)
    assert (changed.revised, changed.years_touched) == (1, (2023,))
    site.pages["1.html"] = REPORT.format("<img src=2.png>")
    site.pages["2.png"] = DOT
    run(source)
    now = [entry for entry in Catalog.load(archive).entries() if entry.is_picture and entry.is_current]
    assert [entry.url.rpartition("/")[2] for entry in now] == ["2.png"]
    (old, new) = [
        one for one in candidates(Catalog.load(archive).entries(), [source]) if one.entry.url.endswith("html")
    ]
    assert [len(one.hints.pictures) for one in (old, new)] == [1, 1]
    assert old.hints.pictures[0][0].endswith("1.png")
    assert new.hints.pictures[0][0].endswith("2.png")


def test_a_picture_that_cannot_be_had_is_a_warning(site, source, run, archive):
    article = "<img src=missing.png><img src=page.png><img src='http://10.0.0.1/x.png'><img src=huge.png>"
    site.report("1.html", body=REPORT.format(article))
    site.pages["page.png"] = "<html><p>404</p></html>"
    site.pages["huge.png"] = Response(b"", headers={"Content-Length": "30000000"})
    found = run(source)
    assert (found.new, found.failed) == (1, 0)
    assert not pictures(archive)
    assert len([warning for warning in found.warnings if "a picture that is not taken" in warning]) == 4


def test_more_pictures_than_a_report_has_are_left(site, source, run, archive):
    site.report("1.html", body=REPORT.format("".join(f"<img src={n}.png>" for n in range(40))))
    site.pages |= {f"{n}.png": DOT + bytes([n]) for n in range(40)}
    found = run(source)
    assert len(pictures(archive)) == 30
    assert any("only the first 30" in warning for warning in found.warnings)


def test_a_picture_on_two_pages_stays_with_the_first(site, source, run, archive):
    first = site.report("1.html", 2022, body=REPORT.format("<img src=1.png>"))
    site.report("2.html", 2023, body=REPORT.format("<p>又</p><img src=1.png>"))
    site.pages["1.png"] = DOT
    for years in (None, {2023}, {2022}):
        run(source, years)
        assert [entry.parent_url for entry in pictures(archive).values()] == [first]


def test_a_page_of_nothing_but_pictures_is_a_report(site, source, run, archive):
    site.report("1.html", body="<html><div id=zoom><img src=1.png></div></html>")
    site.pages["1.png"] = DOT
    assert run(source).new == 1
    assert set(pictures(archive)) == {"1.png"}


def test_the_tables_of_the_pictures_are_read_in_their_places(site, source, run, archive, tmp_path, settings):
    paper = sample_entries()["xiajiang-government-2024.pdf"].paper

    def table(form, cell):
        if form.code != "review":
            return Look().table(form, cell)
        site.pages["files/table4.png"] = png(draw_form(form))
        return "<p><img src='files/table4.png'></p>"

    settings.limits = Settings().limits
    site.report("1.html", 2024, body=print_page(paper, Look(table=table)).decode(), title=paper.title)
    assert run(source).new == 1
    (found,) = candidates(Catalog.load(archive).entries(), [source])
    extractions = Extractions(str(tmp_path / "extracted"))
    extract_candidates([found], archive, extractions)
    extraction = extractions.get(found.entry.sha256, found.hints)
    assert extraction.report, extraction.reason
    assert judge_reading(extraction.report, paper.sheet).is_exact
    assert {c.path.split("/")[0] for c in extraction.report.cells if c.table == "review"} == {"img[1]"}
