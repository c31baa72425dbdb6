"""Reports as JSON and back, byte-equal for equal reports."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pydantic import TypeAdapter

from gongkai.reports.model import Report


@dataclass(frozen=True, slots=True)
class Extraction:
    """What reading one document gave: a report, or the error that says why not.

    Attributes:
        sha256: The document.
        format: Its format as sniffed, "" where not even that could be told.
        report: The report, None where there is none.
        error_code: Code of the error class, "" where there is a report.
        reason: The error in words.
        attachments: (href, text) of links to files that may hold the report.
    """

    sha256: str
    format: str
    report: Report | None
    error_code: str = ""
    reason: str = ""
    attachments: tuple[tuple[str, str], ...] = ()


@cache
def _adapter() -> TypeAdapter[Extraction]:
    return TypeAdapter(Extraction)


def to_json(extraction: Extraction) -> bytes:
    """Write an extraction as JSON (UTF-8)."""
    return _adapter().dump_json(extraction)


def from_json(data: bytes) -> Extraction:
    """Read an extraction back.

    Raises:
        pydantic.ValidationError: The bytes are no extraction of this version.
    """
    return _adapter().validate_json(data)
