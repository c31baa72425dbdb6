"""Counts what a reader makes of an untrusted document, and refuses what passes the limits."""

from __future__ import annotations

from gongkai.errors import LimitError
from gongkai.settings import Limits

_MARKUP_PER_CELL = 10


def check_markup(data: bytes, limits: Limits, where: str) -> None:
    """Refuse XML or HTML with more tags than `limits.cells` cells could need, before a tree is built of them.

    A tree takes some hundred bytes a tag, so that 48 MB of "<a/>" would take gigabytes; a cell of a Word table takes
    some ten tags.

    Raises:
        LimitError: More than ten "<" for each cell that `limits` allows.
    """
    most = limits.cells * _MARKUP_PER_CELL
    found = data.count(b"<")
    if found > most:
        raise LimitError(
            "the markup has too many tags",
            where=where,
            found=found,
            expected=f"at most {most}",
            do="raise GONGKAI_LIMIT_CELLS if the document is genuine",
        )


class TooDeepError(LimitError):
    """Elements nest deeper than `limits.depth`."""


class Budget:
    """What one document may still take of its limits.

    Args:
        limits: The limits of the run.
        where: The part that is read, for messages.
    """

    __slots__ = ("_cells", "_chars", "_limits", "_where")

    def __init__(self, limits: Limits, where: str) -> None:
        self._limits, self._where = limits, where
        self._cells = self._chars = 0

    def take_cells(self, count: int) -> None:
        """Count grid positions (a span of 1000 columns counts 1000), and paragraphs, which may be flattened cells.

        Raises:
            LimitError: The document has more than `limits.cells`.
        """
        self._cells += count
        if self._cells > self._limits.cells:
            self._refuse("table cells", "cells")

    def take_text(self, text: str) -> str:
        """Count the characters of `text` and return it.

        Raises:
            LimitError: The document has more than `limits.text_chars`.
        """
        self._chars += len(text)
        if self._chars > self._limits.text_chars:
            self._refuse("characters of text", "text_chars")
        return text

    def check_depth(self, depth: int) -> None:
        """Raise TooDeepError if elements nest deeper than `limits.depth`."""
        if depth > self._limits.depth:
            self._refuse("levels of nested elements", "depth", TooDeepError)

    def _refuse(self, what: str, name: str, kind: type[LimitError] = LimitError) -> None:
        raise kind(
            f"too many {what}",
            where=self._where,
            expected=f"at most {getattr(self._limits, name)}",
            do=f"raise GONGKAI_LIMIT_{name.upper()} if the document is genuine",
        )
