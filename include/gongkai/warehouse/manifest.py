"""The manifest of a release: what it was built from, its files with their hashes, rows and content by table.

releases/gongkai-<release_id>.json
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from gongkai.errors import RunError
from gongkai.lake.files import sha256_of
from gongkai.lake.snapshot import Part

_FORMAT = 1


class TableEntry(BaseModel):
    """A table of a release.

    Attributes:
        rows: Its rows.
        content: Hash of its rows in any order, by report year; under "" where it has none. Equal content gives equal
            hashes under the same DuckDB. Tables that stand in Parquet alone have the hashes of their parts.
        parts: Its Parquet files by report year.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    rows: int
    content: dict[str, str]
    parts: dict[int, tuple[Part, ...]] = {}


class Manifest(BaseModel):
    """What a release is.

    Attributes:
        format: Version of this form.
        release_id: Its id.
        sha256: Hash of its DuckDB file.
        bytes: Size of that file.
        built_by: What builds such a file: versions and contracts; another of the same can be built upon it.
        tables: By name, those of schema mart that are stored as "mart.<name>".
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    format: int = _FORMAT
    release_id: str
    sha256: str
    bytes: int
    built_by: dict[str, str]
    tables: dict[str, TableEntry]


def builder(contracts: str, storage: str) -> dict[str, str]:
    """Name what builds a release: equal for two releases of which the one can be built upon the other."""
    return {
        "gongkai": version("gongkai"), "duckdb": version("duckdb"), "storage": storage, "contracts": contracts,
    }  # fmt: skip


def write(
    path: Path, release_id: str, file: Path, built_by: Mapping[str, str], tables: Mapping[str, TableEntry]
) -> None:
    """Write the manifest of a finished file."""
    made = Manifest(
        release_id=release_id,
        sha256=sha256_of(file),
        bytes=file.stat().st_size,
        built_by=dict(built_by),
        tables=dict(tables),
    )
    path.write_text(made.model_dump_json(indent=1) + "\n", encoding="utf-8")


def read(path: Path) -> Manifest:
    """Read a manifest.

    Raises:
        RunError: There is none, or it is damaged or of another program.
    """
    try:
        found = Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise RunError("the release has no manifest", where=str(path), do="publish again") from error
    except ValidationError as error:
        told = error.errors()[0]
        raise RunError(f"damaged manifest: {told['msg']}", where=f"{path} {told['loc']}", do="publish again") from error
    if found.format != _FORMAT:
        raise RunError("manifest of another program", where=str(path), found=found.format, expected=_FORMAT)
    return found
