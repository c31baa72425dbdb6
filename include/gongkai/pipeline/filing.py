"""File the documents of a report year: which year and agency each is of, and what reading it gave, in a few words.

What was filed once is known again by what its listing says, without its extraction being opened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gongkai.pipeline.agencies import Directory
from gongkai.pipeline.candidates import Candidate
from gongkai.pipeline.extractions import NO_TEMPLATE, Extractions
from gongkai.pipeline.settle import agency_of, report_id_of
from gongkai.quality.copied import Wrote, digest_of

KEPT = ("report_year", "agency_id", "template", "format", "error_code", "reason", "extractor", "digest", "name")
"""What a note keeps of a document, beside its print."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A candidate and where it belongs.

    Attributes:
        candidate: One content at one address.
        report_year: The year that its report states, else the one it is listed under.
        agency_id: The agency of its report, None where it gave none.
        template: The template of its report, NO_TEMPLATE where it gave none.
        format: Its format as sniffed.
        error_code: Why it gave no report, "" where it did.
        reason: The same in words.
        extractor: What it was read by.
        digest: Hash of its overview (gongkai.quality.copied), "" where it has none.
        name: The name of its agency, "" where it gave no report.
    """

    candidate: Candidate
    report_year: int
    agency_id: str | None
    template: str
    format: str
    error_code: str
    reason: str
    extractor: str
    digest: str = ""
    name: str = ""

    @property
    def print(self) -> str:
        """Hash of what the archive and its listing say of it."""
        return self.candidate.print

    @property
    def sha256(self) -> str:
        """The content."""
        return self.candidate.entry.sha256

    @property
    def address(self) -> tuple[str, str]:
        """Source and address."""
        return self.candidate.entry.source, self.candidate.entry.url


def file_documents(
    found: Iterable[Candidate], extractions: Extractions, directory: Directory, known: Mapping[str, Mapping[str, Any]]
) -> Iterator[Filed]:
    """File candidates; those that were not extracted yet are left out.

    Args:
        found: Candidates.
        extractions: What reading them gave.
        directory: Tells which agency a report is of.
        known: KEPT of candidates filed before, by print: by the same extractor, templates and directory.
    """
    for candidate in found:
        if kept := known.get(candidate.print):
            yield Filed(candidate, **kept)
        elif filed := _read(candidate, extractions, directory):
            yield filed


def _read(candidate: Candidate, extractions: Extractions, directory: Directory) -> Filed | None:
    entry = candidate.entry
    outline = extractions.outline(entry.sha256, candidate.hints)
    if outline is None:
        return None
    said = outline.format, outline.error_code, outline.reason, extractions.version_of(outline)
    if outline.report is None:
        return Filed(candidate, candidate.listed_year, None, NO_TEMPLATE, *said)
    identity = outline.report.identity
    agency = agency_of(entry.source, entry.sha256, identity, directory)
    wrote = Wrote(agency.agency_id, identity.report_year, agency.name)
    told = digest_of(wrote, identity.title, outline.report.chapters)
    return Filed(candidate, identity.report_year, agency.agency_id, outline.report.template, *said, told, agency.name)


def by_agency(filed: Iterable[Filed]) -> dict[str, list[Filed]]:
    """Group the documents that gave a report by agency, agencies in order."""
    found: dict[str, list[Filed]] = {}
    for one in filed:
        if one.agency_id:
            found.setdefault(one.agency_id, []).append(one)
    return dict(sorted(found.items()))


def agencies_of(filed: Iterable[Filed]) -> dict[str, set[str]]:
    """Return by content the agencies that it is a report of: several where portals list it as the report of each."""
    found: dict[str, set[str]] = {}
    for one in filed:
        if one.agency_id:
            found.setdefault(one.sha256, set()).add(one.agency_id)
    return found


def n_addresses(filed: Iterable[Filed]) -> Counter[str]:
    """Count the addresses of each content."""
    return Counter(sha256 for sha256, _ in {(one.sha256, one.address) for one in filed})


def document_rows(year: int, filed: Sequence[Filed]) -> Iterator[dict[str, Any]]:
    """Yield one row for each content and address of a year: the report it is, or why it is none."""
    parents = {(one.candidate.entry.source, one.candidate.entry.parent_url) for one in filed}
    for one in filed:
        entry = one.candidate.entry
        fate = (
            "report" if one.agency_id
            else "attachment_page" if one.address in parents and one.error_code in ("no_tables", "not_a_report")
            else "not_a_report" if one.error_code == "not_a_report"
            else "failed"
        )  # fmt: skip
        yield {
            "document_sha256": entry.sha256,
            "url": entry.url,
            "source": entry.source,
            "report_year": year,
            "listed_title": one.candidate.title,
            "format": one.format,
            "fate": fate,
            "error_code": one.error_code,
            "reason": one.reason,
            "report_id": report_id_of(one.agency_id, year) if one.agency_id else None,
            "first_seen": entry.first_seen,
            "extractor": one.extractor,
        }
