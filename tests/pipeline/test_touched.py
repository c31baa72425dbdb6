"""Years that runs touched, told by the catalog; which runs made theirs known."""

import os
import time
from datetime import UTC, datetime, timedelta

import pytest

from gongkai.archive.catalog import ATTACHMENT, LIST, PAGE, Observation
from gongkai.archive.lines import LineWriter
from gongkai.archive.store import Archive
from gongkai.pipeline.results import Results, SourceResult
from gongkai.pipeline.touched import Announcements, touched_years
from gongkai.sources.collect import CollectSummary

START = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path):
    return Archive(str(tmp_path))


def saw(archive, run, minute, url, sha, year=2020, source="a", **more):
    with LineWriter(archive, "catalog", Observation, run_id=run, source=source) as catalog:
        kind = more.pop("kind", PAGE)
        at = START + timedelta(minutes=minute)
        catalog.add(Observation(at, run, source, kind, url, sha * 64, listed_year=year, **more))


def test_what_is_new_or_changed_touches_its_year(archive):
    saw(archive, "r1", 1, "x", "1", 2019)
    saw(archive, "r1", 2, "y", "2", 2020)
    saw(archive, "r2", 3, "x", "3", 2019)
    saw(archive, "r2", 4, "z", "4", None, hint_year=2021, source="b")
    assert touched_years(archive, ["r1"]) == {"a": [2019, 2020]}
    assert touched_years(archive, ["r2"]) == {"a": [2019], "b": [2021]}
    assert touched_years(archive, ["r1", "r2", "r3"]) == {"a": [2019, 2020], "b": [2021]}


def test_a_file_touches_the_year_of_its_page_and_a_list_none(archive):
    saw(archive, "r1", 1, "file", "1", 2019, kind=ATTACHMENT, parent_url="x")
    saw(archive, "r1", 2, "list", "2", None, kind=LIST)
    assert touched_years(archive, ["r1"]) == {"a": [2019]}


def test_other_validators_or_a_file_that_is_no_longer_linked_touch_nothing(archive):
    saw(archive, "r1", 1, "x", "1", kind=ATTACHMENT)
    saw(archive, "r2", 2, "x", "1", kind=ATTACHMENT, etag='"2"')
    saw(archive, "r3", 3, "x", "1", kind=ATTACHMENT, linked=False)
    assert touched_years(archive, ["r2", "r3"]) == {}


def test_a_content_that_comes_back_is_a_change(archive):
    for minute, (run, sha) in enumerate([("r1", "1"), ("r2", "2"), ("r3", "1")]):
        saw(archive, run, minute, "x", sha)
    assert touched_years(archive, ["r3"]) == {"a": [2020]}


def test_a_run_is_told_once_by_itself_and_until_it_is_over_by_others(archive):
    saw(archive, "by hand", 1, "x", "1")
    first = Announcements(archive, "scheduled__2025-01-01T00:00:00+00:00")
    assert first.waiting() == ["by_hand", "scheduled__2025-01-01T00_00_00_00_00"]
    first.keep(first.waiting())
    assert Announcements(archive, "r2").waiting() == ["by_hand", "r2"]
    os.utime(archive.local_path("catalog/by_hand/a.jsonl"), (time.time() - 90_000,) * 2)
    first.keep(first.waiting())
    assert Announcements(archive, "r2").waiting() == ["r2"]
    assert len(first.waiting()) == 2, "its own retry tells all again"


def test_all_of_it_works_on_an_object_store(s3_location):
    archive = Archive(s3_location)
    saw(archive, "r1", 1, "x", "1")
    assert touched_years(archive, ["r1"]) == {"a": [2020]}
    announcements = Announcements(archive, "r1")
    announcements.keep(announcements.waiting())
    assert Announcements(archive, "r2").waiting() == ["r2"]
    results = Results(archive, "r1")
    result = SourceResult(CollectSummary("a", new=3, years_touched=(2020,), errors=("x",) * 99))
    results.keep(result)
    kept = results.get("a")
    assert (kept.summary.new, kept.summary.years_touched, len(kept.summary.errors)) == (3, (2020,), 20)
    assert list(results.of(["a", "b"])) == ["a"]
    results.forget()
    assert results.get("a") is None
