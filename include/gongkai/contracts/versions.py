"""The shape of the tables as last published, and what may change without a major version step of a contract.

The shape stands in data_contracts/warehouse/published.json: by table its version, key and columns with their types.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from gongkai.contracts.tables import TableContract, load_tables
from gongkai.errors import ContractError
from gongkai.settings import get_settings

SNAPSHOT = "published.json"


class ColumnShape(BaseModel):
    """What a query relies on in a column."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    type: str
    required: bool


class TableShape(BaseModel):
    """What a query relies on in a table; columns by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    version: str
    key: tuple[str, ...]
    columns: dict[str, ColumnShape]


_SHAPES = TypeAdapter(dict[str, TableShape])


def shape_of(contract: TableContract) -> TableShape:
    """Return the shape that a contract gives its table."""
    columns = {one.name: ColumnShape(type=one.type, required=one.required) for one in contract.columns}
    return TableShape(version=contract.version, key=contract.key, columns=columns)


def load_published(path: Path) -> dict[str, TableShape]:
    """Read the shapes last published; none where the file does not exist.

    Raises:
        ContractError: The file is damaged.
    """
    if not path.exists():
        return {}
    try:
        return _SHAPES.validate_json(path.read_bytes())
    except ValidationError as error:
        raise ContractError(
            f"damaged shapes of tables: {error.errors()[0]['msg']}", where=str(path), do="restore it from the history"
        ) from error


def breaking_changes(before: TableShape, after: TableShape) -> Iterator[str]:
    """Say what of a table's shape would break a query, a link or a load that was written for it."""
    lost = [name for name in before.columns if name not in after.columns]
    added = [name for name in after.columns if name not in before.columns]
    for name in lost:
        twins = [one for one in added if after.columns[one].type == before.columns[name].type]
        yield f"column {name} is gone" + (f" (renamed to {twins[0]}?)" if len(twins) == 1 else "")
    for name, old in before.columns.items():
        new = after.columns.get(name)
        if new is None:
            continue
        if new.type != old.type:
            yield f"column {name}: type {old.type} became {new.type}"
        if new.required != old.required:
            yield f"column {name} became {'required' if new.required else 'nullable'}"
    if before.key != after.key:
        yield f"key ({', '.join(before.key)}) became ({', '.join(after.key)})"


def unversioned(
    published: Mapping[str, TableShape], tables: Mapping[str, TableContract], dropped: Collection[str] = ()
) -> Iterator[str]:
    """Say which breaking changes come without a major version step, and which tables are gone but not in `dropped`."""
    for name, before in published.items():
        contract = tables.get(name)
        if contract is None:
            if name not in dropped:
                yield f"{name} {before.version}: the table is gone"
            continue
        after = shape_of(contract)
        where = f"{name} {before.version} -> {after.version}"
        if _numbers(after.version, where) < _numbers(before.version, where):
            yield f"{where}: the version went back"
        elif _numbers(after.version, where)[0] == _numbers(before.version, where)[0]:
            yield from (f"{where}: {change}" for change in breaking_changes(before, after))


def demand_versions(folder: Path | None = None, dropped: Collection[str] = ()) -> bool:
    """Compare the contracts of a folder with the shapes last published.

    Returns:
        True where both are the same; False where the contracts moved on as they may.

    Raises:
        ContractError: A breaking change has no major version step.
    """
    folder = folder or get_settings().contracts / "warehouse"
    path, tables = folder / SNAPSHOT, load_tables(folder)
    published = load_published(path)
    if broken := list(unversioned(published, tables, dropped)):
        raise ContractError(
            "contracts changed in a way that breaks their readers",
            where=str(path),
            found="; ".join(broken),
            expected="a major version step of each such contract",
            do="undo the change or raise the version; `gongkai contracts accept --drop TABLE` where one is gone",
        )
    return published == {name: shape_of(contract) for name, contract in tables.items()}


def accept(folder: Path | None = None, dropped: Collection[str] = ()) -> Path:
    """Write the shapes of the contracts as those published, unless a change breaks readers; return the file.

    Raises:
        ContractError: As `demand_versions` does.
    """
    folder = folder or get_settings().contracts / "warehouse"
    demand_versions(folder, dropped)
    shapes = {name: shape_of(contract).model_dump() for name, contract in sorted(load_tables(folder).items())}
    path = folder / SNAPSHOT
    path.write_text(_text(shapes), encoding="utf-8")
    return path


def _text(shapes: Mapping[str, Mapping[str, object]]) -> str:
    # A line a column, so that a change of the contract is a line of the diff, and merges are easy.
    text = json.dumps(shapes, indent=1, ensure_ascii=False)
    for inner in ('"type"', '"required"'):
        text = text.replace("{\n    " + inner, "{" + inner).replace(",\n    " + inner, ", " + inner)
    return text.replace("true\n   }", "true}").replace("false\n   }", "false}") + "\n"


def _numbers(version: str, where: str) -> tuple[int, ...]:
    parts = version.split(".")
    if len(parts) != 3 or not all(part.isdecimal() for part in parts):
        raise ContractError("a contract has a version of three numbers", where=where, found=version, expected="1.0.0")
    return tuple(int(part) for part in parts)
