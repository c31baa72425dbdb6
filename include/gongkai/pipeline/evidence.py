"""Evidence: the page that shows where each value of a report was read, kept where all who review can see it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from gongkai.lake.files import Files
from gongkai.pipeline.candidates import all_candidates, extract_candidates, open_archive, open_extractions
from gongkai.pipeline.explain import Explanations
from gongkai.settings import get_settings

PAGE = re.compile(r"[0-9a-f]{20}\.html")
"""Names of pages."""
NAME = re.compile(r"[0-9a-f]{20}(\.html|-p\d{1,4}(-grid)?\.png)")
"""Names of all files of the evidence."""
_ENDING = re.compile(r"\.[a-z0-9]{1,5}")


def page_name(document_sha256: str) -> str:
    """Return the name of a document's page."""
    return f"{document_sha256[:20]}.html"


def write_evidence(reports: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Write the pages of reports in force, each read in a process within the limits.

    Args:
        reports: Rows with report_id, document_sha256 and url.

    Returns:
        Where the page of each report is, by report id; none for a report whose document the archive lacks.
    """
    wanted = list(reports)
    if not wanted:
        return {}
    archive, extractions = open_archive(), open_extractions()
    found = {(one.entry.sha256, one.entry.url): one for one in all_candidates(archive)}
    keys = {report["report_id"]: (report["document_sha256"], report["url"]) for report in wanted}
    chosen = [found[key] for key in keys.values() if key in found]
    extract_candidates(chosen, archive, extractions)
    kept = Files(get_settings().evidence)
    with tempfile.TemporaryDirectory(prefix="gongkai-") as folder:
        documents, pages = Path(folder) / "documents", Path(folder) / "pages"
        documents.mkdir()
        explanations = Explanations(pages)
        for candidate in chosen:
            sha256 = candidate.entry.sha256
            extraction = extractions.get(sha256, candidate.hints)
            if extraction is None:
                continue
            file = documents / f"{sha256[:20]}{_ending(candidate.entry.url)}"
            file.write_bytes(archive.get(sha256))
            explanations.add(file, extraction)
        explanations.finish(get_settings().jobs)
        for path in sorted(pages.iterdir()):
            if NAME.fullmatch(path.name):
                kept.put(path.name, path.read_bytes())
    return {name: kept.full(page_name(key[0])) for name, key in keys.items() if key in found}


def read_evidence(name: str) -> bytes | None:
    """Return a file of the evidence, None where there is none of this name."""
    return Files(get_settings().evidence).read(name) if NAME.fullmatch(name) else None


def _ending(url: str) -> str:
    ending = PurePosixPath(urlsplit(url).path).suffix.lower()
    return ending if _ENDING.fullmatch(ending) else ""
