"""BI-like readers in processes of their own: what they hold while releases come, and what other DuckDBs read."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.warehouse.edits import correct
from tests.warehouse.examples import queries

QUERY = """
SELECT (SELECT release_id FROM mart.latest_release),
       (SELECT received FROM mart.applications_by_year WHERE agency_id = 'suqian' AND report_year = 2024),
       (SELECT count(*) FROM cells)
"""

# Opens the pointer once, then answers a query for each line it is sent, as a dashboard does that keeps its connection.
READER = """
import sys, duckdb
con = duckdb.connect(sys.argv[1], read_only=True)
print("ready", flush=True)
for line in sys.stdin:
    if line.strip() == "reopen":
        con.close()
        con = duckdb.connect(sys.argv[1], read_only=True)
    print(con.execute(sys.argv[2]).fetchall(), flush=True)
"""


class Reader:
    def __init__(self, link: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", READER, str(link), QUERY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout.readline() == "ready\n"

    def ask(self, word="go"):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(timeout=30) == 0


def test_a_reader_keeps_its_release_while_others_are_published(house):
    link = house.folder / "gongkai.duckdb"
    old = Reader(link)
    first = f"[('{house.first.release_id}', 3525, 1048)]"
    assert old.ask() == first
    house.change(correct)
    second = house.publish()
    assert old.ask() == first
    # Even when the file of its release is pruned away, the reader goes on.
    third = house.publish(dims=replace(house.dims, expected=()), keep=1)
    assert not house.first.path.exists()
    assert old.ask() == first
    new = Reader(link)
    assert new.ask() == f"[('{third.release_id}', 3526, 1048)]"
    assert old.ask("reopen") == new.ask()
    assert second.changed
    old.close()
    new.close()


def test_many_readers_opening_during_publishes_always_find_a_whole_release(house):
    link = house.folder / "gongkai.duckdb"
    loop = """
import sys, duckdb, pathlib
seen, stop = set(), pathlib.Path(sys.argv[3])
print("ready", flush=True)
while True:
    last = stop.exists()
    with duckdb.connect(sys.argv[1], read_only=True) as con:
        seen.add(con.execute(sys.argv[2]).fetchall()[0][0])
    if last:
        break
print(len(seen), sorted(seen)[-1], flush=True)
"""
    stop = house.folder / "stop"
    process = subprocess.Popen(
        [sys.executable, "-c", loop, str(link), QUERY, str(stop)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    for number in range(2):
        expected = house.dims.expected[: number + 1]
        done = house.publish(dims=replace(house.dims, expected=expected), keep=1)
    stop.touch()
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert said.split()[1] == done.release_id


VERSIONS = {"1.4": "old", "1.5": "new"}
"""Other DuckDBs, and which file each opens by a flipped link where the process has the one before open."""


def ask(python, release, folder):
    script = Path(__file__).with_name("versions.py")
    done = subprocess.run(
        [python, script, release, folder / "queries.json"], check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


@pytest.mark.slow
def test_other_duckdbs_answer_every_example_of_the_guides_alike(sample_house, tmp_path):
    """Makes environments of its own with uv; needs the package registry."""
    link = sample_house.folder / "gongkai.duckdb"
    (tmp_path / "queries.json").write_text(json.dumps(queries()), encoding="utf-8")
    ours = ask(sys.executable, link, tmp_path)
    assert ours.pop("version").startswith("2.0")
    assert ours.pop("reopened") == "new"
    assert len(ours["searched"]["rows"]) == 1
    assert ours["counts"] == {name: len(found["rows"]) for name, found in ours["rows"].items()}
    assert list(ours["answers"]) == queries()
    uv = Path(sys.executable).with_name("uv")
    for version, reopened in VERSIONS.items():
        venv = tmp_path / version
        env = os.environ | {"VIRTUAL_ENV": str(venv)}
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, venv], check=True, env=env)
        subprocess.run([uv, "pip", "install", "--quiet", "--system-certs", f"duckdb=={version}.*"], check=True, env=env)
        theirs = ask(venv / "bin" / "python", link, tmp_path)
        assert theirs.pop("version").startswith(f"{version}.")
        assert theirs.pop("reopened") == reopened
        assert theirs == ours
