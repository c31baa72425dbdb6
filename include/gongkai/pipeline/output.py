"""Writes rows as a table for people, or as jsonl, csv or parquet for programs."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, TextIO

from gongkai.errors import RunError

Row = dict[str, Any]
_TABLE_CELL = 48


class Format(StrEnum):
    """How rows are written."""

    TABLE = "table"
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


def write_rows(
    rows: Iterable[Row], columns: Sequence[str], form: Format, target: Path | None, numbers: Sequence[str] = ()
) -> int:
    """Write rows and return how many.

    Args:
        rows: Each has all columns.
        columns: Order of the columns.
        form: How to write; parquet needs a file.
        target: File, or None for standard output.
        numbers: Columns that are numbers in parquet (64-bit floats); bbox and other lists become lists.
    """
    if form is Format.PARQUET:
        return _write_parquet(rows, columns, target, numbers)
    with _opened(target) as file:
        if form is Format.JSONL:
            return _count(file, (json.dumps(_plain(row), ensure_ascii=False) + "\n" for row in rows))
        if form is Format.CSV:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            count = 0
            for row in rows:
                writer.writerow(_plain(row))
                count += 1
            return count
        return _write_table(rows, columns, file)


def _count(file: TextIO, lines: Iterator[str]) -> int:
    count = 0
    for line in lines:
        file.write(line)
        count += 1
    return count


@contextmanager
def _opened(target: Path | None) -> Iterator[TextIO]:
    if target is None:
        yield sys.stdout
        return
    try:
        with target.open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise RunError("cannot write the output", where=str(target), found=error.strerror) from error


def _plain(row: Row) -> Row:
    """Decimals as int where whole, else float: programs that read JSON or CSV expect numbers."""
    return {key: _number(value) if isinstance(value, Decimal) else value for key, value in row.items()}


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _write_table(rows: Iterable[Row], columns: Sequence[str], file: TextIO) -> int:
    from rich.console import Console
    from rich.table import Table

    kept = [_plain(row) for row in rows]
    shown = [column for column in columns if any(row[column] not in (None, "") for row in kept)]
    table = Table(*shown)
    for row in kept:
        table.add_row(*("" if row[c] is None else str(row[c]).replace("[", r"\[")[:_TABLE_CELL] for c in shown))
    width = None if file.isatty() else 40 + 24 * len(shown)
    Console(file=file, width=width, highlight=False).print(table)
    return len(kept)


def _write_parquet(rows: Iterable[Row], columns: Sequence[str], target: Path | None, numbers: Sequence[str]) -> int:
    if target is None:
        raise RunError("parquet cannot go to standard output", do="give -o FILE")
    import pyarrow as pa
    import pyarrow.parquet as pq

    kept = [_plain(row) for row in rows]
    arrays = {}
    for column in columns:
        values = [row[column] for row in kept]
        if column in numbers:
            arrays[column] = pa.array([None if v is None else float(v) for v in values], pa.float64())
        elif any(isinstance(value, list | tuple) for value in values):
            arrays[column] = pa.array(values)
        elif any(isinstance(value, int) for value in values):
            arrays[column] = pa.array(values, pa.int64())
        else:
            arrays[column] = pa.array(values, pa.string())
    try:
        pq.write_table(pa.table(arrays), target, compression="zstd")
    except OSError as error:
        raise RunError("cannot write the output", where=str(target), found=error.strerror) from error
    return len(kept)
