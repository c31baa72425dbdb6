"""行政区划: the regions of data_contracts/reading/regions.csv by code and name, today's and those since 2008."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Literal, NamedTuple

from gongkai.errors import ContractError
from gongkai.settings import get_settings

HEADER = ("code", "name", "until")
Level = Literal["national", "province", "city", "county", "township"]
_ETHNIC = re.compile(r".{2,}族自治(?P<kind>州|县|旗)")
_AUTONOMOUS_REGION = re.compile(r".{2,}自治区")
_LINE = re.compile(r"(\d{6}),([^,\s]+),(\d{0,4})")
_SHORT = re.compile(r"(?P<bare>.{2,})(?:省|市|地区|盟|特别行政区)")


class Region(NamedTuple):
    """A region; a tuple because thousands of them are made in each process.

    Attributes:
        code: Six digits of GB/T 2260.
        name: Its own name, without those of the regions above it.
        until: Last year of a former region, 0 where unknown.
        former: It is no more (renamed, merged, raised).
    """

    code: str
    name: str
    until: int = 0
    former: bool = False

    @property
    def level(self) -> Level:
        """Its level as its code tells."""
        return level_of(self.code)


def level_of(code: str) -> Level:
    """Tell the level of a region by its code; codes nest by pairs of digits."""
    if code.endswith("0000"):
        return "province"
    return "city" if code.endswith("00") else "county"


def holds(above: str, code: str) -> bool:
    """Tell whether a region is another one or lies in it, by their codes."""
    kept = {"province": 2, "city": 4}.get(level_of(above), 6)
    return above[:kept] == code[:kept]


class Regions:
    """All regions, by code and by name as printed.

    Args:
        regions: Today's and former ones.
    """

    def __init__(self, regions: Iterable[Region]) -> None:
        self._all = tuple(regions)
        self.by_code: dict[str, Region] = {}
        for region in sorted(self._all, key=lambda one: (one.former, -one.until)):
            self.by_code.setdefault(region.code, region)

    @cached_property
    def _named(self) -> dict[str, list[Region]]:
        named: dict[str, list[Region]] = {}
        for region in self._all:
            for name in {region.name, *_short_names(region)}:
                named.setdefault(name, []).append(region)
        return named

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._named), default=0)

    def ancestors(self, code: str) -> list[Region]:
        """Return the known regions above a code, nearest first."""
        above = [code[:kept].ljust(6, "0") for kept in (4, 2)]
        return [self.by_code[one] for one in dict.fromkeys(above) if one != code and one in self.by_code]

    def starting(self, text: str, position: int = 0) -> Iterator[tuple[Region, int]]:
        """Yield each region whose name, full or short (济宁, 恩施州), stands at a position, with its end."""
        for size in range(min(self._longest, len(text) - position), 1, -1):
            for region in self._named.get(text[position : position + size], ()):
                yield region, position + size


def _short_names(region: Region) -> Iterator[str]:
    """How a region is called for short: 济宁, 广西, 恩施州, 长阳县.

    Of names with peoples (恩施土家族苗族自治州) every beginning of two to four characters is taken, so that no list of
    peoples is needed; those that nobody says do no harm.
    """
    if region.level == "county" and "自治" not in region.name:
        return
    if ethnic := _ETHNIC.fullmatch(region.name):
        yield from (region.name[:size] + ethnic["kind"] for size in (2, 3, 4))
    elif region.level == "province" and _AUTONOMOUS_REGION.fullmatch(region.name):
        yield from (region.name[:size] for size in (2, 3))
    elif region.level != "county" and (short := _SHORT.fullmatch(region.name)):
        yield short["bare"]


@cache
def load_regions(path: Path | None = None) -> Regions:
    """Read the regions, once.

    Raises:
        ContractError: The file is missing or a line is broken.
    """
    path = path or get_settings().contracts / "reading" / "regions.csv"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ContractError("the file is missing", where=str(path), do="run `make regions`") from error
    return Regions(_parse(text, path))


def _parse(text: str, path: Path) -> Iterator[Region]:
    for number, line in enumerate(text.splitlines(), 1):
        if match := _LINE.fullmatch(line):
            code, name, until = match.groups()
            yield Region(code, name, int(until or 0), bool(until))
        elif not line.startswith("#") and line != ",".join(HEADER):
            raise ContractError(
                "a line that is no region", where=f"{path}:{number}", found=line[:80],
                expected="code of six digits, name, year", do="run `make regions`",
            )  # fmt: skip
