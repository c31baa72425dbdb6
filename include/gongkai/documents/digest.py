"""The name of a document: the sha256 of its bytes."""

from __future__ import annotations

import hashlib


def sha256_hex(data: bytes) -> str:
    """Return the hex digest that names these bytes."""
    return hashlib.sha256(data).hexdigest()
