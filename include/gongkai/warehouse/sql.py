"""Texts inside SQL that cannot be given as parameters: DDL, comments, names of files."""

from __future__ import annotations

from collections.abc import Iterable


def quoted(text: str) -> str:
    """Return a text as it stands inside an SQL string."""
    return text.replace("'", "''")


def of_years(years: Iterable[int]) -> str:
    """Return the condition that a row is of one of some report years; false where there are none."""
    listed = ", ".join(str(int(year)) for year in sorted(years))
    return f"report_year IN ({listed})" if listed else "false"
