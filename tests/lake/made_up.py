"""Tables of any contract with rows made up: every type, NULL where it is allowed, keys in order of their number."""

from __future__ import annotations

import random
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from unittest import mock

from gongkai.lake import writing
from gongkai.lake.schema import arrow_schema, lake_tables, table_of

YEAR = 2024


def made_up(name, numbers, seed=0):
    """A table with one row a number, ordered by key: the same number and seed give the same row."""
    contract = lake_tables()[name]
    return table_of((_row(contract, number, random.Random(f"{name} {number} {seed}")) for number in numbers), contract)


def _row(contract, number, draw):
    row = {}
    for column in contract.columns:
        if column.required or draw.random() < 0.7:
            row[column.name] = _value(column.type, draw)
    # Three rows a report, five reports to an agency: what repeats is packed by dictionary.
    row |= {"report_id": f"a{number // 15:06d}-{number // 3:07d}", "report_year": YEAR}
    if number % 4 == 0 and contract.name == "documents":
        row["report_id"] = None
    key = [name for name in contract.key if name != "report_year"]
    types = {column.name: column.type for column in contract.columns}
    row |= {one: 1 if types[one] == "INTEGER" else "x" for one in key}
    row[key[0]] = row["report_id"] if key[0] == "report_id" else f"r{number // (1 if len(key) == 1 else 3):07d}"
    if len(key) > 1:
        row[key[-1]] = number % 3 if types[key[-1]] == "INTEGER" else f"r{number % 3}"
    if key == ["report_id"]:
        row["report_id"] = f"{number:09d}"
    return row


def _value(type_, draw):
    if type_.endswith("[]"):
        return [_value(type_[:-2], draw) for _ in range(draw.randrange(3))]
    if type_.startswith("DECIMAL"):
        return Decimal(draw.randrange(10**6))
    made = {
        "VARCHAR": lambda: f"第{draw.randrange(10**9)}号" * draw.randrange(8) if draw.random() < 0.5 else "某机关",
        "BIGINT": lambda: draw.randrange(10**12),
        "INTEGER": lambda: draw.randrange(10),
        "DOUBLE": draw.random,
        "BOOLEAN": lambda: draw.random() < 0.5,
        "DATE": lambda: date(2024, 1, 1 + draw.randrange(31)),
        "TIMESTAMP": lambda: datetime(2024, 1, 1 + draw.randrange(31)),  # noqa: DTZ001
    }
    return made[type_]()


def without_rows():
    return {name: arrow_schema(contract).empty_table() for name, contract in lake_tables().items()}


def files_of(folder):
    """Bytes by path of all files but locks."""
    found = (path for path in Path(folder).rglob("*") if path.is_file() and path.suffix != ".lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@contextmanager
def grouped(row_group, pieces=1000):
    with mock.patch.object(writing, "ROW_GROUP", row_group), mock.patch.object(writing, "_PIECES", pieces):
        yield
