"""Dividing report years into what is worked on at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def portions(rows: Mapping[int, int], most: int) -> Iterator[list[int]]:
    """Group years, in order, so that each group has at most so many rows, or is one year.

    Args:
        rows: Rows by year.
        most: Rows of a group.
    """
    some: list[int] = []
    total = 0
    for year in sorted(rows):
        if some and total + rows[year] > most:
            yield some
            some, total = [], 0
        some.append(year)
        total += rows[year]
    if some:
        yield some
