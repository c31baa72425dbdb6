"""How narratives state figures: data_contracts/reading/figures.yml, read and compiled once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Annotated

from pydantic import Field, model_validator

from gongkai.contracts.template import Strict
from gongkai.contracts.yaml import load_model
from gongkai.reports.numerals import NUMBER, SOME_NUMBER
from gongkai.settings import get_settings

_PIECE = re.compile(r"\{([a-z_]+)\}")
_CODE = r"^[a-z][a-z0-9_]*$"

CellCode = tuple[str, str, str]
"""Table, row and column of a cell."""


class FigureForm(Strict):
    """One meaning of a number and how it is worded.

    Attributes:
        indicator: Code of what is counted; forms may share one.
        words: A sentence without any of them is passed over, which costs less than its patterns.
        cells: By template code, the cell that is spoken of; a template without one gives a free figure.
        patterns: Wordings; {n} is the number, {m} a number passed over, other {pieces} are those of the file.
        none: Wordings that say there was none; the figure is 0.
        about: Topics one of which the text must have named last before the number; "" for none.
        unit: "元" for money in yuan, "" for counts.
        not_in: Codes of chapters whose numbers are not meant.
    """

    indicator: str = Field(pattern=_CODE)
    words: tuple[str, ...] = Field(min_length=1)
    cells: dict[str, CellCode] = Field(default_factory=dict)
    patterns: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    unit: str = ""
    not_in: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> FigureForm:
        if not self.patterns and not self.none:
            raise ValueError(f"{self.indicator} has neither patterns nor none")
        if any("{n}" not in pattern for pattern in self.patterns):
            raise ValueError(f"{self.indicator}: a pattern has no {{n}}")
        return self


class FigureForms(Strict):
    """data_contracts/reading/figures.yml.

    Attributes:
        scopes: Words that say whom a figure speaks of, by scope.
        topics: Patterns of what a passage is about, by name.
        plans: Patterns of sentences about what is to come, which state nothing of the year.
        compares: Patterns that, just before a wording, make its number one of another year or a difference.
        pieces: Parts of patterns by name.
        figures: Forms; a number belongs to the first form that claims it.
    """

    scopes: dict[str, tuple[str, ...]]
    topics: dict[str, str]
    plans: tuple[str, ...]
    compares: tuple[str, ...]
    pieces: dict[Annotated[str, Field(pattern=r"^[a-z_]+$")], str]
    figures: tuple[FigureForm, ...]

    @model_validator(mode="after")
    def _hangs_together(self) -> FigureForms:
        for form in self.figures:
            if unknown := set(form.about) - {"", *self.topics}:
                raise ValueError(f"{form.indicator}: unknown topic {', '.join(sorted(unknown))}")
            for pattern in (*form.patterns, *form.none):
                try:
                    re.compile(self.filled(pattern))
                except (re.error, KeyError) as error:
                    raise ValueError(f"{form.indicator}: {pattern!r} is no pattern: {error}") from error
        return self

    def filled(self, pattern: str) -> str:
        """Put numbers and pieces into a pattern."""
        pieces = {**self.pieces, "n": NUMBER, "m": SOME_NUMBER}
        for _ in range(3):
            pattern = _PIECE.sub(lambda match: _grouped(match[1], pieces[match[1]]), pattern)
        return pattern


def _grouped(name: str, piece: str) -> str:
    return piece if name == "n" else f"(?:{piece})"


@dataclass(frozen=True, slots=True)
class CompiledForm:
    """A form with its patterns compiled; `words` are those of which a sentence must have one."""

    form: FigureForm
    words: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]
    none: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class CompiledForms:
    """All forms, ready for use; `scopes` and `topics` find any word, the group's name says which.

    `words` are those of all forms: looking each up once tells which forms a sentence can have.
    """

    forms: tuple[CompiledForm, ...]
    words: tuple[str, ...]
    scopes: re.Pattern[str]
    topics: re.Pattern[str]
    plans: re.Pattern[str]
    compares: re.Pattern[str]


def load_forms() -> FigureForms:
    """Read the forms of stated figures.

    Raises:
        ContractError: The file is broken.
    """
    return load_model(get_settings().contracts / "reading" / "figures.yml", FigureForms)


@cache
def compiled_forms() -> CompiledForms:
    """Return the forms compiled, once a process."""
    loaded = load_forms()
    forms = tuple(
        CompiledForm(
            form,
            frozenset(form.words),
            tuple(re.compile(loaded.filled(pattern)) for pattern in form.patterns),
            tuple(re.compile(loaded.filled(pattern)) for pattern in form.none),
        )
        for form in loaded.figures
    )
    scopes = "|".join(f"(?P<{name}>{'|'.join(map(re.escape, words))})" for name, words in loaded.scopes.items())
    topics = "|".join(f"(?P<{name}>{pattern})" for name, pattern in loaded.topics.items())
    compares = f"(?:{'|'.join(loaded.compares)})[^，。；、（）]{{0,24}}$"
    words = tuple(sorted({word for form in loaded.figures for word in form.words}))
    return CompiledForms(
        forms, words, re.compile(scopes), re.compile(topics), re.compile("|".join(loaded.plans)), re.compile(compares)
    )
