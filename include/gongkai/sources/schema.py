"""The JSON Schema of source files, for editors that complete and check them."""

from __future__ import annotations

import json
from pathlib import Path

from gongkai.settings import ROOT
from gongkai.sources.model import Source

DOCUMENT = ROOT / "data_contracts" / "sources" / "source.schema.json"


def schema() -> str:
    """Return the schema as JSON text."""
    made = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Source.model_json_schema()}
    # The adapter is that of the options where a file does not name it.
    made["required"] = [name for name in made["required"] if name != "adapter"]
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def write_schema(path: Path = DOCUMENT) -> Path:
    """Write the schema, and return its path."""
    path.write_text(schema(), encoding="utf-8")
    return path
