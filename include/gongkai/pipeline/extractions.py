"""Extractions kept beside the lake, so that work already done is not done again.

One JSON file a document, keyed by the document's sha256, by what its listing says, by the fingerprint of the extractor
(code and contracts that decide what is read, templates aside), and by what reading takes from the template that the
document was found to be printed on. A changed extractor starts a new folder, a changed template one for its documents
alone; old ones may be removed at any time. Documents that gave no report wait for a change of any template.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, fields
from functools import cache
from importlib.metadata import version
from pathlib import Path

import fsspec
from pydantic import TypeAdapter

import gongkai
from gongkai.contracts.load import load_templates
from gongkai.documents import office
from gongkai.reports.identity import Hints
from gongkai.reports.model import Chapter, Identity
from gongkai.reports.serialise import Extraction, from_json, to_json
from gongkai.settings import get_settings

_PACKAGES = ("contracts", "documents", "reports")
_FORMS = ("reading", "documents")
NO_TEMPLATE = "none"
"""Stands for the template of documents that gave no report."""
_LIBRARIES = (
    "lxml", "pdfminer.six", "pdfplumber", "py7zr", "pylopdf-fonts-zh-cn", "pypdfium2", "rapidfuzz", "rapidocr",
    "rarfile",
)  # fmt: skip


@cache
def extractor_fingerprint() -> str:
    """Hash everything but the templates that decides what is read: our code, the contracts, the parsing libraries."""
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


@cache
def template_fingerprints() -> dict[str, str]:
    """Hash by template what reading takes from it: labels, form and sums.

    Reading leans on the sums within one report (reports/sums.py), so a change of those is a change of what is read;
    severity, explanations, rules of single cells and rules over two years only matter to checking.
    """
    found = {}
    for code, contract in load_templates().items():
        said = contract.model_dump_json(exclude={"rules", "prescribed_by", "description"})
        sums = [
            (
                one.table,
                one.row,
                one.column,
                one.severity,
                *((term.row, term.column, term.coefficient) for term in one.terms),
            )
            for one in contract.expanded_rules
            if one.terms and not one.crosses_years
        ]
        found[code] = hashlib.sha256(f"{said}\0{sums}".encode()).hexdigest()[:12]
    every = "\0".join(f"{code}={print_}" for code, print_ in sorted(found.items()))
    return {**found, NO_TEMPLATE: hashlib.sha256(every.encode()).hexdigest()[:12]}


@dataclass(frozen=True, slots=True)
class ReportOutline:
    """Of a report whose it is and what it says in words; its cells are left out."""

    identity: Identity
    template: str
    chapters: tuple[Chapter, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """What an extraction says without its cells, which take most of the reading; attributes as in Extraction."""

    sha256: str
    format: str
    report: ReportOutline | None
    error_code: str = ""
    reason: str = ""


@cache
def _outlines() -> TypeAdapter[Outline]:
    return TypeAdapter(Outline)


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
        self._templates = template_fingerprints()
        self._of_year = f"{root.rstrip('/')}/of_year"

    def has(self, sha256: str, hints: Hints) -> bool:
        """Tell whether a document was extracted already."""
        return any(self._fs.exists(path) for path in self._paths(sha256, hints))

    def get(self, sha256: str, hints: Hints) -> Extraction | None:
        """Return what a document gave, None where it was not extracted yet."""
        data = self._data(sha256, hints)
        return None if data is None else from_json(data)

    def outline(self, sha256: str, hints: Hints) -> Outline | None:
        """Return the same without cells."""
        data = self._data(sha256, hints)
        return None if data is None else _outlines().validate_json(data)

    def _data(self, sha256: str, hints: Hints) -> bytes | None:
        for path in self._paths(sha256, hints):
            try:
                return bytes(self._fs.cat_file(path))
            except FileNotFoundError:
                continue
        return None

    def version_of(self, extraction: Extraction | Outline) -> str:
        """Name what an extraction was made with: the extractor and what it takes from the template."""
        return f"{self.fingerprint}.{self._templates[_template(extraction)]}"

    def put(self, extraction: Extraction, hints: Hints) -> None:
        """Keep an extraction; the file appears whole or not at all."""
        path = f"{self._folder(_template(extraction))}/{_name(extraction.sha256, hints)}"
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

    def years_noted(self, documents: Collection[str]) -> set[int]:
        """Return the report years that some of these documents turned out to be of, other than those listed."""
        try:
            folders = [str(path).rsplit("/", 1)[1] for path in self._fs.ls(self._of_year, detail=False)]
        except FileNotFoundError:
            return set()
        return {int(year) for year in folders if not self.noted(int(year)).isdisjoint(documents)}

    def _paths(self, sha256: str, hints: Hints) -> list[str]:
        name = _name(sha256, hints)
        return [f"{self._folder(code)}/{name}" for code in self._templates]

    def _folder(self, template: str) -> str:
        return f"{self._root}/{template}-{self._templates[template]}"


def _template(extraction: Extraction | Outline) -> str:
    return extraction.report.template if extraction.report else NO_TEMPLATE


def _name(sha256: str, hints: Hints) -> str:
    named = ((one.name, getattr(hints, one.name)) for one in fields(hints))
    said = hashlib.sha256(repr(sorted(named)).encode()).hexdigest()[:8]
    return f"{sha256[:2]}/{sha256}-{said}.json"
