"""What `make run` does, with the real scheduler: quickly for two years, and at length in `make test-all`."""

import hashlib
import os
import re
import signal
import subprocess
import sys
import time

import duckdb
import pytest

from samples.processes import members
from samples.summary import QUERIES

pytestmark = pytest.mark.e2e


class Job:
    """One `python -m samples.run run` in a folder of its own."""

    def __init__(self, folder, first, last):
        self.folder = folder
        command = [sys.executable, "-u", "-m", "samples.run", "run", "--first", str(first), "--last", str(last)]
        command += ["--home", str(folder / "airflow"), "--data", str(folder / "data"), "--timeout", "900"]
        env = {name: value for name, value in os.environ.items() if not name.startswith(("GONGKAI_", "AIRFLOW_"))}
        self.log = folder / "run.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT)

    @property
    def output(self):
        return self.log.read_text()

    def wait_for(self, pattern, timeout=600):
        """Wait until a line of the output matches; returns the sessions that the job started."""
        deadline = time.monotonic() + timeout
        while not re.search(pattern, self.output):
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.5)
        return [int(line.split()[0]) for line in (self.folder / "airflow" / "sessions").read_text().splitlines()]

    def end(self, timeout=1200):
        return self.process.wait(timeout)


def parquet(folder):
    lake = folder / "data" / "lake"
    found = {
        str(path.relative_to(lake)): hashlib.sha256(path.read_bytes()).hexdigest() for path in lake.rglob("*.parquet")
    }
    assert found
    return found


def ask(folder, sql):
    with duckdb.connect(str(folder / "data" / "warehouse" / "gongkai.duckdb"), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_two_years_from_the_portal_to_a_release_and_nothing_is_left_running(tmp_path):
    job = Job(tmp_path, 2023, 2024)
    sessions = job.wait_for("collect_reports 0/2")
    assert members(sessions)
    assert job.end() == 0, job.output
    assert members(sessions) == []
    assert "airflow backfill create --dag-id collect_reports --from-date 2023-01-01 --to-date 2024-12-31" in job.output
    said = re.search(r"^(\d+) reports in release (\S+)$", job.output, re.MULTILINE)
    assert ask(tmp_path, "SELECT count(*), list(DISTINCT report_year ORDER BY report_year) FROM reports") == [
        (int(said[1]), [2023, 2024])
    ]
    assert ask(tmp_path, "SELECT release_id FROM releases WHERE is_current") == [(said[2],)]
    for sql in QUERIES.values():
        assert sql in job.output
        assert ask(tmp_path, sql)


@pytest.mark.slow
def test_a_backfill_done_again_changes_no_byte(tmp_path):
    assert Job(tmp_path, 2018, 2024).end() == 0
    before, releases = parquet(tmp_path), ask(tmp_path, "SELECT release_id, n_reports FROM releases ORDER BY 1")
    revisions = ask(tmp_path, "SELECT * FROM revisions ORDER BY ALL")
    again = Job(tmp_path, 2018, 2024)
    assert again.end() == 0, again.output
    assert "--reprocess-behavior completed" in again.output
    assert parquet(tmp_path) == before
    assert ask(tmp_path, "SELECT release_id, n_reports FROM releases ORDER BY 1") == releases
    assert ask(tmp_path, "SELECT * FROM revisions ORDER BY ALL") == revisions


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_stops_all_it_started_and_the_next_one_ends_well(tmp_path, number):
    job = Job(tmp_path, 2023, 2024)
    sessions = job.wait_for(r"load_reports 0/2 \(\d running\)")
    job.process.send_signal(number)
    assert job.end(60) == 1
    assert members(sessions) == []
    again = Job(tmp_path, 2023, 2024)
    assert again.end() == 0, again.output
    assert ask(tmp_path, "SELECT count(DISTINCT report_year) FROM reports") == [(2,)]


@pytest.mark.slow
def test_a_killed_run_is_cleaned_up_by_the_next_one(tmp_path):
    job = Job(tmp_path, 2024, 2024)
    sessions = job.wait_for("collect_reports 0/1")
    job.process.kill()
    job.end(60)
    again = Job(tmp_path, 2024, 2024)
    again.wait_for("Airflow is ready")
    assert members(sessions) == []
    assert again.end() == 0, again.output
