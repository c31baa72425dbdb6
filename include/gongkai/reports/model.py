"""What one agency states for one year, as read from one document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from gongkai.documents.model import BBox


class State(StrEnum):
    """What a cell says: a number, one of two kinds of nothing, words, or that it was not found."""

    NUMBER = "number"
    BLANK = "blank"
    NOT_APPLICABLE = "not_applicable"
    TEXT = "text"
    NOT_EXTRACTED = "not_extracted"


class Agreement(StrEnum):
    """What an independent second reading says of a cell; a cell that was read once has none.

    A second reading is made where the first is in doubt (gongkai.reports.opinion), or stands beside it where a report
    was published in two formats (gongkai.pipeline.settle).
    """

    AGREE = "agree"
    """The same state and the same number."""
    DIFFER = "differ"
    """Something else; see `second_raw`. What stands is what the form's sums prove, else nothing."""
    ONLY_FIRST = "only_first"
    """The second reading does not find the cell."""
    ONLY_SECOND = "only_second"
    """Only the second reading finds the cell. What it says stands where the form's sums prove it; else the cell is
    not_extracted and `second_raw` keeps the text."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of the template and where it was read.

    Confidence is earned, never assumed. It starts as the reader's: 1 where the file states its text, for recognised
    characters the least probability of one of them, 0.97 where all its digits look like others that were read alike,
    and 0.4 where two looks at the same print differ. It is multiplied by the likeness of the printed label to the
    template's (1 where they are equal), for a value in the wrong row is as wrong as a misread one. Below 0.5 a cell is
    not_extracted. A second reading that agrees raises the confidence of recognised characters to that of both being
    wrong alike, at most 0.97; it does nothing for text, whose digits are certain and whose label both readings share.

    Attributes:
        table: Table code of the template contract.
        row: Row code.
        column: Column code.
        state: What the printed cell says.
        value: The number in the unit of the contract; None unless state is NUMBER.
        raw: Text as printed; None when not extracted.
        note: What the cell says beside the number, e.g. "其中修订16件"; that it was joined from several cells; or why a
            cell was not extracted.
        page: Page from 1.
        bbox: Box on the page.
        path: Place in the file where it has no pages.
        method: How the value that stands was read, e.g. "docx-xml/grid", "html-lxml/flat".
        confidence: 0 to 1, earned as said above.
        agreement: What a second reading says of it, None where it was read once.
        second_method: How it was read the other time, None where it was read once.
        second_raw: Text of the other reading where it is not what stands.
    """

    table: str
    row: str
    column: str
    state: State
    value: Decimal | None = None
    raw: str | None = None
    note: str | None = None
    page: int | None = None
    bbox: BBox | None = None
    path: str | None = None
    method: str = ""
    confidence: float = 0.0
    agreement: Agreement | None = None
    second_method: str | None = None
    second_raw: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """Table, row and column: what names the cell in its template."""
        return self.table, self.row, self.column


@dataclass(frozen=True, slots=True)
class Topic:
    """A passage of a chapter on one topic: `text[start:end]` of the chapter, without its heading.

    `code` is that of data_contracts/reading/topics.yml: "disclosure", "requests", "management", "platform",
    "supervision".
    """

    code: str
    heading: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter of the narrative: its code in the contract ("overview", ...), heading and text as printed.

    `heading` is "" where a chapter was told by its text alone; `topics` are its passages in order.
    """

    position: int
    code: str
    heading: str
    text: str
    topics: tuple[Topic, ...] = ()


@dataclass(frozen=True, slots=True)
class StatedFigure:
    """A number that the narrative states, linked to the cell it speaks of.

    Attributes:
        table: Table code of the cell, "" where no table of the template asks for the number.
        row: Row code, or "".
        column: Column code, or "".
        value: The number, scaled (1.2万 is 12000); money in yuan, or in the unit of the cell.
        sentence: The sentence as printed.
        chapter: Position of the chapter.
        start: Character offset of the number in the chapter's text; of the words that say so for "stated_none".
        end: Offset behind it.
        scope: "office" (本级, 本机关), "area" (全市, 全区) or "" where the text does not say.
        indicator: What is counted, a code of data_contracts/reading/figures.yml.
        kind: "exact"; "approximate" (余, 近, 1.2万); "stated_none" where the text says in words that there was none.
    """

    table: str
    row: str
    column: str
    value: Decimal
    sentence: str
    chapter: int
    start: int
    end: int
    scope: str = ""
    indicator: str = ""
    kind: Literal["exact", "approximate", "stated_none"] = "exact"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who speaks, of which year, under which title, published when.

    Attributes:
        agency: Normalised name, short forms completed: 济宁市科学技术局.
        agency_printed: As found: 济宁市科技局.
        report_year: The year reported on.
        title: As printed, white space removed.
        published: Day of publication, None where nothing states it.
        evidence: Where each came from.
        region_code: 行政区划 code of the agency's region, None where the document does not tell it.
        level: national, province, city, county, township; None where unknown.
        kind: government, department, zone, office, institution; None where unknown.
    """

    agency: str
    agency_printed: str
    report_year: int
    title: str
    published: date | None
    evidence: dict[str, str]
    region_code: str | None = None
    level: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A document matched with a template.

    Attributes:
        identity: Agency, year, title, publication date.
        template: Code of the template contract: "legacy", "2019", "2021".
        cells: One per cell of the template's form as printed, found or not, in contract order.
        chapters: Narrative in order.
        figures: Numbers stated in the narrative.
        document_sha256: The document it was read from.
        format: Format of that document.
        method: Reading method of that document.
        warnings: What reader and matcher noticed.
    """

    identity: Identity
    template: str
    cells: tuple[Cell, ...]
    chapters: tuple[Chapter, ...]
    figures: tuple[StatedFigure, ...]
    document_sha256: str
    format: str
    method: str
    warnings: tuple[str, ...] = ()
