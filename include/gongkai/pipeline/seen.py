"""What all runs together saw: every listed address with its first and last sight, and every run; folded run by run.

The logs of runs are only ever added to. What was read of them is kept beside the lake, so that each log is read once;
it may be deleted at any time, and is then made anew. Folding a log twice, or logs in another order, changes nothing.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from gongkai.archive.log import NOT_ASKED
from gongkai.archive.store import Archive
from gongkai.lake.files import Files

if TYPE_CHECKING:
    import duckdb

FOLDER = "_collected"
_STATE = f"{FOLDER}/state.json"
_FORMAT = 1
_ROWS_AT_ONCE = 500_000

_TEXT, _TIME, _INT = pa.string(), pa.timestamp("us"), pa.int64()
_LISTING = pa.schema(
    [
        *((name, _TEXT) for name in ("run_id", "source", "url", "title", "fate", "reason", "list_url", "parent_url")),
        *(("at", _TIME), ("listed_date", pa.date32()), ("listed_year", _INT), ("sha256", _TEXT), ("answer", _TEXT)),
    ]
)
_RUN = pa.schema(
    [
        *((name, _TEXT) for name in ("run_id", "source", "years", "lists", "error", "why")),
        *((name, _TIME) for name in ("started", "ended")),
        *((name, _INT) for name in ("listed", "new", "unchanged", "revised", "skipped", "blocked", "failed")),
        *((name, _INT) for name in ("not_a_report", "requests", "bytes", "errors", "warnings")),
        ("is_complete", pa.bool_()),
    ]
)
_LISTED = pa.schema(
    [
        *((name, _TEXT) for name in ("source", "url", "title", "fate", "reason", "list_url", "parent_url", "sha256")),
        *((name, _TIME) for name in ("first_seen", "last_seen", "last_listed", "fate_at")),
        *(("listed_date", pa.date32()), ("listed_year", _INT), ("fate_run", _TEXT), ("is_judged", pa.bool_())),
        ("answer", _TEXT),
    ]
)
_CONTENT = pa.schema(
    [("source", _TEXT), ("url", _TEXT), ("sha256", _TEXT), ("first_seen", _TIME), ("last_seen", _TIME)]
)
_DONE = pa.schema([("name", _TEXT), ("size", _INT)])
_SCHEMAS = {"listed": _LISTED, "contents": _CONTENT, "runs": _RUN, "done": _DONE}


@dataclass(frozen=True)
class Seen:
    """What all runs together saw; times are UTC without a zone.

    Attributes:
        listed: One row an address of a source: its sights, and its latest fate in a run that asked for it.
        contents: One row a content that an address was seen to give.
        runs: One row a run and source.
        done: The logs that are in it, with their sizes.
    """

    listed: pa.Table
    contents: pa.Table
    runs: pa.Table
    done: pa.Table


def seen(archive: Archive, lake: str, *, keep: bool = True) -> Seen:
    """Return what all runs that ended saw.

    Args:
        archive: Where the logs are.
        lake: Location of the lake, beside which it is kept.
        keep: Keep what was read; False for a look.
    """
    files = Files(lake)
    before = _load(files)
    done = dict(zip(*(before.done.column(name).to_pylist() for name in ("name", "size")), strict=True))
    found = {
        name: size
        for folder in ("listings", "runs")
        for name, size in archive.sizes(folder).items()
        if name.endswith(".parquet")
    }
    fresh = [name for name, size in found.items() if done.get(name) != size]
    if not fresh:
        return before
    after = _fold(before, archive, fresh, done | {name: found[name] for name in fresh})
    if keep:
        _save(files, after)
    return after


def _fold(before: Seen, archive: Archive, fresh: list[str], done: dict[str, int]) -> Seen:
    import duckdb

    with duckdb.connect(":memory:", config={"autoinstall_known_extensions": False}) as con:
        listed, contents = before.listed, before.contents
        names = [name for name in fresh if name.startswith("listings/")]
        for rows in _pieces(archive, names, _LISTING):
            listed = _ask(con, _FOLD_LISTED, {"known": listed, "incoming": rows}, _LISTED)
            contents = _ask(con, _FOLD_CONTENTS, {"known": contents, "incoming": rows}, _CONTENT)
        runs = before.runs
        for rows in _pieces(archive, [name for name in fresh if name.startswith("runs/")], _RUN):
            runs = _ask(con, _FOLD_RUNS, {"known": runs, "incoming": rows}, _RUN)
    names = sorted(done)
    return Seen(listed, contents, runs, pa.table([names, [done[name] for name in names]], schema=_DONE))


def _pieces(archive: Archive, names: Iterable[str], schema: pa.Schema) -> Iterator[pa.Table]:
    """Yield the rows of logs, some files at once."""
    waiting: list[pa.Table] = []
    for name in names:
        waiting.append(read_log(archive, name, schema))
        if sum(table.num_rows for table in waiting) >= _ROWS_AT_ONCE or len(waiting) >= _ROWS_AT_ONCE // 100:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


def read_log(archive: Archive, name: str, schema: pa.Schema) -> pa.Table:
    """Return a log of a run with the columns of a schema; those that it does not have yet are NULL."""
    file = pq.ParquetFile(pa.BufferReader(archive.read(name)))
    table = file.read(columns=[column for column in schema.names if column in file.schema_arrow.names])
    columns = []
    for field in schema:
        if field.name not in table.schema.names:
            columns.append(pa.nulls(table.num_rows, field.type))
            continue
        column = table.column(field.name)
        # The log's times have a zone, UTC; those of the warehouse have none.
        columns.append(column.cast(_INT).cast(_TIME) if field.type == _TIME else column.cast(field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def _ask(con: duckdb.DuckDBPyConnection, sql: str, tables: dict[str, pa.Table], schema: pa.Schema) -> pa.Table:
    for name, table in tables.items():
        con.register(name, table)
    made = con.sql(sql).to_arrow_table().select(schema.names).cast(schema)
    for name in tables:
        con.unregister(name)
    return made


def _load(files: Files) -> Seen:
    """Read what was kept, nothing where it is not whole or of another program."""
    nothing = Seen(**{name: schema.empty_table() for name, schema in _SCHEMAS.items()})
    form: dict[str, Any] = json.loads(files.read(_STATE) or b"{}")
    if form.get("format") != _FORMAT:
        return nothing
    tables = {}
    for name, schema in _SCHEMAS.items():
        data = files.read(f"{FOLDER}/{form[name]}")
        if data is None:  # another process has just replaced it
            return nothing
        tables[name] = pq.read_table(io.BytesIO(data)).cast(schema)
    return Seen(**tables)


def _save(files: Files, kept: Seen) -> None:
    """Write the tables under names of their content, then the file that names them, then sweep."""
    names = {}
    for name in _SCHEMAS:
        out = io.BytesIO()
        pq.write_table(getattr(kept, name), out, compression="zstd")
        names[name] = f"{name}-{hashlib.sha256(out.getvalue()).hexdigest()[:16]}.zst"
        files.put(f"{FOLDER}/{names[name]}", out.getvalue())
    files.put(_STATE, json.dumps({"format": _FORMAT} | names, indent=1).encode())
    for old in set(files.names(FOLDER)) - {*names.values(), _STATE.rpartition("/")[2]}:
        files.remove(f"{FOLDER}/{old}")


# A link that a run for another year passed over was seen, but its fate is what the last run said that asked for it; so
# is that of a file which is listed itself, or linked by several pages.
_FOLD_LISTED = f"""
WITH sights AS (
  SELECT *, is_judged::BIGINT * 4611686018427387904 + epoch_us(fate_at) AS rank FROM known
  UNION ALL BY NAME
  SELECT source, url, title, fate, reason, answer, list_url, parent_url, sha256, listed_date, listed_year,
         "at" AS first_seen, "at" AS last_seen, CASE WHEN parent_url IS NULL THEN "at" END AS last_listed,
         "at" AS fate_at, run_id AS fate_run,
         NOT (fate = 'skipped' AND (parent_url IS NOT NULL OR reason LIKE '%{NOT_ASKED}')) AS is_judged,
         is_judged::BIGINT * 4611686018427387904 + epoch_us("at") AS rank
  FROM incoming
)
SELECT * EXCLUDE (rank) REPLACE (
         min(first_seen) OVER address AS first_seen,
         max(last_seen) OVER address AS last_seen,
         max(last_listed) OVER address AS last_listed)
FROM sights
WINDOW address AS (PARTITION BY source, url)
QUALIFY row_number() OVER (PARTITION BY source, url ORDER BY rank DESC, fate_run, fate, title) = 1
ORDER BY source, url
"""  # noqa: S608 - the text is a constant of this program
_FOLD_CONTENTS = """
SELECT source, url, sha256, min(first_seen) AS first_seen, max(last_seen) AS last_seen
FROM (
  FROM known
  UNION ALL BY NAME
  SELECT source, url, sha256, "at" AS first_seen, "at" AS last_seen FROM incoming WHERE sha256 IS NOT NULL
)
GROUP BY source, url, sha256
ORDER BY source, url, sha256
"""
_FOLD_RUNS = """
FROM known UNION BY NAME FROM incoming ORDER BY started, run_id, source
"""
