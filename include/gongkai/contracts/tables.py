"""The contracts of the published tables (ODCS 3.1, data_contracts/warehouse/*.yml), typed for lake and warehouse.

ODCS has no place for a second language or a unit, so custom properties carry them: `descriptionZh`, `limitationsZh`
(the usage warning), `unit` and, on tables, `shrinkTolerance` and `storage`. Enumerations are `invalidValues` checks
with `validValues`, as ODCS 3.1 writes them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from open_data_contract_standard.model import (
    CustomProperty,
    OpenDataContractStandard,
    SchemaObject,
    SchemaProperty,
    Team,
)

from gongkai.contracts.yaml import line_of, load_model, load_plain, load_tree
from gongkai.errors import ContractError
from gongkai.settings import get_settings

API_VERSION = "v3.1.0"
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class ColumnContract:
    """A column of a published table.

    Attributes:
        name: Its name.
        type: DuckDB type, e.g. "BIGINT", "DECIMAL(24,6)", "VARCHAR[]".
        required: True where NULL is forbidden.
        zh: Chinese name.
        zh_text: Chinese description, "" where the name says it all.
        en_text: English description.
        unit: Unit of the values, "" where they have none.
        values: Allowed values; empty for any.
        references: (table, column) whose values it takes, None where free. NULL references nothing.
    """

    name: str
    type: str
    required: bool
    zh: str
    zh_text: str
    en_text: str
    unit: str = ""
    values: tuple[str, ...] = ()
    references: tuple[str, str] | None = None

    @property
    def comment(self) -> str:
        """Chinese and English in one line, as COMMENT ON shows it."""
        zh = f"{self.zh}（{self.unit}）" if self.unit else self.zh
        return f"{zh}：{self.zh_text} | {self.en_text}" if self.zh_text else f"{zh} | {self.en_text}"


@dataclass(frozen=True, slots=True)
class Check:
    """An SQL query of one number that a release must answer with `must_be`."""

    name: str
    text: str
    query: str
    must_be: int


@dataclass(frozen=True, slots=True)
class Authority:
    """Who defines what a table says: a notice, regulation or standard, or our own file that carries it out."""

    url: str
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class TableContract:
    """A published table.

    Attributes:
        name: Its name in schema main.
        version: Version of the contract.
        zh: Chinese name.
        zh_text: Chinese description.
        en_text: English description.
        grain: What one row is.
        columns: In order.
        key: Names of the primary key's columns, in order.
        partitioned: True for tables that stand in the lake, by report_year.
        parquet_only: True where a release holds it as Parquet alone, from where its DuckDB file reads it.
        min_rows: Fewest rows of a release.
        shrink: Largest loss of rows against the release before, as a share; None where any is fine.
        checks: SQL checks of the publish gate.
        owner: Who answers for the table.
        warning_zh: What to heed when using it, in Chinese.
        warning_en: The same in English.
        authorities: What defines it, the first before the others.
    """

    name: str
    version: str
    zh: str
    zh_text: str
    en_text: str
    grain: str
    columns: tuple[ColumnContract, ...]
    key: tuple[str, ...]
    partitioned: bool
    parquet_only: bool
    min_rows: int
    shrink: float | None
    checks: tuple[Check, ...]
    owner: str = ""
    warning_zh: str = ""
    warning_en: str = ""
    authorities: tuple[Authority, ...] = ()

    @property
    def comment(self) -> str:
        """Chinese and English in one line, as COMMENT ON shows it."""
        return f"{self.zh}：{self.zh_text} | {self.en_text}"


def load_tables(folder: Path | None = None) -> dict[str, TableContract]:
    """Read all table contracts of a folder (default: data_contracts/warehouse), by table name.

    Raises:
        ContractError: One is broken, or the folder holds none.
    """
    return _load_tables(folder or get_settings().contracts / "warehouse")


def contracts_fingerprint(folder: Path | None = None) -> str:
    """Hash what a release depends on in data_contracts/warehouse: tables, marts and macros, comments included."""
    folder = folder or get_settings().contracts / "warehouse"
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("*.yml"), *folder.glob("mart/**/*.sql")]):
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


@cache
def _load_tables(folder: Path) -> dict[str, TableContract]:
    tables = {path.stem: load_table(path) for path in sorted(folder.glob("*.yml"))}
    if not tables:
        raise ContractError("no table contracts", where=str(folder), do="check GONGKAI_CONTRACTS")
    for table in tables.values():
        for column in table.columns:
            if column.references and not _knows(tables, *column.references):
                raise ContractError(
                    f"{table.name}.{column.name} refers to an unknown column",
                    where=str(folder / f"{table.name}.yml"),
                    found=".".join(column.references),
                )
    return tables


def _knows(tables: dict[str, TableContract], table: str, column: str) -> bool:
    return table in tables and column in {known.name for known in tables[table].columns}


def load_table(path: Path) -> TableContract:
    """Read one table contract.

    Raises:
        ContractError: With file, line and reason.
    """
    contract = load_model(path, OpenDataContractStandard)
    # The library's inner models ignore unknown keys; a mistyped `required` must not pass silently.
    for place in _unknown(load_plain(path), contract.model_dump(by_alias=True, exclude_unset=True)):
        line = line_of(load_tree(path), place)
        raise ContractError(f"unknown key {place[-1]}", where=f"{path}:{line}", expected="a key of ODCS 3.1")
    if contract.apiVersion != API_VERSION:
        raise ContractError("other version of ODCS", where=str(path), found=contract.apiVersion, expected=API_VERSION)
    schema = contract.schema_ or []
    if len(schema) != 1 or schema[0].name != path.stem:
        raise ContractError(
            "a file describes the one table it is named after",
            where=str(path),
            found=", ".join(str(table.name) for table in schema) or "none",
            expected=path.stem,
        )
    try:
        return _table(schema[0], contract)
    except (ValueError, TypeError, KeyError) as error:
        raise ContractError(f"broken table contract: {error}", where=str(path)) from error


def _unknown(tree: Any, known: Any, *place: str | int) -> Iterator[tuple[str | int, ...]]:
    if isinstance(tree, dict) and isinstance(known, dict):
        for key, value in tree.items():
            if key in known:
                yield from _unknown(value, known[key], *place, key)
            else:
                yield *place, key
    elif isinstance(tree, list) and isinstance(known, list):
        for index, (one, other) in enumerate(zip(tree, known, strict=False)):
            yield from _unknown(one, other, *place, index)


def _table(schema: SchemaObject, contract: OpenDataContractStandard) -> TableContract:
    name, extra = _need(schema.name, "name"), _extra(schema.customProperties)
    properties = schema.properties or []
    columns = tuple(_column(one) for one in properties)
    names = [column.name for column in columns]
    # Names are written into SQL as they are.
    if strange := [one for one in (name, *names) if not _NAME.fullmatch(one)]:
        raise ValueError(f"names are small letters, digits and underscores: {strange[0]!r}")
    if len(names) != len(set(names)):
        raise ValueError("a column is given twice")
    keyed = sorted((one.primaryKeyPosition or 0, str(one.name)) for one in properties if one.primaryKey)
    if not keyed:
        raise ValueError("no primary key")
    checks, min_rows = [], 0
    for check in schema.quality or []:
        if check.metric == "rowCount":
            min_rows = int(check.mustBeGreaterOrEqualTo or 0)
        elif check.type == "sql" and check.query and check.mustBe is not None:
            checks.append(
                Check(_need(check.name, "name of a check"), check.description or "", check.query, check.mustBe)
            )
        else:
            raise ValueError(f"a check the gates cannot run: {check.name or check.metric}")
    shrink = extra.get("shrinkTolerance")
    text, team = contract.description, contract.team
    return TableContract(
        name=name,
        version=contract.version or "",
        zh=_need(schema.businessName, "businessName"),
        zh_text=_need(extra.get("descriptionZh"), "descriptionZh"),
        en_text=_need(schema.description, "description"),
        grain=schema.dataGranularityDescription or "",
        columns=columns,
        key=tuple(column for _, column in keyed),
        partitioned=any(one.partitioned for one in properties),
        parquet_only=extra.get("storage") == "parquet",
        min_rows=min_rows,
        shrink=None if shrink is None else float(shrink),
        checks=tuple(checks),
        owner=(team.name or "") if isinstance(team, Team) else "",
        warning_zh=str(_extra(text.customProperties).get("limitationsZh", "")) if text else "",
        warning_en=(text.limitations or "") if text else "",
        authorities=tuple(
            Authority(_need(one.url, "url of an authority"), one.type or "", one.description or "")
            for one in contract.authoritativeDefinitions or []
        ),
    )


def _column(one: SchemaProperty) -> ColumnContract:
    name, extra = _need(one.name, "name of a column"), _extra(one.customProperties)
    values: tuple[str, ...] = ()
    for check in one.quality or []:
        if check.metric != "invalidValues" or check.mustBe != 0:
            raise ValueError(f"column {name}: the gates run only invalidValues that must be 0")
        values = tuple((check.arguments or {})["validValues"])
    references = None
    for link in one.relationships or []:
        table, _, column = str(link.to).partition(".")
        references = (table, column)
    return ColumnContract(
        name=name,
        type=_need(one.physicalType, f"physicalType of {name}"),
        required=bool(one.required),
        zh=_need(one.businessName, f"businessName of {name}"),
        zh_text=str(extra.get("descriptionZh", "")),
        en_text=_need(one.description, f"description of {name}"),
        unit=str(extra.get("unit", "")),
        values=values,
        references=references,
    )


def _extra(properties: list[CustomProperty] | None) -> dict[str, Any]:
    return {str(one.property): one.value for one in properties or []}


def _need(value: str | None, what: str) -> str:
    if not value:
        raise ValueError(f"{what} is missing")
    return value
