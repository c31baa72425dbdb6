"""What a template expects to find: one target a printed row, with its labels ready for comparison."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from gongkai.contracts.template import Column, Layout, Row, Table, TemplateContract
from gongkai.reports.labels import normalise, split_numbering

_SHORT = 4
_FLOOR_SHORT, _FLOOR = 0.75, 0.70
_MARGIN = 0.08
_SAME_NUMBER, _OTHER_NUMBER = 0.03, -0.05


@dataclass(frozen=True, slots=True)
class Target:
    """One printed row of a template.

    Attributes:
        position: Order in the template, from 0; alignment keeps it.
        table: Its table.
        cells: (row, column) of each value it holds, left to right; empty for a heading line.
        labels: Normalised labels, the notice's own first; empty where the row has no label (table 四).
        numbers: Normalised leading numbering, "" where it has none.
    """

    position: int
    table: Table
    cells: tuple[tuple[Row, Column], ...]
    labels: tuple[str, ...]
    number: str


@dataclass(slots=True)
class Targets:
    """All targets of a template, and the comparison of labels with them (remembered, since labels recur)."""

    contract: TemplateContract
    _memory: dict[str, tuple[tuple[int, float], ...]] = field(default_factory=dict)
    items: tuple[Target, ...] = ()
    recurring: dict[int, frozenset[int]] = field(default_factory=dict)
    """For each target that shares a label with others the positions of all that do, itself included."""

    def __post_init__(self) -> None:
        self.items = tuple(_targets(self.contract))
        users: dict[str, set[int]] = defaultdict(set)
        for target in self.items:
            for label in target.labels:
                users[label].add(target.position)
        for target in self.items:
            alike = set[int]().union(*(users[label] for label in target.labels))
            if len(alike) > 1:
                self.recurring[target.position] = frozenset(alike)

    def compare(self, text: str) -> tuple[tuple[int, float], ...]:
        """Return (position, likeness) of the targets that a printed label may mean.

        Likeness is 1 for the same text after normalisation, less for a slip; a label that fits two different rows
        about equally well fits none, unless its numbering decides.
        """
        found = self._memory.get(text)
        if found is None:
            if len(self._memory) > 50_000:  # untrusted text must not fill the memory
                self._memory.clear()
            found = self._memory[text] = self._compare(text)
        return found

    def resemblance(self, target: Target, text: str) -> float:
        """Likeness of a printed label and one given row, without any floor; the same numbering counts in its favour."""
        number, label = split_numbering(text)
        likeness = max((fuzz.ratio(label, wanted) / 100 for wanted in target.labels), default=0.0)
        return max(likeness, 0.5) if number and number == target.number else likeness

    def _compare(self, text: str) -> tuple[tuple[int, float], ...]:
        number, label = split_numbering(text)
        if not label:
            return ()
        floor = _FLOOR_SHORT if len(label) <= _SHORT else _FLOOR
        scored: list[tuple[int, float]] = []
        for target in self.items:
            likeness = max((_likeness(label, wanted, floor) for wanted in target.labels), default=0.0)
            if likeness:
                if number and target.number:
                    likeness += _SAME_NUMBER if number == target.number else _OTHER_NUMBER
                scored.append((target.position, likeness))
        if not scored:
            return ()
        best = max(likeness for _, likeness in scored)
        near = [(position, likeness) for position, likeness in scored if likeness > best - _MARGIN]
        labels = {self.items[position].labels[0] for position, _ in near}
        if len(labels) > 1 and best < 0.99:
            return ()
        return tuple(near)


def _likeness(label: str, wanted: str, floor: float) -> float:
    if label == wanted:
        return 1.0
    if len(wanted) <= 2 or len(label) <= 2:
        return 0.0
    return fuzz.ratio(label, wanted, score_cutoff=floor * 100) / 100


def _targets(contract: TemplateContract) -> Iterator[Target]:
    position = 0
    for table in contract.tables:
        if table.layout is Layout.SINGLE_ROW:
            cells = tuple((row, column) for row in table.rows for column in table.columns_of(row))
            yield Target(position, table, cells, (), "")
            position += 1
            continue
        for row in table.rows:
            cells = tuple((row, column) for column in table.columns_of(row))
            labels = tuple(dict.fromkeys(normalise(label) for label in (row.label, *row.aliases)))
            yield Target(position, table, cells, labels, split_numbering(row.number + "x")[0] if row.number else "")
            position += 1
