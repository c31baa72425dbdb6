"""Archives as attachments: the one member that is the report is read, what else they hold is said."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

from gongkai.documents.bundle import members
from gongkai.documents.companions import Companions, among
from gongkai.documents.sniff import sniff
from gongkai.errors import DocumentError, NotAReportError
from gongkai.reports.model import Report
from gongkai.reports.serialise import Extraction
from gongkai.settings import get_settings

PREFERENCE = ("docx", "html", "odt", "doc", "rtf", "wps", "wordml", "md", "txt", "ofd", "pdf")
"""Formats that state their cells come before those whose tables are found by their lines."""

_MOST_NAMES = 30

Read = Callable[[bytes, str, Companions], Extraction]


def extract_bundle(data: bytes, name: str, read: Read) -> Extraction:
    """Read the report in an archive.

    Members are tried in the order of PREFERENCE, then of the archive. The first that gives a report is the report,
    traced to the archive's sha256, its paths begun with the member's name. Others are named in its warnings: another
    form of the same report, another report (which is not read), what is no report.

    Args:
        data: The archive.
        name: Its name, for messages.
        read: Reads one document; what it names among the members is given to it.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        bundle = members(data, get_settings().limits)
    except DocumentError as error:
        error.where = error.where or name
        return Extraction(sha256, "", None, error.code, str(error))
    held = dict(bundle.members)
    tried = [
        (member, read(content, member, among(held, member))) for member, content in sorted(bundle.members, key=_rank)
    ]
    left_out = [f"{member} ({reason})" for member, reason in bundle.left_out]
    chosen = next((index for index, (_, found) in enumerate(tried) if found.report is not None), None)
    if chosen is None:
        reasons = [f"{member} ({found.reason})" for member, found in tried]
        nothing = NotAReportError(
            "no member of the archive is a report that can be read",
            where=name,
            found=_listed([*reasons, *left_out]) or "no members",
            expected="one annual report",
        )
        return Extraction(sha256, "", None, nothing.code, str(nothing))
    member, found = tried.pop(chosen)
    assert found.report is not None, "chosen for it"
    warnings = [f"read from {member} of an archive", *_others(found.report, tried)]
    if left_out:
        warnings.append(f"members of the archive that are not read: {_listed(left_out)}")
    return replace(found, sha256=sha256, report=_traced(found.report, sha256, member, warnings))


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
