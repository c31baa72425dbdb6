"""The views of schema mart: SQL in data_contracts/warehouse/mart, with their comments in its first lines.

A line `-- stored` among them makes a table of it, filled when a release is built. Each of its rows is of one report
year and follows from that year's rows of other tables, and from agencies, regions and rules: years that did not change
are not computed anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from gongkai.errors import ContractError
from gongkai.settings import get_settings

_HEAD = re.compile(r"-- (?:(zh|en): |column (\w+): )(.+)")
_STORED = "-- stored"
_SORTED = re.compile(r"^ORDER BY\b", re.IGNORECASE)
_USES = re.compile(r"\bmart\.(\w+)")


@dataclass(frozen=True, slots=True)
class Mart:
    """A view: its name, comments in Chinese and English, comment by column in order, and its SELECT.

    `stored` marks one that a release holds as a table: it is asked often, and takes long to compute.
    """

    name: str
    zh: str
    en: str
    columns: dict[str, str]
    select: str
    stored: bool = False

    @property
    def relation(self) -> str:
        """What it is in the file."""
        return "TABLE" if self.stored else "VIEW"

    @property
    def comment(self) -> str:
        """Chinese and English in one line."""
        return f"{self.zh} | {self.en}"


def load_marts(folder: Path | None = None) -> list[Mart]:
    """Read the views of a folder (default: data_contracts/warehouse/mart), each after those it uses.

    Raises:
        ContractError: A file lacks its comments, or views use each other in a circle.
    """
    folder = folder or get_settings().contracts / "warehouse" / "mart"
    waiting = {path.stem: _load(path) for path in sorted(folder.glob("*.sql"))}
    ordered: list[Mart] = []
    while waiting:
        ready = [mart for mart in waiting.values() if not set(_USES.findall(mart.select)) & set(waiting)]
        if not ready:
            raise ContractError("views use each other in a circle", where=str(folder), found=", ".join(waiting))
        ordered += ready
        for mart in ready:
            del waiting[mart.name]
    return ordered


def _load(path: Path) -> Mart:
    lines = path.read_text(encoding="utf-8").splitlines()
    texts: dict[str, str] = {}
    columns: dict[str, str] = {}
    stored = False
    for number, line in enumerate(lines):
        if line == _STORED:
            stored = True
            continue
        match = _HEAD.fullmatch(line)
        if match is None:
            missing = {"zh", "en"} - set(texts)
            if missing or not columns:
                raise ContractError(
                    "a view begins with its comments",
                    where=f"{path}:{number + 1}",
                    found=line[:80],
                    expected="-- zh: ..., -- en: ..., and for each column -- column name: 中文 | English",
                )
            if stored and "report_year" not in columns:
                raise ContractError("a stored answer has a column report_year", where=str(path))
            if not stored and _SORTED.search(lines[-1]):
                raise ContractError(
                    "a view does not sort", where=f"{path}:{len(lines)}", found=lines[-1],
                    do="leave the order to who asks: DuckDB sorts all rows of such a view for every sum over it",
                )  # fmt: skip
            return Mart(path.stem, texts["zh"], texts["en"], columns, "\n".join(lines[number:]).strip(), stored)
        if match[1]:
            texts[match[1]] = match[3]
        else:
            columns[match[2]] = match[3]
    raise ContractError("the view has no SELECT", where=str(path))
