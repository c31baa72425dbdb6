"""The publish protocol: build aside, pass the gates, flip the pointer; readers are never in the way, nor hurt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gongkai.contracts.tables import TableContract, contracts_fingerprint, load_tables
from gongkai.errors import GateError
from gongkai.lake.schema import table_of
from gongkai.lake.snapshot import PartMissingError, Snapshot
from gongkai.lake.store import ATTEMPTS, Lake
from gongkai.warehouse import build, gates, manifest, release
from gongkai.warehouse.around import fill_around
from gongkai.warehouse.base import find_base, renew
from gongkai.warehouse.collected import Collected, nothing_collected
from gongkai.warehouse.dims import Dims
from gongkai.warehouse.macros import add_macros, load_macros
from gongkai.warehouse.marts import load_marts
from gongkai.warehouse.parquet import export_around, gather
from gongkai.warehouse.release import Release
from gongkai.warehouse.releases import history, open_release

if TYPE_CHECKING:
    import duckdb

_FEWEST_KEPT = 2
"""A reader that followed the link just before it was flipped must still find the file that it names."""


def publish(
    lake: Lake, folder: Path, *, keep: int, dims: Dims, collected: Collected | None = None, force: bool = False
) -> Release:
    """Publish what the lake holds as a new release, unless the release in force already is that.

    Args:
        lake: The lake.
        folder: The warehouse, a local folder.
        keep: Releases to keep, the new one included; at least the one before stays.
        dims: Agencies, regions, expected reports, rules.
        collected: What collecting found; None where the archive is not at hand.
        force: Publish even where tables lost more rows than their contracts tolerate.

    Returns:
        The release in force now; `changed` is False when nothing was built.

    Raises:
        GateError: The release did not pass a gate; the one before stays in force.
        LakeError: The lake is damaged.
        RunError: Another process publishes, or the pointer is broken.
    """
    with release.publishing(folder):
        for attempt in range(ATTEMPTS):
            try:
                return _publish(lake.snapshot(), folder, keep, dims, collected or nothing_collected(), force)
            except PartMissingError:
                # A year was committed while its old parts were being read: begin again with the new ones.
                if attempt == ATTEMPTS - 1:
                    raise
            finally:
                release.clear(folder)
        raise AssertionError("the loop returns or raises")


def _publish(snapshot: Snapshot, folder: Path, keep: int, dims: Dims, collected: Collected, force: bool) -> Release:
    tables, marts = load_tables(), load_marts()
    known = history(folder)
    current = next((row for row in known if row["release_id"] == release.current_id(folder)), None)
    prints = {
        "lake_fingerprint": snapshot.fingerprint,
        "dims_fingerprint": dims.fingerprint,
        "collected_fingerprint": collected.fingerprint,
        "contracts_fingerprint": contracts_fingerprint(),
    }
    before: dict[str, int] = json.loads(current["row_counts"]) if current else {}
    if current and all(current.get(key) == value for key, value in prints.items()):
        release_id = current["release_id"]
        return Release(release_id, release.release_path(folder, release_id), False, before)
    now = datetime.now(UTC)
    last = max([release.number_of(row["release_id"]) for row in known], default=0)
    release_id = release.next_id(last, now)
    target = release.release_path(folder, release_id)
    building = target.with_name(f"{release.BUILDING}{target.name}")
    row = {
        "release_id": release_id,
        "built_at": now,
        "gongkai_version": version("gongkai"),
        "is_current": True,
    } | prints
    built_by = manifest.builder(prints["contracts_fingerprint"], build.STORAGE_VERSION)
    base = find_base(folder, built_by)
    parquet = gather(snapshot, target.with_suffix(release.PARQUET), tables, base.parquet if base else None)
    with build.create(building, base.path if base else None) as con:
        content = renew(con, tables, parquet, base)
        build.add_parquet_views(con, tables, parquet, folder)
        fill_around(con, tables, dims, collected)
        rows = _tell(con, tables, known, row)
        build.add_views(con, marts, content.years_to_answer(con, base))
        add_macros(con, load_macros())
        renewed = content.renewed if base else None
        gates.demand(con, tables, marts, None if force else before, renewed, parquet)
        build.add_comments(con, tables, marts)
        entries = content.entries(con, tables, marts)
        export_around(con, tables, parquet.root)
        con.execute("CHECKPOINT release")
        con.execute("USE memory")
        con.execute("DETACH release")
    _read_back(building, tables, release_id, rows)
    manifest.write(target.with_suffix(release.MANIFEST), release_id, building, built_by, entries)
    release.seal(building, target)
    release.point_to(folder, release_id)
    release.prune(folder, max(keep, _FEWEST_KEPT))
    return Release(release_id, target, True, rows)


def _tell(
    con: duckdb.DuckDBPyConnection,
    tables: Mapping[str, TableContract],
    known: list[dict[str, Any]],
    row: Mapping[str, Any],
) -> dict[str, int]:
    """Write table releases: those before, and this one with its rows counted; return the counts."""
    counts = build.row_counts(con, tables) | {"releases": len(known) + 1}
    (extractors,) = con.execute("SELECT coalesce(list_sort(list(DISTINCT extractor)), []) FROM documents").fetchall()[0]
    this = {
        "row_counts": json.dumps(counts),
        "n_reports": counts["reports"],
        "extractors": extractors,
        "storage_version": build.STORAGE_VERSION,
    }
    older = [one | {"is_current": False} for one in known]
    build.insert(con, tables["releases"], table_of([*older, dict(row) | this], tables["releases"]))
    return counts


def _read_back(path: Path, tables: Mapping[str, TableContract], release_id: str, rows: Mapping[str, int]) -> None:
    """Open the closed file as a reader would, and see that everything arrived on disk.

    Raises:
        GateError: It did not.
    """
    with open_release(path) as con:
        found = build.row_counts(con, tables)
        named = con.execute("SELECT release_id FROM mart.latest_release").fetchall()
        (storage,) = con.execute(
            "SELECT tags['storage_version'] FROM duckdb_databases() WHERE database_name = 'a'"
        ).fetchall()[0]
        silent = con.execute(_SILENT).fetchall()
    for gate, got, wanted in (
        ("rows_on_disk", found, dict(rows)),
        ("release_id", named, [(release_id,)]),
        ("storage_version", str(storage).rstrip("+"), build.STORAGE_VERSION),
        ("comments", [row[0] for row in silent], []),
    ):
        if got != wanted:
            raise GateError(f"gate {gate} failed", where=str(path), found=got, expected=wanted)


_SILENT = """
SELECT table_name FROM duckdb_tables() WHERE comment IS NULL AND NOT internal
UNION ALL
SELECT view_name FROM duckdb_views() WHERE comment IS NULL AND NOT internal
UNION ALL
SELECT table_name || '.' || column_name FROM duckdb_columns() WHERE comment IS NULL AND NOT internal
"""
