"""What the renderers print: a report with every cell as printed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

Key = tuple[str, str, str]
"""(table, row, column) in the codes of data_contracts/templates."""

_NUMBER = re.compile(r"([-+]?\d+(?:\.\d+)?)(?:件|项|元|万元)?(?:（.*）)?")
_NOT_APPLICABLE = {"/", "／", "—", "-", "无"}


@dataclass(frozen=True, slots=True)
class Printed:
    """A cell as printed, and what it says.

    Attributes:
        raw: The text in the document.
        state: number, blank or not_applicable, as in gongkai.reports.model.State.
        value: The number; None unless state is number.
    """

    raw: str
    state: str
    value: Decimal | None = None

    @classmethod
    def of(cls, raw: str) -> Printed:
        """Read a printed text in the few ways in which the samples print numbers.

        Raises:
            ValueError: The text is none of them: a slip in plan.yml.
        """
        if raw == "":
            return cls(raw, "blank")
        if raw in _NOT_APPLICABLE:
            return cls(raw, "not_applicable")
        match = _NUMBER.fullmatch(
            unicodedata.normalize("NFKC", raw).replace(",", "").replace("(", "（").replace(")", "）")
        )
        if match is None:
            raise ValueError(f"cannot tell the value of {raw!r}")
        return cls(raw, "number", Decimal(match[1]))


@dataclass(frozen=True, slots=True)
class ChapterText:
    """A chapter of the narrative; `table` is the code of the table that follows its text."""

    heading: str
    paragraphs: tuple[str, ...]
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Stated:
    """A figure that the narrative states of a cell."""

    key: Key
    number: Decimal


@dataclass(frozen=True, slots=True)
class Paper:
    """One sample document before it is rendered.

    Attributes:
        file: Name of the file.
        agency: Agency as named in the title.
        report_year: The year the report is of.
        template: Code of the template.
        title: Title as printed, without line breaks.
        published: Day of publication.
        style: Name of the renderer's style, e.g. "docx_official"; the part before "_" is the format.
        sheet: Every cell of the form as printed.
        preface: Paragraphs before the first chapter.
        chapters: The narrative in order.
        stated: Figures stated in the narrative.
        index_no: 索引号 of the property table.
        site: Name of the portal in the page.
        remarks: Planted peculiarities, in words.
    """

    file: str
    agency: str
    report_year: int
    template: str
    title: str
    published: date
    style: str
    sheet: Mapping[Key, Printed]
    preface: tuple[str, ...]
    chapters: tuple[ChapterText, ...]
    stated: tuple[Stated, ...] = ()
    index_no: str = ""
    site: str = ""
    remarks: tuple[str, ...] = field(default=())

    @property
    def title_lines(self) -> tuple[str, str]:
        """The title over two lines, as many reports print it: who, then what."""
        cut = self.title.find(self.agency) + len(self.agency)
        return self.title[:cut], self.title[cut:]
