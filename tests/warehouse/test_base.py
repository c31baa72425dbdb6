"""Releases built upon the one before: equal to one built from nothing, and nothing is written but what changed."""

import json
from dataclasses import replace

import duckdb
import pytest
from tests.lake.samples import year_tables
from tests.warehouse.edits import correct

from gongkai.contracts.tables import load_tables
from gongkai.errors import GateError
from gongkai.lake.files import sha256_of
from gongkai.lake.store import Lake
from gongkai.warehouse import base, build, manifest, publish, release
from gongkai.warehouse.dims import Expected
from gongkai.warehouse.marts import load_marts


def manifest_of(made):
    return manifest.read(made.path.with_suffix(release.MANIFEST))


def contents(made):
    return {name: (table.rows, table.content) for name, table in manifest_of(made).tables.items()}


def rows(path):
    names = [name for name in load_tables() if name != "releases"]
    names += [f"mart.{mart.name}" for mart in load_marts() if mart.name != "latest_release"]
    with duckdb.connect(str(path), read_only=True) as con:
        return {name: con.execute(f"FROM {name} ORDER BY ALL").fetchall() for name in names}


@pytest.fixture
def refilled(monkeypatch):
    """The years of tables that were written."""
    seen = {name: set() for name in load_tables()}
    real = build.fill_years

    def fill_years(con, contract, parquet, years):
        seen[contract.name] |= set(years)
        real(con, contract, parquet, years)

    monkeypatch.setattr(build, "fill_years", fill_years)
    return seen


def test_a_release_built_upon_another_equals_one_built_from_nothing(house, tmp_path):
    house.change(correct)
    upon = house.publish()
    anew = publish.publish(house.lake, tmp_path / "anew", keep=3, dims=house.dims)
    assert contents(upon) == contents(anew)
    assert rows(upon.path) == rows(anew.path)


def test_years_written_side_by_side_give_the_same_release(house, tmp_path, monkeypatch):
    monkeypatch.setattr(base, "_ROWS_AT_ONCE", 1)
    apart = publish.publish(house.lake, tmp_path / "apart", keep=3, dims=house.dims)
    assert contents(apart) == contents(house.first)
    assert rows(apart.path) == rows(house.first.path)


def test_the_same_lake_twice_gives_equal_contents(house, tmp_path):
    twice = publish.publish(house.lake, tmp_path / "twice", keep=3, dims=house.dims)
    assert contents(twice) == contents(house.first)


def test_another_figure_gives_another_content(house):
    house.change(correct)
    before, after = contents(house.first), contents(house.publish())
    for name in ("applications", "cells", "reports"):
        assert {year for year in after[name][1] if after[name][1][year] != before[name][1][year]} == {"2024"}
    assert after["regions"] == before["regions"]
    assert after["mart.applications_by_year"] != before["mart.applications_by_year"]


def test_only_years_that_changed_are_written(house, refilled):
    house.change(correct)
    house.publish()
    assert refilled["applications"] == {2024}
    assert set.union(*refilled.values()) == {2024}
    assert refilled["legacy_statistics"] == set()


def test_a_year_that_comes_and_one_that_goes(house, refilled, tmp_path):
    house.lake.write_year(2030, year_tables(2030, []))
    made = house.publish(force=True)
    assert set.union(*refilled.values()) <= {2030}
    house.lake.write_year(2018, year_tables(2018, []))
    made = house.publish(force=True)
    assert "2018" not in manifest_of(made).tables["cells"].content
    assert rows(made.path) == rows(publish.publish(house.lake, tmp_path / "n", keep=2, dims=house.dims).path)


def test_dims_alone_write_no_year(house, refilled):
    house.publish(dims=replace(house.dims, expected=(*house.dims.expected, Expected("suqian", 2021))))
    assert set.union(*refilled.values()) == set()


