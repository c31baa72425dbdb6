"""Load one report year: extract what is new in the archive, check, settle, write the lake."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gongkai.lake.store import Lake
from gongkai.pipeline.candidates import (
    all_candidates,
    extract_candidates,
    of_year,
    open_archive,
    open_extractions,
)
from gongkai.pipeline.staleness import counts_of, not_filed, note, reasons, recalled, settling
from gongkai.pipeline.year import write_year
from gongkai.settings import get_settings


def open_lake() -> Lake:
    """Return the lake of the settings."""
    return Lake(get_settings().lake)


def archived_years() -> list[int]:
    """Return the report years that the archive may hold reports of."""
    return sorted({candidate.listed_year for candidate in all_candidates(open_archive())})


def plan_extract(year: int) -> list[list[str]]:
    """Return batches of documents (sha256) of a report year that are to be extracted before it is settled.

    Those that were not extracted yet by this extractor; none where nothing changed since the year was settled.
    """
    of = settling(open_lake())
    found = not_filed(of, year, recalled(of, year)) if reasons(of, year) else []
    waiting = [one.entry.sha256 for one in found if not of.extractions.has(one.entry.sha256, one.hints)]
    distinct, size = sorted(set(waiting)), get_settings().batch
    return [distinct[start : start + size] for start in range(0, len(distinct), size)]


def extract_batch(year: int, shas: Iterable[str]) -> dict[str, int]:
    """Extract documents of a report year; what cannot be read is kept with the reason.

    Args:
        year: The report year that the batch was planned for.
        shas: Documents by sha256.

    Returns:
        Counts: documents, reports, refused, and other_years: reports that turned out to be of another year.
    """
    archive, extractions, wanted = open_archive(), open_extractions(), set(shas)
    counts = {"documents": 0, "reports": 0, "refused": 0, "other_years": 0}
    found = [one for one in of_year(all_candidates(archive), year, extractions) if one.entry.sha256 in wanted]
    extract_candidates(found, archive, extractions)
    for candidate in found:
        extraction = extractions.get(candidate.entry.sha256, candidate.hints)
        if extraction is None:
            continue
        counts["documents"] += 1
        counts["reports" if extraction.report else "refused"] += 1
        if extraction.report and extraction.report.identity.report_year != year:
            counts["other_years"] += 1
    return counts


def settle_year(year: int) -> dict[str, Any]:
    """Check and settle a report year and write it to the lake; then every year that this one reaches into.

    A year for which nothing changed since it was settled is left alone. A report's carry-over is judged against the
    year before: so the year after is settled again where the lake holds it and something that it depends on is another
    now. Within a year only the agencies that something changed for are settled anew. Whichever of two neighbouring
    years is settled last sees the other, so the order of loading does not matter. Documents that this extractor has not
    read yet are read first: after a change of the code a neighbouring year would otherwise lose its reports. A year
    without any document gets no partition.

    Returns:
        Counts of the year: reports, accepted, accepted_with_errors, quarantined, unread, findings; settled: the reports
        settled anew, of whatever year; changed: the years whose partition was rewritten.
    """
    lake = open_lake()
    of, anew, changed = settling(lake), 0, []
    if reasons(of, year):
        extract_candidates(not_filed(of, year, recalled(of, year)), of.archive, of.extractions)
    with lake.settling():
        waiting = sorted({year} | of.extractions.years_noted({one.entry.sha256 for one in of.candidates(year)}))
        while waiting:
            one = waiting.pop(0)
            if reasons(of, one) or not counts_of(lake, one):
                known = recalled(of, one)
                extract_candidates(not_filed(of, one, known), of.archive, of.extractions)
                settled = write_year(of, one, known)
                note(of, one, settled)
                anew += settled.anew
                changed += [one] if settled.changed else []
            if one + 1 in lake.years() and one + 1 not in waiting and reasons(of, one + 1):
                waiting.insert(0, one + 1)
    return {"year": year, **counts_of(lake, year), "settled": anew, "changed": changed}


def load_stale() -> list[dict[str, Any]]:
    """Load every year that something has changed for since it was settled, oldest first; leave the others alone.

    Returns:
        One row a year: the counts of `load_year`, those of the last time for a year left alone, and `because`.
    """
    rows = []
    of = settling(open_lake())
    stale = {year: reasons(of, year) for year in of.years()}
    for year, because in stale.items():
        left_alone = {"year": year, "extracted": 0, **counts_of(of.lake, year), "settled": 0, "changed": []}
        rows.append((load_year(year) if because else left_alone) | {"because": ", ".join(because)})
    return rows


def load_year(year: int) -> dict[str, Any]:
    """Extract, check, settle and write one report year; running it again changes nothing.

    Returns:
        The counts of `settle_year`, and `extracted`: documents read in this call.
    """
    waiting = [sha256 for batch in plan_extract(year) for sha256 in batch]
    extracted = extract_batch(year, waiting)["documents"] if waiting else 0
    return {"year": year, "extracted": extracted, **settle_year(year)}
