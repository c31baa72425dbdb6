from datetime import UTC, date, datetime, timedelta

import pytest

from gongkai.archive.log import NOT_ASKED, Fate, ListingRow, listing_log
from gongkai.archive.runs import RunRow, write_run
from gongkai.archive.store import Archive
from gongkai.pipeline import seen as module
from gongkai.pipeline.seen import seen

DAY = datetime(2025, 2, 1, 6, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path):
    return Archive(str(tmp_path / "archive"))


@pytest.fixture
def collect(archive):
    """Write the logs of a run on day `n`: links by name, with their fates."""

    def run(n, links, *, name=None, years="", is_complete=True, lists="http://p/", **more):
        at = DAY + timedelta(days=n)
        with listing_log(archive, name or f"r{n}", "s") as log:
            for link, (fate, reason) in links.items():
                sha = link * 32 if fate in (Fate.NEW, Fate.UNCHANGED) else None
                log.add(
                    ListingRow(at, name or f"r{n}", "s", link, f"题{n}", fate, reason, date(2025, 1, 9), sha256=sha)
                )
        hour = timedelta(hours=1)
        row = RunRow(name or f"r{n}", "s", at - hour, at + hour, years, lists, is_complete, listed=len(links), **more)
        write_run(archive, row)

    return run


@pytest.fixture
def lake(tmp_path):
    return str(tmp_path / "lake")


def day(n):
    return (DAY + timedelta(days=n)).replace(tzinfo=None)


def listed(archive, lake, url, **options):
    (row,) = [row for row in seen(archive, lake, **options).listed.to_pylist() if row["url"] == url]
    return row


NEW, SAME, GONE = (Fate.NEW, ""), (Fate.UNCHANGED, ""), (Fate.FAILED, "gone: nothing")
OTHER_YEAR = (Fate.SKIPPED, f"of 2020, {NOT_ASKED}")


def test_the_last_sight_moves_and_the_first_stays(archive, lake, collect):
    for n, fate in enumerate((NEW, SAME, GONE)):
        collect(n, {"aa": fate})
        row = listed(archive, lake, "aa")
        assert (row["first_seen"], row["last_seen"], row["fate"]) == (day(0), day(n), fate[0])
    (content,) = seen(archive, lake).contents.to_pylist()
    assert (content["first_seen"], content["last_seen"]) == (day(0), day(1))  # day 2 did not show what is there


def test_a_run_for_another_year_sees_the_link_and_says_nothing_of_it(archive, lake, collect):
    collect(0, {"aa": GONE})
    collect(1, {"aa": OTHER_YEAR, "bb": OTHER_YEAR}, years="2023")
    row = listed(archive, lake, "aa")
    assert (row["last_seen"], row["fate"], row["reason"], row["fate_at"]) == (day(1), "failed", "gone: nothing", day(0))
    assert listed(archive, lake, "bb")["fate"] == "skipped"


def test_each_log_is_read_once_and_in_any_order_they_say_the_same(archive, lake, collect, tmp_path, monkeypatch):
    collect(2, {"aa": SAME, "bb": NEW})
    seen(archive, lake)
    collect(1, {"aa": GONE})
    collect(0, {"aa": NEW})
    read = []
    original = module.read_log
    monkeypatch.setattr(module, "read_log", lambda *given: read.append(given[1]) or original(*given))
    stepwise = seen(archive, lake)
    assert sorted(read) == [f"{folder}/{run}/s.parquet" for folder in ("listings", "runs") for run in ("r0", "r1")]
    read.clear()
    assert seen(archive, lake).listed == stepwise.listed and not read
    at_once = seen(archive, str(tmp_path / "other"))
    assert at_once == stepwise


def test_a_run_that_is_repeated_under_its_name_is_read_again(archive, lake, collect):
    collect(0, {"aa": GONE}, name="r", error="blocked")
    assert listed(archive, lake, "aa")["fate"] == "failed"
    collect(1, {"aa": NEW}, name="r")
    row = listed(archive, lake, "aa")
    assert (row["fate"], row["first_seen"], row["last_seen"]) == ("new", day(0), day(1))
    assert [run["error"] for run in seen(archive, lake).runs.to_pylist()] == ["blocked", ""]


def test_a_look_keeps_nothing_and_a_lost_part_is_made_anew(archive, lake, collect, tmp_path):
    collect(0, {"aa": NEW})
    seen(archive, lake, keep=False)
    assert not (tmp_path / "lake").exists()
    before = seen(archive, lake)
    for path in (tmp_path / "lake" / "_collected").glob("listed-*"):
        path.unlink()
    assert seen(archive, lake) == before


def test_a_file_that_is_listed_itself_keeps_its_own_fate(archive, lake, collect):
    with listing_log(archive, "r1", "s") as log:
        log.add(ListingRow(DAY, "r1", "s", "aa", "题", Fate.UNCHANGED, sha256="aa" * 32))
        skip = "listed itself, or linked by another page"
        log.add(ListingRow(DAY + timedelta(1), "r1", "s", "aa", "附件", Fate.SKIPPED, skip, parent_url="bb"))
    row = listed(archive, lake, "aa")
    assert (row["fate"], row["title"], row["parent_url"]) == ("unchanged", "题", None)
    assert (row["last_seen"], row["last_listed"]) == (day(1), day(0))
