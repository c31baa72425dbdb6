import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gongkai.settings import ROOT
from samples.airflow_env import prepare

INSIDE = Path(__file__).parent / "inside"


@pytest.fixture(scope="session")
def airflow_home(tmp_path_factory):
    """An embedded Airflow without a database: enough to read DAG files."""
    folder = tmp_path_factory.mktemp("airflow")
    return prepare(folder, folder / "data")


@pytest.fixture(scope="session")
def inside():
    """Run a script of tests/dags/inside in a fresh interpreter with a home's environment; returns its JSON."""

    def run(script, home, *arguments):
        env = home.env | {"PYTHONPATH": os.pathsep.join([str(ROOT / "dags"), str(ROOT / "plugins")])}
        command = [sys.executable, str(INSIDE / script), *map(str, arguments)]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0, done.stderr[-4000:]
        return json.loads(done.stdout.splitlines()[-1])

    return run
