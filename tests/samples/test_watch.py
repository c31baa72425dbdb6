import json
from datetime import UTC, datetime

import pytest

from gongkai.errors import RunError
from samples.watch import Reader, follow

SINCE = datetime(2026, 1, 1, tzinfo=UTC)


class Airflow:
    """Runs and what caused them, asked as the REST API is."""

    def __init__(self):
        self.runs, self.causes = [], {}

    def run(self, dag_id, run_id, state, *causes, kind="asset_triggered", key=None):
        self.runs = [run for run in self.runs if run["dag_run_id"] != run_id]
        started = None if state == "queued" else "2026-01-01T00:00:00Z"
        self.runs.append(
            {"dag_id": dag_id, "dag_run_id": run_id, "state": state, "run_type": kind, "partition_key": key}
            | {"start_date": started}
        )
        self.causes[f"dags/{dag_id}/dagRuns/{run_id}/upstreamAssetEvents"] = causes

    def every(self, path, key, **_params):
        if key == "task_instances":
            return [{"task_id": "settle", "try_number": 2, "map_index": -1}]
        assert (path, key) == ("dags/~/dagRuns", "dag_runs")
        return self.runs

    def get(self, path):
        run = next(run for run in self.runs if path.split("/")[3] == run["dag_run_id"])
        assert run["start_date"], "Airflow answers 500 here while the run is queued"
        return {"asset_events": [{"source_run_id": cause} for cause in self.causes[path]]}

    def text(self, path, **_params):
        assert path.endswith("/taskInstances/settle/logs/2")
        error = {"exc_type": "RunError", "exc_value": "no year", "frames": []}
        events = [{"event": "::group::x"}, {"event": "Task failed", "error_detail": [error]}]
        return "\n".join(json.dumps(event) for event in events)


@pytest.fixture
def airflow():
    made = Airflow()
    for year in (2023, 2024):
        made.run("collect_reports", f"c{year}", "success", kind="backfill", key=str(year))
    made.run("load_reports", "l2023", "success", "c2023")
    made.run("load_reports", "l2024", "success", "c2024")
    made.run("publish_warehouse", "p1", "success", "l2023", "l2024")
    return made


@pytest.fixture
def read(airflow):
    return lambda: Reader(airflow, SINCE, [2023, 2024]).read()


def test_a_chain_with_all_its_links_is_complete(read):
    assert read().complete
    assert str(read()) == "collect_reports 2/2, load_reports 2/2, publish_warehouse 1"


def test_a_load_that_is_not_created_yet_is_waited_for(airflow, read):
    airflow.runs = [run for run in airflow.runs if run["dag_run_id"] != "l2024"]
    airflow.run("publish_warehouse", "p1", "success", "l2023")
    assert not read().complete


def test_a_publish_for_the_last_load_is_waited_for(airflow, read):
    airflow.run("publish_warehouse", "p1", "success", "l2023")
    assert not read().complete
    airflow.run("publish_warehouse", "p2", "queued", "l2024")
    assert not read().complete
    airflow.run("publish_warehouse", "p2", "success", "l2024")
    assert read().complete


def test_a_missing_year_is_waited_for(airflow):
    assert not Reader(airflow, SINCE, [2022, 2023, 2024]).read().complete


def test_runs_of_others_do_not_count_but_must_end(airflow, read):
    airflow.run("load_reports", "other", "failed", "c1999")
    assert read().complete
    airflow.run("load_reports", "other", "running", "c1999")
    assert not read().complete


class Alive:
    def check(self):
        pass


def test_a_failed_run_ends_the_wait_with_the_end_of_its_log(airflow):
    airflow.run("load_reports", "l2024", "failed", "c2024")
    with pytest.raises(RunError, match=r"load_reports l2024: a run failed; .*settle ends:\n.*Task failed\n.*no year"):
        follow(airflow, Alive(), SINCE, [2023, 2024], lambda _progress: None, 5)


def test_waiting_has_an_end(airflow):
    airflow.run("publish_warehouse", "p1", "running", "l2023", "l2024")
    with pytest.raises(RunError, match="not done after 0 s"):
        follow(airflow, Alive(), SINCE, [2023, 2024], lambda _progress: None, 0)
