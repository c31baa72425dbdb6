import hashlib
import json
import threading
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from tests.lake.samples import fill, sample_entries, year_tables

from gongkai.lake.files import Files
from gongkai.lake.schema import LakeError, lake_tables
from gongkai.lake.snapshot import PartMissingError
from gongkai.lake.store import Lake


@pytest.fixture
def tables():
    return year_tables(2024, sample_entries()[2024])


@pytest.fixture
def lake(tmp_path):
    return Lake(str(tmp_path / "lake"))


def bytes_of(folder: Path) -> dict[str, tuple[int, str]]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in {".parquet", ".json"})
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in files
    }


def changed(tables, **cells):
    """The same year with one value of applications changed."""
    one = tables["applications"]
    index = one.schema.get_field_index("total")
    return tables | {"applications": one.set_column(index, one.schema.field(index), pc.add(one["total"], 1))}


def test_what_was_written_is_read(lake, tables):
    commit = lake.write_year(2024, tables)
    assert commit.changed
    assert commit.rows["applications"] == tables["applications"].num_rows
    for name, table in tables.items():
        contract = lake.tables[name]
        read = lake.read(name)
        assert read.schema == table.schema
        keys = [(key, "ascending") for key in contract.key]
        assert read.equals(table.sort_by(keys).combine_chunks()) or read.to_pylist() == table.sort_by(keys).to_pylist()
    assert lake.read("legacy_statistics").num_rows == 0


def test_files_are_a_hive_partition_named_by_content(lake, tables, tmp_path):
    commit = lake.write_year(2024, tables)
    for name in commit.files:
        path = tmp_path / "lake" / name
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert path.name == f"part-{digest[:16]}.parquet"
        assert path.parent.name == "report_year=2024"
    manifest = json.loads((tmp_path / "lake/_manifest/report_year=2024.json").read_text())
    assert set(manifest["tables"]) == set(lake_tables())
    assert manifest["tables"]["legacy_statistics"]["files"] == []


def test_writing_the_same_again_touches_nothing(lake, tables, tmp_path):
    lake.write_year(2024, tables)
    before = bytes_of(tmp_path)
    shuffled = {name: table.take(pa.array(range(table.num_rows)[::-1], pa.int64())) for name, table in tables.items()}
    commit = lake.write_year(2024, shuffled)
    assert not commit.changed
    assert bytes_of(tmp_path) == before


def test_equal_rows_give_equal_bytes_elsewhere(tables, tmp_path):
    for place in ("a", "b"):
        Lake(str(tmp_path / place)).write_year(2024, tables)
    first, second = bytes_of(tmp_path / "a"), bytes_of(tmp_path / "b")
    assert {name: digest for name, (_, digest) in first.items()} == {
        name: digest for name, (_, digest) in second.items()
    }


def test_a_change_replaces_only_what_changed(lake, tables, tmp_path):
    lake.write_year(2024, tables)
    before, fingerprint = bytes_of(tmp_path / "lake"), lake.fingerprint()
    assert lake.write_year(2024, changed(tables)).changed
    after = bytes_of(tmp_path / "lake")
    touched = {name.split("/")[0] for name in before.keys() ^ after.keys()}
    assert touched == {"applications"}
    assert len(list((tmp_path / "lake/applications/report_year=2024").iterdir())) == 1
    assert lake.fingerprint() != fingerprint
    lake.write_year(2024, tables)
    assert lake.fingerprint() == fingerprint


