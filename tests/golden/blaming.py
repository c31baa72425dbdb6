"""The second mutation kit: many consistent reports, one slip in each, and by brute force what it may have been.

Nothing here shares code with localisation: rules are judged by samples.making.evaluate, and explanations are found by
trying every change.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from itertools import pairwise

from gongkai.contracts.load import load_templates
from gongkai.reports.model import Cell, Identity, Report, State
from samples.making.book import in_print
from samples.making.evaluate import judge, judge_changes
from samples.making.figures import Ledger
from samples.making.paper import Key, Paper, Printed

from .mutate import sample_entries

Sheet = dict[Key, Printed]
KINDS = ("digit", "digits_swapped", "drop", "swap", "shift", "split", "blank")
PAPERS = {
    "2021": "suqian-government-2024.docx",
    "2019": "yunling-government-2020.html",
    "legacy": "yunling-education-2018.html",
}
MANNERS = ("plain", "thousands", "blank_zero")


@dataclass(frozen=True)
class Slip:
    """A consistent report, and the same with one slip.

    Attributes:
        kind: One of KINDS.
        paper: As it should be.
        before: Cells of the year before, None for the legacy form.
        wrong: The sheet with the slip.
        guilty: The cells that the slip changed.
    """

    kind: str
    paper: Paper
    before: Sheet | None
    wrong: Sheet
    guilty: frozenset[Key]

    @property
    def broken(self) -> set[str]:
        """Ids of the rules that must fail."""
        changes = judge_changes(self.wrong, self.before) if self.before else []
        return {one.id for one in (*judge(self.wrong, self.before), *changes) if one.outcome == "fail"}

    @property
    def is_seen(self) -> bool:
        """True where the slip breaks an identity within the report, or leaves a total blank."""
        return bool(_violated(self.wrong, None))


@cache
def slips(count: int) -> tuple[Slip, ...]:
    """So many slips: kinds, templates and manners of printing take turns."""
    made, number = [], 0
    while len(made) < count:
        made += [one for one in [_slip(number, KINDS[len(made) % len(KINDS)])] if one]
        number += 1
    return tuple(made)


def _slip(number: int, kind: str) -> Slip | None:
    rng = random.Random(f"slip {number}")
    template = ("2021", "2021", "2019", "2021", "legacy")[number % 5]
    paper, before = _consistent(number, template, rng)
    sheet = dict(paper.sheet)
    assert not _violated(sheet, before)
    changes = _slips_of(kind, sheet, rng)
    for change in rng.sample(changes, min(len(changes), 20)):
        if _violated(sheet | change, None):
            return Slip(kind, paper, before, sheet | change, frozenset(change))
    return None


def _consistent(number: int, template: str, rng: random.Random) -> tuple[Paper, Sheet | None]:
    entry = sample_entries()[PAPERS[template]]
    year, single, manner = entry.paper.report_year, rng.random() < 0.3, rng.choice(MANNERS)
    ledger = Ledger(f"agency {number}", rng.randint(6, 300), makes_regulations=True)
    ledger.year(year - 2, "2021", {}, single)
    before = None if template == "legacy" else _printed(ledger.year(year - 1, template, {}, single), template, "plain")
    sheet = _printed(ledger.year(year, template, {}, single), template, manner)
    return replace(entry.paper, sheet=sheet), before


def _printed(figures: Mapping[Key, Decimal], template: str, manner: str) -> Sheet:
    order = [
        (table.code, row.code, column.code)
        for table in load_templates()[template].tables
        for row in table.rows
        for column in table.columns_of(row)
    ]
    return {key: Printed.of(in_print(manner, key, figures[key])) for key in order if key in figures}


def _slips_of(kind: str, sheet: Sheet, rng: random.Random) -> list[Sheet]:
    if kind in ("swap", "shift", "split"):
        return [change for line in lines(sheet) for change in {
            "swap": _swaps, "shift": _shifts, "split": _splits,
        }[kind](sheet, line)]  # fmt: skip
    made = []
    for key, cell in sheet.items():
        raw = cell.raw
        if cell.value is None or not raw.isdecimal():
            continue
        place = rng.randrange(len(raw))
        other = rng.choice([digit for digit in "0123456789" if digit != raw[place]])
        if kind == "blank" and cell.value:
            made.append({key: Printed.of("")})
        elif kind == "digit" and not (len(raw) > 1 and place == 0 and other == "0"):
            made.append({key: Printed.of(raw[:place] + other + raw[place + 1 :])})
        elif kind == "drop" and len(raw) > 1 and raw[:place] + raw[place + 1 :] != raw and (place or raw[1] != "0"):
            made.append({key: Printed.of(raw[:place] + raw[place + 1 :])})
        elif kind == "digits_swapped" and len(raw) > 1 and raw[0] != raw[1] and raw[1] != "0":
            made.append({key: Printed.of(raw[1] + raw[0] + raw[2:])})
    return made


def lines(sheet: Mapping[Key, Printed]) -> list[list[Key]]:
    """Cells that stand side by side in print."""
    found: dict[tuple[str, str], list[Key]] = {}
    for key in sheet:
        found.setdefault((key[0], "" if key[0] == "review" else key[1]), []).append(key)
    return list(found.values())


def stacks(sheet: Mapping[Key, Printed]) -> list[list[Key]]:
    """Cells that stand one under another."""
    found: dict[tuple[str, str], list[Key]] = {}
    for key in sheet:
        if key[0] != "review":
            found.setdefault((key[0], key[2]), []).append(key)
    return list(found.values())


def _swaps(sheet: Sheet, line: list[Key]) -> Iterator[Sheet]:
    for one, other in pairwise(line):
        if (sheet[one].value or 0) != (sheet[other].value or 0):
            yield {one: sheet[other], other: sheet[one]}


def _shifts(sheet: Sheet, line: list[Key]) -> Iterator[Sheet]:
    """Runs moved one place to the right over an empty cell, or to the left."""
    for start in range(len(line)):
        for end in range(start + 2, len(line)):
            run = line[start : end + 1]
            for moved, empty in ((run[-1:] + run[:-1], run[-1]), (run[1:] + run[:1], run[0])):
                change = {key: sheet[source] for key, source in zip(run, moved, strict=True)}
                real = {key: cell for key, cell in change.items() if (cell.value or 0) != (sheet[key].value or 0)}
                if not sheet[empty].value and len(real) > 2:
                    yield real


def _splits(sheet: Sheet, line: list[Key]) -> Iterator[Sheet]:
    for one, other in pairwise(line):
        raw = sheet[one].raw
        if raw.isdecimal() and len(raw) > 1 and int(raw[1:]) and not sheet[other].value:
            yield {one: Printed.of(raw[:1]), other: Printed.of(raw[1:])}


def _violated(sheet: Mapping[Key, Printed], before: Mapping[Key, Printed] | None) -> dict[str, object]:
    """Rules that fail, and blank totals of parts that are not 0."""
    return {
        one.id: one
        for one in judge(sheet, before)
        if one.outcome == "fail" or (one.outcome == "undecidable" and one.printed is None)
    }


def by_force(sheet: Sheet, before: Sheet | None) -> set[frozenset[tuple[Key, Decimal]]]:
    """Every change of one cell, or by one slip between neighbours, after which nothing is violated."""
    violated = list(_violated(sheet, before).values())
    found = set()
    for change in _tries(sheet, violated):
        touched = set(change)
        if any(not touched & one.cells for one in violated):
            continue
        values = {key: Printed.of(f"{value.normalize():f}" if value else "0") for key, value in change.items()}
        if all(value >= 0 and value == int(value) for value in change.values()):
            changed = sheet | values
            if not _violated(changed, before):
                real = {(k, v) for k, v in change.items() if v != (sheet[k].value or 0)}
                found.add(frozenset(real))
    return found


def _tries(sheet: Sheet, violated: list) -> Iterator[dict[Key, Decimal]]:
    for one in violated:
        off = (one.printed or Decimal(0)) - one.expected
        for key in one.cells:
            for by in (off, -off):
                yield {key: (sheet[key].value or Decimal(0)) + by}
    for line in [*lines(sheet), *stacks(sheet)]:
        for change in _swaps(sheet, line):
            yield _values(change)
    for line in lines(sheet):
        for change in _shifts(sheet, line):
            yield _values(change)
        for one, other in pairwise(line):
            digits = (sheet[one].raw + sheet[other].raw).replace(",", "")
            if sheet[one].raw and sheet[other].raw and digits.isdecimal() and digits[0] != "0" and len(digits) < 10:
                yield {one: Decimal(digits), other: Decimal(0)}
                yield {one: Decimal(0), other: Decimal(digits)}


def _values(change: Sheet) -> dict[Key, Decimal]:
    return {key: cell.value or Decimal(0) for key, cell in change.items()}


def report_of(paper: Paper, sheet: Mapping[Key, Printed]) -> Report:
    """A reading of a paper as docx that reads every cell right."""
    cells = tuple(
        Cell(*key, State(one.state), one.value, one.raw, method="docx-xml/grid", confidence=1.0)
        for key, one in sheet.items()
    )
    who = Identity(paper.agency, paper.agency, paper.report_year, paper.title, None, {})
    return Report(who, paper.template, cells, (), (), "a" * 64, "docx", "docx-xml")
