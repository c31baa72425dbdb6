"""What a whole warehouse is, seen from outside: the pointer, the release it leads to, and nothing left lying about."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import duckdb

OWN = {"releases", "latest_release"}
"""Tables that tell of the release itself: they differ from one to the next, whatever it holds."""

_LEFT = re.compile(r"\.wal$|\.tmp$|^\.(?!publish\.lock$)|building")


def contents(path: Path) -> dict[str, tuple[int, str]]:
    """Read every row of every table and view of a release: number of rows and digest by name, in any order of rows."""
    found = {}
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{path}' AS annual (READ_ONLY)")
        con.execute("USE annual")
        for schema, name in con.execute(_NAMES).fetchall():
            if name not in OWN:
                rows = sorted(map(repr, con.execute(f'FROM "{schema}"."{name}"').fetchall()))
                found[f"{schema}.{name}"] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
    return found


_NAMES = """
SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal AND database_name = 'annual'
UNION ALL
SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal AND database_name = 'annual'
ORDER BY ALL
"""


def current(folder: Path) -> tuple[str, Path]:
    """Follow the pointer as a reader does; return the release's own word for its id, and its file."""
    link = folder / "gongkai.duckdb"
    assert link.is_symlink()
    target = link.resolve(strict=True)
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{link}' AS annual (READ_ONLY)")
        ((release_id, counts),) = con.execute(
            "SELECT release_id, row_counts FROM annual.releases WHERE is_current"
        ).fetchall()
        for name, rows in json.loads(counts).items():
            assert con.execute(f'SELECT count(*) FROM annual.main."{name}"').fetchall() == [(rows,)], name
    assert release_id in target.name
    return release_id, target


def leftovers(folder: Path) -> list[str]:
    """Return what lies in a warehouse and belongs to no release that is kept."""
    kept = [path.stem for path in (folder / "releases").glob("gongkai-*.duckdb")]
    strange = [
        str(path.relative_to(folder)) for path in folder.rglob("*") if _LEFT.search(path.name) or _dangling(path)
    ]
    orphans = [
        path.name
        for path in (folder / "releases").iterdir()
        if not any(path.name == name or path.name.startswith(f"{name}.") for name in kept)
    ]
    return sorted({*strange, *orphans})


def _dangling(path: Path) -> bool:
    return path.is_symlink() and not path.exists()
