"""The language of a bundle's titles and labels."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the command line reads this module; it starts quicker without the rest
    from gongkai.warehouse.superset.datasets import Column
    from gongkai.warehouse.superset.model import Words


class Language(StrEnum):
    """In which language titles and labels stand; descriptions of columns and tables always have both."""

    ZH = "zh"
    EN = "en"
    BOTH = "both"

    def say(self, words: Words) -> str:
        """Write a text; both languages are parted by a bar, texts of several lines by an empty line."""
        if self is not Language.BOTH:
            return words.zh if self is Language.ZH else words.en
        return f"{words.zh}\n\n{words.en}" if "\n" in words.zh else f"{words.zh} | {words.en}"

    def label(self, column: Column) -> str | None:
        """Write the label of a column; None has Superset show its name, which is English."""
        if self is Language.EN:
            return None
        return column.zh if self is Language.ZH else f"{column.zh} {column.name}"
