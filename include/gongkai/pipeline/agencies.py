"""Agencies, regions and what is expected of them, as the sources state it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from gongkai.contracts.load import load_templates
from gongkai.pipeline.settle import agency_id
from gongkai.reports.identity import normalise_agency
from gongkai.sources.model import Source
from gongkai.warehouse.dims import Agency, Dims, Expected, Region, rule_rows


def canonical_names(sources: Sequence[Source]) -> dict[str, str]:
    """Return every printed name and alias of the agencies that sources expect, to the name they are known under."""
    names: dict[str, str] = {}
    for source in sources:
        for agency in source.expect.agencies:
            for name in (agency.name, *agency.aliases):
                names[normalise_agency(name)] = agency.name
    return names


def dims_of(sources: Sequence[Source]) -> Dims:
    """Build the dimensions of a release: what the sources say of agencies and regions, and the rules."""
    agencies: dict[str, Agency] = {}
    regions: dict[str, Region] = {}
    expected: dict[tuple[str, int], Expected] = {}
    for source in sources:
        regions.setdefault(source.region.code, Region(source.region.code, source.region.name))
        for one in source.expect.agencies:
            key = agency_id(one.name)
            agencies.setdefault(key, Agency(key, one.name, one.aliases, one.region.code, one.level, one.kind))
            level = one.level if one.kind == "government" else None
            known = regions.get(one.region.code)
            if known is None or known.level is None:
                regions[one.region.code] = Region(one.region.code, one.region.name, level)
            for year in _years(source):
                expected.setdefault((key, year), Expected(key, year, source.name))
    placed = tuple(_with_parent(region, regions) for region in regions.values())
    return Dims(tuple(agencies.values()), placed, tuple(expected.values()), rule_rows(load_templates().values()))


def _years(source: Source) -> range:
    """Report years expected of a source; an open end is the last year whose reports are due."""
    years = source.expect.years
    if years is None:
        return range(0)
    return range(years.first, (years.last or datetime.now(UTC).year - 1) + 1)


def _with_parent(region: Region, regions: dict[str, Region]) -> Region:
    """Place a region under the nearest known one above it: GB/T 2260 codes nest by pairs of digits."""
    for kept in (4, 2):
        above = region.region_code[:kept].ljust(6, "0")
        if above != region.region_code and above in regions:
            return Region(region.region_code, region.region_name, region.level, above)
    return region
