"""A cheap proof that a key is unique, for tables of hundreds of millions of rows."""

# ruff: noqa: S608 - names come from contracts, which allow plain identifiers only

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

_MOST_PLACES, _BITS = 1000, 62
"""Places that a form may have, and how many of them have their bits in one number."""
_SAMPLE = 1_000_000
"""Rows among which the places of a form are looked for first."""


def is_unique(con: duckdb.DuckDBPyConnection, name: str, key: Sequence[str]) -> bool:
    """Prove cheaply that a key is unique; False where it is not, or where that must be seen by grouping.

    Most keys are a report and a place in its form, and forms have few places: a group a report, with a bit a place,
    takes a tenth of the time of a group a row. Reports fill the same places, so that some reports name nearly always
    all of them; where some rows stand elsewhere, all rows are asked for theirs.
    """
    first, *rest = (f'"{column}"' for column in key)
    if not rest:
        return False
    place = ", ".join(rest)
    (rows,) = con.execute(f'SELECT count(*) FROM "{name}"').fetchall()[0]
    for sample in (f"LIMIT {_SAMPLE}", "") if rows > _SAMPLE else ("",):
        (n,) = con.execute(
            "CREATE OR REPLACE TEMP TABLE places AS SELECT row_number() OVER () - 1 AS number, * "
            f'FROM (SELECT DISTINCT {place} FROM (SELECT {place} FROM "{name}" {sample}) LIMIT {_MOST_PLACES + 1})'
        ).fetchall()[0]
        if not 0 < n <= _MOST_PLACES:
            return not n
        words = range((n - 1) // _BITS + 1)
        bits = ", ".join(
            f"CASE WHEN number // {_BITS} = {word} THEN 1::BIGINT << (number % {_BITS}) END AS word{word}"
            for word in words
        )
        filled = " + ".join(f"coalesce(bit_count(bit_or(word{word})), 0)::INTEGER" for word in words)
        placed, twice = con.execute(
            "SELECT coalesce(sum(n), 0), count(*) FILTER (filled < n) FROM ("
            f'SELECT count(*) AS n, {filled} AS filled FROM "{name}" '
            f"JOIN (SELECT {place}, {bits} FROM temp.places) USING ({place}) GROUP BY {first})"
        ).fetchall()[0]
        if twice or placed == rows:
            return not twice
    return False  # a part of the key is NULL somewhere
