"""HTML pages that load nothing: one place for escaping and for what a page may do."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_POLICY = "default-src 'none'; script-src '{script}'; style-src '{style}'; base-uri 'none'; form-action 'none'"


def render(folder: Path, policy: str = _POLICY, **values: Any) -> str:
    """Fill page.html of a folder with values, style.css and script.js; the policy allows these two by their hashes."""
    style, script = (folder / name for name in ("style.css", "script.js"))
    texts = {"style": style.read_text(encoding="utf-8"), "script": script.read_text(encoding="utf-8")}
    policy = policy.format(**{name: _hash(text) for name, text in texts.items()})
    return _environment(folder).get_template("page.html").render(policy=policy, **texts, **values)


def script_json(value: Any) -> str:
    """Write JSON that may stand inside a script element, whatever the texts in it say."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign, code in (
        ("<", "\\u003c"),
        (">", "\\u003e"),
        ("&", "\\u0026"),
        ("\u2028", "\\u2028"),
        ("\u2029", "\\u2029"),
    ):
        text = text.replace(sign, code)
    return text


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _environment(folder: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=False,
        keep_trailing_newline=True,
    )
