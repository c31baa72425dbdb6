"""Extract: documents to reports, each on its own; one bad document never stops the others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from gongkai.documents.read import read
from gongkai.errors import DocumentError, EmptyDocumentError, LimitError, RunError
from gongkai.reports.build import build_report
from gongkai.reports.identity import Hints
from gongkai.reports.serialise import Extraction
from gongkai.settings import get_settings

NOT_DOCUMENTS = frozenset([".json", ".jsonl", ".csv", ".parquet", ".yml", ".yaml", ".log", ".py", ".duckdb"])
"""Endings of data files that are passed over in folders; a file that is named is always read."""


def extract_bytes(data: bytes, name: str = "", hints: Hints | None = None) -> Extraction:
    """Read one document; what cannot be read is an extraction with the reason.

    Args:
        data: The document.
        name: Its name, for messages.
        hints: What its listing says.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        document = read(data, name)
    except DocumentError as error:
        return Extraction(sha256, "", None, error.code, str(error))
    try:
        report = build_report(document, hints)
    except DocumentError as error:
        return Extraction(sha256, document.format, None, error.code, str(error), document.attachments)
    return Extraction(sha256, document.format, report, attachments=document.attachments)


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
    return extract_bytes(data, path.name)


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
    """Read files in the given order, on `jobs` processes."""
    if jobs <= 1 or len(paths) < 2:
        for path in paths:
            yield path, extract_file(path)
        return
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        size = max(1, min(16, len(paths) // (jobs * 4)))
        yield from zip(paths, pool.map(extract_file, paths, chunksize=size), strict=True)
