"""Agencies, regions and what is expected of them, as the sources state it."""

from __future__ import annotations

from collections.abc import Sequence

from gongkai.reports.identity import normalise_agency
from gongkai.sources.model import Source


def canonical_names(sources: Sequence[Source]) -> dict[str, str]:
    """Return every printed name and alias of the agencies that sources expect, to the name they are known under."""
    names: dict[str, str] = {}
    for source in sources:
        for agency in source.expect.agencies:
            for name in (agency.name, *agency.aliases):
                names[normalise_agency(name)] = agency.name
    return names
