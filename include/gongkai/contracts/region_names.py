"""The names and codes of regions over the years: data_contracts/reading/region_names.csv, made by `make regions`.

Apart from the table of regions (contracts/regions.py), which knows each region once so that names lead to one place:
here a county keeps a line for every code and name it had.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple, cast

from gongkai.contracts.regions import Level, level_of
from gongkai.errors import ContractError
from gongkai.settings import get_settings

HEADER = ("code", "name", "first_year", "last_year", "successor", "basis")
Basis = Literal["same_code", "same_name", "same_stem"]
_LINE = re.compile(r"(\d{6}),([^,\s]+),(\d{4}|),(\d{4}|),(?:(\d{6}),(same_code|same_name|same_stem)|,)")


class RegionName(NamedTuple):
    """A region under one code and name; a tuple because thousands of them are made.

    Attributes:
        code: Six digits of GB/T 2260.
        name: Its own name, without those of the regions above it.
        first_year: First year whose edition of GB/T 2260 has it; None where only today's table does.
        last_year: Last such year; None where it is in force today.
        successor: Code of the region of today that it became; None where in force, or where that cannot be told.
        basis: How the successor is told: it has the same code, the same name, or the same name but for its last word.
    """

    code: str
    name: str
    first_year: int | None = None
    last_year: int | None = None
    successor: str | None = None
    basis: Basis | None = None

    @property
    def level(self) -> Level:
        """Its level as its code tells."""
        return level_of(self.code)


@cache
def load_region_names(path: Path | None = None) -> tuple[RegionName, ...]:
    """Read the names, once.

    Raises:
        ContractError: The file is missing or a line is broken.
    """
    path = path or get_settings().contracts / "reading" / "region_names.csv"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise ContractError("the file is missing", where=str(path), do="run `make regions`") from error
    return tuple(
        _parse(line, f"{path}:{number}")
        for number, line in enumerate(lines, 1)
        if not line.startswith("#") and line != ",".join(HEADER)
    )


def _parse(line: str, where: str) -> RegionName:
    match = _LINE.fullmatch(line)
    if match is None:
        raise ContractError(
            "a line that is no name of a region", where=where, found=line[:80], expected=",".join(HEADER),
            do="run `make regions`",
        )  # fmt: skip
    code, name, first, last, successor, basis = match.groups()
    return RegionName(
        code, name, int(first) if first else None, int(last) if last else None, successor, cast("Basis | None", basis)
    )  # fmt: skip
