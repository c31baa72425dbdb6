"""What rules over the text ask about, and how they answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from gongkai.contracts.load import load_templates
from gongkai.quality.model import Outcome, Reason
from gongkai.reports.identity import is_government
from gongkai.reports.model import Cell, Report, StatedFigure

if TYPE_CHECKING:
    from gongkai.quality.copied import Overviews, Wrote

Place = tuple[str, str, str]
_QUOTED = 200


@dataclass(frozen=True, slots=True)
class TextVerdict:
    """The answer of a rule over the text.

    Attributes:
        outcome: One of the four.
        printed: What stands in the table, or in the text where the rule compares the text with something else.
        expected: What it should be by the other side.
        cells: Cells that were compared.
        zh: What was found, in Chinese.
        en: The same in English.
        reason: What lies behind the outcome.
    """

    outcome: Outcome
    printed: Decimal | None = None
    expected: Decimal | None = None
    cells: tuple[Place, ...] = ()
    zh: str = ""
    en: str = ""
    reason: Reason = Reason.NONE


PASSED = TextVerdict(Outcome.PASS)


@dataclass(frozen=True)
class Subject:
    """A report under the rules over its text.

    Attributes:
        key: Its key.
        report: The report.
        wrote: Who wrote it, as `others` name it.
        others: Overviews of the reports that its text is compared with.
    """

    key: str
    report: Report
    wrote: Wrote
    others: Overviews = field(repr=False)

    @cached_property
    def cells(self) -> Mapping[Place, Cell]:
        """The cells by place."""
        return {cell.key: cell for cell in self.report.cells}

    @cached_property
    def stated(self) -> Mapping[Place, tuple[StatedFigure, ...]]:
        """Stated figures by the cell that they speak of."""
        found: dict[Place, list[StatedFigure]] = {}
        for figure in self.report.figures:
            if figure.table:
                found.setdefault((figure.table, figure.row, figure.column), []).append(figure)
        return {place: tuple(figures) for place, figures in found.items()}

    @cached_property
    def covers_area(self) -> bool:
        """True for governments, whose tables cover the whole area."""
        return is_government(self.report.identity.agency)

    def says(self, indicators: tuple[str, ...]) -> list[StatedFigure]:
        """Stated figures of some indicators, in the order of the text."""
        return [figure for figure in self.report.figures if figure.indicator in indicators]

    def text(self, codes: tuple[str, ...]) -> str:
        """The text of some chapters."""
        return "\n".join(chapter.text for chapter in self.report.chapters if chapter.code in codes)

    def label(self, place: Place) -> tuple[str, str]:
        """A cell in words: Chinese, English."""
        table = load_templates()[self.report.template].table_by_code[place[0]]
        row, column = table.row_by_code[place[1]].label, table.column_by_code[place[2]].label
        return f"{table.title}，{row}／{column}", f"{place[0]}, {place[1]} ({row}) / {place[2]} ({column})"


def quote(text: str) -> str:
    """A sentence as it is quoted in messages, cut where it is very long."""
    flat = " ".join(text.split())
    return f"“{flat[:_QUOTED]}{'…' if len(flat) > _QUOTED else ''}”"
