from datetime import date

from gongkai.archive.log import (
    Fate,
    ListingRow,
    RequestRow,
    listing_log,
    now,
    read_listings,
    read_requests,
    request_log,
)
from gongkai.archive.store import Archive


def test_rows_come_back_as_they_were(tmp_path):
    archive = Archive(str(tmp_path))
    row = RequestRow(now(), "r1", "s", "GET", "http://a/年报", 200, 12, 3, '"x"', None, "0" * 64)
    listed = ListingRow(now(), "r1", "s", "http://a/1", "2023年…", Fate.BLOCKED, "403", date(2024, 1, 2), 2023)
    with request_log(archive, "r1", "s") as log, listing_log(archive, "r1", "s") as listings:
        log.add(row)
        listings.add(listed)
    assert list(read_requests(archive)) == [row]
    assert list(read_listings(archive, "r1")) == [listed]
    assert list(read_requests(archive, "another")) == []


def test_rows_of_a_local_archive_are_there_at_once(tmp_path):
    archive = Archive(str(tmp_path))
    log = request_log(archive, "r1", "s")
    log.add(RequestRow(now(), "r1", "s", "GET", "http://a/"))
    assert len(list(read_requests(archive))) == 1, "a killed run leaves its rows"


def test_rows_of_an_object_store_are_there_on_close(tmp_path):
    archive = Archive(f"memory://{tmp_path.name}")
    with request_log(archive, "r1", "s") as log:
        for _ in range(3):
            log.add(RequestRow(now(), "r1", "s", "GET", "http://a/"))
    assert len(list(read_requests(archive))) == 3


def test_a_line_cut_by_a_kill_does_not_spoil_the_next(tmp_path, capsys):
    archive = Archive(str(tmp_path))
    killed = request_log(archive, "r1", "s")
    killed.add(RequestRow(now(), "r1", "s", "GET", "http://a/1"))
    with archive.local_path("requests/r1/s.jsonl").open("ab") as file:
        file.write(b'{"at": "2024-01')
    with request_log(archive, "r1", "s") as log:
        log.add(RequestRow(now(), "r1", "s", "GET", "http://a/2"))
    assert [row.url for row in read_requests(archive)] == ["http://a/1", "http://a/2"]
    assert "a broken line was passed over" in capsys.readouterr().out
