"""How long the command takes to start, and to extract one small file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.common import Figure, Sample, command_seconds

COMMAND = str(Path(sys.executable).with_name("gongkai"))
TARGET = 1.5
"""Seconds."""


def startup(samples: list[Sample], rounds: int) -> Iterator[Figure]:
    """Yield wall seconds of `--help` and of `extract` on the smallest document of each format."""
    yield Figure("gongkai --help", command_seconds([COMMAND, "--help"], rounds), "s", TARGET, at_most=True)
    for name in ("docx", "html", "pdf"):
        chosen = sorted((sample for sample in samples if sample.format == name), key=lambda sample: len(sample.data))
        if chosen:
            command = [COMMAND, "extract", str(chosen[0].path), "--format", "jsonl"]
            seconds = command_seconds(command, rounds)
            yield Figure(f"gongkai extract {chosen[0].path.name}", seconds, "s", TARGET, at_most=True)
