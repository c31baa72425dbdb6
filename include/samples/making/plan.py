"""The plan of the sample portal: plan.yml, typed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML

Style = Literal[
    "docx_official", "docx_soft", "docx_tracked", "html_table", "html_declared", "html_bare", "html_flat", "html_word",
    "pdf_ruled", "pdf_cut", "pdf_repeat",
]  # fmt: skip


class Strict(BaseModel):
    """Base of the plan's models: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Planted(Strict):
    """What is printed otherwise than the books say; cells are written "table/row/column".

    Attributes:
        why: The peculiarity in words; it goes into the truth and into catalog.yml.
        add: Cells whose number is shifted, and by how much.
        print: Cells printed as this text.
        state: Figures that the narrative gives otherwise than the table.
    """

    why: str
    add: dict[str, int] = Field(default_factory=dict)
    print: dict[str, str] = Field(default_factory=dict)
    state: dict[str, int] = Field(default_factory=dict)


class PlannedReport(Strict):
    """One report of the plan.

    Attributes:
        year: Report year.
        style: How it is rendered.
        published: Day of publication.
        title: Pattern of the title.
        numbers: How numbers are printed: plain, grouped by thousands, in full-width digits, or zeros left blank.
        single_other: 其他处理 printed as one row, as the form of 2019 did.
        planted: What is wrong or odd in it.
        corrected_on: Day on which a corrected file without the planted errors replaced it.
        known: Given figures: "table/row" to values in the form's column order, null where unknown.
    """

    year: int
    style: Style
    published: date
    title: str = "{agency}{year}年政府信息公开工作年度报告"
    numbers: Literal["plain", "thousands", "full_width", "blank_zero"] = "plain"
    single_other: bool = False
    planted: tuple[Planted, ...] = ()
    corrected_on: date | None = None
    known: dict[str, tuple[Decimal | None, ...]] = Field(default_factory=dict)


class PlannedAgency(Strict):
    """One agency of the plan.

    Attributes:
        name: Name as printed.
        slug: Start of its file names.
        column: The column of the portal that lists it.
        topic: Which of the narrative's topics it writes about.
        scale: Applications of an average year.
        makes_regulations: True for governments of cities.
        invented: False for agencies that exist, of which some figures are real.
        reports: What it publishes; years left out stay out of the portal but not of its books.
    """

    name: str
    slug: str
    column: Literal["county", "city"]
    topic: str
    scale: int
    makes_regulations: bool = False
    invented: bool = True
    reports: tuple[PlannedReport, ...]


class Plan(Strict):
    """All agencies."""

    agencies: tuple[PlannedAgency, ...]


def load_plan() -> Plan:
    """Read plan.yml."""
    return Plan.model_validate(YAML(typ="safe").load(Path(__file__).with_name("plan.yml")))


def template_of(year: int) -> str:
    """The template that was prescribed for a report year."""
    return "legacy" if year <= 2018 else "2019" if year <= 2020 else "2021"
