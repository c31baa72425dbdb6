import json
import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from tests.lake.samples import sha_of
from tests.warehouse.edits import correct

from gongkai.contracts.tables import load_tables
from gongkai.errors import GateError, RunError
from gongkai.lake.schema import LakeError
from gongkai.lake.snapshot import Snapshot
from gongkai.lake.store import Lake
from gongkai.warehouse import build, manifest, publish, release
from gongkai.warehouse.dims import Agency, Expected
from gongkai.warehouse.marts import load_marts


def query(house, sql):
    with duckdb.connect(str(house.folder / "gongkai.duckdb"), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_a_release_holds_what_the_lake_holds(sample_house):
    house, done = sample_house, sample_house.done
    assert done.changed
    assert house.folder / "releases" in done.path.parents
    for name in house.lake.tables:
        assert query(house, f"SELECT count(*) FROM {name}") == [(house.lake.read(name).num_rows,)]
        assert done.rows[name] == house.lake.read(name).num_rows
    received = query(
        house,
        "SELECT natural_person, business, total FROM applications "
        "WHERE agency_id = 'suqian' AND report_year = 2024 AND row_code = 'received'",
    )
    assert received == [(3440, 75, 3525)]
    blank = query(house, "SELECT total, blanks FROM applications WHERE agency_id = 'huaian' AND row_code = 'granted'")
    assert blank == [(None, 7)]
    assert query(house, "SELECT value FROM legacy_statistics WHERE code = '8.4'") == [(Decimal("0.7500"),)]


def test_a_value_is_traced_to_its_document(sample_house):
    house = sample_house
    found = query(
        house,
        """
        SELECT cells.raw, cells.path, cells.document_sha256, reports.url, documents.extractor
        FROM cells JOIN reports USING (report_id) JOIN documents ON documents.document_sha256 = cells.document_sha256
        WHERE report_id = 'suqian-2024' AND row_code = 'received' AND column_code = 'total'
        """,
    )
    url = "http://portal.example/suqian-2024-r2.html"
    assert found == [("3525", "table[1]/received/total", sha_of("sq2024"), url, "sample-1")]


def test_the_same_again_builds_nothing(house):
    first = house.first
    files = {path: path.stat().st_mtime_ns for path in house.folder.rglob("*")}
    second = house.publish(force=True)
    assert (second.changed, second.release_id, second.rows) == (False, first.release_id, first.rows)
    assert {path: path.stat().st_mtime_ns for path in house.folder.rglob("*")} == files | {
        house.folder / ".publish.lock": (house.folder / ".publish.lock").stat().st_mtime_ns
    }


def test_lake_dims_or_contracts_that_differ_make_a_new_release(house, monkeypatch):
    ids = [house.first.release_id]
    house.change(correct)
    ids.append(house.publish().release_id)
    other = replace(house.dims, expected=(*house.dims.expected, Expected("suqian", 2021)))
    ids.append(house.publish(dims=other).release_id)
    monkeypatch.setattr(publish, "contracts_fingerprint", lambda: "other")
    ids.append(house.publish(dims=other).release_id)
    assert len(set(ids)) == 4
    assert [release.number_of(one) for one in ids] == [1, 2, 3, 4]


def test_order_of_dims_makes_no_new_release(house):
    turned = replace(house.dims, agencies=house.dims.agencies[::-1], rules=house.dims.rules[::-1])
    assert not house.publish(dims=turned).changed


def test_the_release_tells_its_history(house):
    first = house.first
    house.change(correct)
    second = house.publish()
    rows = query(house, "SELECT release_id, is_current, n_reports, storage_version FROM releases ORDER BY built_at")
    assert rows == [(first.release_id, False, 6, "v1.2.0"), (second.release_id, True, 6, "v1.2.0")]
    assert query(house, "SELECT release_id, first_year, last_year FROM mart.latest_release") == [
        (second.release_id, 2018, 2024)
    ]
    (counts,) = query(house, "SELECT row_counts FROM releases WHERE is_current")[0]
    assert json.loads(counts) == second.rows
    with duckdb.connect(str(first.path), read_only=True) as con:
        assert con.execute("SELECT release_id FROM releases WHERE is_current").fetchall() == [(first.release_id,)]


def test_published_files_are_sealed(house):
    first = house.first
    assert first.path.stat().st_mode & 0o222 == 0
    before = first.path.read_bytes()
    house.change(correct)
    house.publish()
    assert first.path.read_bytes() == before
    kinds = {path.suffix for path in (house.folder / "releases").iterdir()}
    assert kinds == {".duckdb", ".json", ".parquet"}  # no .wal, no temporary folder, nothing half built
    link = house.folder / "gongkai.duckdb"
    assert link.is_symlink()
    assert not link.readlink().is_absolute()


def test_the_last_releases_are_kept(house):
    ids = [house.first.release_id]
    for extra in range(3):
        other = replace(house.dims, expected=(*house.dims.expected, Expected("suqian", 2010 + extra)))
        ids.append(house.publish(keep=2, dims=other).release_id)
    assert release.release_ids(house.folder) == ids[2:]
    # the history remembers those that are gone
    assert len(query(house, "FROM releases")) == 4


def test_every_table_view_and_column_has_its_comment(sample_house):
    house = sample_house
    comments = dict(query(house, "SELECT table_name, comment FROM duckdb_tables()"))
    comments |= dict(query(house, "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"))
    marts = {mart.name: mart.comment for mart in load_marts()}
    assert comments == marts | {name: contract.comment for name, contract in load_tables().items()}
    assert "表三" in comments["applications"]
    assert "never 0 for a blank" in comments["applications"]
    columns = query(house, "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal")
    assert all(" | " in comment for _, _, comment in columns)


def test_tables_have_the_types_of_their_contracts(sample_house):
    house = sample_house
    for name, contract in load_tables().items():
        found = query(house, f"DESCRIBE {name}")
        assert [(row[0], row[1], row[2] == "NO") for row in found] == [
            (column.name, column.type, column.required and not contract.parquet_only) for column in contract.columns
        ]


def test_an_unknown_agency_appears_with_its_name(sample_house):
    house = sample_house
    assert query(house, "SELECT agency_name, kind, n_reports FROM agencies WHERE agency_id = 'wuhai-gxj'") == [
        ("乌海市工信局", None, 1)
    ]


def test_coverage_names_the_missing(sample_house):
    house = sample_house
    rows = query(house, "SELECT report_year, expected, found, status FROM coverage WHERE agency_id = 'suqian'")
    assert sorted(rows) == [
        (2022, True, False, "missing"),
        (2023, False, True, "accepted"),
        (2024, True, True, "accepted"),
    ]


def refuse(house, **options):
    with pytest.raises(GateError) as caught:
        house.publish(**options)
    assert not [path for path in (house.folder / "releases").iterdir() if path.name.startswith(".")]
    return str(caught.value)


def test_a_gate_leaves_the_release_before_in_force(house):
    first = house.first

    def lose(entries):
        del entries[1]

    house.change(lose)
    told = refuse(house)
    assert "gate row_count failed" in told
    assert "reports: " in told or "applications: " in told
    assert "of the release before" in told
    assert release.current_id(house.folder) == first.release_id
    assert {path.stem for path in (house.folder / "releases").iterdir()} == {first.path.stem}
    forced = house.publish(force=True)
    assert forced.changed
    assert forced.rows["reports"] == 5


def test_an_empty_lake_is_no_release(tmp_path, dims):
    with pytest.raises(GateError, match=r"reports: gate row_count failed.*0 rows.*at least 1"):
        publish.publish(Lake(str(tmp_path / "none")), tmp_path / "warehouse", keep=1, dims=dims, force=True)
    assert release.current_id(tmp_path / "warehouse") is None


def test_a_crash_at_any_step_leaves_readers_alone(house, monkeypatch):
    class Crash(BaseException):
        pass

    def dies(*_args, **_options):
        raise Crash

    house.change(correct)
    steps = [
        (publish, "gather"),
        (publish, "renew"),
        (publish, "fill_around"),
        (build, "add_comments"),
        (publish, "export_around"),
        (publish, "_read_back"),
        (manifest, "write"),
        (release, "seal"),
        (release, "point_to"),
    ]
    for owner, step in steps:
        with monkeypatch.context() as patch:
            patch.setattr(owner, step, dies)
            with pytest.raises(Crash):
                house.publish()
        assert query(house, "SELECT release_id FROM mart.latest_release") == [(house.first.release_id,)]
    second = house.publish()
    assert second.changed
    assert query(house, "SELECT release_id FROM mart.latest_release") == [(second.release_id,)]


def test_a_half_built_file_of_a_dead_process_is_cleared(house):
    left = house.folder / "releases" / f"{release.BUILDING}20250101T000000Z-9.duckdb"
    left.write_bytes(b"half")
    (left.with_name(left.name + ".tmp")).mkdir()
    house.change(correct)
    house.publish()
    assert not list((house.folder / "releases").glob(".building*"))


def test_one_publisher_at_a_time(house):
    with release.publishing(house.folder), pytest.raises(RunError, match="another process publishes"):
        house.publish()


def test_a_commit_during_the_build_starts_it_anew(house, monkeypatch):
    real = Snapshot.fetch
    pending = [True]

    def fetch(self, part, target):
        if part.path.startswith("cells/") and pending:
            pending.clear()
            house.change(correct)  # replaces parts that this snapshot still names
        return real(self, part, target)

    monkeypatch.setattr(Snapshot, "fetch", fetch)
    house.first.path.with_suffix(".json").unlink()  # nothing to build upon: every part is fetched
    other = replace(house.dims, expected=())
    house.publish(dims=other)
    wanted = "revision_id = 'suqian-2024-r3' AND row_code = 'received'"
    assert query(house, f"SELECT total FROM applications WHERE {wanted}") == [(3526,)]
    assert not house.publish(dims=other).changed


def test_a_damaged_lake_is_no_release(house):
    house.change(correct)
    Path(house.lake.paths("cells")[-1]).unlink()
    with pytest.raises(LakeError, match="is missing"):
        house.publish()


def test_a_damaged_release_is_told(house):
    first = house.first
    first.path.chmod(0o644)
    first.path.write_bytes(b"no database" * 1000)
    with pytest.raises(RunError, match="cannot be opened"):
        house.publish()


def test_a_pointer_that_is_no_link_is_left_alone(house):
    first = house.first
    link = house.folder / "gongkai.duckdb"
    link.unlink()
    shutil.copy(first.path, link)
    with pytest.raises(RunError, match="not a link"):
        house.publish()
    assert not link.is_symlink()


def test_the_file_reads_the_same_under_another_name(sample_house):
    done = sample_house.done
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{done.path}' AS annual (READ_ONLY)")
        assert con.execute("SELECT release_id FROM annual.mart.latest_release").fetchall() == [(done.release_id,)]
        assert con.execute("SELECT count(*) FROM annual.mart.disclosure_rate").fetchall() == [(4,)]


def test_dims_that_name_an_agency_twice_are_refused(house):
    twice = replace(house.dims, agencies=(*house.dims.agencies, Agency("suqian", "宿迁")))
    assert "gate unique failed" in refuse(house, dims=twice)


def test_expectations_of_unknown_agencies_are_refused(house):
    told = refuse(house, dims=replace(house.dims, expected=(Expected("nobody", 2024),)))
    assert "gate references failed" in told
    assert "coverage.agency_id" in told
    assert "nobody" in told
