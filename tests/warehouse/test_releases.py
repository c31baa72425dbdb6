import duckdb
import pytest
from tests.lake.samples import Entry, report

from gongkai.errors import RunError
from gongkai.reports.model import State
from gongkai.warehouse import release, releases


def edit(entries):
    """One report comes, one is revised, one changes its status and some of its cells."""
    entries[1].report = report(
        "淮安市人民政府", 2024, "2021", {("applications", "granted", "total"): State.NOT_APPLICABLE}
    )
    entries[1].findings = []
    entries[1].status = "quarantined"
    entries[0].revision_no = 3
    entries.append(Entry(report("某区人民政府", 2024, "2021"), "mouqu"))


@pytest.fixture
def two(house):
    house.change(edit)
    return house, house.first.release_id, house.publish().release_id


def test_listing(two):
    house, first, second = two
    found = releases.list_all(house.folder)
    assert [(one.release_id, one.n_reports, one.is_current) for one in found] == [(first, 6, False), (second, 7, True)]
    assert found[0].built_at < found[1].built_at
    assert all(one.path.exists() for one in found)


def test_going_back_and_forward(two):
    house, first, second = two
    assert releases.use(house.folder, first) == release.release_path(house.folder, first)
    assert release.current_id(house.folder) == first
    assert [one.is_current for one in releases.list_all(house.folder)] == [True, False]
    # the lake still is what the second was built of: publishing goes forward under a new name
    third = house.publish()
    assert third.changed
    assert release.number_of(third.release_id) == 3
    assert release.release_ids(house.folder) == [first, second, third.release_id]


def test_a_release_in_force_is_never_pruned(two):
    house, first, second = two
    releases.use(house.folder, first)
    assert release.prune(house.folder, keep=1) == []
    assert release.release_ids(house.folder) == [first, second]
    releases.use(house.folder, second)
    assert release.prune(house.folder, keep=1) == [first]


def test_only_kept_releases_can_be_used(house):
    with pytest.raises(RunError, match=house.first.release_id):
        releases.use(house.folder, "20200101T000000Z-9")
    with pytest.raises(RunError, match="no such release"):
        releases.diff(house.folder, house.first.release_id, "../../etc/passwd")


def test_a_pointer_to_nothing_is_told(house):
    house.first.path.unlink()
    with pytest.raises(RunError, match="leads nowhere"):
        release.current_id(house.folder)


def test_diff_names_what_changed(two):
    house, first, second = two
    found = releases.diff(house.folder, first, second)
    assert found.added == ("mouqu-2024",)
    assert found.removed == ()
    assert found.revised == ("suqian-2024",)
    assert found.status == (("huaian-2024", "accepted", "quarantined"),)
    granted = {c.column_code: (c.before, c.after) for c in found.values if c.row_code == "granted"}
    assert granted["total"] == ("blank", "not_applicable")
    assert granted["business"] == ("blank", "number 0.000000")
    # the single row 其他处理 became three rows: cells appear and disappear
    other = {(c.row_code, c.before, c.after) for c in found.values if c.row_code.startswith("other")}
    assert ("other", "number 0.000000", None) in other
    assert ("other.other", None, "number 0.000000") in other
    assert found.n_values == len(found.values)
    back = releases.diff(house.folder, second, first)
    assert (back.removed, back.n_values) == (("mouqu-2024",), found.n_values)
    assert len(releases.diff(house.folder, first, second, limit=3).values) == 3


def test_a_release_does_not_differ_from_itself(house):
    assert releases.diff(house.folder, house.first.release_id, house.first.release_id).is_empty


def test_listing_and_diff_go_beside_an_open_reader(two):
    house, first, second = two
    with duckdb.connect(str(house.folder / "gongkai.duckdb"), read_only=True) as reader:
        assert not releases.diff(house.folder, first, second).is_empty
        assert len(releases.list_all(house.folder)) == 2
        assert reader.execute("SELECT release_id FROM mart.latest_release").fetchall() == [(second,)]


def test_ids_grow_and_are_never_reused(house):
    from datetime import UTC, datetime

    assert release.next_id(7, datetime(2025, 4, 1, 3, 4, 5, tzinfo=UTC)) == "20250401T030405Z-8"
    with pytest.raises(RunError, match="no release id"):
        release.number_of("latest")
    building = house.folder / "releases" / ".building-x.duckdb"
    building.write_bytes(b"new")
    with pytest.raises(RunError, match="exists"):
        release.seal(building, house.first.path)


def test_diff_is_the_same_where_no_manifest_tells_which_years_changed(two):
    house, first, second = two
    told = releases.diff(house.folder, first, second)
    assert told.n_values
    release.release_path(house.folder, first).with_suffix(release.MANIFEST).unlink()
    assert releases.diff(house.folder, first, second) == told
