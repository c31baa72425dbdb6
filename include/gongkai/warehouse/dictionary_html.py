"""The data dictionary as one HTML file to search: from the contracts, or with the numbers of a release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gongkai.contracts.tables import TableContract
from gongkai.settings import ROOT, TIMEZONE
from gongkai.warehouse.macros import Macro
from gongkai.warehouse.marts import Mart
from gongkai.warehouse.pages import render
from gongkai.warehouse.releases import open_release

if TYPE_CHECKING:
    import duckdb

PAGE = ROOT / "docs" / "dictionary.html"
_FOLDER = Path(__file__).with_name("dictionary_page")
_SAMPLES, _CHARACTERS, _ROWS = 4, 60, 1000
"""Sample values of a column, their length, and the first rows of a table that they are taken from."""


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """What a release adds to the contracts.

    Attributes:
        release_id: Its id.
        built_at: When it was built, in the time of its readers.
        rows: Rows by table, and by view as "mart.<name>".
        samples: Some values by table and column, cut short.
    """

    release_id: str
    built_at: str
    rows: Mapping[str, int]
    samples: Mapping[str, Mapping[str, Sequence[str]]]


def dictionary_page(
    tables: Mapping[str, TableContract],
    marts: Iterable[Mart],
    macros: Sequence[Macro],
    release: ReleaseFacts | None = None,
) -> str:
    """Write the dictionary as HTML; the same contracts and release give the same text."""
    used: dict[str, list[str]] = {name: [] for name in tables}
    for contract in tables.values():
        for column in contract.columns:
            if column.references:
                used[column.references[0]].append(f"{contract.name}.{column.name}")
    marts = sorted(marts, key=lambda mart: mart.name)
    return render(_FOLDER, tables=list(tables.values()), marts=marts, macros=macros, used=used, release=release)


def release_facts(path: Path, tables: Mapping[str, TableContract], marts: Iterable[Mart]) -> ReleaseFacts:
    """Count the rows of a release and take some values of each column.

    Raises:
        RunError: The file is no release.
    """
    rows: dict[str, int] = {}
    samples: dict[str, dict[str, list[str]]] = {}
    with open_release(path) as con:
        ((release_id, built_at),) = con.execute("SELECT release_id, built_at FROM releases WHERE is_current").fetchall()
        named = [(name, name, [one.name for one in contract.columns]) for name, contract in tables.items()]
        named += [(f"mart.{mart.name}", f"mart.{mart.name}", list(mart.columns)) for mart in marts]
        for name, relation, columns in named:
            ((rows[name],),) = con.execute(f"SELECT count(*) FROM {relation}").fetchall()  # noqa: S608
            samples[name] = _samples(con, relation, columns)
    zone = ZoneInfo(TIMEZONE)
    return ReleaseFacts(release_id, f"{built_at.replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M}", rows, samples)


def _samples(con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str]) -> dict[str, list[str]]:
    """Take the first different values of each column, cut short: pages stay small whatever the documents say."""
    cut = ", ".join(f'left("{column}"::VARCHAR, {_CHARACTERS + 1})' for column in columns)
    found: dict[str, dict[str, None]] = {column: {} for column in columns}
    for row in con.execute(f"SELECT {cut} FROM (FROM {relation} LIMIT {_ROWS})").fetchall():  # noqa: S608
        for column, value in zip(columns, row, strict=True):
            if value and len(found[column]) < _SAMPLES:
                text = " ".join(value.split())
                found[column][text if len(text) <= _CHARACTERS else f"{text[:_CHARACTERS]}…"] = None
    return {column: list(values) for column, values in found.items()}
