"""The table macros of schema mart: SQL in data_contracts/warehouse/mart/macros, with comments in its first lines.

A macro is stored in the release and called like a table with arguments, so that any tool that sends SQL can use it.
DuckDB looks up the tables that a macro names where the query runs, not where the macro is stored (views do otherwise):
a macro over tables needs a parameter for the name under which the release is attached.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gongkai.errors import ContractError, GateError
from gongkai.settings import get_settings
from gongkai.warehouse.sql import quoted

if TYPE_CHECKING:
    import duckdb

_HEAD = re.compile(r"-- (?:(zh|en|example)|(parameter|column) (\w+)(?: := ([^:]+))?): (.+)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a macro.

    Attributes:
        name: Its name.
        default: Its default as SQL, None where a value must be given.
        text: Chinese and English in one line.
    """

    name: str
    default: str | None
    text: str

    @property
    def signature(self) -> str:
        """As it stands in CREATE MACRO."""
        return self.name if self.default is None else f"{self.name} := {self.default}"


@dataclass(frozen=True, slots=True)
class Macro:
    """A table macro.

    Attributes:
        name: Its name in schema mart.
        zh: Comment in Chinese.
        en: Comment in English.
        parameters: In order.
        columns: Comment by column, in order.
        example: A call of it, without the schema.
        select: Its query.
    """

    name: str
    zh: str
    en: str
    parameters: tuple[Parameter, ...]
    columns: dict[str, str]
    example: str
    select: str

    @property
    def signature(self) -> str:
        """Its name and parameters with their defaults."""
        return f"{self.name}({', '.join(one.signature for one in self.parameters)})"

    @property
    def texts(self) -> dict[str, str]:
        """What its parameters mean, by name and default."""
        return {one.signature: one.text for one in self.parameters}

    @property
    def comment(self) -> str:
        """Chinese and English in one line, then its parameters, a line each."""
        return "\n".join([f"{self.zh} | {self.en}", *(f"{name}: {text}" for name, text in self.texts.items())])


def load_macros(folder: Path | None = None) -> list[Macro]:
    """Read the macros of a folder (default: data_contracts/warehouse/mart/macros), by name.

    Raises:
        ContractError: A file lacks its comments.
    """
    folder = folder or get_settings().contracts / "warehouse" / "mart" / "macros"
    return [_load(path) for path in sorted(folder.glob("*.sql"))]


def add_macros(con: duckdb.DuckDBPyConnection, macros: Iterable[Macro]) -> None:
    """Create the macros in schema mart, with their comments, and run the example of each.

    Args:
        con: Connection that uses the release, whose tables and schema mart are there.
        macros: The macros.

    Raises:
        GateError: A macro does not run, or gives other columns than those it describes.
    """
    import duckdb

    for macro in macros:
        try:
            con.execute(f"CREATE OR REPLACE MACRO mart.{macro.signature} AS TABLE\n{macro.select}")
            con.execute(f"COMMENT ON MACRO TABLE mart.{macro.name} IS '{quoted(macro.comment)}'")
            con.execute(f"FROM mart.{macro.example} LIMIT 0")  # bound: over many reports it takes seconds to run
            found = [column[0] for column in con.description or ()]
            con.fetchall()
        except duckdb.Error as error:
            raise GateError(
                "gate macros failed", where=f"mart.{macro.name}", found=str(error), expected="a macro that runs"
            ) from error
        if found != list(macro.columns):
            raise GateError(
                "gate macros failed", where=f"mart.{macro.name}", found=str(found),
                expected=f"the columns commented: {list(macro.columns)}",
            )  # fmt: skip


def _load(path: Path) -> Macro:
    texts: dict[str, str] = {}
    parameters: list[Parameter] = []
    columns: dict[str, str] = {}
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        match = _HEAD.fullmatch(line)
        if match and match[1]:
            texts[match[1]] = match[5]
        elif match and match[2] == "parameter":
            parameters.append(Parameter(match[3], match[4], match[5]))
        elif match and match[4] is None:
            columns[match[3]] = match[5]
        elif {"zh", "en", "example"} <= set(texts) and columns:
            select = "\n".join(lines[number:]).strip()
            return Macro(path.stem, texts["zh"], texts["en"], tuple(parameters), columns, texts["example"], select)
        else:
            raise ContractError(
                "a macro begins with its comments",
                where=f"{path}:{number + 1}",
                found=line[:80],
                expected="-- zh: ..., -- en: ..., -- example: name(...), and for each parameter and column "
                "-- parameter name := default: 中文 | English, -- column name: 中文 | English",
            )
    raise ContractError("the macro has no query", where=str(path))
