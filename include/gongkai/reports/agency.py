"""Names of agencies: their comparable form, the region they belong to, their level and kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from gongkai.contracts.agency_forms import AgencyForms
from gongkai.contracts.regions import Level, Region, Regions, holds, level_of, load_regions
from gongkai.contracts.yaml import load_model
from gongkai.settings import get_settings


@cache
def agency_forms() -> AgencyForms:
    """Return the forms of agency names, read once."""
    return load_model(get_settings().contracts / "reading" / "agencies.yml", AgencyForms)


class Placing(StrEnum):
    """How far a name tells its region."""

    KNOWN = "known"
    AMBIGUOUS = "ambiguous"
    """Several regions bear the name (鼓楼区) and nothing near decides."""
    UNKNOWN = "unknown"
    """It names a place that is no region of the table."""
    RELATIVE = "relative"
    """It names none: 教育局, 市教育局, 高新区管理委员会."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an agency is.

    Attributes:
        placing: How far the name tells it.
        code: Code of the region, None where it cannot be told.
        organ: The name without the region; the whole name where the region is not known.
    """

    placing: Placing
    code: str | None
    organ: str


@lru_cache(maxsize=65536)
def expand(name: str) -> str:
    """Complete the short forms in a name: 济宁市科技局 is 济宁市科学技术局.

    Args:
        name: A name after NFKC, without white space.

    Returns:
        The name under which the agency is known; the name itself where nothing in it is short.
    """
    forms = agency_forms()
    for pattern, full in forms.replacements:
        name = pattern.sub(full, name)
    match = forms.short_form.fullmatch(name)
    if match is None:
        place = locate(name)
        match = forms.short_form.fullmatch(place.organ) if place.placing is Placing.KNOWN else None
        if match is None:
            return name
        return name[: -len(place.organ)] + match["before"] + forms.full_form(match)
    return match["before"] + forms.full_form(match)


def complete(name: str) -> str:
    """Complete a name that is nothing but a region to that of its government: 淮安市 is 淮安市人民政府."""
    forms = agency_forms()
    if forms.is_zone(name) or not forms.bare.fullmatch(name):
        return name
    place = locate(name)
    known = place.placing in (Placing.KNOWN, Placing.AMBIGUOUS) and not place.organ
    return name + "人民政府" if known or forms.unknown.fullmatch(name) else name


@lru_cache(maxsize=65536)
def locate(name: str, near: Sequence[str] = (), year: int | None = None) -> Place:
    """Tell the region of an agency by its name.

    Args:
        name: The agency's name, e.g. 山东省济宁市兖州区科学技术局, 济宁市兖州区…, 兖州区…, 济宁高新区….
        near: Codes of regions known from elsewhere (publisher, site, source), best evidence first: they decide between
            regions of one name, and give the region of a name that has none.
        year: The report year, which leaves out regions that were no more.
    """
    forms = agency_forms()
    central = next((one for one in forms.central if name.startswith(one) and len(name) > len(one)), "")
    found = _longest(name, len(central), load_regions())
    if not found:
        unknown = forms.unknown.match(name)
        if unknown and not forms.is_zone(unknown[0]):
            return Place(Placing.UNKNOWN, None, name)
        return _relative(name, near)
    rest = name[found[0][1] :]
    unknown = forms.unknown.match(rest)
    if unknown and not forms.is_zone(unknown[0]) and all(one.level != "county" for one, _ in found):
        return Place(Placing.UNKNOWN, None, name)
    codes = _narrowed([one for one, _ in found], near, year)
    if len(codes) == 1:
        return Place(Placing.KNOWN, codes[0], central + rest)
    return Place(Placing.AMBIGUOUS, None, name if rest else "")


def agency_key(name: str, code: str | None) -> str:
    """Return what is equal for two names of one agency, and different for different agencies.

    兰山区科学技术局 and 临沂市兰山区科学技术局 are one agency where both are of region 371302; 鼓楼区教育局 of two
    cities are two, as their codes differ.

    Args:
        name: Normalised name.
        code: Its region, or that of the source which lists it; None where neither is known.
    """
    place = locate(name, (code,) if code else ())
    organ = place.organ if code and place.code == code else name
    return f"{code or ''}/{_organ_key(organ)}"


def level_of_agency(name: str, code: str | None) -> Level | None:
    """Tell the level of an agency; None where neither name nor region tell it, as of zones."""
    forms = agency_forms()
    if forms.is_township.search(name):
        return "township"
    place = locate(name, (code,) if code else ())
    if forms.names_zone(place.organ):
        return None
    if place.code:
        return level_of(place.code)
    if forms.is_national.search(name):
        return "national"
    unknown = forms.places(name)
    for pattern, level in forms.levels_by_shape:
        if unknown and pattern.search(unknown):
            return level
    return None


def kind_of_agency(name: str) -> str | None:
    """Tell the kind of an agency (government, department, office, zone, institution) by its name; None if it cannot."""
    return next((kind for pattern, kind in agency_forms().kinds_by_name if pattern.search(name)), None)


def _organ_key(organ: str) -> str:
    forms = agency_forms()
    match = forms.any_form.fullmatch(organ)
    return match["before"] + forms.full_form(match) if match else organ


def _longest(name: str, start: int, regions: Regions) -> list[tuple[Region, int]]:
    """The regions named furthest into the name, each with the end of its name."""
    forms = agency_forms()
    chains = [
        (region, end)
        for region, end, short in _chains(name, start, None, regions)
        # 济宁 alone is only a region before what a region has: 中山公园 is not in 中山市.
        if not short or forms.after_short.search(name[end:])
    ]
    furthest = max((end for _, end in chains), default=0)
    return list({region: (region, end) for region, end in chains if end == furthest}.values())


def _chains(name: str, position: int, above: Region | None, regions: Regions) -> Iterator[tuple[Region, int, bool]]:
    for region, end in regions.starting(name, position):
        if above is None or _lies_in(region, above):
            yield region, end, name[position:end] != region.name
            yield from _chains(name, end, region, regions)


def _lies_in(region: Region, above: Region) -> bool:
    if above.level in (region.level, "county"):
        return False
    if holds(above.code, region.code):
        return True
    # A county that went to another city keeps its name in the province: 六安市寿县 is 寿县 of 淮南市 today.
    return region.level == "county" and region.code[:2] == above.code[:2] and not region.name.endswith("区")


def _narrowed(found: Sequence[Region], near: Sequence[str], year: int | None) -> list[str]:
    def keep(chosen: list[Region], fit: list[Region]) -> list[Region]:
        return fit or chosen

    left = list(found)
    left = keep(left, [one for one in left if not one.former or year is None or not 0 < one.until < year - 1])
    for code in near:
        if len({one.code for one in left}) > 1:
            left = keep(left, [one for one in left if holds(code, one.code) or holds(one.code, code)])
    if year is None:
        left = keep(left, [one for one in left if not one.former])
    return list(dict.fromkeys(one.code for one in left))


def _relative(name: str, near: Sequence[str]) -> Place:
    forms = agency_forms()
    levels = None if name.startswith(forms.relative_not) else forms.relative.get(name[:1])
    organ = name[1:] if levels and len(name) > 2 else name
    for code in near:
        if not levels or level_of(code) in levels:
            return Place(Placing.RELATIVE, code, organ)
    return Place(Placing.RELATIVE, None, name)
