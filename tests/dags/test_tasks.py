"""The tasks of the DAGs, run for real on a small lake with the sample portal."""

import duckdb
import pytest

from gongkai.settings import ROOT
from samples.airflow_env import free_port, prepare
from samples.local_airflow import migrate
from samples.portal import serve

YEAR = 2023


@pytest.fixture(scope="module")
def done(inside, tmp_path_factory):
    """The runs of all DAGs for one year, and the data folder they wrote."""
    folder = tmp_path_factory.mktemp("tasks")
    with serve() as portal:
        home = prepare(folder / "airflow", folder / "data", free_port(), {"GONGKAI_SAMPLE_PORTAL": portal.url})
        migrate(home)
        return inside("run_tasks.py", home, ROOT / "dags", YEAR), folder / "data"


def asked_by(task):
    tasks = {(task, 0): "success", ("every_source_answered", -1): "success"}
    return sorted([name, index, state] for (name, index), state in (tasks | {("plan", -1): "success", ("summarise", -1): "success"}).items())


def test_each_dag_does_its_work(done):
    runs, _ = done
    assert [(run["dag"], run["state"], run["tasks"]) for run in runs] == [
        # Neither key nor param: fails at once, with advice.
        (
            "load_reports",
            "failed",
            [["extract", -1, "upstream_failed"], ["plan", -1, "failed"], ["settle", -1, "upstream_failed"]],
        ),
        ("collect_reports", "success", asked_by("collect")),
        ("load_reports", "success", [["extract", 0, "success"], ["plan", -1, "success"], ["settle", -1, "success"]]),
        # Nothing is left to extract: the mapped task is skipped, settling is not.
        ("load_reports", "success", [["extract", -1, "skipped"], ["plan", -1, "success"], ["settle", -1, "success"]]),
        ("publish_warehouse", "success", [["publish", -1, "success"]]),
        # The sweep finds the years that were not collected.
        ("sweep_reports", "success", asked_by("sweep")),
    ]


def test_the_release_holds_the_year(done):
    _, data = done
    with duckdb.connect(str(data / "warehouse" / "gongkai.duckdb"), read_only=True) as con:
        assert con.execute("SELECT DISTINCT report_year FROM reports").fetchall() == [(YEAR,)]
        rows = con.execute(
            "SELECT a.total FROM applications a JOIN reports r USING (report_id) "
            "WHERE r.agency_name = '宿迁市人民政府' AND a.row_code IN ('received', 'carried_out') ORDER BY 1"
        ).fetchall()
    assert rows == [(121,), (3511,)]
