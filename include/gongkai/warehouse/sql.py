"""Texts inside SQL that cannot be given as parameters: DDL, comments, names of files."""

from __future__ import annotations


def quoted(text: str) -> str:
    """Return a text as it stands inside an SQL string."""
    return text.replace("'", "''")
