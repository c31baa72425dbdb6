"""Ten processes query without pause while fifty releases are published and old ones pruned: no error, one truth."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.lake.samples import SUQIAN, cells_of, report, sample_entries, sha_of, year_tables
from tests.warehouse.wholeness import leftovers

from gongkai.lake.store import Lake
from gongkai.settings import Settings
from gongkai.warehouse import releases
from gongkai.warehouse.publish import publish

READERS, RELEASES = 10, 50
KEEP = Settings.model_fields["keep_releases"].default
BASE = 3525

# Each figure of a release is the number of that release or follows from it; `stop` ends the reader after one more look.
READER = """
import json, os, random, sys, time
from pathlib import Path
import duckdb
link, query, seed, stop, told = sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]), Path(sys.argv[5])
os.nice(10)
draw = random.Random(seed)
answers, connections = 0, []
print("ready", flush=True)
last = False
while not last:
    last = stop.exists()
    with duckdb.connect(link, read_only=True) as con:
        until, seen = time.monotonic() + draw.uniform(0.05, 1.5), set()
        while not seen or time.monotonic() < until:
            seen.add(con.execute(query).fetchone())
            answers += 1
        connections.append(sorted(seen))
told.write_text(json.dumps({"answers": answers, "connections": connections}))
"""

# Twice asked in one query, through tables, a view and the cells: all must be of one release.
QUERY = """
SELECT (SELECT release_id FROM mart.latest_release),
       (SELECT n_reports FROM mart.latest_release),
       (SELECT count(*) FROM reports),
       (SELECT received FROM mart.applications_by_year WHERE report_id = 'suqian-2024'),
       (SELECT total FROM applications WHERE report_id = 'suqian-2024' AND row_code = 'received'),
       (SELECT value::INTEGER FROM cells JOIN reports USING (report_id, revision_id)
        WHERE report_id = 'suqian-2024' AND row_code = 'received' AND column_code = 'total'),
       (SELECT count(*) FROM cells JOIN reports USING (report_id, revision_id)),
       (SELECT sum(n_cells) FROM reports)::BIGINT
"""


def lake_state(lake: Lake, number: int) -> None:
    """Write the lake of release `number`: its total received, and one report more after every fifth."""
    entries = sample_entries()[2024]
    received = (*SUQIAN[2024]["received"][:-1], BASE + number)
    text = {"chapters": entries[0].report.chapters, "figures": entries[0].report.figures}
    cells = cells_of(SUQIAN[2024] | {"received": received})
    sha = sha_of(f"sq2024-{number}")
    entries[0] = replace(entries[0], report=report("宿迁市人民政府", 2024, "2021", cells, sha=sha, **text))
    for extra in range(number // 5):
        name = f"第{extra}区人民政府"
        entries.append(replace(entries[1], report=report(name, 2024, "2021"), agency_id=f"area{extra}", findings=[]))
    lake.write_year(2024, year_tables(2024, entries))


@pytest.mark.slow
def test_ten_readers_see_whole_releases_while_fifty_are_published(house, tmp_path):
    link, stop = house.folder / "gongkai.duckdb", tmp_path / "stop"
    told = [tmp_path / f"reader{number}.json" for number in range(READERS)]
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(link), QUERY, str(number), str(stop), str(told[number])],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(READERS)
    ]
    try:
        for reader in readers:
            assert reader.stdout.readline() == "ready\n"
        ids = [house.first.release_id]
        rows = [house.first.rows]
        for number in range(1, RELEASES + 1):
            lake_state(house.lake, number)
            done = publish(house.lake, house.folder, keep=KEEP, dims=house.dims)
            assert done.changed
            ids.append(done.release_id)
            rows.append(done.rows)
    finally:
        stop.touch()
        said = [reader.communicate(timeout=300) for reader in readers]
    assert [(reader.returncode, errors) for reader, (_, errors) in zip(readers, said, strict=True)] == [(0, "")] * 10
    for path in told:
        _demand_one_truth(path, ids, rows)
    assert [one.release_id for one in releases.list_all(house.folder)] == ids[-KEEP:]
    assert leftovers(house.folder) == []


def _demand_one_truth(path: Path, ids: list[str], rows: list[dict[str, int]]) -> None:
    seen = json.loads(path.read_text())
    order = []
    for answers in seen["connections"]:
        (answer,) = answers  # within a connection every answer is the same
        order.append(ids.index(answer[0]))
        total = BASE + order[-1]
        reports, cells = rows[order[-1]]["reports"], rows[order[-1]]["cells"]
        assert answer[1:] == [reports, reports, total, total, total, cells, cells]
    assert order == sorted(order)
    assert order[-1] == RELEASES  # who opens the link again comes to the newest
    assert len(set(order)) >= 5
    assert seen["answers"] > len(order)
