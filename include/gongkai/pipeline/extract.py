"""Extract: documents to reports, each on its own; one bad document never stops the others."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from gongkai.documents.bundle import archive_kind
from gongkai.documents.companions import Companions, beside, none
from gongkai.documents.effort import Effort, begin, keep
from gongkai.documents.read import read
from gongkai.errors import DocumentError, EmptyDocumentError, LimitError, RunError, SourceError
from gongkai.pipeline.bundles import First, extract_bundle
from gongkai.pipeline.workers import run
from gongkai.reports import opinion
from gongkai.reports.build import build_report, matchers
from gongkai.reports.identity import Hints
from gongkai.reports.serialise import Extraction, from_json, to_json
from gongkai.settings import get_settings

NOT_DOCUMENTS = frozenset([".json", ".jsonl", ".csv", ".parquet", ".yml", ".yaml", ".log", ".py", ".duckdb"])
"""Endings of data files that are passed over in folders; a file that is named is always read."""


def extract_bytes(data: bytes, name: str = "", hints: Hints | None = None, companions: Companions = none) -> Extraction:
    """Read one document, or the report in an archive; what cannot be read is an extraction with the reason.

    A reading in doubt is made again by another way (gongkai.reports.opinion).

    Args:
        data: The document.
        name: Its name, for messages.
        hints: What its listing says.
        companions: Gives the pictures that came with a web page.
    """
    if archive_kind(data):
        return extract_bundle(
            data,
            name,
            lambda content, member, beside_it: _read_first(content, member, hints, beside_it),
            lambda first, finish: _read_again(first, hints, finish),
        )
    return _read_again(_read_first(data, name, hints, companions), hints, lambda extraction: extraction)


def _read_first(data: bytes, name: str, hints: Hints | None, companions: Companions) -> First:
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        document = read(data, name, companions=companions)
    except DocumentError as error:
        return First(data, Extraction(sha256, "", None, error.code, str(error)))
    try:
        report = build_report(document, hints)
    except DocumentError as error:
        refused = Extraction(sha256, document.format, None, error.code, str(error), document.attachments)
        return First(data, refused, document, error)
    return First(data, Extraction(sha256, document.format, report, attachments=document.attachments), document)


def _read_again(first: First, hints: Hints | None, finish: Callable[[Extraction], Extraction]) -> Extraction:
    """Ask for a second opinion where one is wanted; the first reading stands if that takes too much."""
    limits, document, extraction = get_settings().limits, first.document, first.extraction
    if document is None or not opinion.is_wanted(document, extraction.report, first.error, limits):
        return finish(extraction)
    keep(to_json(finish(_unfinished(extraction))))
    begin(Effort.SECOND)
    report = opinion.ask(first.data, document, extraction.report, hints, limits)
    if report is None:
        return finish(extraction)
    return finish(replace(extraction, report=report, error_code="", reason=""))


def _unfinished(extraction: Extraction) -> Extraction:
    if extraction.report is None:
        return extraction
    warnings = (*extraction.report.warnings, "a second reading was begun and took too much: this is the first alone")
    return replace(extraction, report=replace(extraction.report, warnings=warnings))


def extract_file(path: Path) -> Extraction:
    """Read one file, which may be too large or unreadable."""
    limit = get_settings().limits.file_bytes
    try:
        size = path.stat().st_size
        if size > limit:
            too_large = LimitError(
                "the file is too large", where=str(path), found=f"{size} bytes", expected=f"at most {limit}",
                do="raise GONGKAI_LIMIT_FILE_BYTES if it must be read",
            )  # fmt: skip
            return Extraction("", "", None, too_large.code, str(too_large))
        data = path.read_bytes()
    except OSError as error:
        return Extraction("", "", None, "unreadable", f"{path}: {error.strerror}")
    if not data:
        empty = EmptyDocumentError("the file is empty", where=str(path), found="0 bytes", do="collect it again")
        return Extraction(hashlib.sha256(b"").hexdigest(), "", None, empty.code, str(empty))
    return extract_bytes(data, path.name, companions=beside(path, get_settings().limits))


def files_of(paths: Iterable[Path]) -> list[Path]:
    """Return the files named, and those below the folders named, sorted within each folder.

    Raises:
        RunError: A path does not exist.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(
                file
                for file in path.rglob("*")
                if file.is_file() and not file.name.startswith(".") and file.suffix.lower() not in NOT_DOCUMENTS
            )
        elif path.exists():
            found.append(path)
        else:
            raise RunError("no such file or folder", where=str(path))
    return found


def extract_files(paths: Sequence[Path], jobs: int = 1) -> Iterator[tuple[Path, Extraction]]:
    """Read files in the given order, each in one of `jobs` processes and within the limits of time and memory."""
    outcomes = _run(_packed_file, ((str(path), (path,)) for path in paths), jobs)
    for path, outcome in zip(paths, outcomes, strict=True):
        yield path, from_json(outcome) if isinstance(outcome, bytes) else _unread(_sha256_of(path), outcome)


def extract_many(
    items: Iterable[tuple[bytes, str, Hints | None, Mapping[str, bytes]]], jobs: int = 1
) -> Iterator[Extraction]:
    """Read documents as `extract_bytes` does, each in one of `jobs` processes and within the limits.

    Args:
        items: The document, its address, what its listing says, and the pictures that came with it by their addresses;
            taken as processes become free.
        jobs: Number of processes.
    """
    hashes: deque[str] = deque()

    def calls() -> Iterator[tuple[str, tuple[object, ...]]]:
        for data, name, hints, pictures in items:
            hashes.append(hashlib.sha256(data).hexdigest())
            yield name, (data, name, hints, pictures)

    for outcome in _run(_packed_bytes, calls(), jobs):
        sha256 = hashes.popleft()
        yield from_json(outcome) if isinstance(outcome, bytes) else _unread(sha256, outcome)


def _run(
    function: Callable[..., bytes], calls: Iterable[tuple[str, tuple[object, ...]]], jobs: int
) -> Iterator[bytes | DocumentError]:
    return run(function, calls, get_settings().limits, jobs=jobs, warm_up=warm_up)


def warm_up() -> None:
    """Load what reading any document needs, once for all processes that are forked from this one."""
    matchers()


def _packed_file(path: Path) -> bytes:
    return to_json(extract_file(path))  # JSON crosses processes in half the time of pickled objects


def _packed_bytes(data: bytes, name: str, hints: Hints | None, pictures: Mapping[str, bytes]) -> bytes:
    return to_json(extract_bytes(data, name, hints, _at(name, pictures) if pictures else none))


def _at(page: str, pictures: Mapping[str, bytes]) -> Companions:
    """Give pictures by the addresses that the page at an address names them with."""
    from gongkai.sources.address import clean_url  # only here: most commands need no network

    def find(address: str) -> bytes | None:
        try:
            return pictures.get(clean_url(page, address))
        except SourceError:
            return None

    return find


def _unread(sha256: str, error: DocumentError) -> Extraction:
    return Extraction(sha256, "", None, error.code, str(error))


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
