"""Figures stated in the narrative, each with its sentence, its place and the cell it speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Literal

from gongkai.reports.figure_forms import CompiledForm, CompiledForms, compiled_forms
from gongkai.reports.model import Chapter, StatedFigure
from gongkai.reports.numerals import read_number
from gongkai.reports.sentences import Sentence, split_sentences

_YEAR = re.compile(r"20\d\d(?=年(?![^《》]{0,40}》))")
_COUNTED = re.compile(r"[\d零〇一二两三四五六七八九十百千][余多万]{0,2}[件份宗条起例次场期班轮批篇个则部人名元，。；]")
_DENIED = re.compile(r"未|没有|无")
_NO_CELL = ("", "", "")
_LOOK_BACK = 40
_PER_10K = Decimal(10_000)


def find_figures(chapters: Iterable[Chapter], template: str, year: int | None = None) -> tuple[StatedFigure, ...]:
    """Find the figures that the narrative states, of cells of a template and of what no table asks for.

    A number belongs to one meaning only. Numbers of another year, differences and plans are passed over.

    Args:
        chapters: The narrative.
        template: Code of the template, which decides what cells there are.
        year: The report year; figures of another year that the text names are left out.

    Returns:
        In order of their place. Offsets count characters of the chapter's text.
    """
    forms = compiled_forms()
    found: list[StatedFigure] = []
    for chapter in chapters:
        topic = ""
        for sentence in split_sentences(chapter.text):
            if sentence.first:
                topic = ""
            topics = [(match.start(), match.lastgroup or "") for match in forms.topics.finditer(sentence.plain)]
            if not forms.plans.search(sentence.plain):
                found += _of_sentence(sentence, chapter, forms, template, year, [(-1, topic), *topics])
            topic = topics[-1][1] if topics else topic
    return tuple(sorted(found, key=lambda one: (one.chapter, one.start, one.end, one.indicator)))


def _of_sentence(
    sentence: Sentence,
    chapter: Chapter,
    forms: CompiledForms,
    template: str,
    year: int | None,
    topics: list[tuple[int, str]],
) -> Iterator[StatedFigure]:
    plain = sentence.plain
    claimed: set[int] = set()
    counts, denies = bool(_COUNTED.search(plain)), bool(_DENIED.search(plain))
    if not counts and not denies:
        return
    said = {word for word in forms.words if word in plain}
    for compiled in forms.forms:
        form = compiled.form
        if compiled.words.isdisjoint(said) or chapter.code in form.not_in:
            continue
        for start, end, value, kind, begin in _matches(compiled, plain, counts, denies):
            if (
                start in claimed
                or forms.compares.search(plain, max(0, begin - _LOOK_BACK), begin)
                or _of_other_year(plain, begin, year)
            ):
                continue
            if form.about and next(name for at, name in reversed(topics) if at < end) not in form.about:
                continue
            if kind != "stated_none":
                claimed.add(start)
            cell = form.cells.get(template, _NO_CELL)
            # Money is stated in yuan; one column of the tables counts in 万元.
            number = value / _PER_10K if form.unit and cell[2].endswith("10k_cny") else value
            yield StatedFigure(
                *cell, number, sentence.text, chapter.position, sentence.places[start], sentence.places[end - 1] + 1,
                _scope(forms, plain, start), form.indicator, kind,
            )  # fmt: skip


def _matches(
    compiled: CompiledForm, plain: str, counts: bool, denies: bool
) -> Iterator[tuple[int, int, Decimal, Literal["exact", "approximate", "stated_none"], int]]:
    """(start and end of the number, its value, its kind, start of the wording) of every wording in a sentence."""
    for pattern in compiled.patterns if counts else ():
        for match in pattern.finditer(plain):
            number = read_number(match, exact_scale=bool(compiled.form.unit))
            if number is not None:
                end = match.end("after") if match["scale"] else match.end("n")
                yield (
                    match.start("n"), end, number.value,
                    "approximate" if number.approximate else "exact", match.start(),
                )  # fmt: skip
    for pattern in compiled.none if denies else ():
        first = pattern.search(plain)
        if first:
            yield first.start(), first.end(), Decimal(0), "stated_none", first.start()


def _of_other_year(plain: str, begin: int, year: int | None) -> bool:
    """Tell whether the year named last before a wording is another than the report's."""
    if year is None:
        return False
    named = _YEAR.findall(plain, 0, begin)
    return bool(named) and int(named[-1]) != year


def _scope(forms: CompiledForms, plain: str, start: int) -> str:
    """The scope named last before a number; "" where the sentence names none before it."""
    scope = ""
    for match in forms.scopes.finditer(plain, 0, start):
        scope = match.lastgroup or ""
    return scope
