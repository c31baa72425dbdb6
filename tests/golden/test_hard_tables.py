"""Harder layouts of the tables, made from samples: each is exact, or flagged with no wrong value."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from gongkai.documents.model import Grid
from gongkai.reports.build import build_report

from .fuzz import extra_blanks, moved_columns, one_table
from .mutate import sample_entries
from .outcome import judge_reading
from .test_fuzz import sample

NAMES = ["suqian-government-2024.docx", "yunling-government-2024.html", "yunling-education-2019.docx"]


def reversed_tables(document):
    grids = [block for block in document.blocks if isinstance(block, Grid)][::-1]
    return replace(document, blocks=tuple(grids.pop(0) if isinstance(b, Grid) else b for b in document.blocks))


def printed_twice(document, text=None):
    grids = [block for block in document.blocks if isinstance(block, Grid)]
    if text is not None:
        place = next(i for i, cell in enumerate(grids[-2].cells) if cell.row == 3 and cell.text.isdigit())
        cells = list(grids[-2].cells)
        cells[place] = replace(cells[place], text=text)
        grids[-2] = replace(grids[-2], cells=tuple(cells))
    return replace(document, blocks=(*document.blocks, *grids))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "change",
    [
        reversed_tables,
        printed_twice,
        lambda document: one_table(document, random.Random(1)),
        lambda document: extra_blanks(document, random.Random(1)),
        lambda document: moved_columns(document, random.Random(5)),
    ],
    ids=["four before three", "printed twice", "one table", "extra blanks", "columns moved with their headers"],
)
def test_layouts_that_are_read_exactly(name, change):
    outcome = judge_reading(build_report(change(sample(name))), sample_entries()[name].paper.sheet)
    assert outcome.is_exact, (outcome.wrong, outcome.missing)


@pytest.mark.parametrize("name", NAMES)
def test_a_value_printed_twice_and_differently_is_left_open(name):
    report = build_report(printed_twice(sample(name), "77777"))
    outcome = judge_reading(report, sample_entries()[name].paper.sheet)
    assert not outcome.wrong
    assert outcome.missing == {("applications", "received", "natural_person")}
    cell = next(c for c in report.cells if (c.row, c.column) == ("received", "natural_person"))
    assert "77777" in cell.note