def test_years_stand_apart(lake, tmp_path):
    fill(lake)
    assert lake.years() == [2018, 2020, 2023, 2024]
    assert set(lake.read("reports", [2023])["report_year"].to_pylist()) == {2023}
    assert set(lake.read("reports", [2030])["report_year"].to_pylist()) == set()
    before = bytes_of(tmp_path / "lake")
    lake.write_year(2024, changed(year_tables(2024, sample_entries()[2024])))
    after = bytes_of(tmp_path / "lake")
    assert all("report_year=2024" in name for name in before.keys() ^ after.keys())


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda t: {k: v for k, v in t.items() if k != "cells"}, r"missing \['cells'\]"),
        (lambda t: t | {"agencies": t["cells"]}, r"unknown \['agencies'\]"),
        (lambda t: t | {"cells": t["cells"].drop_columns("raw")}, "missing.*raw"),
        (lambda t: t | {"cells": pa.concat_tables([t["cells"], t["cells"]])}, "same key"),
        (lambda t: t | {"reports": year_tables(2023, sample_entries()[2023])["reports"]}, "another year"),
    ],
)
def test_tables_that_do_not_fit_leave_the_lake_as_it_was(lake, tables, tmp_path, spoil, words):
    lake.write_year(2024, tables)
    before = bytes_of(tmp_path)
    with pytest.raises(LakeError, match=words):
        lake.write_year(2024, spoil(tables))
    assert bytes_of(tmp_path) == before


class Crash(BaseException):
    """The process dies here."""


@pytest.mark.parametrize("step", range(1, 6))
def test_a_crash_between_steps_leaves_the_old_state_or_the_new(lake, tables, tmp_path, monkeypatch, step):
    lake.write_year(2024, tables)
    old = {name: lake.read(name) for name in lake.tables}
    new = changed(tables)
    new |= {"narratives": tables["narratives"].slice(0, 0)}
    calls = 0

    def dying(original):
        def call(self, *args):
            nonlocal calls
            calls += 1
            if calls >= step:  # the dead do nothing any more
                raise Crash
            return original(self, *args)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(Files, "take", dying(Files.take))
        patch.setattr(Files, "put", dying(Files.put))
        patch.setattr(Files, "remove", dying(Files.remove))
        try:
            lake.write_year(2024, new)
        except Crash:
            died = True
        else:
            died = False
    # writes: one part, the manifest; removals: two superseded parts
    assert died == (step <= 4)
    manifest_was_replaced = step > 2
    for name in lake.tables:
        expected = new[name] if manifest_was_replaced else old[name]
        keys = [(key, "ascending") for key in lake.tables[name].key]
        assert lake.read(name).to_pylist() == expected.sort_by(keys).to_pylist()
    lake.write_year(2024, new)
    named = {Path(path).name for name in lake.tables for path in lake.paths(name)}
    assert {path.name for path in tmp_path.rglob("*.parquet")} == named


def test_a_half_written_file_never_gets_its_name(lake, tables, tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gongkai.lake.files.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        lake.write_year(2024, tables)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and not path.name.endswith(".lock")]
    assert lake.years() == []


def test_a_lost_part_is_told_and_written_again(lake, tables):
    lake.write_year(2024, tables)
    Path(lake.paths("cells")[0]).unlink()
    with pytest.raises(PartMissingError, match="gongkai load"):
        lake.read("cells")
    assert lake.write_year(2024, tables).changed
    assert lake.read("cells").num_rows == tables["cells"].num_rows


def test_a_damaged_part_and_manifest_are_told(lake, tables, tmp_path):
    lake.write_year(2024, tables)
    Path(lake.paths("cells")[0]).write_bytes(b"PAR1 nothing")
    with pytest.raises(LakeError, match="damaged part"):
        lake.read("cells")
    (tmp_path / "lake/_manifest/report_year=2024.json").write_text('{"format": 1')
    with pytest.raises(LakeError, match="damaged manifest"):
        lake.read("reports")


def test_a_part_of_an_older_contract_is_told(lake, tables, tmp_path):
    lake.write_year(2024, tables)
    import pyarrow.parquet as pq

    path = Path(lake.paths("cells")[0])
    pq.write_table(pq.read_table(path, partitioning=None).drop_columns("note"), path)
    with pytest.raises(LakeError, match=r"another contract.*missing \['note'\]"):
        lake.read("cells")


