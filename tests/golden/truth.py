"""The committed truth of the sample documents."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from samples.build import DOCUMENTS

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Truth:
    """One truth file; `cells` maps a cell to (state, value, text as printed)."""

    file: str
    facts: dict[str, Any]
    cells: dict[Key, tuple[str, Decimal | None, str]]

    @property
    def data(self) -> bytes:
        """The document."""
        return (DOCUMENTS / self.file).read_bytes()


@cache
def truths() -> dict[str, Truth]:
    """Truth of every sample document, by file name."""
    found = {}
    for path in sorted((DOCUMENTS / "truth").glob("*.json")):
        facts = json.loads(path.read_text(encoding="utf-8"))
        cells = {
            (table, row, column): (state, None if value is None else Decimal(str(value)), raw)
            for table, row, column, value, state, raw in facts["cells"]
        }
        found[facts["file"]] = Truth(facts["file"], facts, cells)
    return found
