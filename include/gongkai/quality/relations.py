"""The rule book and lists of reports as DuckDB relations, which the statements of the SQL engine look into."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from gongkai.quality.rulebook import RuleBook

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def register_book(con: duckdb.DuckDBPyConnection, book: RuleBook) -> None:
    """Register the book.

    book_templates: the codes known. book_rules: of each rule the masks of its cells, and its tolerance if it has one.
    """
    import pyarrow as pa

    schema = pa.schema(
        [
            ("rule", pa.int32()),
            *((name, pa.int64()) for name in ("own_bits", "previous_bits", "all_bits")),
            *((name, pa.int32()) for name in ("factor", "at_least")),
        ]
    )
    rows = []
    for numbered in book.rules:
        own, previous, tolerance = numbered.own_bits, numbered.previous_bits, numbered.rule.tolerance
        limits = (tolerance.factor, tolerance.at_least) if tolerance else (None, None)
        rows.append((numbered.number, own, previous, 1 | own | previous, *limits))
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
    arrays = [pa.array(list(column), field.type) for column, field in zip(columns, schema, strict=True)]
    con.register("book_rules", pa.table(arrays, schema=schema))
    con.register("book_templates", pa.table({"template": pa.array(list(book.templates), pa.string())}))


def register_keys(con: duckdb.DuckDBPyConnection, name: str, cells: pa.Table | None, keys: Collection[str]) -> None:
    """Make a view of report_key: of all that have cells, or of the given keys where `cells` is None."""
    import pyarrow as pa

    if cells is None:
        con.register(f"{name}_keys", pa.table({"report_key": pa.array(sorted(set(keys)), pa.string())}))
    source = f"{name}_keys" if cells is None else "cells"
    con.execute(f"CREATE TEMP VIEW {name} AS SELECT DISTINCT report_key FROM {source}")  # noqa: S608 - own names
