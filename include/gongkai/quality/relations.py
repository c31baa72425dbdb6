"""The rule book and lists of reports as DuckDB relations, which the statements of the SQL engine join."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from gongkai.quality.rulebook import RuleBook
from gongkai.reports.model import State

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

BITS = {State.NUMBER: 1, State.BLANK: 2, State.NOT_APPLICABLE: 4, State.TEXT: 8, State.NOT_EXTRACTED: 16}
"""States as bits, so that an aggregate of many cells keeps which states they have."""
NUMBER, NOTHING, TEXT, LOST = 1, 2 | 4, 8, 16


def register_book(con: duckdb.DuckDBPyConnection, book: RuleBook) -> None:
    """Register the book.

    book_places: every cell of every template, numbered. book_terms: the cells of each linear rule; the judged one has
    bit 1, coefficient 0, and its state shifted to the high byte. book_before: the same for cells of the year before,
    by their codes, since that report may be of another template. book_checks: rules of single cells. book_rules: masks.
    """
    import pyarrow as pa

    def table(name: str, columns: dict[str, Any], rows: list[tuple[Any, ...]]) -> None:
        values = zip(*rows, strict=True) if rows else ([] for _ in columns)
        arrays = [pa.array(list(v), kind) for v, kind in zip(values, columns.values(), strict=True)]
        con.register(name, pa.table(arrays, names=list(columns)))

    number = {(p.template, p.table, p.row, p.column): n for n, p in enumerate(book.places)}
    place = {"template": pa.string(), "table": pa.string(), "row": pa.string(), "column": pa.string()}
    term = {"rule": pa.int32(), "bit": pa.int64(), "shift": pa.int32(), "coefficient": pa.int32()}
    own, before, checks = [], [], []
    for numbered in book.rules:
        rule, code = numbered.rule, numbered.template
        judged = number[code, rule.table, rule.row, rule.column]
        if rule.check:
            checks.append((judged, numbered.number, rule.check))
            continue
        # the judged cell's state stands in the high byte of the states, its coefficient is 0
        own.append((judged, numbered.number, 1, 256, 0))
        for position, part in enumerate(rule.terms, start=1):
            told = (numbered.number, 1 << position, 1, part.coefficient)
            if part.previous:
                before.append((code, rule.table, part.row, part.column, *told))
            else:
                own.append((number[code, rule.table, part.row, part.column], *told))
    table("book_places", {**place, "cell": pa.int32()}, [(*key, n) for key, n in number.items()])
    table("book_terms", {"cell": pa.int32(), **term}, own)
    table("book_before", {**place, **term}, before)
    table("book_checks", {"cell": pa.int32(), "rule": pa.int32(), "check": pa.string()}, checks)
    masks = {"rule": pa.int32(), "own_bits": pa.int64(), "previous_bits": pa.int64()}
    table("book_rules", masks, [(n.number, n.own_bits, n.previous_bits) for n in book.rules])


def register_keys(con: duckdb.DuckDBPyConnection, name: str, cells: pa.Table | None, keys: Collection[str]) -> None:
    """Make a view of report_key: of all that have cells, or of the given keys where `cells` is None."""
    import pyarrow as pa

    if cells is None:
        con.register(f"{name}_keys", pa.table({"report_key": pa.array(sorted(set(keys)), pa.string())}))
    source = f"{name}_keys" if cells is None else "cells"
    con.execute(f"CREATE TEMP VIEW {name} AS SELECT DISTINCT report_key FROM {source}")  # noqa: S608 - own names
