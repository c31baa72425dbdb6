"""A release as one file that stands alone, to take elsewhere: what stands in Parquet becomes tables of the file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gongkai.contracts.tables import TableContract
from gongkai.errors import RunError
from gongkai.warehouse import build
from gongkai.warehouse.release import discard

if TYPE_CHECKING:
    import duckdb


def write_portable(release: Path, target: Path, tables: Mapping[str, TableContract]) -> Path:
    """Copy a release into a file that needs no other; return the file.

    It answers every query as the release does, and is read by the same DuckDBs. With all cells and texts in it, it may
    be many times as large.

    Args:
        release: The file of the release.
        target: The new file.
        tables: Contracts of the tables of the release.

    Raises:
        RunError: The target exists already, or the release is of other contracts.
    """
    import duckdb

    if target.exists():
        raise RunError("the file exists already", where=str(target), do="name another, or remove it")
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.building")
    discard(target.parent.glob(f"{aside.name}*"))  # a log that a killed export left would be played into this one
    try:
        with build.create(aside, release) as con:
            for contract in tables.values():
                if contract.parquet_only:
                    _take_in(con, contract)
            build.add_comments(con, {name: one for name, one in tables.items() if one.parquet_only}, (), stored=True)
            con.execute("CHECKPOINT release")
            con.execute("USE memory")
            con.execute("DETACH release")
        aside.replace(target)
    except duckdb.ProgrammingError as error:
        raise RunError(
            f"the release cannot be copied: {error}", where=str(release), do="publish again by the contracts of today"
        ) from error
    finally:
        discard(target.parent.glob(f"{aside.name}*"))
    return target


def _take_in(con: duckdb.DuckDBPyConnection, contract: TableContract) -> None:
    name, seen = f'main."{contract.name}"', f'main."{contract.name}_in_parquet"'
    con.execute(f'ALTER VIEW {name} RENAME TO "{contract.name}_in_parquet"')
    con.execute(build.ddl(contract))
    con.execute(f"INSERT INTO {name} BY NAME FROM {seen}")
    con.execute(f"DROP VIEW {seen}")
