"""The rule book and lists of reports as DuckDB relations, which the statements of the SQL engine look into."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from gongkai.quality.rulebook import RuleBook

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def register_book(con: duckdb.DuckDBPyConnection, book: RuleBook) -> None:
    """Register the book: book_templates, the codes known; book_crossing, numbers of rules over two years."""
    import pyarrow as pa

    crossing = [numbered.number for numbered in book.rules if numbered.rule.crosses_years]
    con.register("book_crossing", pa.table({"rule": pa.array(crossing, pa.int32())}))
    con.register("book_templates", pa.table({"template": pa.array(list(book.templates), pa.string())}))


def register_keys(con: duckdb.DuckDBPyConnection, name: str, cells: pa.Table | None, keys: Collection[str]) -> None:
    """Make a view of report_key: of all that have cells, or of the given keys where `cells` is None."""
    import pyarrow as pa

    if cells is None:
        con.register(f"{name}_keys", pa.table({"report_key": pa.array(sorted(set(keys)), pa.string())}))
    source = f"{name}_keys" if cells is None else "cells"
    con.execute(f"CREATE TEMP VIEW {name} AS SELECT DISTINCT report_key FROM {source}")  # noqa: S608 - own names
