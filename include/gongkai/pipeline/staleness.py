"""What a year was settled with, and so whether something has changed since that it may depend on.

Beside the lake's partitions stands one small file a year, `_settled/report_year=<year>.json`, of hashes by name: the
documents, the extractor, of each template in use its labels and its rules, the decisions, the agencies that sources
expect, the code that settles, the contracts, and the reports of the year before; and of the partition that was written.
A year is stale because of the names whose hash is another now, and only stale years are evaluated again; of those only
the agencies that are concerned, where documents, decisions or the year before changed (gongkai.pipeline.due).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gongkai
from gongkai.archive.catalog import Catalog
from gongkai.archive.store import Archive
from gongkai.contracts.load import load_templates
from gongkai.lake.files import Files
from gongkai.lake.store import Lake
from gongkai.pipeline.candidates import Candidate, candidates, of_year, open_archive, open_extractions
from gongkai.pipeline.decisions import Decision, fingerprint, open_decisions
from gongkai.pipeline.extractions import NO_TEMPLATE, Extractions, template_fingerprints
from gongkai.pipeline.year_note import FOLDER, Note, forget_others, keep, recall
from gongkai.settings import get_settings
from gongkai.sources.model import Source
from gongkai.sources.registry import load_sources

if TYPE_CHECKING:
    from gongkai.pipeline.year import SettledYear

NEVER = "never settled"
_BEFORE = ("reports", "cells", "narratives")
"""What the rules of a year look at in the year before."""
_PACKAGES = ("quality", "lake", "pipeline")
_BY_AGENCY = frozenset(("documents", "decisions", "year before"))
"""Prints whose change concerns some agencies only; which, is told by the notes of agencies."""
_ASIDE = (
    "asking", "batches", "cli", "collect", "contracts", "data_docs", "evidence", "explain", "gaps", "output", "publish",
    "quarantine", "results", "review.py", "seen", "side_by_side", "sources", "staleness", "status", "tables.py",
    "touched", "worker",
)  # fmt: skip
"""Modules of pipeline/, by the beginning of their names, that have no part in settling."""
_READ_ELSEWHERE = frozenset(("templates", "reading", "documents", "sources"))
"""Folders of data_contracts/ that have hashes of their own, or none that settling depends on."""

_OF_SOURCES: dict[str, Any] = {"name": True, "region": True, "expect": {"agencies"}}
"""What settling takes from a source: how it is asked is no matter to it."""

Prints = dict[str, str]


@dataclass(frozen=True, slots=True)
class Settling:
    """What years are settled from: all candidates, extractions, decisions and the lake, as they are now."""

    archive: Archive
    found: Sequence[Candidate]
    extractions: Extractions
    decisions: Sequence[Decision]
    sources: Sequence[Source]
    lake: Lake

    def candidates(self, year: int) -> list[Candidate]:
        """Return the candidates of a year."""
        return of_year(self.found, year, self.extractions)

    def years(self) -> list[int]:
        """Return the report years that the archive may hold reports of, or the lake does."""
        return sorted({one.listed_year for one in self.found} | set(self.lake.years()))


def settling(lake: Lake) -> Settling:
    """Look at what there is to settle."""
    sources = load_sources(get_settings().sources)
    archive = open_archive()
    found = candidates(Catalog.load(archive).entries(), sources)
    return Settling(archive, found, open_extractions(), open_decisions().all(), sources, lake)


def note(of: Settling, year: int, settled: SettledYear) -> None:
    """Keep what a year was just settled with."""
    files = Files(of.lake.location)
    details = keep(files, year, settled.filed, settled.notes)
    prints = _prints(of, year, settled.templates)
    form = {"counts": settled.counts, "details": details, "prints": prints}
    data = (json.dumps(form, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()
    files.put(_path(year), data)
    forget_others(files, year, details)


def recalled(of: Settling, year: int) -> Note:
    """Return what is known of a year from the last time, as far as it still holds for each agency by itself."""
    details = _noted(of.lake, year).get("details")
    if not details or not _BY_AGENCY.issuperset(reasons(of, year)):
        return Note()
    return recall(Files(of.lake.location), year, details) or Note()


def not_filed(of: Settling, year: int, known: Note) -> list[Candidate]:
    """Return the candidates of a year of which nothing is known from the last time: they must be read."""
    return [one for one in of.candidates(year) if one.print not in known.documents]


def reasons(of: Settling, year: int) -> list[str]:
    """Say because of what a year is stale; nothing where it is not."""
    form = _noted(of.lake, year)
    before: Prints = form.get("prints", {})
    if not before:
        return [NEVER] if of.candidates(year) or year in of.lake.years() else []
    now = _prints(of, year, {name.partition(" of ")[2] for name in before if " of " in name})
    return [name for name in sorted(before | now) if before.get(name) != now.get(name)]


def counts_of(lake: Lake, year: int) -> dict[str, int]:
    """Return what was said of a year when it was settled last."""
    return dict(_noted(lake, year).get("counts", {}))


def stale_rows(lake: Lake, year: int | None = None) -> list[dict[str, Any]]:
    """Return the stale years and because of what they are.

    Args:
        lake: The lake.
        year: Only this report year.
    """
    of = settling(lake)
    years = of.years() if year is None else [year]
    found = {one: reasons(of, one) for one in years}
    return [{"report_year": one, "because": ", ".join(why)} for one, why in found.items() if why]


def _prints(of: Settling, year: int, templates: set[str]) -> Prints:
    labels, found, snapshot = template_fingerprints(), of.candidates(year), of.lake.snapshot()
    prints = {
        "documents": _hash(sorted(one.print for one in found)),
        "extractor": of.extractions.fingerprint,
        "decisions": fingerprint(of.decisions, year, {one.entry.sha256 for one in found}),
        "sources": _hash(one.model_dump_json(include=_OF_SOURCES) for one in of.sources),
        "code": _code(),
        "contracts": _contracts(get_settings().contracts),
        "partition": of.lake.state(year),
        "year before": "",
    }
    if year - 1 in snapshot.years:
        prints["year before"] = _hash(part.sha256 for name in _BEFORE for part in snapshot.parts(name, [year - 1]))
    for code in templates & labels.keys():
        prints[f"labels and sums of {code}"] = labels[code]
        if code != NO_TEMPLATE:
            prints[f"rules of {code}"] = _hash([load_templates()[code].model_dump_json(include={"rules"})])
    return prints


def _noted(lake: Lake, year: int) -> dict[str, Any]:
    data = Files(lake.location).read(_path(year))
    try:
        form: dict[str, Any] = json.loads(data) if data else {}
    except ValueError:
        return {}  # cut off or foreign: then the year counts as never settled, which costs time alone
    return form


def _path(year: int) -> str:
    return f"{FOLDER}/report_year={year}.json"


def _hash(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


@cache
def _code() -> str:
    package = Path(gongkai.__file__).parent
    files = [path for name in _PACKAGES for path in sorted((package / name).glob("*.py"))]
    return _of_files(path for path in files if not (path.parent.name == "pipeline" and path.name.startswith(_ASIDE)))


@cache
def _contracts(folder: Path) -> str:
    files = [path for path in sorted(folder.rglob("*.yml")) if path.is_file()]
    return _of_files(path for path in files if path.relative_to(folder).parts[0] not in _READ_ELSEWHERE)


def _of_files(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
