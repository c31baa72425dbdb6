"""One consistent state of the lake: the parts that its manifests named at one moment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gongkai.contracts.tables import TableContract
from gongkai.lake.files import Files, sha256_of
from gongkai.lake.schema import LakeError, arrow_schema, conform

FORMAT = 1
"""Version of the manifest's form."""
ROW_GROUP = 262_144
RANGED = "report_id"
"""What `Snapshot.between` asks ranges of."""


class PartMissingError(LakeError):
    """A part that a manifest names is gone: a commit replaced it meanwhile, or somebody removed it."""

    code = "part_missing"


@dataclass(frozen=True, slots=True)
class Part:
    """One Parquet file: path below the lake's location, sha256 of its bytes, rows, bytes."""

    path: str
    sha256: str
    rows: int
    bytes: int


class Snapshot:
    """What the lake held at one moment.

    Args:
        files: The lake's files.
        tables: Contracts of its tables.
        manifests: Manifest by report year, as written.
    """

    def __init__(self, files: Files, tables: Mapping[str, TableContract], manifests: Mapping[int, bytes]) -> None:
        self._files = files
        self._tables = tables
        self._manifests = dict(sorted(manifests.items()))
        self._parsed: dict[int, dict[str, list[Part]]] = {}

    @property
    def years(self) -> list[int]:
        """Report years, sorted."""
        return list(self._manifests)

    @cached_property
    def fingerprint(self) -> str:
        """Hash of all manifests; equal exactly when all tables of all years are."""
        digest = hashlib.sha256()
        for year, manifest in self._manifests.items():
            digest.update(f"{year}\0".encode() + manifest + b"\0")
        return digest.hexdigest()

    def years_of(self, table: str) -> dict[int, tuple[Part, ...]]:
        """Return the parts of a table by year; years without rows have none.

        Raises:
            LakeError: A manifest is damaged.
        """
        found = {year: self._entries(year).get(table) for year in self.years}
        return {year: tuple(parts) for year, parts in found.items() if parts}

    def fetch(self, part: Part, target: Path) -> None:
        """Put a part into a local folder that is there: a hard link where the lake is on the same disk, else a copy.

        Raises:
            PartMissingError: The part is gone.
            LakeError: Its bytes are not those that were committed, or it was written under another contract.
        """
        where = self._files.full(part.path)
        try:
            self._files.fetch(part.path, target)
        except FileNotFoundError as error:
            raise _missing(where) from error
        found = sha256_of(target)
        if found != part.sha256:
            raise LakeError(
                "damaged part", where=where, found=f"sha256 {found}", expected=part.sha256,
                do="remove it and load the year again: gongkai load --year",
            )  # fmt: skip
        self._demand_contract(where, pq.read_schema(target), self._tables[part.path.partition("/")[0]])

    def _demand_contract(self, where: str, found: pa.Schema, contract: TableContract) -> None:
        wanted = arrow_schema(contract)
        shapes = [[(field.name, field.type) for field in schema] for schema in (found, wanted)]
        if shapes[0] != shapes[1]:
            strange = [f"{name} {type_}" for name, type_ in shapes[0] if (name, type_) not in shapes[1]]
            missing = [f"{name} {type_}" for name, type_ in shapes[1] if (name, type_) not in shapes[0]]
            raise LakeError(
                "written under another contract", where=f"{where} {contract.name}",
                found=f"missing {missing}, unknown {strange}", expected=f"the columns of {contract.name}",
                do="load the year again: gongkai load --year",
            )  # fmt: skip

    def parts(self, table: str, years: Iterable[int] | None = None) -> list[Part]:
        """Return the parts of a table, by year.

        Raises:
            LakeError: The table is unknown, or a manifest is damaged.
        """
        if table not in self._tables:
            raise LakeError("no such table in the lake", found=table, expected=", ".join(self._tables))
        wanted = self.years if years is None else [year for year in sorted(set(years)) if year in self._manifests]
        return [part for year in wanted for part in self._entries(year).get(table, ())]

    def _entries(self, year: int) -> dict[str, list[Part]]:
        """The parts of a year by table; a damaged manifest hinders nobody who asks for other years."""
        if year not in self._parsed:
            self._parsed[year] = _parse(year, self._manifests[year])
        return self._parsed[year]

    def paths(self, table: str) -> list[str]:
        """Return the full paths of a table's parts, by year."""
        paths = [self._files.full(part.path) for part in self.parts(table)]
        return paths if self._files.is_local else [self._files.fs.unstrip_protocol(path) for path in paths]

    def read(self, table: str, years: Iterable[int] | None = None, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a table, of all years or some, ordered by year and key.

        Args:
            table: Its name.
            years: Report years; None for all.
            columns: Names of the columns wanted, in this order; None for all. Others are not read.

        Raises:
            PartMissingError: A part is gone.
            LakeError: The table or a column is unknown, or its files are damaged or of another contract.
        """
        batches = self.batches(table, years, columns)
        return pa.Table.from_batches(batches, schema=arrow_schema(self._contract(table, columns)))

    def batches(
        self, table: str, years: Iterable[int] | None = None, columns: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield a table in pieces, for tables larger than memory; arguments, order and errors as `read`."""
        contract = self._contract(table, columns)
        for part in self.parts(table, years):
            yield from self._batches(part, contract, columns)

    def _contract(self, table: str, columns: Sequence[str] | None) -> TableContract:
        """The contract of a table, or of some of its columns."""
        if table not in self._tables:
            raise LakeError("no such table in the lake", found=table, expected=", ".join(self._tables))
        contract = self._tables[table]
        if columns is None:
            return contract
        known = {column.name: column for column in contract.columns}
        if unknown := [name for name in columns if name not in known]:
            raise LakeError("no such column", where=table, found=unknown, expected=", ".join(known))
        return replace(contract, columns=tuple(known[name] for name in columns))

    def _batches(self, part: Part, contract: TableContract, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        wanted = None if columns is None else list(columns)
        with _telling(self._files.full(part.path)), self._files.open(part.path) as file:
            for batch in pq.ParquetFile(file).iter_batches(batch_size=ROW_GROUP, columns=wanted):
                yield from conform(pa.Table.from_batches([batch]), contract).to_batches()

    def between(
        self, table: str, year: int, first: str | None, last: str | None, columns: Sequence[str] | None = None
    ) -> pa.Table:
        """Return the rows of a year whose report_id lies in a range, ordered by key.

        Row groups outside the range are not read, so this is quick where the key begins with the report.

        Args:
            table: Its name; it must have a report_id. Rows where that is NULL lie in no range.
            year: The report year; one that the lake does not hold has no rows.
            first: The smallest report_id wanted; None for no such bound.
            last: The greatest, likewise.
            columns: As in `read`.

        Raises:
            PartMissingError: A part is gone.
            LakeError: As `read`; or the table has no report_id.
        """
        contract = self._contract(table, columns)
        if RANGED not in (known := [column.name for column in self._tables[table].columns]):
            raise LakeError("a table without report_id has no ranges of it", where=table, found=", ".join(known))
        wanted = [column.name for column in contract.columns]
        read = self._contract(table, [*wanted, *({RANGED} - set(wanted))])
        found = [arrow_schema(contract).empty_table()]
        for part in self.parts(table, [year]):
            with _telling(self._files.full(part.path)), self._files.open(part.path) as file:
                parquet = pq.ParquetFile(file)
                for number in range(parquet.num_row_groups):
                    if _overlaps(parquet.metadata.row_group(number), first, last):
                        rows = parquet.read_row_group(number, columns=[column.name for column in read.columns])
                        found.append(_within(conform(rows, read), first, last).select(wanted))
        return pa.concat_tables(found)


def _overlaps(group: pq.RowGroupMetaData, first: str | None, last: str | None) -> bool:
    """Whether a row group may hold a report_id of the range; True where its statistics do not tell."""
    columns = (group.column(number) for number in range(group.num_columns))
    found = next((column.statistics for column in columns if column.path_in_schema == RANGED), None)
    if found is None or not found.has_min_max or not isinstance(found.min, str):
        return True
    return (first is None or found.max >= first) and (last is None or found.min <= last)


def _within(table: pa.Table, first: str | None, last: str | None) -> pa.Table:
    ids = table.column(RANGED)
    wanted = pc.is_valid(ids)
    if first is not None:
        wanted = pc.and_(wanted, pc.greater_equal(ids, first))
    if last is not None:
        wanted = pc.and_(wanted, pc.less_equal(ids, last))
    return table.filter(wanted)


@contextmanager
def _telling(path: str) -> Iterator[None]:
    """Tell what is wrong with a part that the block reads."""
    try:
        yield
    except FileNotFoundError as error:
        raise _missing(path) from error
    except pa.ArrowInvalid as error:
        raise LakeError(
            f"damaged part: {error}", where=path, do="remove it and load the year again: gongkai load --year"
        ) from error
    except LakeError as error:
        raise LakeError(
            f"written under another contract: {error.what}",
            where=f"{path} {error.where}",
            found=error.found,
            expected=error.expected,
            do="load the year again: gongkai load --year",
        ) from error


def _missing(path: str) -> PartMissingError:
    return PartMissingError(
        "a part that the manifest names is missing", where=path, do="load the year again: gongkai load --year"
    )


def _parse(year: int, data: bytes) -> dict[str, list[Part]]:
    where, do = f"manifest of report_year={year}", f"load the year again: gongkai load --year {year}"
    try:
        form: dict[str, Any] = json.loads(data)
        if form["format"] != FORMAT:
            raise LakeError("manifest of another program", where=where, found=form["format"], expected=FORMAT, do=do)
        return {name: [Part(**part) for part in entry["files"]] for name, entry in form["tables"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LakeError(f"damaged manifest: {error}", where=where, do=do) from error
