"""Documents of a year as settling takes them, made up."""

from __future__ import annotations

from datetime import UTC, datetime

from gongkai.archive.catalog import Entry
from gongkai.pipeline.candidates import Candidate
from gongkai.pipeline.filing import Filed
from gongkai.reports.identity import Hints


def candidate(sha, *, url="u1", source="portal", parent=None, year=2023):
    entry = Entry(
        source, url, "年报", None, year, None, sha * 64, datetime(2024, 1, 1, tzinfo=UTC), "", parent, None, 1, True
    )
    return Candidate(entry, "年报", Hints(title="年报"), year)


def filed(sha, agency="a1", *, error="", template="2021", **where):
    """One document: of an agency, or without a report and with an error."""
    one = candidate(sha, **where)
    of = (None, "none") if error else (agency, template)
    return Filed(one, one.listed_year, *of, "html", error, error and "why", "x.y", "d", "n")
