"""A mapped batch under the real scheduler: its process is killed, it is tried again, a person clears what stays red."""

import os
import re
import signal
import time

import psutil
import pytest
from tests.pipeline.portals import add_source, serve

from samples.airflow_env import prepare
from samples.local_airflow import running

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
RUNS = "dags/collect_reports/dagRuns"


def task_processes():
    """Processes that run a task: children of the executor's workers, each titled by the id of its task instance."""
    titled = [
        process for process in psutil.process_iter() if re.fullmatch(r"airflow worker -- [0-9a-f-]{36}", title(process))
    ]
    return [process for process in titled if "LocalExecutor" in title(process.parent())]


def title(process):
    try:
        return " ".join(process.cmdline()).strip() if process else ""
    except psutil.Error:
        return ""


def wait_for(condition, components, seconds=600):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        components.check()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def test_a_killed_batch_is_tried_again_and_a_red_one_cleared(tmp_path):
    with serve(host=2, reports=7) as short, serve(host=1, reports=140, delay=0.3) as slow:
        sources = tmp_path / "sources"
        add_source(sources, "short", short.url, assertions="{min: 100}")
        add_source(sources, "slow", slow.url)
        home = prepare(tmp_path / "airflow", tmp_path / "data", extra={"GONGKAI_SOURCES": str(sources)})
        with running(home, ["collect_reports"]) as (components, api):
            run = api.post(RUNS, {"logical_date": None, "conf": {"report_year": 2020}})["dag_run_id"]

            def states():
                found = api.every(f"{RUNS}/{run}/taskInstances", "task_instances")
                return {one["task_id"]: one["state"] for one in found}

            wait_for(lambda: len(slow.asked) >= 8 and len(short.asked) >= 2, components)
            before = {process.pid for process in task_processes()}
            assert len(before) == 1
            os.kill(before.pop(), signal.SIGKILL)
            time.sleep(1)
            had, mark = set(slow.paths(200)[:-1]), len(slow.asked)
            assert 0 < len(had) < 20
            wait_for(lambda: api.get(f"{RUNS}/{run}")["state"] in {"failed", "success"}, components)
            wanted = {"plan": "success", "collect": "failed", "summarise": "success"}
            assert states() == wanted | {"every_source_answered": "upstream_failed"}
            assert len(short.asked) == 2, "it had ended, and asking again is no use"
            assert set(slow.paths(200, since=mark)) & had == set()
            assert len(set(slow.paths(200))) == 21, "the list and the reports of the year"

            add_source(sources, "short", short.url)
            mark = len(slow.asked)
            wanted = {"dry_run": False, "dag_run_id": run, "task_ids": ["collect"], "only_failed": False}
            api.post("dags/collect_reports/clearTaskInstances", wanted | {"include_downstream": True})
            wait_for(lambda: api.get(f"{RUNS}/{run}")["state"] == "success", components)
            assert set(states().values()) == {"success"}
            assert len(short.asked) == 4
            assert len(slow.asked) == mark
