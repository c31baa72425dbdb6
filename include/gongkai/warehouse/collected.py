"""What a release tells of collecting: addresses, listings, runs, requests, and why expected reports are not there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from gongkai.contracts.tables import load_tables
from gongkai.lake.schema import arrow_schema

TABLES = ("addresses", "listings", "collect_runs", "requests")

GAP = pa.schema(
    [
        pa.field("agency_id", pa.string()),
        pa.field("report_year", pa.int32()),
        pa.field("outcome", pa.string()),
        pa.field("reason", pa.string()),
        pa.field("source", pa.string()),
        pa.field("url", pa.string()),
    ]
)
"""One row an agency and year that was expected, for which the lake holds no report: what became of it, and why."""

# What differs from one quiet run to the next; it makes no new release.
_LASTING = {
    "addresses": ("source", "url", "document_sha256", "title", "listed_date", "first_seen", "removed_on", "is_current"),
    "listings": ("source", "url", "removed_on"),
}
_GOOD = frozenset({"new", "unchanged", "revised"})


@dataclass(frozen=True)
class Collected:
    """What the logs of collecting say.

    Attributes:
        addresses: As its contract says.
        listings: As its contract says.
        collect_runs: As its contract says.
        gaps: See GAP.
        load_requests: Reads the request log of the last runs; called only where a release is built.
    """

    addresses: pa.Table
    listings: pa.Table
    collect_runs: pa.Table
    gaps: pa.Table
    load_requests: Callable[[], pa.Table]

    def tables(self) -> Mapping[str, pa.Table]:
        """The tables by name, the request log read."""
        return {
            "addresses": self.addresses,
            "listings": self.listings,
            "collect_runs": self.collect_runs,
            "requests": self.load_requests(),
        }

    @cached_property
    def fingerprint(self) -> str:
        """Hash of what collecting found; a run that finds nothing new leaves it as it is."""
        digest = hashlib.sha256()
        for table, columns in ((self.addresses, _LASTING["addresses"]), (self.listings, _LASTING["listings"])):
            for batch in table.select(columns).to_batches(10_000):
                for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    digest.update(f"{row}\n".encode())
        for fate, reason in zip(*(self.listings.column(name).to_pylist() for name in ("fate", "reason")), strict=True):
            digest.update(f"{'had' if fate in _GOOD else f'{fate} {code_of(reason)}'}\n".encode())
        for gap in self.gaps.to_pylist():
            told = (gap["agency_id"], gap["report_year"], gap["outcome"], code_of(gap["reason"]), gap["url"])
            digest.update(f"{told}\n".encode())
        return digest.hexdigest()


def code_of(reason: str | None) -> str:
    """The code that a reason begins with: what follows may name times and numbers that change."""
    return (reason or "").partition(":")[0]


def nothing_collected() -> Collected:
    """What stands for the logs of a lake whose archive is not known."""
    contracts = load_tables()
    empty = {name: arrow_schema(contracts[name]).empty_table() for name in TABLES}
    return Collected(
        empty["addresses"], empty["listings"], empty["collect_runs"], GAP.empty_table(), lambda: empty["requests"]
    )
