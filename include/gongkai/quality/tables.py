"""The Arrow tables that checking takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gongkai.errors import RunError

if TYPE_CHECKING:
    import pyarrow as pa


def cells_schema() -> pa.Schema:
    """Columns of the cells: one row per cell of a report's form as printed."""
    import pyarrow as pa

    names = ("report_key", "template", "table", "row", "column", "state")
    return pa.schema([*((name, pa.string()) for name in names), ("value", pa.decimal128(24, 6))])


def previous_schema() -> pa.Schema:
    """Columns of the links from a report to the agency's report of the year before."""
    import pyarrow as pa

    return pa.schema([("report_key", pa.string()), ("previous_key", pa.string())])


def conform(table: pa.Table, schema: pa.Schema, name: str) -> pa.Table:
    """Pick and cast the columns of a schema; strings may stay dictionaries, which keep large inputs small.

    Raises:
        RunError: A column is missing or of another kind.
    """
    import pyarrow as pa

    missing = [column for column in schema.names if column not in table.column_names]
    if missing:
        raise RunError("the table lacks columns", where=name, found=table.column_names, expected=schema.names)
    columns = []
    for field in schema:
        column = table[field.name]
        encoded = pa.types.is_dictionary(column.type) and column.type.value_type == field.type
        try:
            columns.append(column if encoded else column.cast(field.type))
        except pa.ArrowException as error:
            raise RunError(
                f"column {field.name} does not fit", where=name, found=str(error), expected=str(field.type)
            ) from error
    return pa.table(columns, names=schema.names)
