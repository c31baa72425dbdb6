"""Arrow schemas from the table contracts, and tables that are made to fit them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from gongkai.contracts.tables import TableContract, load_tables
from gongkai.errors import RunError

_TYPES: dict[str, pa.DataType] = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    # Without a time zone, always UTC: DuckDB's TIMESTAMPTZ needs an extension or pytz in many BI drivers.
    "TIMESTAMP": pa.timestamp("us"),
}
_AT_ONCE = 10_000
"""Rows that become a table at once."""
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


class LakeError(RunError):
    """Rows do not fit their contract, or the lake's files contradict its manifests."""

    code = "lake_error"


def arrow_type(type_: str) -> pa.DataType:
    """Translate a DuckDB type of a contract.

    Raises:
        LakeError: The type is none that the lake knows.
    """
    if type_.endswith("[]"):
        return pa.list_(arrow_type(type_[:-2]))
    if match := _DECIMAL.fullmatch(type_):
        return pa.decimal128(int(match[1]), int(match[2]))
    if type_ not in _TYPES:
        raise LakeError("unknown type in a table contract", found=type_, expected=", ".join([*_TYPES, "DECIMAL(p,s)"]))
    return _TYPES[type_]


def arrow_schema(contract: TableContract) -> pa.Schema:
    """Build the Arrow schema of a table; required columns are not nullable."""
    return pa.schema(
        [pa.field(column.name, arrow_type(column.type), nullable=not column.required) for column in contract.columns]
    )


def lake_tables(tables: Mapping[str, TableContract] | None = None) -> dict[str, TableContract]:
    """Return the contracts of the tables that stand in the lake, one partition a report year."""
    return {name: one for name, one in (tables or load_tables()).items() if one.partitioned}


@cache
def _known_schema(contract: TableContract) -> pa.Schema:
    return arrow_schema(contract)


def table_of(rows: Iterable[Mapping[str, Any]], contract: TableContract) -> pa.Table:
    """Make a table of rows.

    Args:
        rows: Mappings by column name; a missing key is NULL, an unknown one an error. Times with a zone become UTC.
        contract: The table.

    Raises:
        LakeError: A row has an unknown column, or a value does not fit its column.
    """
    schema = _known_schema(contract)
    rows = list(rows)
    if unknown := set().union(*rows) - set(schema.names):
        number = next(number for number, row in enumerate(rows) if unknown & row.keys())
        raise LakeError(
            "a row has unknown columns",
            where=f"{contract.name}, row {number}",
            found=sorted(unknown & rows[number].keys()),
            expected=schema.names,
        )
    columns = ([row.get(name) for row in rows] for name in schema.names)
    arrays = [_array(values, field, contract) for values, field in zip(columns, schema, strict=True)]
    return conform(pa.Table.from_arrays(arrays, schema=schema), contract)


class Gathered:
    """Rows of one table that come in by and by, held as Arrow: a row as a mapping takes twenty times the memory.

    Args:
        contract: The table.
    """

    def __init__(self, contract: TableContract) -> None:
        self._contract = contract
        self._rows: list[Mapping[str, Any]] = []
        self._tables: list[pa.Table] = []

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Take rows in; errors as `table_of`, at the latest when the table is asked for."""
        self._rows += rows
        if len(self._rows) >= _AT_ONCE:
            self._pack()

    def table(self) -> pa.Table:
        """Return all rows, in the order in which they came."""
        self._pack()
        return pa.concat_tables(self._tables)

    def _pack(self) -> None:
        if self._rows or not self._tables:
            self._tables.append(table_of(self._rows, self._contract))
            self._rows = []


def _array(values: Sequence[Any], field: pa.Field, contract: TableContract) -> pa.Array:
    where = f"{contract.name}.{field.name}"
    # pyarrow cuts the decimals of a Decimal off without a word.
    if pa.types.is_integer(field.type) and (cut := [one for one in values if isinstance(one, Decimal) and one % 1]):
        raise LakeError("a value does not fit its column", where=where, found=cut[0], expected=str(field.type))
    try:
        return pa.array(values, type=field.type)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
        raise LakeError(f"a value does not fit its column: {error}", where=where, expected=str(field.type)) from error


def conform(table: pa.Table, contract: TableContract) -> pa.Table:
    """Bring a table into the order and types of its contract, losing nothing.

    Raises:
        LakeError: Columns are missing or unknown, a value does not fit, or a required column holds NULL.
    """
    schema = _known_schema(contract)
    if set(table.column_names) != set(schema.names) or len(table.column_names) != len(schema):
        raise LakeError(
            "the columns are not those of the contract",
            where=contract.name,
            found=f"missing {sorted(set(schema.names) - set(table.column_names))}, "
            f"unknown {sorted(set(table.column_names) - set(schema.names))}",
            expected=schema.names,
        )
    columns = []
    for field in schema:
        column = table.column(field.name)
        if column.type != field.type:
            try:
                column = pc.cast(column, field.type, safe=True)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
                raise LakeError(
                    f"the column does not fit: {error}",
                    where=f"{contract.name}.{field.name}",
                    found=str(column.type),
                    expected=str(field.type),
                ) from error
        if not field.nullable and column.null_count:
            raise LakeError(
                "NULL in a required column",
                where=f"{contract.name}.{field.name}",
                found=f"{column.null_count} of {table.num_rows} rows",
                expected="a value in every row",
            )
        columns.append(column)
    return pa.Table.from_arrays(columns, schema=schema)


def in_order(table: pa.Table, contract: TableContract) -> pa.Table:
    """Sort a table by its primary key, so that equal rows give equal bytes.

    Raises:
        LakeError: Two rows have the same key.
    """
    table = table.sort_by([(name, "ascending") for name in contract.key]).combine_chunks()
    if table.num_rows < 2:
        return table
    same = None
    for name in contract.key:
        column = table.column(name)
        equal = pc.equal(column.slice(1), column.slice(0, table.num_rows - 1))
        same = equal if same is None else pc.and_(same, equal)
    first = pc.index(same, value=True).as_py()
    if first >= 0:
        key = {name: table.column(name)[first].as_py() for name in contract.key}
        raise LakeError(
            "two rows have the same key",
            where=contract.name,
            found=f"{key}, {pc.sum(same).as_py()} times more than once",
            expected=f"one row per {', '.join(contract.key)}",
        )
    return table
