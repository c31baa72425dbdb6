"""How long it takes to find the cells that are to blame: milliseconds a failing report, one core."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal

import numpy as np
from tests.bench.bench_quality import balanced
from tests.bench.common import Figure, timed

from gongkai.contracts.load import load_templates
from gongkai.quality.localise import localise
from gongkai.reports.model import Cell, State

TARGET = 0.005
"""Seconds a failing report."""


def failing(template: str, reports: int, faults: int) -> list[dict[tuple[str, str, str], Cell]]:
    """Reports that satisfy every rule but for so many wrong cells, sparse as real ones are."""
    rng, chance = np.random.default_rng(3), random.Random(3)
    wide = balanced(load_templates()[template], reports, rng)
    judged = [key for key in wide if key[0] != "proactive"]
    forms = []
    for number in range(reports):
        values = {key: int(column[number]) for key, column in wide.items()}
        for key in chance.sample(judged, faults):
            values[key] += chance.choice((1, 9, 10, 40))
        forms.append({key: Cell(*key, State.NUMBER, Decimal(value), str(value)) for key, value in values.items()})
    return forms


def localising(reports: int = 200) -> Iterator[Figure]:
    """Yield seconds a failing report, with one wrong cell and with two."""
    for template, faults in (("2021", 1), ("2021", 2), ("2019", 1), ("legacy", 1)):
        forms = failing(template, reports, faults)
        localise(template, forms[0])

        def find(forms: list[dict[tuple[str, str, str], Cell]] = forms, template: str = template) -> None:
            for form in forms:
                localise(template, form)

        seconds = timed(find) / reports
        name = f"localise {faults} wrong cell{'s' * (faults > 1)}, template {template}"
        yield Figure(name, 1000 * seconds, "ms", 1000 * TARGET, at_most=True)
