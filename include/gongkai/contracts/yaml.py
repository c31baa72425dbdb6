"""Reads YAML with line numbers, so that a broken contract is refused with file, line and reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from yaml.constructor import ConstructorError

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
        return model.model_validate(load_plain(path))
    except ValidationError as error:
        raise next(_explained(path, error, more=error.error_count() - 1)) from error


def find_errors(path: Path, model: type[BaseModel]) -> list[ContractError]:
    """Return everything that is wrong with a YAML file, each with file and line; [] where it fits the model."""
    try:
        model.model_validate(load_plain(path))
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
    """Read a YAML file into mappings and lists that know their lines (ruamel's round-trip types); slow.

    Raises:
        ContractError: The file is missing, empty or no YAML; names file, line and reason.
    """
    return _parse(path, YAML(typ="rt", pure=True).load)


def load_plain(path: Path) -> Any:
    """Read a YAML file into plain types, twenty times as fast: lines are only needed for errors.

    Raises:
        ContractError: As of load_tree.
    """
    return _parse(path, lambda text: yaml.load(text, Loader=_PlainLoader))  # noqa: S506 (a safe loader)


def _parse(path: Path, load: Callable[[str], Any]) -> Any:
    text = _text(path)
    try:
        tree = load(text)
    except (YAMLError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)  # a character that YAML forbids has none
        line = min(mark.line + 1, max(1, len(text.splitlines()))) if mark else 1  # some are found after the last line
        problem = getattr(error, "problem", None) or error
        raise ContractError(f"not valid YAML: {problem}", where=f"{path}:{line}") from error
    if tree is None:
        raise ContractError("the file is empty", where=f"{path}:1")
    return tree


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ContractError("the file is missing", where=str(path), do="check GONGKAI_CONTRACTS") from error
    except UnicodeDecodeError as error:
        raise ContractError("not UTF-8 text", where=str(path)) from error


class _PlainLoader(yaml.CSafeLoader):
    """Plain scalars are what YAML 1.2 takes them for (`no` is a word, 010 is ten), and no key is given twice."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 (as the library has it)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise ConstructorError(problem=f"found duplicate key {key.value!r}", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


for _type, _form, _begins in (
    ("bool", "true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", "[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("null", "null|Null|NULL|~|", ["n", "N", "~", ""]),
    ("merge", "<<", "<"),
    ("timestamp", "[0-9]{4}-[0-9]{2}-[0-9]{2}", "0123456789"),
):
    _PlainLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_type}", re.compile(f"(?:{_form})$"), list(_begins))
_PlainLoader.add_constructor("tag:yaml.org,2002:int", lambda _, node: int(node.value))


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
