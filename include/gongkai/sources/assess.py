"""Compares what a source lists with what it asserts: as a whole, and for each expected year whose reports are due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from gongkai.sources.model import Source


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the counts of a listing say.

    Attributes:
        short: (found, expected) where there are too few reports, in words; empty where there are enough.
        warnings: Where there are more than expected.
    """

    short: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]


def assess(source: Source, reports: Mapping[int | None, int], today: date) -> Assessment:
    """Compare counts of listed reports with the assertions of their source.

    Args:
        source: The source.
        reports: Listed reports by the year that their title or listing names; None for those without any.
        today: Years are due after 31 March of the year after (article 49 of the regulation); those to come are not
            missed.
    """
    asserted, total = source.assertions, sum(reports.values())
    short: list[tuple[str, str]] = []
    warnings: list[str] = []
    if total < asserted.min:
        short.append((str(total), f"at least {asserted.min}"))
    if asserted.max is not None and total > asserted.max:
        warnings.append(f"{total} reports are listed, more than the {asserted.max} that the source expects")
    each, years = asserted.per_year, source.expect.years
    due = {year: reports.get(year, 0) for year in (years.due(today) if years else ())}
    if few := [f"{year}: {count}" for year, count in due.items() if count < each.min]:
        short.append((", ".join(few), f"at least {each.min} a year"))
    for year, count in sorted((year, count) for year, count in reports.items() if year is not None):
        if each.max is not None and count > each.max:
            warnings.append(f"{count} reports of {year} are listed, more than the {each.max} expected of a year")
    return Assessment(tuple(short), tuple(warnings))
