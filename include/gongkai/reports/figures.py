"""Figures stated in the narrative, each with its sentence, its place and the cell it speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import cache

from gongkai.contracts.template import Strict
from gongkai.contracts.yaml import load_model
from gongkai.reports.model import Chapter, StatedFigure
from gongkai.settings import get_settings

_NUMBER = r"(?P<n>\d{1,3}(?:[,，]\d{3})+|\d{1,9})(?![\d.])"
_SENTENCE = re.compile(r"[^。；;！？\n]+")
_LONGEST_SENTENCE = 400


class FigureForm(Strict):
    """How the figure of one cell is worded; {n} in a pattern is the number."""

    table: str
    row: str
    column: str
    templates: tuple[str, ...]
    patterns: tuple[str, ...]


class FigureForms(Strict):
    """data_contracts/reading/figures.yml."""

    scopes: dict[str, tuple[str, ...]]
    figures: tuple[FigureForm, ...]


def load_forms() -> FigureForms:
    """Read the forms of stated figures."""
    return load_model(get_settings().contracts / "reading" / "figures.yml", FigureForms)


@cache
def _compiled() -> tuple[FigureForms, tuple[tuple[FigureForm, tuple[re.Pattern[str], ...]], ...]]:
    forms = load_forms()
    return forms, tuple(
        (form, tuple(re.compile(pattern.replace("{n}", _NUMBER)) for pattern in form.patterns))
        for form in forms.figures
    )


def find_figures(chapters: Iterable[Chapter], template: str) -> tuple[StatedFigure, ...]:
    """Find the figures that the narrative states of cells of a template.

    Args:
        chapters: The narrative.
        template: Code of the template, which decides what cells there are.

    Returns:
        In order of their place; at most one a cell and sentence. Offsets count characters of the chapter's text.
    """
    forms, compiled = _compiled()
    found: list[StatedFigure] = []
    for chapter in chapters:
        for sentence in _SENTENCE.finditer(chapter.text):
            if len(sentence[0]) > _LONGEST_SENTENCE or not any(char.isdigit() for char in sentence[0]):
                continue
            scope = next((name for name, words in forms.scopes.items() if any(w in sentence[0] for w in words)), "")
            for form, patterns in compiled:
                if template not in form.templates:
                    continue
                match = next((m for pattern in patterns if (m := pattern.search(sentence[0]))), None)
                if match:
                    value = Decimal(re.sub(r"[,，]", "", match["n"]))
                    start = sentence.start() + match.start("n")
                    cell = (form.table, form.row, form.column)
                    place = (chapter.position, start, start + len(match["n"]))
                    found.append(StatedFigure(*cell, value, sentence[0].strip(), *place, scope))
    return tuple(sorted(found, key=lambda figure: (figure.chapter, figure.start)))