def test_a_reader_that_meets_a_commit_reads_the_new_state(lake, tables, monkeypatch):
    lake.write_year(2024, tables)
    stale = lake.snapshot()
    lake.write_year(2024, changed(tables))
    with pytest.raises(PartMissingError):
        stale.read("applications")
    snapshots = iter([stale, lake.snapshot()])
    monkeypatch.setattr(Lake, "snapshot", lambda _: next(snapshots))
    assert lake.read("applications")["total"][0].as_py() is not None


def test_writers_of_different_years_do_not_disturb_each_other(tmp_path):
    entries = sample_entries()
    errors = []

    def write(year):
        try:
            one = Lake(str(tmp_path / "lake"))
            tables = year_tables(year, entries[year])
            for _ in range(3):
                one.write_year(year, changed(tables))
                one.write_year(year, tables)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(year,)) for year in (2023, 2024)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    lake = Lake(str(tmp_path / "lake"))
    expected = sum(year_tables(year, entries[year])["cells"].num_rows for year in (2023, 2024))
    assert lake.read("cells").num_rows == expected


def test_other_readers_of_parquet_see_the_same(lake, tmp_path):
    fill(lake)
    expected = lake.read("applications").num_rows
    pattern = f"{tmp_path}/lake/applications/*/*.parquet"
    with duckdb.connect() as con:
        rows = con.execute(f"SELECT report_year, count(*) FROM read_parquet('{pattern}') GROUP BY ALL").fetchall()
    assert sum(n for _, n in rows) == expected
    assert {year for year, _ in rows} == {2020, 2023, 2024}
    assert ds.dataset(tmp_path / "lake/applications", partitioning="hive").to_table().num_rows == expected


def test_the_lake_stands_on_any_fsspec_location(tables):
    lake = Lake("memory://lake-of-a-test")
    assert lake.write_year(2024, tables).changed
    assert not lake.write_year(2024, tables).changed
    assert lake.read("reports").num_rows == 2
    assert lake.paths("reports")[0].startswith("memory://")
    assert lake.write_year(2024, changed(tables)).changed
    assert len(lake.paths("applications")) == 1


def test_only_the_columns_asked_for_are_read(lake, tables, monkeypatch):
    fill(lake)
    whole, names = lake.read("reports"), ["template", "report_id"]
    read = []
    batches = pq.ParquetFile.iter_batches
    monkeypatch.setattr(
        pq.ParquetFile, "iter_batches", lambda file, **how: read.append(how["columns"]) or batches(file, **how)
    )
    assert lake.read("reports", columns=names).equals(whole.select(names))
    assert lake.read("reports", [2024], columns=names[1:]).num_rows == 2
    assert lake.read("legacy_statistics", [2024], columns=["code"]).schema.names == ["code"]
    assert read == [names] * 4 + [names[1:]]
    with pytest.raises(LakeError, match=r"no such column.*'nothing'"):
        lake.read("reports", columns=["report_id", "nothing"])


def test_the_state_of_a_year_tells_what_it_holds_and_whether_it_is_whole(lake, tables, tmp_path):
    assert lake.state(2024) == ""
    commit = lake.write_year(2024, tables)
    first = lake.state(2024)
    assert first and lake.state(2023) == ""
    lake.write_year(2024, changed(tables))
    assert lake.state(2024) not in {"", first}
    lake.write_year(2024, tables)
    assert lake.state(2024) == first
    part = tmp_path / "lake" / commit.files[0]
    whole = part.read_bytes()
    part.write_bytes(whole[:-1])
    assert lake.state(2024) == ""
    part.write_bytes(whole)
    assert lake.state(2024) == first
    (tmp_path / "lake/_manifest/report_year=2024.json").write_text("{")
    assert lake.state(2024) == ""


def test_a_damaged_manifest_hinders_no_other_year(lake, tmp_path):
    fill(lake)
    (tmp_path / "lake/_manifest/report_year=2024.json").write_text("{")
    assert lake.read("reports", [2023]).num_rows == 2
    with pytest.raises(LakeError, match="damaged manifest"):
        lake.read("reports", [2024])
