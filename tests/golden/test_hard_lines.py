"""Tables that another tool left as lines of text: labels wrap, the values stand on the middle or the last line."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import zip_longest

import pytest

from gongkai.documents.model import Document, Grid
from gongkai.documents.read import read
from gongkai.reports.build import build_report
from gongkai.reports.numbers import looks_like_value

from .mutate import sample_entries
from .outcome import judge_reading
from .test_fuzz import sample

LABEL_WIDTH, HEADER_WIDTH, NARROW, MANY = 14, 8, 3, 7
NAMES = sorted(name for name in sample_entries() if not name.endswith((".pdf", ".md", ".txt")))


def wrapped(text: str, width: int) -> list[str]:
    text = "".join(text.split())
    return [text[start : start + width] for start in range(0, len(text), width)] or [""]


def table_lines(grid: Grid, *, middle: bool) -> list[str]:
    lines: list[str] = []
    for row in grid.rows():
        count = 0
        while count < len(row) and looks_like_value(row[-1 - count].text):
            count += 1
        labels, values = row[: len(row) - count], [cell.text for cell in row[len(row) - count :]]
        if not any(value.strip() for value in values):
            width = NARROW if grid.n_cols > MANY else HEADER_WIDTH
            pieces = [wrapped(cell.text, LABEL_WIDTH if cell.col_span > 1 else width) for cell in labels]
            lines += ["  ".join(filter(None, line)) for line in zip_longest(*pieces)]
            continue
        for cell in labels[:-1]:  # the group's label runs down beside its rows
            lines += wrapped(cell.text, 5)
        own = wrapped(labels[-1].text, LABEL_WIDTH) if labels else []
        place = len(own) // 2 if middle and own else len(own) - 1
        for number, piece in enumerate(own or [""]):
            lines.append(" ".join([piece, *values] if number == max(place, 0) else [piece]).strip())
    return lines


def as_lines(document: Document, *, middle: bool) -> bytes:
    lines: list[str] = []
    for block in document.blocks:
        if isinstance(block, Grid):
            lines += table_lines(block, middle=middle)
        elif block.role != "furniture":
            lines.append(block.text.replace("\n", ""))
    return "\n".join(lines).encode()


@pytest.mark.parametrize("middle", [False, True], ids=["values last", "values in the middle"])
@pytest.mark.parametrize("name", NAMES)
def test_lines_are_read_or_flagged(name, middle):
    sheet = sample_entries()[name].paper.sheet
    outcome = judge_reading(build_report(read(as_lines(sample(name), middle=middle), "report.txt")), sheet)
    assert not outcome.wrong
    rows_with_blanks = {key[:2] for key, printed in sheet.items() if not printed.raw.strip()}
    if any(key[0] == "review" for key in rows_with_blanks):
        outcome = replace(outcome, missing=frozenset(key for key in outcome.missing if key[0] != "review"))
    assert {key for key in outcome.missing if key[:2] not in rows_with_blanks} == set()


@pytest.mark.parametrize("seed", range(40))
def test_lost_lines_give_no_wrong_value(seed):
    rng = random.Random(seed)
    name = NAMES[seed % len(NAMES)]
    lines = as_lines(sample(name), middle=bool(seed % 2)).decode().split("\n")
    kept = [line for line in lines if rng.random() > 0.05]
    try:
        report = build_report(read("\n".join(kept).encode(), "report.txt"))
    except Exception as refusal:
        assert type(refusal).__module__ == "gongkai.errors", refusal
        return
    assert not judge_reading(report, sample_entries()[name].paper.sheet).wrong
