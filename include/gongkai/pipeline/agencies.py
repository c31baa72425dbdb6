"""Agencies and regions: which agency a document is of, and what a release says of both."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gongkai.contracts.load import load_templates
from gongkai.contracts.region_names import load_region_names
from gongkai.contracts.regions import load_regions
from gongkai.reports.agency import Placing, agency_key, complete, kind_of_agency, level_of_agency, locate
from gongkai.reports.identity import due_date, normalise_agency
from gongkai.reports.model import Identity
from gongkai.sources.model import Agency as Listed
from gongkai.sources.model import Source
from gongkai.warehouse.dims import Agency, Dims, Expected, Region, RegionName, rule_rows


@dataclass(frozen=True, slots=True)
class Known:
    """An agency under the name it is known by; `region_code` is None where its region cannot be told."""

    agency_id: str
    name: str
    region_code: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """An agency as reports of a lake name it; `last_year` is the last in which they do."""

    agency_id: str
    name: str
    region_code: str | None
    last_year: int


def agency_id(name: str, region_code: str | None) -> str:
    """Return the id of an agency.

    Args:
        name: Normalised name.
        region_code: Its region, else that of the source which lists it: 鼓楼区教育局 of two cities are two agencies.
    """
    return "a" + hashlib.sha256(agency_key(name, region_code).encode()).hexdigest()[:12]


class Directory:
    """The agencies that sources expect, and how those that they do not expect are told apart.

    Args:
        sources: All sources. What one expects wins over what is derived from a name.
    """

    def __init__(self, sources: Iterable[Source]) -> None:
        self._near: dict[str, str] = {}
        self._of_source: dict[tuple[str, str], Known] = {}
        self._by_name: dict[str, set[Known]] = {}
        self._by_id: dict[str, Known] = {}
        for source in sources:
            self._near[source.name] = source.region.code
            for listed in source.expect.agencies:
                known = self._by_id.setdefault(_id_of(listed), Known(_id_of(listed), listed.name, listed.region.code))
                for name in (listed.name, *listed.aliases):
                    for form in {normalise_agency(name), complete(normalise_agency(name))}:
                        self._of_source.setdefault((source.name, form), known)
                        self._by_name.setdefault(form, set()).add(known)

    def expected(self, source: str, name: str) -> Known | None:
        """Return the agency that a source expects under a name, None where it expects none of that name."""
        return self._of_source.get((source, normalise_agency(name)))

    def resolve(self, source: str, identity: Identity) -> Known:
        """Tell which agency a report is of.

        Args:
            source: Name of the source that lists it.
            identity: What the document says; `agency` must not be empty.
        """
        name = identity.agency
        if known := self._of_source.get((source, name)):
            return known
        near = self._near.get(source)
        place = locate(name, (near,) if near else (), identity.report_year)
        code = identity.region_code or place.code
        if place.placing is Placing.UNKNOWN and code is None:
            # A place that is in no table is the one another source of the province expects, if only one does.
            same = [one for one in self._by_name.get(name, ()) if (one.region_code or "")[:2] == (near or "")[:2]]
            if len(same) == 1:
                return same[0]
        made = agency_id(name, code or near)
        return self._by_id.get(made, Known(made, name, code))


def dims_of(sources: Sequence[Source], found: Iterable[Found] = ()) -> Dims:
    """Build the dimensions of a release: agencies, regions, expected reports and the rules.

    Args:
        sources: What they say of an agency stands.
        found: Agencies that have reports; those that no source expects get what their names tell.
    """
    agencies: dict[str, Agency] = {}
    expected: dict[tuple[str, int], Expected] = {}
    named: dict[str, Region] = {}
    for source in sources:
        named.setdefault(source.region.code, Region(source.region.code, source.region.name))
        for one in source.expect.agencies:
            key = _id_of(one)
            agencies.setdefault(key, Agency(key, one.name, one.aliases, one.region.code, one.level, one.kind))
            level = one.level if one.kind == "government" else None
            known = named.get(one.region.code)
            if known is None or known.level is None:
                named[one.region.code] = Region(one.region.code, one.region.name, level)
            for year in _years(source):
                due = due_date(year, government=one.kind == "government")
                expected.setdefault((key, year), Expected(key, year, source.name, due))
    for agency in _derived(found):
        agencies.setdefault(agency.agency_id, agency)
    codes = {*named, *(one.region_code for one in agencies.values() if one.region_code)}
    return Dims(
        tuple(agencies.values()), tuple(_regions(codes, named)), tuple(expected.values()),
        rule_rows(load_templates().values()), _region_names(),
    )  # fmt: skip


def _id_of(listed: Listed) -> str:
    return agency_id(normalise_agency(listed.name), listed.region.code)


def _derived(found: Iterable[Found]) -> Iterable[Agency]:
    by_id: dict[str, list[Found]] = {}
    for one in found:
        by_id.setdefault(one.agency_id, []).append(one)
    for key, forms in by_id.items():
        latest = max(forms, key=lambda one: (one.last_year, one.name))
        code = latest.region_code or next((one.region_code for one in forms if one.region_code), None)
        aliases = tuple(sorted({one.name for one in forms} - {latest.name}))
        level, kind = level_of_agency(latest.name, code), kind_of_agency(latest.name)
        yield Agency(key, latest.name, aliases, code, level, kind)


def _regions(codes: Iterable[str], named: dict[str, Region]) -> Iterable[Region]:
    """The regions that occur, and those above them; the table's names stand, invented regions keep the source's."""
    table = load_regions()
    all_codes = {*codes, *(above.code for code in codes for above in table.ancestors(code))}
    for code in sorted(all_codes):
        parent = next((above for above in (f"{code[:4]}00", f"{code[:2]}0000") if above in all_codes - {code}), None)
        real = table.by_code.get(code)
        region = Region(code, real.name, real.level) if real else named.get(code, Region(code, code))
        yield Region(code, region.region_name, region.level, parent)


def _region_names() -> tuple[RegionName, ...]:
    return tuple(
        RegionName(one.code, one.name, one.level, one.first_year, one.last_year, one.successor, one.basis)
        for one in load_region_names()
    )


def _years(source: Source) -> range:
    """Report years expected of a source; an open end is the last year whose reports are due."""
    years = source.expect.years
    if years is None:
        return range(0)
    return range(years.first, (years.last or datetime.now(UTC).year - 1) + 1)
