"""Names over time: those of agencies from their reports, those of regions from the table of names."""

from dataclasses import replace

import duckdb
import pytest
from tests.lake.samples import SUQIAN, Entry, cells_of, report, sha_of

from gongkai.warehouse.dims import Agency


@pytest.fixture(scope="module")
def ask(sample_house):
    with duckdb.connect(str(sample_house.folder / "gongkai.duckdb"), read_only=True) as con:
        yield lambda sql: con.execute(sql).fetchall()


def test_names_of_reports_have_years_and_those_of_sources_none(ask):
    rows = ask("SELECT * FROM agency_names WHERE agency_id IN ('suqian', 'wuhai-gxj') ORDER BY ALL")
    assert rows == [
        ("suqian", "宿迁市", None, None, 0, False, "source"),
        ("suqian", "宿迁市人民政府", 2023, 2024, 2, True, "report"),
        ("wuhai-gxj", "乌海市工信局", 2020, 2020, 1, True, "report"),
    ]


def test_regions_keep_former_names_and_get_those_only_a_source_knows(ask):
    assert ask("FROM region_names") == [
        ("320800", "淮安市", "city", None, None, True, None, None),
        ("321300", "宿迁市", "city", 1996, None, True, None, None),
        ("321311", "宿豫区", "county", 2003, None, True, None, None),
        ("321321", "宿豫县", "county", 1996, 2003, False, "321311", "same_stem"),
    ]


@pytest.fixture
def renamed(house):
    """宿迁市人民政府 takes another name in 2024; 沭阳县人民政府 is listed by a source and has no report."""

    def edit(entries):
        figures = cells_of(SUQIAN[2024])
        entries[0] = Entry(report("宿迁市新政府", 2024, "2021", figures, sha=sha_of("new")), "suqian", revision_no=2)

    house.change(edit)
    listed = (Agency("suqian", "宿迁市人民政府", ("宿迁市新政府",)), Agency("shuyang", "沭阳县人民政府", ("沭阳县",)))
    release = house.publish(dims=replace(house.dims, agencies=listed))
    with duckdb.connect(str(release.path), read_only=True) as con:
        yield lambda sql: con.execute(sql).fetchall()


def test_the_newest_report_has_the_name_in_force(renamed):
    rows = renamed("FROM agency_names WHERE agency_id IN ('suqian', 'shuyang') ORDER BY ALL")
    assert rows == [
        ("shuyang", "沭阳县", None, None, 0, False, "source"),
        ("shuyang", "沭阳县人民政府", None, None, 0, True, "source"),
        ("suqian", "宿迁市人民政府", 2023, 2023, 1, False, "report"),
        ("suqian", "宿迁市新政府", 2024, 2024, 1, True, "report"),
    ]


def test_a_series_goes_on_under_the_new_name(renamed):
    rows = renamed(
        "SELECT report_year, current_name, agency_name, name_before, years_since, received FROM mart.agency_series "
        "WHERE agency_id IN (SELECT agency_id FROM agency_names WHERE name = '宿迁市人民政府') ORDER BY report_year"
    )
    assert rows == [
        (2023, "宿迁市新政府", "宿迁市人民政府", None, None, 3511),
        (2024, "宿迁市新政府", "宿迁市新政府", "宿迁市人民政府", 1, 3525),
    ]


def test_other_names_of_regions_make_another_release(sample_dims):
    assert replace(sample_dims, region_names=()).fingerprint != sample_dims.fingerprint
    turned = replace(sample_dims, region_names=sample_dims.region_names[::-1])
    assert turned.fingerprint == sample_dims.fingerprint
