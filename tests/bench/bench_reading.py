"""Documents a second on one core, PDF reading against plain pdfplumber, and peak memory."""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench.common import Figure, Sample, interleaved, peak_memory, timed
from tests.bench.monsters import build_monsters

from gongkai.documents.model import Document
from gongkai.documents.read import read
from gongkai.errors import GongkaiError

TARGETS = {"docx": 150.0, "html": 250.0, "doc": 8.0}
"""Documents a second, parsing only; that of PDF holds for one document, REFERENCE."""

REFERENCE = "szfgs2024.pdf"
_EXTRACT = (
    "import sys; from pathlib import Path; from gongkai.pipeline.extract import extract_file; "
    "extract_file(Path(sys.argv[1]))"
)
_READ = "import sys; from gongkai.documents.read import read; read(open(sys.argv[1], 'rb').read(), sys.argv[1])"


def rates(samples: list[Sample], rounds: int) -> Iterator[Figure]:
    """Yield documents a second per format: parsing only, then parsing and matching."""
    for title, work, targets in (("parsing", read_one, TARGETS), ("parsing + matching", match_one, {})):
        for name in sorted({sample.format for sample in samples}):
            chosen = [sample for sample in samples if sample.format == name]
            failed = sum(not _succeeds(work, sample) for sample in chosen)
            seconds = statistics.median(
                timed(lambda chosen=chosen, work=work: [_succeeds(work, sample) for sample in chosen])
                for _ in range(rounds)
            )
            note = f"{len(chosen)} documents" + (f", {failed} refused" if failed else "")
            yield Figure(f"{name}, {title}", len(chosen) / seconds, "docs/s", targets.get(name), note=note)


def read_one(sample: Sample) -> Document:
    return read(sample.data, sample.path.name)


def match_one(sample: Sample) -> object:
    from gongkai.reports.build import build_report

    return build_report(read_one(sample))


def _succeeds(work: Callable[[Sample], object], sample: Sample) -> bool:
    try:
        work(sample)
    except GongkaiError:
        return False
    return True


def against_pdfplumber(sample: Sample, rounds: int) -> Iterator[Figure]:
    """Yield our rate on one PDF, that of plain pdfplumber in turns with it, and the ratio."""
    ours, theirs = interleaved([lambda: read_one(sample), lambda: plain_pdfplumber(sample.data)], rounds)
    must = 40.0 if sample.path.name == REFERENCE else None
    yield Figure(f"{sample.path.name}, gongkai", 1 / ours, "docs/s", must)
    yield Figure(f"{sample.path.name}, plain pdfplumber", 1 / theirs, "docs/s")
    yield Figure(f"{sample.path.name}, ratio", theirs / ours, "times", 8.0)


def plain_pdfplumber(data: bytes) -> list[object]:
    """What one would write first: open, tables and text of each page."""
    import pdfplumber

    with pdfplumber.open(io.BytesIO(data)) as pdf:
        return [(page.extract_tables(), page.extract_text()) for page in pdf.pages]


def large(folder: Path) -> Iterator[Figure]:
    """Yield the peak memory and the seconds of documents of a size that no report has, read within the limits."""
    for path in build_monsters(folder):
        start = time.perf_counter()
        peak = peak_memory(_EXTRACT, str(path))
        seconds = time.perf_counter() - start
        yield Figure(
            path.name, peak, "MB", 400.0, at_most=True, note=f"{path.stat().st_size >> 10} KB, {seconds:.1f} s"
        )


def memory(samples: list[Sample], most: int) -> Iterator[Figure]:
    """Yield the peak memory of a fresh process for the largest documents of each format, the hungriest first."""
    chosen: list[Sample] = []
    for name in sorted({sample.format for sample in samples}):
        of_format = [sample for sample in samples if sample.format == name]
        chosen += sorted(of_format, key=lambda sample: -len(sample.data))[:2]
    peaks = sorted(((peak_memory(_READ, str(sample.path)), sample.path.name) for sample in chosen), reverse=True)
    for peak, name in peaks[:most]:
        yield Figure(name, peak, "MB", 300.0, at_most=True)
