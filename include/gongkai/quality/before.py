"""The year before in SQL: the cells of each report that the year after looks at, and reports joined with them."""

# ruff: noqa: S608 - names come from contracts

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gongkai.quality.rulebook import NumberedRule, RuleBook
from gongkai.quality.statements import Layout, needed_before, needed_now, quoted, runs
from gongkai.quality.wide import ABSENT, layout

if TYPE_CHECKING:
    import duckdb

Rules = Sequence[NumberedRule]


def make_before(con: duckdb.DuckDBPyConnection, book: RuleBook, sources: Mapping[str, str], asked: Rules) -> None:
    """Make `before`: of each report the cells that the year after looks at, and their states, of whatever template."""
    names = needed_before(asked)
    selects = []
    for code, source in sources.items():
        index = {name: at for at, name in enumerate(layout(book, code))}
        columns = [f"{quoted(n) if n in index else 'NULL'} AS {quoted(f'before:{n}')}" for n in names]
        states = f"{runs(index.get(name) for name in names)} AS before_states"
        selects.append(f"SELECT {', '.join(['report_key', states, *columns])} FROM {source}")
    if not selects:
        empty = (f"NULL::BIGINT AS {quoted(f'before:{name}')}" for name in names)
        selects = [
            f"SELECT {', '.join(['NULL::VARCHAR AS report_key', 'NULL::VARCHAR AS before_states', *empty])} LIMIT 0"
        ]
    con.execute(f"CREATE OR REPLACE TEMP TABLE before AS {' UNION ALL '.join(selects)}")


def link(
    con: duckdb.DuckDBPyConnection, source: str, crossing: Rules, places: Layout, plain: str, *, linked_only: bool
) -> None:
    """Make `linked`: the reports, with the cells of their year before, that do not plainly pass the rules over both."""
    columns = [quoted(name) for name in ("previous_key", "states", *needed_now(crossing))]
    columns += [quoted(f"before:{name}") for name in needed_before(crossing)]
    con.execute(f"""
CREATE OR REPLACE TEMP TABLE linked AS
SELECT now.report_key, {", ".join(columns)},
       coalesce(before_states, '{ABSENT * len(places.before)}') AS before_states
FROM {source} AS now {"" if linked_only else "LEFT"} JOIN before ON before.report_key = now.previous_key
WHERE ({plain}) IS NOT TRUE;
INSERT INTO subjects SELECT report_key, previous_key FROM linked""")
