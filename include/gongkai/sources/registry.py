"""Finds and loads the sources: one YAML file each."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from gongkai.contracts.yaml import load_model
from gongkai.errors import ContractError
from gongkai.sources.model import Source


def load_source(path: Path) -> Source:
    """Read one source file.

    Raises:
        ContractError: With file, line and reason.
    """
    source = load_model(path, Source)
    if source.name != path.stem:
        raise ContractError(
            "the source's name is not its file's name", where=str(path), found=source.name, expected=path.stem
        )
    if source.folder is None:
        return source
    beside = source.folder.model_copy(update={"path": (path.parent / source.folder.path).resolve()})
    return source.model_copy(update={"folder": beside})


def load_sources(folder: Path) -> tuple[Source, ...]:
    """Read all sources of a folder, by name.

    Raises:
        ContractError: One is broken, or the folder holds none.
    """
    paths = sorted(folder.glob("*.yml"))
    if not paths:
        raise ContractError("no sources", where=str(folder), expected="*.yml", do="check GONGKAI_SOURCES")
    return tuple(load_source(path) for path in paths)


def choose_sources(sources: Collection[Source], names: Collection[str]) -> tuple[Source, ...]:
    """Return the sources of these names, or all where none are named.

    Raises:
        ContractError: A name that no source has.
    """
    unknown = sorted(set(names) - {source.name for source in sources})
    if unknown:
        raise ContractError(
            "unknown source",
            found=", ".join(unknown),
            expected="one of " + ", ".join(sorted(source.name for source in sources)),
        )
    return tuple(source for source in sources if not names or source.name in names)


def load_each(folder: Path, names: Iterable[str] | None = None) -> tuple[tuple[Source, ...], dict[str, ContractError]]:
    """Read sources each for itself; return those that can be read, and for the others what is wrong, by name.

    Args:
        folder: The folder.
        names: Only these: reading thousands takes as long as asking some. None for all, by name.

    Raises:
        ContractError: The folder holds none.
    """
    chosen = names if names is not None else sorted(path.stem for path in folder.glob("*.yml"))
    sources, broken = [], {}
    for name in chosen:
        try:
            sources.append(load_source(folder / f"{name}.yml"))
        except ContractError as error:
            broken[name] = error
    if names is None and not sources and not broken:
        raise ContractError("no sources", where=str(folder), expected="*.yml", do="check GONGKAI_SOURCES")
    return tuple(sources), broken
