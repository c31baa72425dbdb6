"""A real Superset, in an environment of its own, imports the bundle and answers through its web API."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from gongkai.contracts.tables import load_tables
from gongkai.settings import ROOT
from gongkai.warehouse.marts import load_marts
from gongkai.warehouse.publish import publish
from gongkai.warehouse.superset.bundle import build
from gongkai.warehouse.superset.model import load_plan

OURS = ROOT / "include" / "superset"
PROBE = Path(__file__).with_name("superset_probe.py")

pytestmark = pytest.mark.slow


class Superset:
    """A Superset in a process of its own that was given one bundle; asked line by line."""

    def __init__(self, python: Path, home: Path, folders: list[str], bundle: Path) -> None:
        sys.path.insert(0, str(OURS))
        try:
            import local
        finally:
            sys.path.remove(str(OURS))
        env = os.environ | local.environment(home, folders) | {"PYTHONWARNINGS": "ignore"}
        self.log = (home / "log").open("w+")
        self.bundle, self.home = bundle, home
        self.process = subprocess.Popen(
            [python, PROBE, home], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True, env=env
        )

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        for said in self.process.stdout:
            if said.startswith("answer:"):
                return json.loads(said.removeprefix("answer:"))
        self.log.seek(0)
        raise AssertionError(f"Superset ended at {line!r}: {self.log.read()[-3000:]}")

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(timeout=60) == 0
        self.log.close()


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """Python of an environment made from Superset's lock; needs the package registry."""
    uv, venv = Path(sys.executable).with_name("uv"), tmp_path_factory.mktemp("superset") / "venv"
    env = os.environ | {"VIRTUAL_ENV": str(venv)}
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, venv], check=True, env=env)
    command = [uv, "pip", "sync", "--quiet", "--system-certs", OURS / "requirements.txt"]
    subprocess.run(command, check=True, env=env)
    yield venv / "bin" / "python"
    shutil.rmtree(venv)


@pytest.fixture(scope="module")
def house(sample_house, sample_lake, sample_dims, tmp_path_factory):
    """A warehouse of this module's own, and how to publish into it again."""
    folder = shutil.copytree(sample_house.folder, tmp_path_factory.mktemp("own") / "warehouse", symlinks=True)

    def again():
        return publish(sample_house.lake, folder, keep=3, dims=replace(sample_dims, expected=()))

    folders = [str(folder), str(sample_house.folder), sample_lake]
    return SimpleNamespace(folder=folder, folders=folders, first=sample_house.done.release_id, publish=again)


@pytest.fixture(scope="module")
def superset(python, house, tmp_path_factory):
    """Superset after the first import."""
    home = tmp_path_factory.mktemp("home")
    bundle = home / "gongkai.zip"
    bundle.write_bytes(build(house.folder / "gongkai.duckdb").to_bytes())
    running = Superset(python, home, house.folders, bundle)
    assert running.ask(f"import {bundle}") == "imported"
    yield running
    running.close()


def test_it_lists_the_tables_with_the_descriptions_of_the_contracts(superset):
    known = {f"main.{name}": {one.name: one.comment for one in table.columns} for name, table in load_tables().items()}
    known |= {f"mart.{mart.name}": mart.columns for mart in load_marts()}
    listed = superset.ask("datasets")
    assert set(listed) == {one.table for one in load_plan().datasets}
    for name, dataset in listed.items():
        assert dataset["columns"] == known[name]
        assert " | " in dataset["description"]


def test_it_reads_the_columns_of_the_bundle_in_the_release_itself(superset):
    for name, dataset in superset.ask("datasets").items():
        # So "Sync columns from source" finds nothing to add or to drop.
        assert dataset["source"] == list(dataset["columns"]), name


def test_it_takes_numbers_for_numbers_and_days_for_days(superset):
    number, text, time, boolean = range(4)
    kinds = {"BIGINT": number, "INTEGER": number, "DOUBLE": number, "DECIMAL": number, "BOOLEAN": boolean}
    kinds |= {"VARCHAR": text, "DATE": time, "TIMESTAMP": time, "VARCHAR[]": None}
    for name, dataset in superset.ask("datasets").items():
        for column_type, kind in dataset["types"].items():
            expected = kinds[column_type.partition("(")[0]]
            assert expected is None or kind == expected, (name, column_type)


def test_every_chart_runs_and_gives_rows(superset):
    charts = superset.ask("charts")
    assert len(charts) == len(load_plan().charts)
    for name, chart in charts.items():
        assert (chart["http"], chart["error"]) == (200, None), name
        assert chart["rows"], name
    for one in load_plan().charts:
        rows = charts[f"{one.zh} | {one.en}"]["rows"]
        filled = {key.partition(",")[0] for row in rows for key, value in row.items() if value is not None}
        assert {*one.metrics, *one.columns[:1]} <= filled, one.name
    (received,) = (chart for name, chart in charts.items() if "Applications received" in name)
    assert {row["report_year"]: row["sum_received, city"] for row in received["rows"]}[2024] == 3525
    (missing,) = (chart for name, chart in charts.items() if "Missing reports" in name)
    assert [(row["agency_name"], row["report_year"]) for row in missing["rows"]] == [("宿迁市人民政府", 2022)]


def test_the_dashboard_has_every_chart_and_its_filters_know_their_datasets(superset):
    (page,) = superset.ask("dashboards").values()
    assert page["charts"] == sorted(superset.ask("charts"))
    assert [name for name, _ in page["filters"]] == [
        f"NATIVE_FILTER-{one}" for one in ("kind", "level", "year", "agency")
    ]
    assert all(isinstance(target["datasetId"], int) for _, targets in page["filters"] for target in targets)


def test_a_second_import_changes_and_doubles_nothing(superset):
    before = [superset.ask(word) for word in ("counts", "state")]
    assert superset.ask(f"import {superset.bundle}") == "imported"
    assert [superset.ask(word) for word in ("counts", "state")] == before


def test_sql_lab_reads_the_release_and_can_neither_write_nor_read_other_files(superset, house):
    assert superset.ask("sql SELECT count(*) AS n FROM main.cells")["rows"] == [{"n": 1048}]
    secret = superset.home / "secret_key"
    for statement in (
        f"SELECT * FROM read_text('{secret}')",
        f"SELECT * FROM '{secret}'",
        f"ATTACH '{superset.home}/superset.db' AS own",
        "SET enable_external_access = true",
        "CREATE TABLE main.mine AS SELECT 1 AS one",
        "DELETE FROM main.reports",
    ):
        said = superset.ask(f"sql {statement}")
        assert (said["http"] == 200, said["rows"]) == (False, None), statement
    key = secret.read_text()
    assert key not in json.dumps([superset.ask(f"sql SELECT * FROM read_text('{secret}')")])


def test_a_new_release_is_read_without_starting_anew(superset, house):
    asked = "sql SELECT release_id FROM mart.latest_release"
    assert superset.ask(asked)["rows"] == [{"release_id": house.first}]
    # Not even a query that still runs on the release before keeps others on it.
    assert superset.ask("hold") == house.first
    second = house.publish()
    assert second.changed
    assert superset.ask(asked)["rows"] == [{"release_id": second.release_id}]
    (release,) = (chart for name, chart in superset.ask("charts").items() if "The release that is read" in name)
    assert [row["release_id"] for row in release["rows"]] == [second.release_id]
