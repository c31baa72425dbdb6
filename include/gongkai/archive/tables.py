"""Rows of dataclasses as Parquet files of the archive.

pyarrow imports pandas (a second, 60 MB) where Python objects become arrays or times become objects. A collecting
process has no use for that, so rows go in as JSON and times come out as numbers.
"""

from __future__ import annotations

import ctypes
import gc
import io
import sys
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_type_hints

from pydantic import TypeAdapter

from gongkai.archive.store import Archive

if TYPE_CHECKING:
    import pyarrow as pa

Row = TypeVar("Row")
_AT_ONCE = 2_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def write_table(archive: Archive, name: str, kind: type[Row], rows: Iterable[Row]) -> None:
    """Write rows as one Parquet file, some thousand at a time."""
    if "pyarrow" not in sys.modules:
        _give_back()  # what a long list took is free by now, and pyarrow takes 60 MB
        import pyarrow as pa

        pa.set_memory_pool(pa.system_memory_pool())  # gives back what it has used
    import pyarrow as pa
    import pyarrow.json
    import pyarrow.parquet

    schema = _schema(cast("Hashable", kind))
    plain, adapter = _with_text_for_dates(schema), TypeAdapter(kind)
    out, left = io.BytesIO(), iter(rows)
    with pyarrow.parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        while lines := [adapter.dump_json(row, exclude_none=True) for row in islice(left, _AT_ONCE)]:
            data = b"\n".join(lines)
            table = pyarrow.json.read_json(
                io.BytesIO(data),
                read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=len(data) + 1),
                parse_options=pyarrow.json.ParseOptions(explicit_schema=plain, unexpected_field_behavior="error"),
            )
            writer.write_table(table.select(schema.names).cast(schema))
    archive.write(name, out.getvalue())


def _give_back() -> None:
    """Give the memory that is free back to the system; glibc keeps it otherwise."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def read_table(archive: Archive, name: str, kind: type[Row]) -> Iterator[Row]:
    """Yield the rows of a Parquet file; columns that it does not have yet get their defaults."""
    import pyarrow as pa
    import pyarrow.parquet

    adapter = TypeAdapter(kind)
    known = [column.name for column in fields(kind)]  # type: ignore[arg-type]
    file = pyarrow.parquet.ParquetFile(pa.BufferReader(archive.read(name)))
    for batch in file.iter_batches(_AT_ONCE, columns=[column for column in file.schema_arrow.names if column in known]):
        times = [field.name for field in batch.schema if pa.types.is_timestamp(field.type)]
        plain = pa.schema([field.with_type(pa.int64()) if field.name in times else field for field in batch.schema])
        for row in batch.cast(plain).to_pylist():
            for column in times:
                row[column] = None if row[column] is None else _EPOCH + timedelta(microseconds=row[column])
            yield adapter.validate_python(row)


@cache
def _schema(kind: type[Any]) -> pa.Schema:
    """Return the Arrow schema of a dataclass: times in UTC, enumerations as their text."""
    import pyarrow as pa

    simple = {
        str: pa.string(),
        int: pa.int64(),
        float: pa.float64(),
        bool: pa.bool_(),
        date: pa.date32(),
        datetime: pa.timestamp("us", "UTC"),
    }
    hints = get_type_hints(kind)
    columns = []
    for column in fields(kind):
        options = getattr(hints[column.name], "__args__", (hints[column.name],))
        plain = next(one for one in options if one is not type(None))
        kept = str if issubclass(plain, StrEnum) else plain
        columns.append(pa.field(column.name, simple[kept], nullable=len(options) > 1))
    return pa.schema(columns)


def _with_text_for_dates(schema: pa.Schema) -> pa.Schema:
    """Arrow's reader of JSON knows times but no dates."""
    import pyarrow as pa

    return pa.schema([field.with_type(pa.string()) if pa.types.is_date(field.type) else field for field in schema])
