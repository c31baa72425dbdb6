"""Reads YAML with line numbers, so that a broken contract is refused with file, line and reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from gongkai.errors import ContractError

_EXPECTED = {"extra_forbidden": "only keys of the form", "missing": "the key to be given"}

Model = TypeVar("Model", bound=BaseModel)


def load_model(path: Path, model: type[Model]) -> Model:
    """Read a YAML file into a pydantic model.

    Args:
        path: The file.
        model: The model it must fit; unknown keys are refused where the model forbids them.

    Raises:
        ContractError: The file is missing, is no YAML, or does not fit; names file, line, found, expected.
    """
    try:
        return model.model_validate(_load_plain(path))
    except ValidationError as error:
        raise next(_explained(path, error, more=error.error_count() - 1)) from error


def find_errors(path: Path, model: type[BaseModel]) -> list[ContractError]:
    """Return everything that is wrong with a YAML file, each with file and line; [] where it fits the model."""
    try:
        model.model_validate(_load_plain(path))
    except ContractError as error:
        return [error]
    except ValidationError as error:
        return list(_explained(path, error))
    return []


def _explained(path: Path, error: ValidationError, *, more: int = 0) -> Iterator[ContractError]:
    tree = load_tree(path)
    for one in error.errors(include_url=False):
        place = ".".join(str(part) for part in one["loc"]) or "the document"
        yield ContractError(
            f"{place}: {one['msg']}" + (f" ({more} more)" if more else ""),
            where=f"{path}:{line_of(tree, one['loc'])}",
            found=repr(one.get("input"))[:120],
            expected=_EXPECTED.get(one["type"]),
            do="correct the file; docs/maintainers.md describes its form",
        )


def load_tree(path: Path) -> Any:
    """Read a YAML file into mappings and lists that know their lines (ruamel's round-trip types)."""
    return _parse(path, YAML(typ="rt", pure=True))


def _load_plain(path: Path) -> Any:
    """Read a YAML file into plain types, ten times as fast: lines are only needed for errors."""
    return _parse(path, YAML(typ="safe"))


def _parse(path: Path, yaml: YAML) -> Any:
    try:
        tree = yaml.load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ContractError("the file is missing", where=str(path), do="check GONGKAI_CONTRACTS") from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContractError(f"not valid YAML: {error.problem}", where=f"{path}:{line}") from error
    except UnicodeDecodeError as error:
        raise ContractError("not UTF-8 text", where=str(path)) from error
    if tree is None:
        raise ContractError("the file is empty", where=f"{path}:1")
    return tree


def line_of(tree: Any, place: Sequence[str | int]) -> int:
    """Line (from 1) of the deepest part of `place` that the file has."""
    node, line = tree, 1
    for part in place:
        marks = getattr(node, "lc", None)
        try:
            if isinstance(part, int):
                line = marks.item(part)[0] + 1 if marks else line
            else:
                line = marks.key(part)[0] + 1 if marks else line
            node = node[part]
        except (KeyError, IndexError, TypeError):
            break
    return line
