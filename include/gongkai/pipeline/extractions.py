"""Extractions kept beside the lake, so that work already done is not done again.

One JSON file a document, keyed by the document's sha256, by what its listing says, and by the fingerprint of the
extractor: code and contracts that decide what is read. A changed extractor starts a new folder; the old one may be
removed at any time.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from pathlib import Path

import fsspec

import gongkai
from gongkai.documents import office
from gongkai.reports.identity import Hints
from gongkai.reports.serialise import Extraction, from_json, to_json
from gongkai.settings import get_settings

_PACKAGES = ("contracts", "documents", "reports")
_FORMS = ("templates", "reading", "documents")
_LIBRARIES = (
    "lxml", "pdfminer.six", "pdfplumber", "py7zr", "pylopdf-fonts-zh-cn", "pypdfium2", "rapidfuzz", "rapidocr",
    "rarfile",
)  # fmt: skip


@cache
def extractor_fingerprint() -> str:
    """Hash everything that decides what is read from a document: our code, the contracts, the parsing libraries."""
    digest = hashlib.sha256()
    package = Path(gongkai.__file__).parent
    files = [file for name in _PACKAGES for file in sorted((package / name).rglob("*.py"))]
    files += [file for name in _FORMS for file in sorted((get_settings().contracts / name).glob("*.*"))]
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    for library in _LIBRARIES:
        digest.update(f"{library}=={version(library)}\0".encode())
    digest.update(f"office={office.available()}\0".encode())  # what only LibreOffice reads is read once it is there
    digest.update(get_settings().limits.model_dump_json().encode())
    return digest.hexdigest()[:16]


class Extractions:
    """The extractions of one extractor fingerprint.

    Args:
        location: Local folder or fsspec URL, below the lake's location.
        fingerprint: Default that of this code.
    """

    def __init__(self, location: str, fingerprint: str | None = None) -> None:
        self.fingerprint = fingerprint or extractor_fingerprint()
        self._fs, root = fsspec.core.url_to_fs(location)
        self._root = f"{root.rstrip('/')}/{self.fingerprint}"
        self._of_year = f"{root.rstrip('/')}/of_year"

    def has(self, sha256: str, hints: Hints) -> bool:
        """Tell whether a document was extracted already."""
        return bool(self._fs.exists(self._path(sha256, hints)))

    def get(self, sha256: str, hints: Hints) -> Extraction | None:
        """Return what a document gave, None where it was not extracted yet."""
        try:
            return from_json(self._fs.cat_file(self._path(sha256, hints)))
        except FileNotFoundError:
            return None

    def put(self, extraction: Extraction, hints: Hints) -> None:
        """Keep an extraction; the file appears whole or not at all."""
        path = self._path(extraction.sha256, hints)
        self._fs.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
        aside = f"{path}.part"
        self._fs.pipe_file(aside, to_json(extraction))
        self._fs.mv(aside, path)

    def note_year(self, sha256: str, year: int) -> None:
        """Note that a document turned out to be of another report year than it is listed under.

        The note outlives the extractor: it only says where to look, the content decides again.
        """
        self._fs.makedirs(f"{self._of_year}/{year}", exist_ok=True)
        self._fs.pipe_file(f"{self._of_year}/{year}/{sha256}", b"")

    def noted(self, year: int) -> frozenset[str]:
        """Return the documents listed under other years that are of this one."""
        try:
            found = self._fs.ls(f"{self._of_year}/{year}", detail=False)
        except FileNotFoundError:
            return frozenset()
        return frozenset(str(path).rsplit("/", 1)[1] for path in found)

    def _path(self, sha256: str, hints: Hints) -> str:
        said = hashlib.sha256(repr(sorted(asdict(hints).items())).encode()).hexdigest()[:8]
        return f"{self._root}/{sha256[:2]}/{sha256}-{said}.json"
