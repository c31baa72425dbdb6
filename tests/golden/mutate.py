"""The mutation kit: a sample report printed again with one digit of one cell changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from samples.build import render
from samples.making.book import Entry, entries
from samples.making.evaluate import judge
from samples.making.paper import Key, Paper, Printed
from samples.making.plan import load_plan


@cache
def sample_entries() -> dict[str, Entry]:
    """The listed reports by file name, made from the plan as samples.build makes them."""
    return {entry.paper.file: entry for entry in entries(load_plan())}


def key(name: str) -> Key:
    """Split "table/row/column"."""
    table, row, column = name.split("/")
    return table, row, column


def flip_digit(paper: Paper, cell: Key) -> Paper:
    """The paper with the last digit of a cell raised by one; 9 turns into 8, so that the length stays.

    Raises:
        ValueError: The cell holds no number.
    """
    raw = paper.sheet[cell].raw
    if not raw[-1:].isdigit():
        raise ValueError(f"{cell} of {paper.file} is printed as {raw!r}")
    digit = int(raw[-1])
    return with_cell(paper, cell, raw[:-1] + str(8 if digit == 9 else digit + 1))


def with_cell(paper: Paper, cell: Key, raw: str) -> Paper:
    """The paper with another text printed in a cell."""
    return replace(paper, sheet={**paper.sheet, cell: Printed.of(raw)})


def printed_as(paper: Paper, style: str) -> tuple[str, bytes]:
    """File name and bytes of a paper in any style that needs no font."""
    format_ = style.split("_", maxsplit=1)[0]
    file = f"{paper.file.rsplit('.', 1)[0]}.{format_}"
    return file, render(replace(paper, file=file, style=style))


def failing(paper: Paper, before: Mapping[Key, Printed] | None = None) -> set[str]:
    """Ids of the rules that the printed numbers break."""
    return {one.id for one in judge(paper.sheet, before) if one.outcome == "fail"}
