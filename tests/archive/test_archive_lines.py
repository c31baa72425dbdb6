"""Rows of runs: what a kill leaves, what the next run makes of it, on local disks and on S3."""

import io
import multiprocessing
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pyarrow.parquet as pq
import pytest

from gongkai.archive import line_files
from gongkai.archive.catalog import PAGE, Catalog, CatalogWriter, Observation
from gongkai.archive.lines import read_lines
from gongkai.archive.log import Fate, ListingRow, RequestRow, listing_log, read_listings, read_requests, request_log
from gongkai.archive.store import Archive
from gongkai.archive.tables import write_table

WHEN = datetime(2024, 1, 31, 3, 4, 5, 678901, tzinfo=UTC)


def request(number, run="r1", source="s"):
    return RequestRow(WHEN, run, source, "GET", f"http://a/年报{number}", 200, 12, 3, '"x"', None, "0" * 64)


def numbers(archive, run=""):
    return [row.url[-1] for row in read_requests(archive, run)]


def test_a_run_that_ended_is_one_parquet_file(archive):
    listed = ListingRow(WHEN, "r1", "s", "http://a/1", "2023年…", Fate.BLOCKED, "403", date(2024, 1, 2), 2023)
    rows = [request(number) for number in range(5)]
    with request_log(archive, "r1", "s") as log, listing_log(archive, "r1", "s") as listings:
        for row in rows:
            log.add(row)
        listings.add(listed)
    assert archive.names("") == ["listings/r1/s.parquet", "requests/r1/s.parquet"]
    assert list(read_requests(archive)) == rows
    assert list(read_listings(archive)) == [listed]
    table = pq.read_table(io.BytesIO(archive.read("listings/r1/s.parquet")))
    assert (str(table.schema.field("at").type), str(table.schema.field("listed_date").type)) == (
        "timestamp[us, tz=UTC]",
        "date32[day]",
    )
    assert table.column("fate").to_pylist() == ["blocked"]


def test_a_run_without_rows_leaves_no_file(archive):
    with request_log(archive, "r1", "s"):
        pass
    assert archive.names("") == []


def test_a_run_that_is_repeated_under_its_name_adds_to_its_file(archive):
    for number in range(3):
        with request_log(archive, "r1", "s") as log:
            log.add(request(number))
    assert archive.names("requests") == ["requests/r1/s.parquet"]
    assert numbers(archive) == ["0", "1", "2"]


def test_what_a_killed_run_left_is_read_and_compacted_by_the_next(archive, monkeypatch):
    monkeypatch.setattr(line_files, "_ROWS_AT_ONCE", 1)
    killed, other = request_log(archive, "r1", "s"), request_log(archive, "r1", "other")
    killed.add(request(1))
    other.add(request(9, source="other"))
    if archive.is_local:
        os.close(killed._lines._file)  # as the kernel does
    else:
        monkeypatch.setattr(line_files, "_ABANDONED", -60.0)
    assert numbers(archive, "r1") == ["9", "1"]
    with request_log(archive, "r2", "s") as log:
        log.add(request(2, "r2"))
    assert numbers(archive) == ["9", "1", "2"]
    names = archive.names("requests")
    assert {"requests/r1/s.parquet", "requests/r2/s.parquet"} <= set(names)
    assert [name for name in names if "/s" in name and name.endswith(".jsonl")] == []
    assert any("other" in name and name.endswith(".jsonl") for name in names), "another source's is left alone"


def test_a_run_that_goes_on_is_not_compacted_by_another(archive):
    one = request_log(archive, "r1", "s")
    one.add(request(1))
    with request_log(archive, "r2", "s") as other:
        other.add(request(2, "r2"))
    one.add(request(3))
    one.close()
    assert numbers(archive, "r1") == ["1", "3"]
    assert archive.names("requests") == ["requests/r1/s.parquet", "requests/r2/s.parquet"]


def test_a_kill_between_table_and_lines_doubles_nothing(archive, monkeypatch):
    killed = request_log(archive, "r1", "s")
    killed.add(request(1))
    killed.add(request(2))
    with monkeypatch.context() as patch:
        patch.setattr(Archive, "delete", lambda _self, _name: None)
        killed.close()
    assert len(archive.names("requests")) == 2
    assert numbers(archive) == ["1", "2"]
    with request_log(archive, "r1", "s") as log:
        log.add(request(3))
    assert archive.names("requests") == ["requests/r1/s.parquet"]
    assert numbers(archive) == ["1", "2", "3"]


def test_the_catalog_loses_no_observation_and_leaves_one_file(archive):
    writer = CatalogWriter(archive, run_id="r1", source="s")
    for number in range(3):
        writer.observe(Observation(WHEN, "r1", "s", PAGE, f"http://a/{number}", "0" * 64))
    assert len(Catalog.load(archive, "s").entries()) == 3, "before it is closed, also on an object store"
    writer.close()
    assert archive.names("catalog") == ["catalog/r1/s.jsonl"]
    assert len(Catalog.load(archive).entries()) == 3


def test_rows_of_one_source_are_found_among_others(archive):
    for source in ("s", "s2"):
        with request_log(archive, "r1", source) as log:
            log.add(request(1, source=source))
    assert [row.source for row in read_lines(archive, "requests", RequestRow, source="s")] == ["s"]
    assert [row.source for row in read_lines(archive, "requests", RequestRow, source="s2", run_id="r1")] == ["s2"]


def test_a_table_of_an_older_form_is_read_with_defaults(tmp_path):
    @dataclass(frozen=True)
    class OlderRow:
        at: datetime
        run_id: str
        source: str
        method: str
        url: str
        gone: str = "a column that is no more"

    archive = Archive(str(tmp_path))
    write_table(archive, "requests/r1/s.parquet", OlderRow, [OlderRow(WHEN, "r1", "s", "GET", "http://a/1")])
    assert list(read_requests(archive)) == [RequestRow(WHEN, "r1", "s", "GET", "http://a/1")]


def write_until_killed(location):
    log = request_log(Archive(location), "r1", "s")
    for number in range(10**6):
        log.add(request(number))


@pytest.mark.parametrize("after", [0.01, 0.1])
def test_a_killed_process_leaves_whole_lines_in_order(tmp_path, after):
    process = multiprocessing.get_context("fork").Process(target=write_until_killed, args=(str(tmp_path),))
    process.start()
    while not (tmp_path / "requests" / "r1" / "s.jsonl").exists():
        process.join(0.01)
    process.join(after)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    archive = Archive(str(tmp_path))
    left = [row.url for row in read_requests(archive)]
    assert left
    assert left == [request(number).url for number in range(len(left))]
    with request_log(archive, "r2", "s") as log:
        log.add(request(1, "r2"))
    assert [row.url for row in read_requests(archive, "r1")] == left
    assert not any(name.endswith(".jsonl") for name in archive.names("requests"))


def test_writing_and_reading_need_no_pandas(tmp_path):
    code = """
import sys
from gongkai.archive.log import RequestRow, now, read_requests, request_log
from gongkai.archive.store import Archive
from gongkai.archive.tables import write_table
archive = Archive(sys.argv[1])
with request_log(archive, "r", "s") as log:
    log.add(RequestRow(now(), "r", "s", "GET", "http://a/"))
assert len(list(read_requests(archive))) == 1
assert "pandas" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
