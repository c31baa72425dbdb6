"""What a release makes of what collecting found."""

from dataclasses import replace
from datetime import UTC, date, datetime

import duckdb
import pyarrow as pa
from tests.lake.samples import sha_of

from gongkai.contracts.tables import load_tables
from gongkai.lake.schema import table_of
from gongkai.warehouse.collected import GAP, nothing_collected


def query(house, sql):
    with duckdb.connect(str(house.folder / "gongkai.duckdb"), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_a_report_is_removed_where_none_of_its_addresses_is_left(house):
    nothing = nothing_collected()
    (kept, gone), seen = (sha_of("sq2024"), sha_of("ha2024")), datetime(2025, 2, 1, tzinfo=UTC)
    rows = [
        {
            "source": "sample",
            "url": url,
            "document_sha256": sha256,
            "kind": "page",
            "revision_no": 1,
            "first_seen": seen,
            "last_seen": seen,
            "removed_on": removed,
            "is_current": removed is None,
        }
        for url, sha256, removed in (
            ("a", kept, None),
            ("b", kept, date(2025, 3, 1)),
            ("c", gone, date(2025, 3, 2)),
            ("d", gone, date(2025, 3, 1)),
        )
    ]
    told = replace(nothing, addresses=table_of(rows, load_tables()["addresses"]))
    first, again = house.publish(collected=told), house.publish(collected=told)
    assert first.changed and not again.changed
    removed = "SELECT agency_id, removed_on FROM coverage WHERE removed_on IS NOT NULL"
    assert query(house, removed) == [("huaian", date(2025, 3, 2))]
    moved = replace(
        told,
        addresses=table_of(
            [row | {"last_seen": datetime(2025, 4, 1, tzinfo=UTC)} for row in rows], load_tables()["addresses"]
        ),
    )
    assert not house.publish(collected=moved).changed  # what only moves from run to run makes no release


def test_a_gap_is_told_in_coverage(house):
    told = {
        "agency_id": "suqian",
        "report_year": 2022,
        "outcome": "blocked",
        "reason": "robots: disallowed",
        "url": "u",
    }
    house.publish(collected=replace(nothing_collected(), gaps=pa.Table.from_pylist([told], schema=GAP)))
    rows = query(
        house, "SELECT outcome, reason, url, status FROM coverage WHERE agency_id = 'suqian' ORDER BY report_year"
    )
    assert rows[0] == ("blocked", "robots: disallowed", "u", "missing")
    assert {row[:2] for row in rows[1:]} == {("found", None)}
    assert query(house, "SELECT missing, blocked FROM mart.coverage_by_year WHERE report_year = 2022") == [(1, 1)]
