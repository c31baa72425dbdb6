"""Reads YAML with line numbers, so that a broken contract is refused with file, line and reason."""

from __future__ import annotations

from collections.abc import Sequence
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
        tree = load_tree(path)
        first = error.errors(include_url=False)[0]
        more = f" ({error.error_count() - 1} more)" if error.error_count() > 1 else ""
        place = ".".join(str(part) for part in first["loc"]) or "the document"
        raise ContractError(
            f"{place}: {first['msg']}{more}",
            where=f"{path}:{_line(tree, first['loc'])}",
            found=repr(first.get("input"))[:120],
            expected=_EXPECTED.get(first["type"]),
            do="correct the file; docs/maintainers.md describes its form",
        ) from error


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


def _line(tree: Any, place: Sequence[str | int]) -> int:
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
