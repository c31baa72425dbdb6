"""The releases that a warehouse keeps: listing, comparing, going back to one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gongkai.errors import RunError
from gongkai.warehouse import manifest, release
from gongkai.warehouse.sql import of_years, quoted

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class ReleaseInfo:
    """A release that is kept; `built_at` is UTC without a zone, `is_current` marks the one the pointer leads to."""

    release_id: str
    path: Path
    built_at: datetime
    n_reports: int
    lake_fingerprint: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A cell that says something else: "state value" before and after, None where the cell was not there."""

    report_id: str
    table_code: str
    row_code: str
    column_code: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Diff:
    """What changed from one release to another.

    Attributes:
        added: Reports that only the second has.
        removed: Reports that only the first has.
        revised: Reports with another revision in force.
        status: Reports of another status: (report_id, before, after).
        values: Cells of reports in both that say something else, at most `limit` of them.
        n_values: How many there are.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    revised: tuple[str, ...]
    status: tuple[tuple[str, str, str], ...]
    values: tuple[ValueChange, ...]
    n_values: int

    @property
    def is_empty(self) -> bool:
        """True where both releases say the same."""
        return not (self.added or self.removed or self.revised or self.status or self.n_values)


@contextmanager
def open_release(path: Path, *others: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open release files read-only: the first as `a` and in use, the next as `b`.

    They are attached to a connection of its own, so that a handle which this process has on the pointer stays out.

    Raises:
        RunError: A file is no release.
    """
    import duckdb

    con = duckdb.connect(":memory:", config={"autoinstall_known_extensions": False})
    try:
        for alias, one in zip("ab", (path, *others), strict=False):
            try:
                con.execute(f"ATTACH '{quoted(str(one.resolve()))}' AS {alias} (READ_ONLY)")
            except duckdb.Error as error:
                raise RunError(
                    f"the release cannot be opened: {error}", where=str(one), do="remove the damaged file and publish"
                ) from error
        con.execute("USE a")
        yield con
    finally:
        con.close()


def list_all(folder: Path) -> list[ReleaseInfo]:
    """List the releases kept, oldest first."""
    current = release.current_id(folder)
    found = []
    for release_id in release.release_ids(folder):
        path = release.release_path(folder, release_id)
        with open_release(path) as con:
            rows = con.execute("SELECT built_at, n_reports, lake_fingerprint FROM releases WHERE is_current").fetchall()
        built_at, n_reports, fingerprint = rows[0]
        found.append(ReleaseInfo(release_id, path, built_at, n_reports, fingerprint, release_id == current))
    return found


def history(folder: Path) -> list[dict[str, Any]]:
    """Return the rows of table `releases` that all files kept know of, oldest first, as mappings by column."""
    known: dict[str, dict[str, Any]] = {}
    for release_id in release.release_ids(folder):
        with open_release(release.release_path(folder, release_id)) as con:
            found = con.execute("FROM releases")
            names = [column[0] for column in found.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
            known |= {row["release_id"]: row for row in rows}
    return sorted(known.values(), key=lambda row: release.number_of(row["release_id"]))


def use(folder: Path, release_id: str) -> Path:
    """Put a kept release in force again; return its file.

    The next publish compares the lake with it, and goes forward again where they differ.

    Raises:
        RunError: No such release is kept, or another process publishes.
    """
    path = kept(folder, release_id)
    with release.publishing(folder), open_release(path) as con:
        con.execute("FROM releases").fetchall()
        release.point_to(folder, release_id)
    return path


def diff(folder: Path, before: str, after: str, *, limit: int = 1000) -> Diff:
    """Compare two releases.

    Args:
        folder: The warehouse.
        before: Id of the first.
        after: Id of the second.
        limit: Most changed values to name.

    Raises:
        RunError: One is not kept.
    """
    with open_release(kept(folder, before), kept(folder, after)) as con:
        years = _changed_years(folder, before, after)
        con.execute(_CHANGED.format(of_years="true" if years is None else of_years(years)))

        def ids(sql: str) -> tuple[str, ...]:
            return tuple(row[0] for row in con.execute(sql).fetchall())

        (n_values,) = con.execute("SELECT count(*) FROM memory.main.changed").fetchall()[0]
        values = con.execute(f"FROM memory.main.changed ORDER BY ALL LIMIT {int(limit)}").fetchall()
        both = "FROM a.reports AS old JOIN b.reports AS new USING (report_id)"
        return Diff(
            added=ids("SELECT report_id FROM b.reports ANTI JOIN a.reports USING (report_id) ORDER BY ALL"),
            removed=ids("SELECT report_id FROM a.reports ANTI JOIN b.reports USING (report_id) ORDER BY ALL"),
            revised=ids(f"SELECT report_id {both} WHERE old.revision_id <> new.revision_id ORDER BY ALL"),
            status=tuple(
                con.execute(
                    f"SELECT report_id, old.status, new.status {both} WHERE old.status <> new.status ORDER BY ALL"
                ).fetchall()
            ),
            values=tuple(ValueChange(*row) for row in values),
            n_values=n_values,
        )


_CHANGED = """
CREATE TABLE memory.main.changed AS
WITH shared AS (
  SELECT report_id FROM a.reports SEMI JOIN b.reports USING (report_id)
), old AS (
  FROM a.cells SEMI JOIN shared USING (report_id) WHERE {of_years}
), new AS (
  FROM b.cells SEMI JOIN shared USING (report_id) WHERE {of_years}
)
SELECT report_id, table_code, row_code, column_code,
       CASE WHEN old.state IS NOT NULL THEN concat_ws(' ', old.state, old.value) END AS before,
       CASE WHEN new.state IS NOT NULL THEN concat_ws(' ', new.state, new.value) END AS after
FROM old
FULL JOIN new USING (report_id, table_code, row_code, column_code)
WHERE (old.state, old.value) IS DISTINCT FROM (new.state, new.value)
"""


def _changed_years(folder: Path, *release_ids: str) -> list[int] | None:
    """Return the report years whose cells differ by the manifests of two releases; None where one has none."""
    paths = [release.release_path(folder, release_id).with_suffix(release.MANIFEST) for release_id in release_ids]
    if not all(path.exists() for path in paths):
        return None
    old, new = (manifest.read(path).tables["cells"].content for path in paths)
    return sorted(int(year) for year in {*old, *new} if old.get(year) != new.get(year))


def kept(folder: Path, release_id: str) -> Path:
    """Return the file of a release.

    Raises:
        RunError: It is not kept.
    """
    path = release.release_path(folder, release_id)
    known = release.release_ids(folder)
    if release_id not in known:
        raise RunError("no such release is kept", found=release_id, expected=", ".join(known) or "publish one first")
    return path