def test_an_agency_that_changed_changes_the_stored_answers_of_all_years(house, tmp_path):
    first, *others = house.dims.agencies
    dims = replace(house.dims, agencies=(replace(first, level="province", kind="office"), *others))
    upon = house.publish(dims=dims)
    anew = publish.publish(house.lake, tmp_path / "anew", keep=3, dims=dims)
    assert rows(upon.path) == rows(anew.path)
    assert contents(upon)["mart.applications_by_level"] != contents(house.first)["mart.applications_by_level"]


def test_other_contracts_or_programs_build_from_nothing(house, refilled, monkeypatch):
    monkeypatch.setattr(publish, "contracts_fingerprint", lambda: "other")
    house.publish()
    assert refilled["applications"] == {2020, 2023, 2024}
    assert len(refilled["reports"]) == len(house.lake.years())


def test_unchanged_parts_are_links_and_hashes_are_those_of_the_files(house):
    house.change(correct)
    second = house.publish()
    told = manifest_of(second)
    assert sha256_of(second.path) == told.sha256
    assert second.path.stat().st_size == told.bytes
    folders = [made.path.with_suffix(release.PARQUET) for made in (house.first, second)]
    for year, parts in told.tables["cells"].parts.items():
        for part in parts:
            here = folders[1] / part.path
            assert sha256_of(here) == part.sha256
            assert (folders[0] / part.path).exists() == (year != 2024)
            assert year == 2024 or here.samefile(folders[0] / part.path)


def test_every_table_stands_in_parquet_beside_the_file(house):
    here = house.folder / "parquet"
    assert here.resolve() == house.first.path.with_suffix(release.PARQUET).resolve()
    with duckdb.connect(str(house.first.path), read_only=True) as con:
        for name, contract in load_tables().items():
            files = f"{here}/{name}/**/*.parquet"
            stored = con.execute(f"FROM {name} ORDER BY ALL").fetchall()
            if stored or not contract.partitioned:
                sql = f"FROM read_parquet('{files}', hive_partitioning = false) ORDER BY ALL"
                assert con.execute(sql).fetchall() == stored


def test_a_table_that_lost_rows_of_its_parts_is_no_release(house, monkeypatch):
    real = build.fill_years

    def loses(con, contract, parquet, years):
        real(con, contract, parquet, years)
        if contract.name == "review_litigation":
            con.execute("DELETE FROM review_litigation WHERE procedure = 'review' AND report_year = 2024")

    monkeypatch.setattr(build, "fill_years", loses)
    house.change(correct)
    with pytest.raises(GateError, match="gate rows_of_lake failed"):
        house.publish()
    assert release.current_id(house.folder) == house.first.release_id


def test_a_damaged_manifest_is_told_and_a_missing_one_builds_from_nothing(house):
    path = house.first.path.with_suffix(release.MANIFEST)
    told = json.loads(path.read_text())
    path.unlink()
    assert base.find_base(house.folder, told["built_by"]) is None
    house.change(correct)
    assert house.publish().changed


def test_a_file_that_is_not_what_its_manifest_says_is_not_built_upon(house, refilled, capsys):
    path = house.first.path.with_suffix(release.MANIFEST)
    path.write_text(path.read_text().replace(manifest_of(house.first).sha256, "0" * 64))
    house.change(correct)
    made = house.publish()
    assert len(refilled["reports"]) == len(house.lake.years())
    assert "is damaged" in capsys.readouterr().out
    assert sha256_of(made.path) == manifest_of(made).sha256


def test_a_lake_elsewhere_is_copied_and_gives_the_same(house, tmp_path):
    elsewhere = Lake("memory://release-from-memory")
    for year in house.lake.years():
        elsewhere.write_year(year, {name: house.lake.read(name, [year]) for name in house.lake.tables})
    made = publish.publish(elsewhere, tmp_path / "copied", keep=3, dims=house.dims)
    assert contents(made) == contents(house.first)
    assert rows(made.path) == rows(house.first.path)
