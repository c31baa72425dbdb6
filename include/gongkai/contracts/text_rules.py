"""Rules that hold the text of a report against its tables, other years, other agencies and the law."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from gongkai.contracts.rules import Explanation, Severity
from gongkai.contracts.template import Strict
from gongkai.contracts.yaml import load_model
from gongkai.settings import get_settings

Asks = Literal[
    "stated_cell",
    "stated_sum",
    "stated_parts",
    "all_zero",
    "other_year",
    "other_agency",
    "copied_text",
    "publication",
]
CellPattern = Annotated[str, StringConstraints(pattern=r"^[^/]+/[^/]+/[^/]+$")]


class TextRuleForm(Strict):
    """One rule of a family as the contract writes it.

    Attributes:
        place: Table, row and column of the rule's id; "text" for what stands in no table.
        indicators: Codes of stated figures that it compares.
        cells: By template, patterns of the cells that it compares them with; empty for all templates and no cells.
    """

    place: tuple[str, str, str]
    indicators: tuple[str, ...] = ()
    cells: dict[str, tuple[CellPattern, ...]] = Field(default_factory=dict)


class TextFamily(Strict):
    """A family of rules over the text.

    Attributes:
        family: First part of the rule ids.
        asks: The question, which gongkai.quality.texts answers.
        floor: Reports of a template from which on a rule must have met one.
        clause: The notice or regulation that the rules come from.
        formula: What must hold; {cell}, {cells}, {column} and {indicators} are those of the rule.
        explain: The rule in words.
        severity: error or warning.
        rules: The rules; none where they are one for each cell that a text can state.
        patterns: Wordings by name.
        shortest: Shortest text, in characters, that is judged.
    """

    family: str = Field(pattern=r"^[a-z_]+$")
    asks: Asks
    floor: int = Field(ge=1)
    clause: str
    formula: str
    explain: Explanation
    severity: Severity = "warning"
    rules: tuple[TextRuleForm, ...] = ()
    patterns: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    shortest: int = 0

    @model_validator(mode="after")
    def _has_rules(self) -> TextFamily:
        if not self.rules and self.asks != "stated_cell":
            raise ValueError(f"family {self.family} has no rules")
        return self


class TextRules(Strict):
    """data_contracts/quality/text.yml."""

    families: tuple[TextFamily, ...]

    @model_validator(mode="after")
    def _named_once(self) -> TextRules:
        names = [family.family for family in self.families]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"family given twice: {', '.join(sorted(twice))}")
        return self


def load_text_families(path: Path | None = None) -> tuple[TextFamily, ...]:
    """Read the families (default: data_contracts/quality/text.yml).

    Raises:
        ContractError: The file is broken.
    """
    return _load(path or get_settings().contracts / "quality" / "text.yml")


@cache
def _load(path: Path) -> tuple[TextFamily, ...]:
    return load_model(path, TextRules).families
