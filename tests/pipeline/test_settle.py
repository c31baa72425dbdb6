"""Which document speaks for a report, and how far it is trusted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from gongkai.archive.catalog import Entry
from gongkai.pipeline.agencies import Directory
from gongkai.pipeline.candidates import Candidate, Reading
from gongkai.pipeline.settle import Fate, settle
from gongkai.reports.identity import Hints
from gongkai.reports.model import Agreement, Cell, Chapter, Identity, Report, State
from gongkai.reports.serialise import Extraction
from gongkai.sources.model import Source

NOBODY = Directory([])


def expected(name, *, aliases=(), code="900121", region="云岭县", level="county", kind="department"):
    return {
        "name": name, "aliases": list(aliases), "region": {"code": code, "name": region}, "level": level, "kind": kind,
    }  # fmt: skip


def source(*agencies, name="portal", code="900000", region="示例省"):
    return Source.model_validate(
        {
            "name": name, "title": name, "publisher": region, "region": {"code": code, "name": region},
            "adapter": "folder", "folder": {"path": "/nowhere"}, "expect": {"agencies": list(agencies)},
        }
    )  # fmt: skip


def reading(sha, *, value=5, agency="云岭县教育局", form="docx", url="u1", day=None, title="", seen=1, current=True,
            revision=1, text="正文", state=State.NUMBER):  # fmt: skip
    number = Decimal(value) if state is State.NUMBER else None
    cell = Cell("applications", "received", "total", state, number, str(value), confidence=1.0)
    identity = Identity(agency, agency, 2023, f"{agency}2023年政府信息公开工作年度报告", None, NOBODY)
    report = Report(
        identity, "2021", (cell,), (Chapter(0, "overview", "一、总体情况", text),), (), sha * 64, form, form
    )
    entry = Entry(
        "portal", url, title, day, 2023, None, sha * 64, datetime(2024, 1, seen, tzinfo=UTC), "", None, None, revision,
        current,
    )  # fmt: skip
    candidate = Candidate(entry, title, Hints(title=title, published=day), 2023)
    return Reading(candidate, Extraction(sha * 64, form, report), 2023)


def fates(settled):
    return {revision.reading.extraction.sha256[0]: revision.fate for revision in settled.revisions}


def test_one_document_is_in_force():
    (one,) = settle([reading("a")], NOBODY)
    assert (fates(one), one.n_revisions) == ({"a": Fate.IN_FORCE}, 1)


def test_a_later_content_supersedes_an_earlier_one():
    (one,) = settle(
        [reading("b", value=6, day=date(2024, 6, 1)), reading("a", day=date(2024, 1, 20), url="u2")], NOBODY
    )
    assert fates(one) == {"a": Fate.SUPERSEDED, "b": Fate.IN_FORCE}
    assert one.n_revisions == 2
    assert [revision.number for revision in one.revisions] == [1, 2]


def test_a_title_that_says_so_corrects_on_the_same_day():
    day = date(2024, 1, 20)
    (one,) = settle(
        [reading("a", title="年报（更正）", day=day, value=6), reading("b", title="年报", day=day, url="u2")],
        NOBODY,
    )
    assert fates(one) == {"a": Fate.IN_FORCE, "b": Fate.SUPERSEDED}


def test_the_same_values_in_another_format_are_one_content():
    (one,) = settle([reading("a", form="pdf", text="另一种排版"), reading("b", url="u2", day=date(2024, 1, 3))], NOBODY)
    assert one.n_revisions == 1
    assert fates(one) == {"a": Fate.OTHER_FORMAT, "b": Fate.IN_FORCE}  # docx states cells, pdf only places


def test_the_same_report_at_two_addresses_is_a_duplicate():
    (one,) = settle([reading("a"), reading("b", url="u2"), reading("a", url="u3")], NOBODY)
    assert fates(one) == {"a": Fate.IN_FORCE, "b": Fate.DUPLICATE}


def test_another_text_with_the_same_values_is_a_revision():
    (one,) = settle([reading("a"), reading("b", text="改了一段文字", seen=9, revision=2)], NOBODY)
    assert fates(one) == {"a": Fate.SUPERSEDED, "b": Fate.IN_FORCE}


def test_what_the_portal_no_longer_shows_is_not_in_force():
    readings = [reading("a", current=False, seen=9, value=6), reading("b", seen=1)]
    (one,) = settle(readings, NOBODY)
    assert fates(one) == {"a": Fate.SUPERSEDED, "b": Fate.IN_FORCE}


def test_aliases_are_one_agency_and_nameless_documents_are_apart():
    readings = [reading("a", agency="云岭县卫健办"), reading("b", agency="云岭县卫生健康局", url="u2"),
                reading("c", agency="", url="u3"), reading("d", agency="", url="u4")]  # fmt: skip
    settled = settle(readings, Directory([source(expected("云岭县卫生健康局", aliases=["云岭县卫健办"]))]))
    assert sorted(len(one.revisions) for one in settled) == [1, 1, 2]


def test_the_order_of_arrival_does_not_matter():
    readings = [reading("a"), reading("b", value=6, day=date(2024, 3, 1)), reading("c", form="pdf", url="u2")]
    assert settle(readings, NOBODY) == settle(readings[::-1], NOBODY)


def issue(sha, values, *, form="html", url="page.html", parent=None, seen=1):
    """A reading of a page, or of an attachment of it, with a cell for each value."""
    one = reading(sha, form=form, url=url, seen=seen)
    cells = tuple(
        Cell("applications", "received", column, State.NUMBER, Decimal(value), str(value), method=form, confidence=1.0)
        for column, value in values.items()
    )
    report = replace(one.extraction.report, cells=cells)
    candidate = replace(one.candidate, entry=replace(one.candidate.entry, parent_url=parent))
    return replace(one, extraction=replace(one.extraction, report=report), candidate=candidate)


COUNTS = {f"c{n}": n for n in range(12)}


def test_other_formats_of_a_content_confirm_its_cells():
    (one,) = settle([issue("a", COUNTS), issue("b", COUNTS, form="pdf", url="a.pdf", parent="page.html")], NOBODY)
    assert {cell.agreement for cell in one.report.cells} == {Agreement.AGREE}
    assert {cell.second_method for cell in one.report.cells} == {"pdf of bbbbbbbbbbbb"}
    (alone,) = settle([issue("a", COUNTS)], NOBODY)
    assert {cell.agreement for cell in alone.report.cells} == {None}


def test_a_page_and_its_attachment_that_contradict_each_other_are_one_content():
    (one,) = settle(
        [issue("a", COUNTS), issue("b", COUNTS | {"c3": 99}, form="pdf", url="a.pdf", parent="page.html")], NOBODY
    )
    assert fates(one) == {"a": Fate.IN_FORCE, "b": Fate.OTHER_FORMAT}
    cells = {cell.column: cell for cell in one.report.cells}
    assert (cells["c3"].value, cells["c3"].agreement, cells["c3"].second_raw) == (3, Agreement.DIFFER, "99")
    assert {cell.agreement for column, cell in cells.items() if column != "c3"} == {Agreement.AGREE}


@pytest.mark.parametrize(
    "other",
    [
        {"form": "pdf", "url": "b.pdf", "parent": "other.html"},  # of another page
        {"form": "html", "url": "b.html", "parent": "page.html"},  # the same format
        {"form": "html", "url": "page.html"},  # the same address later
    ],
)
def test_what_was_not_published_with_it_is_a_revision(other):
    (one,) = settle([issue("a", COUNTS), issue("b", COUNTS | {"c3": 99}, seen=9, **other)], NOBODY)
    assert one.n_revisions == 2


def test_a_corrected_page_is_a_revision_though_its_old_attachment_is_like_it():
    attachment = {"form": "pdf", "url": "a.pdf", "parent": "page.html"}
    (one,) = settle(
        [issue("a", COUNTS, seen=2), issue("b", COUNTS, **attachment), issue("c", COUNTS | {"c3": 99}, seen=9)], NOBODY
    )
    assert fates(one) == {"a": Fate.SUPERSEDED, "b": Fate.OTHER_FORMAT, "c": Fate.IN_FORCE}


def test_a_page_and_an_attachment_with_other_numbers_are_two_contents():
    other = {column: value + 1 for column, value in COUNTS.items()}
    (one,) = settle([issue("a", COUNTS), issue("b", other, form="pdf", url="a.pdf", parent="page.html")], NOBODY)
    assert one.n_revisions == 2


def placed(one, code, name="portal"):
    """The same reading with a region that the document tells, listed by a source."""
    report = one.extraction.report
    report = replace(report, identity=replace(report.identity, region_code=code))
    entry = replace(one.candidate.entry, source=name)
    return replace(
        one, extraction=replace(one.extraction, report=report), candidate=replace(one.candidate, entry=entry)
    )


def test_names_with_and_without_the_city_are_one_agency():
    readings = [
        placed(reading("a", agency="兰山区科学技术局"), "371302"),
        placed(reading("b", agency="临沂市兰山区科学技术局", url="u2", value=6), "371302"),
    ]
    (one,) = settle(readings, NOBODY)
    assert (one.agency, one.region_code, one.n_revisions) == ("临沂市兰山区科学技术局", "371302", 2)


def test_one_name_in_two_regions_is_two_agencies():
    readings = [
        placed(reading("a", agency="鼓楼区教育局"), "320106"),
        placed(reading("b", agency="鼓楼区教育局", url="u2", value=6), "320302"),
    ]
    settled = settle(readings, NOBODY)
    assert {one.region_code for one in settled} == {"320106", "320302"}
    assert len({one.report_id for one in settled}) == 2


def test_one_name_in_two_sources_is_two_agencies_unless_both_say_where():
    readings = [
        placed(reading("a", agency="鼓楼区教育局"), None, "nanjing"),
        placed(reading("b", agency="鼓楼区教育局", url="u2", value=6), None, "kaifeng"),
    ]
    directory = Directory(
        [source(name="nanjing", code="320100", region="南京市"), source(name="kaifeng", code="410200", region="开封市")]
    )
    assert {one.region_code for one in settle(readings, directory)} == {"320106", "410204"}
    unclear = Directory([source(name="nanjing", code="900100"), source(name="kaifeng", code="900200")])
    assert [one.region_code for one in settle(readings, unclear)] == [None, None]
