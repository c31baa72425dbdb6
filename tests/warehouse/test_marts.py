import duckdb
import pytest

from gongkai.errors import ContractError
from gongkai.warehouse.marts import load_marts


@pytest.fixture(scope="module")
def ask(sample_house):
    with duckdb.connect(str(sample_house.folder / "gongkai.duckdb"), read_only=True) as con:
        yield lambda sql: con.execute(sql).fetchall()


def test_views_come_after_those_they_use():
    names = [mart.name for mart in load_marts()]
    assert names.index("applications_by_year") < names.index("disclosure_rate")
    assert names.index("applications_by_year") < names.index("applications_by_region")


def test_applications_count_nothing_twice(ask):
    rows = ask(
        "SELECT received, resolved, granted, partial FROM mart.applications_by_year WHERE report_id='suqian-2024'"
    )
    assert rows == [(3525, 3521, 2045, 310)]
    plain = ask("SELECT sum(total) FROM applications WHERE row_code = 'received' AND report_id <> 'mouxian-2023'")
    assert plain == ask("SELECT sum(received) FROM mart.applications_by_year")


def test_quarantined_reports_are_left_out(ask):
    assert ask("SELECT count(*) FROM reports WHERE status = 'quarantined'") == [(1,)]
    for view in ("applications_by_year", "disclosure_rate", "proactive_2021"):
        assert ask(f"SELECT count(*) FROM mart.{view} WHERE agency_id = 'mouxian'") == [(0,)]


def test_a_blank_is_no_zero_in_the_rate(ask):
    rows = ask("SELECT agency_id, granted, rate FROM mart.disclosure_rate WHERE report_year = 2024 ORDER BY 1")
    assert rows == [("huaian", None, None), ("suqian", 2045, round((2045 + 310) / 3521, 4))]
    assert ask("SELECT n_without_number FROM mart.applications_by_year WHERE agency_id = 'huaian'") == [(1,)]


def test_regions_take_their_own_government_alone(ask):
    rows = ask("SELECT report_year, region_name, n_governments, received FROM mart.applications_by_region")
    assert rows == [(2023, "宿迁市", 1, 3511), (2024, "淮安市", 1, 0), (2024, "宿迁市", 1, 3525)]


def test_publisher_errors_are_as_printed(ask):
    rows = ask("SELECT report_id, rule_id, printed, expected FROM mart.publisher_errors")
    assert rows == [("jining-kjj-2018", "legacy_sum:legacy/3.3/value", 1, 2)]


def test_coverage_by_year(ask):
    rows = ask("SELECT report_year, expected, found, missing, quarantined, share_found FROM mart.coverage_by_year")
    assert rows == [
        (2018, 0, 1, 0, 0, None),
        (2020, 0, 1, 0, 0, None),
        (2022, 1, 0, 1, 0, 0.0),
        (2023, 0, 2, 0, 1, None),
        (2024, 2, 2, 0, 0, 1.0),
    ]


def test_templates_are_never_mixed(ask):
    assert ask("SELECT DISTINCT report_year FROM mart.proactive_2019") == [(2020,)]
    assert ask("SELECT change FROM mart.proactive_2019 WHERE row_code = 'penalties'") == [(-1,)]
    assert {year for (year,) in ask("SELECT DISTINCT report_year FROM mart.proactive_2021")} == {2023, 2024}
    fees = ask("SELECT amount_10k_cny FROM mart.proactive_2021 WHERE row_code='fees' AND report_id='suqian-2024'")
    assert [float(one) for (one,) in fees] == [96171.6]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"a": "SELECT 1 AS x"}, "begins with its comments"),
        ({"a": "-- zh: 甲\n-- en: A\nSELECT 1 AS x"}, "begins with its comments"),
        ({"a": "-- zh: 甲\n-- en: A\n-- column x: 甲 | A"}, "no SELECT"),
        (
            {
                "a": "-- zh: 甲\n-- en: A\n-- column x: 甲 | A\nSELECT x FROM mart.b",
                "b": "-- zh: 乙\n-- en: B\n-- column x: 乙 | B\nSELECT x FROM mart.a",
            },
            "in a circle",
        ),
        (
            {"a": "-- zh: 甲\n-- en: A\n-- column x: 甲 | A\nSELECT 1 AS x\nORDER BY x"},
            r"a\.sql:5: a view does not sort",
        ),
    ],
)
def test_broken_views_are_refused(tmp_path, files, words):
    for name, text in files.items():
        (tmp_path / f"{name}.sql").write_text(text, encoding="utf-8")
    with pytest.raises(ContractError, match=words):
        load_marts(tmp_path)
