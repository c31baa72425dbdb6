"""Builds the DuckDB file of a release by the contracts: DDL, rows, views, comments."""

# ruff: noqa: S608 - names come from contracts, which allow plain identifiers only

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from gongkai.contracts.tables import TableContract
from gongkai.lake.schema import LakeError
from gongkai.settings import get_settings
from gongkai.warehouse.marts import Mart
from gongkai.warehouse.parquet import Parquet
from gongkai.warehouse.sql import of_years, quoted

if TYPE_CHECKING:
    import duckdb

STORAGE_VERSION = "v1.2.0"
"""What duckdb 1.2 and later read: BI drivers of today are 1.4 and 1.5, and duckdb 2 would write what they refuse."""


def create(path: Path, base: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Make a DuckDB file that older DuckDBs can read, and return a connection that uses it.

    Nothing is installed or loaded from the network; sorting spills beside the file, not into the working folder.

    Args:
        path: The new file.
        base: A release to build upon: the new file begins as its copy. None for an empty one.
    """
    import duckdb

    if base is not None:
        shutil.copyfile(base, path)
        path.chmod(0o644)
    con = duckdb.connect(":memory:", config={"autoinstall_known_extensions": False})
    con.execute("SET temp_directory = ?", [f"{path}.tmp"])
    con.execute("SET memory_limit = ?", [f"{get_settings().build_memory // 2**20}MB"])
    con.execute(f"ATTACH '{quoted(str(path))}' AS release (STORAGE_VERSION '{STORAGE_VERSION}')")
    con.execute("USE release")
    return con


def create_tables(con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableContract]) -> None:
    """Create the tables that stand in the file, empty."""
    con.execute("BEGIN")
    for contract in tables.values():
        if not contract.parquet_only:
            con.execute(ddl(contract))
    con.execute("COMMIT")


def drop_years(con: duckdb.DuckDBPyConnection, stale: Mapping[str, Collection[int]]) -> None:
    """Remove report years from tables; what is written next takes their place in the file."""
    con.execute("BEGIN")
    for name, years in stale.items():
        if years:
            con.execute(f"DELETE FROM {name} WHERE {of_years(years)}")
    con.execute("COMMIT")
    con.execute("CHECKPOINT release")


def fill_years(
    con: duckdb.DuckDBPyConnection, contract: TableContract, parquet: Parquet, years: Collection[int]
) -> None:
    """Fill report years of a table, of which it has no rows, with what their parts hold.

    Raises:
        LakeError: A part holds what the table cannot.
    """
    import duckdb

    con.execute("BEGIN")
    for file in parquet.files(contract.name, years):
        try:
            con.execute(f"INSERT INTO {contract.name} BY NAME FROM {reading([quoted(str(file))])}")
        except duckdb.DataError as error:
            raise LakeError(
                f"a part does not fit its table: {error}",
                where=str(file),
                do="load the year again: gongkai load --year",
            ) from error
    con.execute("COMMIT")


@contextmanager
def one_thread(con: duckdb.DuckDBPyConnection) -> Iterator[int]:
    """Let each query have one thread, and tell how many it had: rows that several write are written twice, in order."""
    (threads,) = con.execute("SELECT current_setting('threads')").fetchall()[0]
    con.execute("SET threads = 1")
    try:
        yield threads
    finally:
        con.execute(f"SET threads = {threads}")


def add_parquet_views(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableContract], parquet: Parquet, folder: Path
) -> None:
    """Make the tables that stand in Parquet alone readable from the file.

    Their files are named in full. Who moved the warehouse, or sees it under another path, says where it is:
    SET VARIABLE gongkai_warehouse = '<folder>'.

    Args:
        con: Connection that uses the new file.
        tables: Contracts of all tables.
        parquet: The Parquet of the release.
        folder: The warehouse.
    """
    home = f"coalesce(getvariable('gongkai_warehouse'), '{quoted(str(folder.resolve()))}')"
    for contract in tables.values():
        if not contract.parquet_only:
            continue
        names = ", ".join(f'"{column.name}"' for column in contract.columns)
        files = [quoted(str(file.relative_to(folder))) for file in parquet.files(contract.name)]
        if files:
            source = reading(files, home)
            select = f"SELECT {names} FROM {source}"
        else:
            nothing = ", ".join(f'NULL::{column.type} AS "{column.name}"' for column in contract.columns)
            select = f"SELECT {nothing} WHERE false"
        con.execute(f'CREATE OR REPLACE VIEW main."{contract.name}" AS {select}')


def insert(con: duckdb.DuckDBPyConnection, contract: TableContract, rows: pa.Table) -> None:
    """Append rows to a table of the release."""
    con.register("incoming", rows)
    con.execute(f"INSERT INTO {contract.name} BY NAME FROM incoming")
    con.unregister("incoming")


def ddl(contract: TableContract) -> str:
    """Write CREATE TABLE of a contract.

    Keys are checked by the gates instead of indexes, which would double the file and slow loading down.
    """
    lines = [f'  "{column.name}" {column.type}{" NOT NULL" if column.required else ""}' for column in contract.columns]
    return f'CREATE TABLE main."{contract.name}" (\n' + ",\n".join(lines) + "\n)"


def add_views(con: duckdb.DuckDBPyConnection, marts: Iterable[Mart], years: Collection[int] | None = None) -> None:
    """Make schema mart: its views, and as tables those that are stored.

    Args:
        con: Connection that uses the new file.
        marts: In an order in which each stands after those it uses.
        years: Report years whose stored answers are computed anew, where the others stand in the file already and
            hold still; None to make the schema from nothing.
    """
    if years is None:
        con.execute("DROP SCHEMA IF EXISTS mart CASCADE")
        con.execute("CREATE SCHEMA mart")
    for mart in marts:
        if years is None or not mart.stored:
            con.execute(f'CREATE OR REPLACE {mart.relation} mart."{mart.name}" AS\n{mart.select}')
        elif years:
            renewed = f"WHERE {of_years(years)}"
            con.execute("BEGIN")
            con.execute(f'DELETE FROM mart."{mart.name}" {renewed}')
            con.execute(f'INSERT INTO mart."{mart.name}" BY NAME FROM (\n{mart.select}\n) {renewed}')
            con.execute("COMMIT")


def add_comments(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, TableContract], marts: Iterable[Mart], *, stored: bool = False
) -> None:
    """Say in the file what everything is, in Chinese and English.

    Args:
        con: Connection that uses it.
        tables: Contracts of its tables.
        marts: Its views.
        stored: True where no table stands in Parquet alone.
    """
    con.execute("BEGIN")  # one write to disk instead of three hundred
    for contract in tables.values():
        relation = "VIEW" if contract.parquet_only and not stored else "TABLE"
        con.execute(f"COMMENT ON {relation} main.\"{contract.name}\" IS '{quoted(contract.comment)}'")
        for column in contract.columns:
            con.execute(f'COMMENT ON COLUMN main."{contract.name}"."{column.name}" IS \'{quoted(column.comment)}\'')
    for mart in marts:
        con.execute(f"COMMENT ON {mart.relation} mart.\"{mart.name}\" IS '{quoted(mart.comment)}'")
        for name, text in mart.columns.items():
            con.execute(f'COMMENT ON COLUMN mart."{mart.name}"."{name}" IS \'{quoted(text)}\'')
    con.execute("COMMIT")


def row_counts(con: duckdb.DuckDBPyConnection, names: Iterable[str]) -> dict[str, int]:
    """Count the rows of tables."""
    counts = {}
    for name in names:
        (counts[name],) = con.execute(f'SELECT count(*) FROM main."{name}"').fetchall()[0]
    return counts


def reading(files: Iterable[str], home: str | None = None) -> str:
    """Name Parquet files as DuckDB reads them; below a folder that is an expression where one is given."""
    names = ", ".join(f"{home} || '/{file}'" if home else f"'{file}'" for file in files)
    return f"read_parquet([{names}], hive_partitioning = false)"
