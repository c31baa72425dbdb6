"""The tasks of the DAGs, run for real on a small lake with the sample portal."""

import json
import shutil

import duckdb
import pytest

from gongkai.archive.log import read_requests
from gongkai.archive.store import Archive
from gongkai.settings import ROOT
from samples.airflow_env import free_port, prepare
from samples.local_airflow import migrate
from samples.portal import serve

YEAR = 2023
FOLDER = """
name: {name}
title: 测试
publisher: 云岭县人民政府
region: {{code: "900121", name: 云岭县}}
folder: {{path: {name}}}
assertions: {{min: {least}}}
"""


@pytest.fixture(scope="module")
def done(inside, tmp_path_factory):
    """The runs of all DAGs for one year, and the data folder they wrote."""
    folder = tmp_path_factory.mktemp("tasks")
    sources = folder / "sources"
    sources.mkdir()
    shutil.copy(ROOT / "include" / "sources" / "sample_portal.yml", sources)
    (sources / "late.yml").write_text(FOLDER.format(name="late", least=0))  # its folder is made after its first failure
    (sources / "short.yml").write_text(FOLDER.format(name="short", least=5))
    (sources / "short").mkdir()
    with serve() as portal:
        home = prepare(folder / "airflow", folder / "data", free_port(), {"GONGKAI_SAMPLE_PORTAL": portal.url})
        migrate(home)
        return inside("run_tasks.py", home, ROOT / "dags", YEAR, sources), folder / "data"


def asked_by(task, summarised="success"):
    states = {"every_source_answered": "success", "plan": "success", "summarise": summarised}
    return sorted([[task, 0, "success"], *([name, -1, state] for name, state in states.items())])


def test_each_dag_does_its_work(done):
    runs, _ = done
    assert [(run["dag"], run["state"], run["tasks"]) for run in runs[:-1]] == [
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
        # The sweep finds the years that were not collected, and the next one nothing.
        ("sweep_reports", "success", asked_by("sweep")),
        ("sweep_reports", "success", asked_by("sweep", summarised="skipped")),
    ]


def test_the_archive_asset_names_the_years_and_bears_counts_only(done):
    runs, _ = done
    collected, swept, quiet = (runs[number]["events"] for number in (1, 5, 6))
    assert [key for key, _ in collected] == [str(YEAR)]
    assert [key for key, _ in swept] == [str(year) for year in range(2018, 2025) if year != YEAR]
    assert quiet == []
    extra = collected[0][1]
    assert {name: extra[name] for name in ("sources", "sources_failed", "failed")} == {
        "sources": 1, "sources_failed": 0, "failed": 0,
    }  # fmt: skip
    assert extra["new"] == extra["listed"] > 3
    assert all(isinstance(value, int) for value in extra.values())


def test_a_source_that_fails_makes_its_batch_and_the_run_red_and_keeps_nothing_from_being_loaded(done):
    runs, data = done
    run = runs[-1]
    batches = {index: state for task, index, state in run["tasks"] if task == "collect"}
    others = {task: state for task, index, state in run["tasks"] if task != "collect"}
    assert sorted(batches.values()) == ["failed", "success", "success"]
    assert others == {"plan": "success", "summarise": "success", "every_source_answered": "upstream_failed"}
    assert run["state"] == "failed"
    [(key, extra)] = run["events"]
    assert (key, extra["sources"], extra["sources_failed"]) == (str(YEAR), 3, 1)
    kept = {path.stem: json.loads(path.read_bytes()) for path in (data / "archive" / "collected").glob("*/*.json")}
    assert (kept["late"]["failed"], kept["short"]["failed"]) == ("", "short_list")


def test_only_the_batch_whose_source_may_answer_later_is_tried_again(done):
    runs, data = done
    assert len(runs[-1]["tries"]) == 1, "the short list is not asked for again"
    asked = [row.url for row in read_requests(Archive(str(data / "archive")), runs[-1]["run_id"])]
    assert len(asked) == len(set(asked)), "the others are asked once"


def test_the_release_holds_the_year(done):
    _, data = done
    with duckdb.connect(str(data / "warehouse" / "gongkai.duckdb"), read_only=True) as con:
        assert con.execute("SELECT DISTINCT report_year FROM reports").fetchall() == [(YEAR,)]
        rows = con.execute(
            "SELECT a.total FROM applications a JOIN reports r USING (report_id) "
            "WHERE r.agency_name = '宿迁市人民政府' AND a.row_code IN ('received', 'carried_out') ORDER BY 1"
        ).fetchall()
    assert rows == [(121,), (3511,)]
