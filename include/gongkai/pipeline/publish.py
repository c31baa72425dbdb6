"""Publish: the lake to a release, with the agencies, regions and expectations of the sources."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from gongkai.contracts.tables import load_tables
from gongkai.errors import RunError
from gongkai.lake.store import Lake
from gongkai.pipeline.agencies import Found, dims_of
from gongkai.pipeline.candidates import open_archive
from gongkai.pipeline.collected import collected
from gongkai.pipeline.disk import needing_room
from gongkai.pipeline.load import open_lake
from gongkai.settings import TIMEZONE, get_settings
from gongkai.sources.registry import load_sources
from gongkai.warehouse import release as protocol
from gongkai.warehouse import releases as kept
from gongkai.warehouse.portable import write_portable
from gongkai.warehouse.publish import publish as publish_lake


def warehouse_folder() -> Path:
    """Return the folder of the warehouse."""
    folder = get_settings().warehouse
    if folder is None:
        raise RunError("no warehouse folder", do="set GONGKAI_WAREHOUSE or GONGKAI_DATA")
    return folder


def publish(force: bool = False) -> dict[str, Any]:
    """Publish what the lake holds, unless the current release holds just that.

    Args:
        force: Publish even where tables lost more rows than their contracts tolerate.

    Returns:
        release_id, path, changed (False where nothing was built), rows by table.

    Raises:
        GateError: A gate stops the release; the one before stays in force.
        DiskError: There is no room for the release; the one before stays in force.
    """
    settings, folder = get_settings(), warehouse_folder()
    lake, sources = open_lake(), load_sources(settings.sources)
    with needing_room(folder, kept="the release before stays in force"):
        made = publish_lake(
            lake,
            folder,
            keep=settings.keep_releases,
            dims=dims_of(sources, found_agencies(lake)),
            collected=collected(open_archive(), lake, sources, runs=settings.publish_runs),
            force=force,
        )
    return {"release_id": made.release_id, "path": str(made.path), "changed": made.changed, "rows": made.rows}


def found_agencies(lake: Lake) -> list[Found]:
    """Return the agencies of the reports in a lake, once for each name they go by."""
    names = ["agency_id", "agency_name", "region_code"]
    reports = lake.read("reports", columns=[*names, "report_year"])
    rows = reports.group_by(names).aggregate([("report_year", "max")]).to_pylist()
    found = [Found(*(row[name] for name in (*names, "report_year_max"))) for row in rows]
    return sorted(found, key=lambda one: (one.agency_id, one.last_year, one.name))


def current_release() -> Path:
    """Return the file of the current release.

    Raises:
        RunError: Nothing was published yet.
    """
    folder = warehouse_folder()
    release_id = protocol.current_id(folder)
    if release_id is None:
        raise RunError("nothing was published yet", where=str(folder), do="run `gongkai publish`, or make run")
    return protocol.release_path(folder, release_id)


def releases() -> list[dict[str, Any]]:
    """Return the kept releases as rows, newest first; times are of Asia/Shanghai."""
    zone = ZoneInfo(TIMEZONE)
    return [
        {
            "release_id": info.release_id,
            "built": f"{info.built_at.replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M:%S}",
            "reports": info.n_reports,
            "MB": round(info.path.stat().st_size / 1e6, 1),
            "current": "current" if info.is_current else "",
        }
        for info in reversed(kept.list_all(warehouse_folder()))
    ]


def use_release(release_id: str) -> Path:
    """Put a kept release in force; return its file."""
    return kept.use(warehouse_folder(), release_id)


def export_release(release_id: str, file: Path) -> Path:
    """Write a kept release as one file that stands alone; return it."""
    with needing_room(file.parent, kept="the release is as it was"):
        return write_portable(kept.kept(warehouse_folder(), release_id), file, load_tables())


def release_diff(before: str, after: str) -> dict[str, list[dict[str, Any]]]:
    """Return what changed between two releases, as titled tables of rows."""
    found = kept.diff(warehouse_folder(), before, after)
    tables: dict[str, list[dict[str, Any]]] = {
        name: [{"report_id": one} for one in ids]
        for name, ids in (
            ("reports added", found.added),
            ("reports removed", found.removed),
            ("reports revised", found.revised),
        )
    }
    tables["status changed"] = [
        {"report_id": report_id, "before": before, "after": after} for report_id, before, after in found.status
    ]
    shown = "" if found.n_values == len(found.values) else f" (first {len(found.values)})"
    tables[f"{found.n_values} values changed{shown}"] = [asdict(change) for change in found.values]
    return tables
