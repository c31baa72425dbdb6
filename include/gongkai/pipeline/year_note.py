"""What settling a year leaves for the next time: what each document was filed as, and what each agency depends on.

Two Parquet files beside the lake's partitions, `_settled/report_year=<year>/<print>.<kind>.parquet`, named by their
content; the note of the year (gongkai.pipeline.staleness) says which count, and for which partition.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from gongkai.lake.files import Files
from gongkai.pipeline.filing import KEPT, Filed

FOLDER = "_settled"


@dataclass(frozen=True, slots=True)
class AgencyNote:
    """What the report of an agency was settled with, and what settling later agencies takes from it.

    Attributes:
        agency_id: The agency.
        documents: Hash of its documents.
        decisions: Hash of the decisions on them.
        before: Hash of what the lake held of its report of the year before.
        copies: Hash of whose overviews its own was found to equal.
        digest: Hash of its overview (gongkai.quality.copied), "" where it has none.
        name: Its name.
        template: Template of its report.
        texts: Outcomes of the rules over its text (gongkai.quality.texts.packed).
    """

    agency_id: str
    documents: str = ""
    decisions: str = ""
    before: str = ""
    copies: str = ""
    digest: str = ""
    name: str = ""
    template: str = ""
    texts: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What is known from the last time: documents by print, agencies by id; nothing of either for a year never settled.

    Attributes:
        documents: What each document was filed as, see filing.KEPT.
        agencies: What each agency was settled with.
    """

    documents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    agencies: Mapping[str, AgencyNote] = field(default_factory=dict)


def keep(files: Files, year: int, filed: Iterable[Filed], agencies: Iterable[AgencyNote]) -> str:
    """Write a note and return the name to ask for it by, "" for one that says nothing."""
    documents = [{"print": one.print} | {name: getattr(one, name) for name in KEPT} for one in filed]
    if not documents:
        return ""
    kept = _parquet(documents, _documents()), _parquet([asdict(one) for one in agencies], _agencies())
    name = hashlib.sha256(b"".join(kept)).hexdigest()[:16]
    for path, data in zip(_paths(year, name), kept, strict=True):
        files.put(path, data)
    return name


def recall(files: Files, year: int, name: str) -> Note | None:
    """Return the note of a name, None where it is gone or damaged: then the year is settled from nothing."""
    documents, agencies = (_rows(files, path) for path in _paths(year, name))
    if documents is None or agencies is None:
        return None
    try:
        return Note(
            {one.pop("print"): one for one in documents}, {one["agency_id"]: AgencyNote(**one) for one in agencies}
        )
    except (KeyError, TypeError):  # of another version
        return None


def forget_others(files: Files, year: int, name: str) -> None:
    """Remove the notes of a year but one."""
    kept = _paths(year, name)
    for found in files.names(f"{FOLDER}/report_year={year}"):
        path = f"{FOLDER}/report_year={year}/{found}"
        if path not in kept:
            files.remove(path)


def _paths(year: int, name: str) -> tuple[str, str]:
    folder = f"{FOLDER}/report_year={year}/{name}"
    return f"{folder}.documents.parquet", f"{folder}.agencies.parquet"


def _documents() -> pa.Schema:
    types = {"report_year": pa.int32()}
    return pa.schema([("print", pa.string()), *((name, types.get(name, pa.string())) for name in KEPT)])


def _agencies() -> pa.Schema:
    return pa.schema([(one.name, pa.string()) for one in fields(AgencyNote)])


def _parquet(rows: list[dict[str, Any]], schema: pa.Schema) -> bytes:
    buffer = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows, schema), buffer, compression="zstd")
    return bytes(buffer.getvalue())


def _rows(files: Files, path: str) -> list[dict[str, Any]] | None:
    data = files.read(path)
    if data is None:
        return None
    try:
        return list(pq.read_table(pa.BufferReader(data)).to_pylist())
    except pa.ArrowInvalid:
        return None
