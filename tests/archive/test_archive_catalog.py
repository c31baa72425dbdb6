from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from gongkai.archive.catalog import ATTACHMENT, LIST, PAGE, Catalog, CatalogWriter, Observation
from gongkai.archive.store import Archive

START = datetime(2024, 1, 31, 3, tzinfo=UTC)


def seen(sha256, url="http://a/1", minutes=0, **more):
    given = {"kind": PAGE, "title": "2023年政府信息公开工作年度报告", "listed_year": 2023} | more
    return Observation(START + timedelta(minutes=minutes), "r", "s", given.pop("kind"), url, sha256, **given)


def test_a_changed_content_is_a_new_revision():
    catalog = Catalog([seen("a"), seen("b", minutes=1)])
    assert [(entry.sha256, entry.revision_no, entry.is_current) for entry in catalog.entries()] == [
        ("a", 1, False),
        ("b", 2, True),
    ]


def test_a_content_that_comes_back_is_current_again_and_keeps_its_first_sight():
    catalog = Catalog([seen("a"), seen("b", minutes=1), seen("a", minutes=2)])
    first, second = catalog.entries()
    assert (first.sha256, first.revision_no, first.is_current) == ("a", 1, True)
    assert first.first_seen == START
    assert (second.sha256, second.is_current) == ("b", False)


def test_the_order_in_which_runs_were_read_does_not_matter():
    observations = [seen("a"), seen("c", url="http://a/0", minutes=3), seen("b", minutes=1), seen("a", minutes=2)]
    assert Catalog(observations).entries() == Catalog(reversed(observations)).entries()
    assert [entry.url for entry in Catalog(observations).entries()] == ["http://a/0", "http://a/1", "http://a/1"]


def test_an_observation_without_news_is_not_kept(tmp_path):
    archive = Archive(str(tmp_path))
    for run in ("r1", "r2"):
        writer = CatalogWriter(archive, run_id=run, source="s")
        assert writer.observe(replace(seen("a"), run_id=run)) is (run == "r1")
        writer.close()
    assert archive.names("catalog") == ["catalog/r1/s.jsonl"]


def test_two_runs_at_once_lose_nothing(tmp_path):
    archive = Archive(str(tmp_path))
    one, other = (CatalogWriter(archive, run_id=run, source="s") for run in ("2022", "2023"))
    one.observe(seen("a", url="http://a/1", listed_year=2022))
    other.observe(seen("b", url="http://a/2", listed_year=2023))
    one.observe(seen("c", url="http://a/3", listed_year=2022))
    assert [entry.sha256 for entry in Catalog.load(archive).entries()] == ["a", "b", "c"]
    assert Catalog.load(archive, "another").entries() == []


@pytest.mark.parametrize(
    ("listed", "hint", "years"),
    [(2023, None, {2023}), (None, 2022, {2022}), (None, None, {2021, 2022, 2023})],
)
def test_entries_of_a_year_are_those_that_may_be_of_it(listed, hint, years):
    catalog = Catalog([seen("a", listed_year=listed, hint_year=hint)])
    assert {year for year in (2021, 2022, 2023) if catalog.entries(year)} == years
    assert len(catalog.entries()) == 1


def test_list_pages_are_no_entries():
    assert Catalog([seen("a", kind=LIST)]).entries() == []


def test_an_attachment_that_is_no_longer_linked_is_not_current():
    file = seen("f", url="http://a/f.pdf", kind=ATTACHMENT, parent_url="http://a/1", page_sha256="a")
    catalog = Catalog([seen("a"), file])
    assert [known.url for known in catalog.attachments("s", "http://a/1")] == ["http://a/f.pdf"]
    catalog.observe(replace(file, at=START + timedelta(minutes=5), linked=False))
    assert catalog.attachments("s", "http://a/1") == []
    entry = next(entry for entry in catalog.entries() if entry.parent_url)
    assert (entry.is_current, entry.page_sha256, entry.first_seen) == (False, "a", START)


def test_a_new_title_changes_the_entry_but_adds_no_revision():
    catalog = Catalog([seen("a"), seen("a", minutes=1, title="2023年政府信息公开工作年度报告（更正）")])
    (entry,) = catalog.entries()
    assert entry.title.endswith("（更正）")
    assert (entry.revision_no, entry.first_seen) == (1, START)


def test_an_observation_is_packed_without_loss():
    for one in (
        seen("a"),
        seen("f", kind=ATTACHMENT, parent_url="http://a/年报", page_sha256="p", linked=False, hint_year=2022),
        seen("b", etag='W/"x"', last_modified="Sat", content_type="text/html", listed_date=date(2024, 1, 20), title=""),
    ):
        assert Observation.unpack(one.source, one.url, one.pack()) == one
