"""Archives as attachments: the one member that is the report is read, what else they hold is said."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gongkai.documents.bundle import members
from gongkai.documents.companions import Companions, among
from gongkai.documents.model import Document
from gongkai.documents.sniff import sniff
from gongkai.errors import DocumentError, NotAReportError
from gongkai.reports.model import Report
from gongkai.reports.serialise import Extraction
from gongkai.settings import get_settings

PREFERENCE = ("docx", "html", "odt", "doc", "rtf", "wps", "wordml", "md", "txt", "ofd", "pdf")
"""Formats that state their cells come before those whose tables are found by their lines."""

_MOST_NAMES = 30


@dataclass(frozen=True, slots=True)
class First:
    """What a first reading gave: the extraction, the document where it could be read, why it is no report."""

    data: bytes
    extraction: Extraction
    document: Document | None = None
    error: DocumentError | None = None


Finish = Callable[[Extraction], Extraction]
Read = Callable[[bytes, str, Companions], First]
Again = Callable[[First, Finish], Extraction]


def extract_bundle(data: bytes, name: str, read: Read, again: Again) -> Extraction:
    """Read the report in an archive.

    Members are tried in the order of PREFERENCE, then of the archive. The first that gives a report is the report,
    traced to the archive's sha256, its paths begun with the member's name. Others are named in its warnings: another
    form of the same report, another report (which is not read), what is no report.

    Args:
        data: The archive.
        name: Its name, for messages.
        read: Reads one document; what it names among the members is given to it.
        again: Has the report that was chosen read a second time where that is wanted, and finishes it.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        bundle = members(data, get_settings().limits)
    except DocumentError as error:
        error.where = error.where or name
        return Extraction(sha256, "", None, error.code, str(error))
    held = dict(bundle.members)
    first, tried = None, []
    for member, content in sorted(bundle.members, key=_rank):
        one = read(content, member, among(held, member))
        tried.append((member, one.extraction))
        if first is None and one.extraction.report is not None:
            first = one
    left_out = [f"{member} ({reason})" for member, reason in bundle.left_out]
    if first is None:
        reasons = [f"{member} ({found.reason})" for member, found in tried]
        nothing = NotAReportError(
            "no member of the archive is a report that can be read",
            where=name,
            found=_listed([*reasons, *left_out]) or "no members",
            expected="one annual report",
        )
        return Extraction(sha256, "", None, nothing.code, str(nothing))
    member, found = tried.pop(next(index for index, (_, one) in enumerate(tried) if one is first.extraction))
    assert found.report is not None, "chosen for it"
    warnings = [f"read from {member} of an archive", *_others(found.report, tried)]
    if left_out:
        warnings.append(f"members of the archive that are not read: {_listed(left_out)}")

    def finish(extraction: Extraction) -> Extraction:
        assert extraction.report is not None, "a second reading takes no report away"
        return replace(extraction, sha256=sha256, report=_traced(extraction.report, sha256, member, warnings))

    return again(first, finish)


def _rank(member: tuple[str, bytes]) -> int:
    try:
        form = sniff(member[1], member[0])
    except DocumentError:
        return len(PREFERENCE)
    return PREFERENCE.index(form) if form in PREFERENCE else len(PREFERENCE)


def _others(report: Report, tried: Sequence[tuple[str, Extraction]]) -> list[str]:
    """Say what the other members are, for nothing must be lost in silence."""
    same, other, none = [], [], []
    for member, found in tried:
        if found.report is None:
            none.append(member)
        elif _subject(found.report) == _subject(report):
            same.append(member)
        else:
            agency, year = _subject(found.report)
            other.append(f"{member} ({agency} {year})")
    kinds = (
        (same, "members of the archive with the same report"),
        (other, "members of the archive with other reports, which are not read"),
        (none, "members of the archive that are no reports"),
    )
    return [f"{what}: {_listed(names)}" for names, what in kinds if names]


def _subject(report: Report) -> tuple[str, int]:
    return report.identity.agency, report.identity.report_year


def _traced(report: Report, sha256: str, member: str, warnings: Sequence[str]) -> Report:
    """Return the report with the archive as its document, and the member in the path of each cell."""
    cells = tuple(
        replace(cell, path=f"{member}!{cell.path or ''}" if cell.path or cell.page else cell.path)
        for cell in report.cells
    )
    return replace(report, document_sha256=sha256, cells=cells, warnings=(*warnings, *report.warnings))


def _listed(names: Sequence[str]) -> str:
    shown = "; ".join(names[:_MOST_NAMES])
    return f"{shown} and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else shown
