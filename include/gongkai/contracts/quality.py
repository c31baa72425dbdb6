"""The policies of quality, typed and checked: who is to blame for a failing rule, what status a report gets."""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import Field, model_validator

from gongkai.contracts.template import Strict
from gongkai.contracts.yaml import load_model
from gongkai.settings import get_settings

Blame = Literal["publisher", "extraction", "unknown"]
Exactness = Literal["exact", "placed", "flattened", "copied", "recognised"]
Fact = Literal[
    "second_reading_fits", "readings_differ", "cell_lost", "one_reading_only", "weak_characters",
    "year_before_in_doubt", "readings_agree", "digits_as_stated", "read_in_part", "exact_text", "recognised", "copied",
    "flattened", "unsure",
]  # fmt: skip
"""What attribution knows of the suspects of a failing rule; gongkai.quality.attribution says when each holds."""

StatusName = Literal["accepted", "accepted_with_errors", "quarantined", "superseded"]
Measure = Literal[
    "agency_missing", "cells_lost", "cells_lost_share", "cells_text", "cells_unsure", "cells_unsure_share",
    "cells_differ", "format_inexact", "fails_extraction", "fails_unknown", "fails_publisher", "fails_of_one_year",
    "values_implausible", "revision_superseded",
]  # fmt: skip
"""What settling measures of a report; gongkai.quality.standing says how."""


class MethodExactness(Strict):
    """How exactly cells are read whose method fits a pattern."""

    method: str
    is_: Exactness = Field(alias="is")


class Decision(Strict):
    """What a fact means for the blame, in words."""

    fact: Fact
    blame: Blame
    zh: str
    en: str


class AttributionPolicy(Strict):
    """data_contracts/quality/attribution.yml.

    Attributes:
        sure: Confidence from which a cell counts as read beyond doubt.
        weak: Confidence below which a failing rule is blamed on the reading.
        exactness: Patterns of methods; the first that fits counts, the last fits all.
        not_by_reading: Kinds of faults that a reader of stated text does not make.
        decisions: Facts in order; the first that holds decides.
    """

    sure: float = Field(gt=0, le=1)
    weak: float = Field(ge=0, le=1)
    exactness: tuple[MethodExactness, ...] = Field(min_length=1)
    not_by_reading: tuple[str, ...]
    decisions: tuple[Decision, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _complete(self) -> AttributionPolicy:
        if self.exactness[-1].method != "*":
            raise ValueError("the last pattern of exactness must be *, so that every method has one")
        if self.weak > self.sure:
            raise ValueError("weak must not exceed sure")
        facts = [one.fact for one in self.decisions]
        if len(set(facts)) < len(facts):
            raise ValueError("a fact decides twice")
        return self


class StatusRule(Strict):
    """A status that a report gets where a measure reaches a threshold.

    Attributes:
        code: Public code of the reason.
        measure: What is measured.
        at_least: The threshold.
        status: What follows.
        zh: The reason in Chinese; {value} is what was measured, {detail} what it was measured on.
        en: The reason in English.
    """

    code: str
    measure: Measure
    at_least: float = Field(gt=0)
    status: StatusName
    zh: str
    en: str


class SettlingPolicy(Strict):
    """data_contracts/quality/settling.yml.

    Attributes:
        implausible: Largest plausible number by table; a larger one is rather several run together.
        rules: All that hold give a reason; the gravest status counts.
        clean: The reason of a report to which none applies.
    """

    implausible: dict[str, int]
    rules: tuple[StatusRule, ...] = Field(min_length=1)
    clean: StatusRule

    @model_validator(mode="after")
    def _codes_differ(self) -> SettlingPolicy:
        codes = [one.code for one in (*self.rules, self.clean)]
        if len(set(codes)) < len(codes):
            raise ValueError("a code is given twice")
        return self


@cache
def attribution_policy() -> AttributionPolicy:
    """Read data_contracts/quality/attribution.yml.

    Raises:
        ContractError: It is missing or broken.
    """
    return load_model(get_settings().contracts / "quality" / "attribution.yml", AttributionPolicy)


@cache
def settling_policy() -> SettlingPolicy:
    """Read data_contracts/quality/settling.yml.

    Raises:
        ContractError: It is missing or broken.
    """
    return load_model(get_settings().contracts / "quality" / "settling.yml", SettlingPolicy)
