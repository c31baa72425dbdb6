"""Reads a document once more, to show where its values stand."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gongkai.documents.bundle import archive_kind, members
from gongkai.documents.companions import among, beside
from gongkai.documents.model import Document
from gongkai.documents.read import read
from gongkai.errors import DocumentError, NotAReportError
from gongkai.reports.model import Report
from gongkai.reports.serialise import Extraction
from gongkai.settings import get_settings


@dataclass(frozen=True, slots=True)
class Source:
    """A document with its bytes; of an archive, the member that is the report.

    Attributes:
        document: What its reader makes of it.
        data: The bytes it was read from.
        prefix: What the paths of its values begin with: the member's name, "" outside of archives.
    """

    document: Document
    data: bytes
    prefix: str = ""


def read_again(file: Path, extraction: Extraction, notes: list[str]) -> Source | None:
    """Read a document for its pictures; what could not be read the first time is not tried again.

    Args:
        file: Where it is.
        extraction: What reading it gave before.
        notes: Is told why there is nothing to show.
    """
    if not extraction.format:
        return None
    try:
        data = file.read_bytes()
        if hashlib.sha256(data).hexdigest() != extraction.sha256:
            notes.append("not shown: the file changed since it was read")
            return None
        if archive_kind(data):
            held = dict(members(data, get_settings().limits).members)
            name = _member(held, extraction.report)
            return Source(read(held[name], name, companions=among(held, name)), held[name], f"{name}!")
        return Source(read(data, file.name, companions=beside(file, get_settings().limits)), data)
    except DocumentError as error:
        notes.append(f"not shown: {error}")
    except OSError as error:
        notes.append(f"not shown: {error.strerror}")
    return None


def _member(held: Mapping[str, bytes], report: Report | None) -> str:
    """The name of the member that values were read from: their paths begin with it.

    Raises:
        NotAReportError: None is.
    """
    paths = [cell.path for cell in report.cells if cell.path] if report else []
    found = [name for name in held if _begins(paths, name)]
    if not found:
        raise NotAReportError("no value was read from a member of the archive")
    return max(found, key=len)


def _begins(paths: list[str], name: str) -> bool:
    return any(path.startswith(f"{name}!") for path in paths)
