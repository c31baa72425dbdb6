import pytest

from gongkai.settings import ROOT
from samples.airflow_api import POOLS

DAGS = ["collect_reports", "load_reports", "publish_warehouse", "review_reports", "sweep_reports"]


@pytest.fixture(scope="module")
def read(inside, airflow_home):
    return inside("read_dags.py", airflow_home, ROOT / "dags")


def test_every_dag_file_gives_its_dag_without_errors(read):
    files = {name: file for name, file in read["files"].items() if name != "gongkai_common.py"}
    assert {name: file["dags"] for name, file in files.items()} == {f"{dag}.py": [dag] for dag in DAGS}
    assert [error for file in read["files"].values() for error in file["errors"]] == []


def test_the_shared_module_is_no_dag_file():
    assert "gongkai_common.py" in (ROOT / "dags" / ".airflowignore").read_text().split()


def test_dag_files_are_read_quickly_and_import_nothing_heavy(read):
    for name, file in read["files"].items():
        assert file["heavy"] == [], name
        assert file["seconds"] < 1.0, name


def test_dag_files_are_short():
    for path in (ROOT / "dags").glob("*.py"):
        assert len(path.read_text().splitlines()) < 120, path.name


def test_a_backfill_makes_one_run_a_report_year(read):
    assert read["backfill_keys"] == ["2018", "2019", "2020", "2021", "2022", "2023", "2024"]


def test_the_scheduled_run_of_april_asks_for_the_year_before(read):
    assert read["scheduled_key"] == "2025"


def test_the_sweep_runs_daily_from_january_to_june_and_names_partitions_at_runtime(read):
    # 06:00 in Shanghai is 22:00 UTC of the day before; after June the next sweep is that of 1 January.
    assert read["sweep_next"] == [
        "2026-03-15T22:00:00+00:00",
        "2026-06-15T22:00:00+00:00",
        "2026-12-31T22:00:00+00:00",
    ]
    assert read["sweep_partitioned_at_runtime"] is True


def test_assets_join_the_dags(read):
    assert {task: names for task, names in read["outlets"].items() if names} == {
        "collect_reports.summarise": ["gongkai_archive"],
        "sweep_reports.summarise": ["gongkai_archive"],
        "load_reports.settle": ["gongkai_lake"],
        "publish_warehouse.publish": ["gongkai_release"],
        "review_reports.review.record": ["gongkai_decisions"],
        "review_reports.finish": ["gongkai_decisions"],
    }


def test_what_writes_is_done_one_at_a_time(read):
    pools = {task: pool for task, pool in read["pools"].items() if pool != "default_pool"}
    assert pools == {"load_reports.settle": "lake", "publish_warehouse.publish": "publish"}
    assert set(pools.values()) == set(POOLS)
    assert read["max_active_runs"]["publish_warehouse"] == 1
