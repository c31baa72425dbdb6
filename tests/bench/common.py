"""What the benchmarks share: documents, timing, memory of a process of its own, a table with targets."""

from __future__ import annotations

import gc
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "include" / "samples" / "documents"
CORPUS = ROOT.parent / "shared" / "corpus"
FORMATS = {".docx": "docx", ".html": "html", ".htm": "html", ".pdf": "pdf", ".txt": "txt", ".md": "md", ".doc": "doc"}

_OF_SPEED = ("docs/s", "1/s", "s", "ms")
"""Units whose targets hold for a machine of speed 1."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One document of a benchmark, held in memory."""

    path: Path
    data: bytes

    @property
    def format(self) -> str:
        return FORMATS[self.path.suffix.lower()]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure: how it compares with its target, None where it has none.

    `speed` is that of the machine around this figure, where it took minutes and was measured beside it.
    """

    name: str
    value: float
    unit: str
    target: float | None = None
    at_most: bool = False
    note: str = ""
    speed: float | None = None

    def on(self, speed: float) -> Figure:
        """The figure with its target as it stands on a machine of this speed; of sizes and ratios it stays."""
        if self.target is None or self.unit not in _OF_SPEED:
            return self
        speed = self.speed or speed
        return replace(self, target=self.target / speed if self.at_most else self.target * speed)

    @property
    def passes(self) -> bool | None:
        if self.target is None:
            return None
        return self.value <= self.target if self.at_most else self.value >= self.target


def default_folders() -> list[Path]:
    """The bundled samples and, where it stands beside the checkout, the shared corpus."""
    return [folder for folder in (SAMPLES, CORPUS) if folder.is_dir()]


def load_samples(folders: Iterable[Path]) -> list[Sample]:
    """Read the documents of the folders; scans are left out, reading them is the work of OCR."""
    paths = sorted(path for folder in folders for path in folder.rglob("*") if path.suffix.lower() in FORMATS)
    return [Sample(path, path.read_bytes()) for path in paths if "scan" not in path.stem and path.name != "README.md"]


def pin_to_one_core() -> None:
    """Keep this process and its children on one core, so that figures are those of one core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def timed(action: Callable[[], object]) -> float:
    """Seconds that an action takes of one core: CPU time, which other processes on the machine do not stretch.

    What earlier actions left is collected first, so that nobody pays for the garbage of another.
    """
    gc.collect()
    start = time.process_time()
    action()
    return time.process_time() - start


def interleaved(actions: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """Median seconds of each action; the actions take turns, so that a slow moment of the machine meets all."""
    for action in actions:
        action()
    times: list[list[float]] = [[] for _ in actions]
    for _ in range(rounds):
        for index, action in enumerate(actions):
            times[index].append(timed(action))
    return [statistics.median(found) for found in times]


def peak_memory(code: str, *arguments: str) -> float:
    """Peak memory in MB (VmHWM) of a fresh Python that runs `code`, its own start included."""
    tail = "\nprint(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])"
    done = subprocess.run([sys.executable, "-c", code + tail, *arguments], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1]) / 1024


def command_seconds(command: Sequence[str], rounds: int) -> float:
    """Median wall seconds of a command; a first run warms the file cache."""
    times = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        subprocess.run(command, capture_output=True, check=False, cwd=ROOT)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def show(title: str, figures: Iterable[Figure], speed: float) -> int:
    """Print a table of figures; returns how many miss their target, which is scaled to the speed of this machine."""
    figures = [figure.on(speed) for figure in figures]
    wide = max([len(figure.name) for figure in figures] or [0])
    print(f"\n{title}")
    for figure in figures:
        sign = "<=" if figure.at_most else ">="
        target = "" if figure.target is None else f"{sign} {figure.target:.4g} {figure.unit}"
        mark = {None: "", True: "pass", False: "MISS"}[figure.passes]
        value = f"{figure.value:10.2f} {figure.unit}"
        print(f"  {figure.name:{wide}}  {value:22}{target:20}{mark:6}{figure.note}".rstrip())
    return sum(figure.passes is False for figure in figures)
