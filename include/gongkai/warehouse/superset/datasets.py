"""Datasets of Superset: columns with their texts from the contracts, types from DuckDB, metrics as SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from gongkai.contracts.tables import TableContract, load_tables
from gongkai.errors import ContractError
from gongkai.warehouse.marts import Mart, load_marts
from gongkai.warehouse.superset.model import Dataset, Metric, Plan

_TIME = re.compile(r"DATE|TIMESTAMP", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, DuckDB type, Chinese name, and comment in Chinese and English."""

    name: str
    type: str
    zh: str
    comment: str

    @property
    def is_time(self) -> bool:
        """True for days and moments."""
        return _TIME.match(self.type) is not None

    @property
    def is_text(self) -> bool:
        """True for VARCHAR, not for lists of it."""
        return self.type == "VARCHAR"


@dataclass(frozen=True, slots=True)
class Source:
    """A table or view of the warehouse as Superset is told of it: comment in Chinese and English, and columns."""

    schema: str
    name: str
    comment: str
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column | None:
        """The column of this name; None where there is none."""
        return next((one for one in self.columns if one.name == name), None)


def sources(plan: Plan) -> dict[str, Source]:
    """Describe the tables and views that the plan names, and let DuckDB read every metric.

    Raises:
        ContractError: The contracts have no such table; a metric is no SQL over it, or takes a name twice.
    """
    known: dict[str, TableContract | Mart] = {f"main.{name}": table for name, table in load_tables().items()}
    known |= {f"mart.{mart.name}": mart for mart in load_marts()}
    found: dict[str, Source] = {}
    where = str(plan.folder / "datasets.yml")
    with _empty_warehouse() as con:
        for dataset in plan.datasets:
            if dataset.table not in known or dataset.table in found:
                raise ContractError(
                    "a dataset is a table or view of the contracts, given once",
                    where=where,
                    found=dataset.table,
                    expected=", ".join(known),
                )
            found[dataset.table] = _source(con, dataset.table, known[dataset.table])
            _check_metrics(con, dataset, found[dataset.table], where)
    return found


def expression(metric: Metric, dataset: Dataset) -> str:
    """Write a metric as SQL; NULL where rows meet that `within` keeps apart."""
    within = dataset.within if metric.within is None and metric.sql is None else metric.within or []
    if metric.share is not None:
        of, over = metric.share.of, metric.share.over
        both = f"FILTER (WHERE ({of}) IS NOT NULL AND ({over}) > 0)"
        sql = f"sum({of}) {both}::DOUBLE / sum({over}) {both}"
    elif metric.sum is not None:
        sql = f"sum({metric.sum})"
    elif metric.median is not None:
        sql = f"median({metric.median})"
    else:
        sql = str(metric.sql)
    if not within:
        return sql
    return f"CASE WHEN count(DISTINCT row({', '.join(within)})) = 1 THEN {sql} END"


@contextmanager
def _empty_warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of the contracts without rows, and the SQL of the marts over them."""
    with duckdb.connect() as con:
        for table in load_tables().values():
            columns = ", ".join(f"{one.name} {one.type}" for one in table.columns)
            con.execute(f"CREATE TABLE main.{table.name} ({columns})")
        con.execute("CREATE SCHEMA mart")
        for mart in load_marts():
            con.execute(f"CREATE VIEW mart.{mart.name} AS {mart.select}")
        yield con


def _source(con: duckdb.DuckDBPyConnection, name: str, known: TableContract | Mart) -> Source:
    types = {row[0]: row[1] for row in con.execute(f"DESCRIBE {name}").fetchall()}
    comment = known.comment
    if isinstance(known, Mart):
        columns = [Column(one, types[one], text.partition(" | ")[0], text) for one, text in known.columns.items()]
    else:
        columns = [Column(one.name, types[one.name], one.zh, one.comment) for one in known.columns]
        if known.warning_en:
            comment += f"\n{known.warning_zh}\n{known.warning_en}"
    schema, _, table = name.partition(".")
    return Source(schema, table, comment, tuple(columns))


def _check_metrics(con: duckdb.DuckDBPyConnection, dataset: Dataset, source: Source, where: str) -> None:
    taken = {column.name for column in source.columns}
    for metric in dataset.metrics:
        if metric.name in taken:
            raise ContractError(
                "a metric has a name of its own, that no column has",
                where=where,
                found=f"{dataset.table}: {metric.name}",
            )
        taken.add(metric.name)
        try:
            con.execute(f"SELECT {expression(metric, dataset)} FROM {dataset.table}")  # noqa: S608
        except duckdb.Error as error:
            raise ContractError(
                f"metric {metric.name}: {error}", where=where, found=f"{dataset.table}: {expression(metric, dataset)}"
            ) from error
