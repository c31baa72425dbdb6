"""One matcher for all formats and templates: the rows of a document against the rows of a template."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from gongkai.contracts.template import Layout, TemplateContract
from gongkai.documents.model import GridCell
from gongkai.reports.align import Candidate, align
from gongkai.reports.assign import Placed, place, values_of, windows
from gongkai.reports.headers import Headers
from gongkai.reports.numbers import looks_like_value
from gongkai.reports.stream import StreamRow, has_value
from gongkai.reports.targets import Target, Targets

_HEADING_WEIGHT = 0.3
_EXACT_COUNT, _MORE_CELLS, _FEWER_CELLS, _TOO_MANY_VALUES = 0.10, 0.05, -0.25, -0.5
_PRINTED, _TEXT_IN_TAIL = 0.02, -0.05
_COLUMN_EVIDENCE = 0.5
_UNLABELLED = 0.9
_GAP_LIKENESS = 0.4


@dataclass(frozen=True, slots=True)
class MatchedRow:
    """A target with the stream row it was found in and its placed cells."""

    target: Target
    row: StreamRow
    placed: Placed
    likeness: float


@dataclass(frozen=True, slots=True)
class Match:
    """How a document fits a template.

    Attributes:
        matcher: The matcher of the template.
        stream: The rows of the document.
        chosen: The alignment, in template order.
        headers: Header cells of the template's columns.
        score: Total weight of the alignment and of column labels seen; comparable between templates.
    """

    matcher: TemplateMatcher
    stream: Sequence[StreamRow]
    chosen: tuple[Candidate, ...]
    headers: Headers
    score: float

    @property
    def contract(self) -> TemplateContract:
        """The template."""
        return self.matcher.contract

    @property
    def n_rows(self) -> int:
        """Number of rows of values that were found."""
        return sum(1 for candidate in self.chosen if self.matcher.targets.items[candidate.target].cells)

    def rows(self) -> tuple[MatchedRow, ...]:
        """Place the values of every row found, in template order."""
        return self.matcher.place(self)


class TemplateMatcher:
    """Matches documents with one template; keeps what it learnt of labels for the next document."""

    def __init__(self, contract: TemplateContract) -> None:
        self.contract = contract
        self.targets = Targets(contract)

    def match(self, rows: Sequence[StreamRow]) -> Match:
        """Match the rows of a document with the template.

        Args:
            rows: The stream of the document (`stream_rows`).
        """
        headers = Headers(self.contract, rows)
        aligned = align(self._candidates(rows, headers), len(self.targets.items))
        chosen = self._without_loose(self._fill_gaps(rows, aligned))
        score = sum(candidate.weight for candidate in chosen) + _COLUMN_EVIDENCE * headers.n_labels
        return Match(self, rows, tuple(chosen), headers, score)

    def _candidates(self, rows: Sequence[StreamRow], headers: Headers) -> list[Candidate]:
        found: list[Candidate] = []
        single = [t for t in self.targets.items if t.table.layout is Layout.SINGLE_ROW]
        for index, row in enumerate(rows):
            best: dict[int, Candidate] = {}
            for position, cell in enumerate(row.cells):
                if looks_like_value(cell.text):
                    continue
                for target_index, likeness in self.targets.compare(cell.text):
                    target = self.targets.items[target_index]
                    weight = _weigh(target, values_of(target, row.cells[position + 1 :]), likeness)
                    if weight is None or (target_index in best and best[target_index].weight >= weight):
                        continue
                    best[target_index] = Candidate(index, target_index, weight, likeness, position)
            for target in single:
                label = _last_label(row)
                tail = row.cells[label + 1 :]
                if len(tail) >= len(target.cells) and headers.near(target.table.code, index):
                    weight = _weigh(target, tail, _UNLABELLED)
                    if weight is not None:
                        best[target.position] = Candidate(index, target.position, weight, 1.0, label)
            found += best.values()
        return found

    def _without_loose(self, chosen: list[Candidate]) -> list[Candidate]:
        """Leave out rows whose label names several targets, unless a neighbour says which.

        The legacy table prints （二）被依法纠错数 under 四, 五 and 六: where rows around it are damaged, order alone
        could take one for the other. A matched row next to it, as far away as the template says, pins it.
        """
        return [
            one
            for index, one in enumerate(chosen)
            if one.target not in self.targets.recurring
            or any(
                0 <= place < len(chosen) and chosen[place].row - one.row == chosen[place].target - one.target
                for place in (index - 1, index + 1)
            )
        ]

    def _fill_gaps(self, rows: Sequence[StreamRow], chosen: list[Candidate]) -> list[Candidate]:
        """Take rows whose label is damaged, where order leaves no doubt which rows they are.

        Between two neighbours of the alignment there must be exactly as many unmatched rows of the right shape as
        the template misses there, and each label must still resemble its row's (or carry its numbering).
        """
        filled: list[Candidate] = []
        for before, after in pairwise(chosen):
            filled.append(before)
            wanted = self.targets.items[before.target + 1 : after.target]
            if not wanted or any(not target.cells or not target.labels for target in wanted):
                continue
            size = len(wanted[0].cells)
            open_rows = [
                (index, label)
                for index in range(before.row + 1, after.row)
                if rows[index].way != "joined"
                and (label := _last_label(rows[index])) >= 0
                and len(values_of(wanted[0], rows[index].cells[label + 1 :])) == size
            ]
            if len(open_rows) != len(wanted):
                continue
            likenesses = [
                self.targets.resemblance(target, rows[index].cells[label].text)
                for target, (index, label) in zip(wanted, open_rows, strict=True)
            ]
            if min(likenesses) >= _GAP_LIKENESS:
                filled += [
                    Candidate(index, target.position, likeness, likeness, label)
                    for target, (index, label), likeness in zip(wanted, open_rows, likenesses, strict=True)
                ]
        return filled + chosen[-1:]

    def place(self, match: Match) -> tuple[MatchedRow, ...]:
        """Place the cells of each matched row into its columns; rows of one shape in one grid decide for each other."""
        rows = match.stream
        siblings: dict[tuple[int, int, int, int], set[int]] = defaultdict(set)
        tails: list[tuple[Candidate, Target, list[GridCell], tuple[int, int, int, int]]] = []
        for candidate in match.chosen:
            target, row = self.targets.items[candidate.target], rows[candidate.row]
            tail = values_of(target, row.cells[candidate.label + 1 :])
            edge = row.cells[candidate.label].col if candidate.label >= 0 and row.way == "grid" else -1
            shape = (row.grid, edge, len(tail), len(target.cells))
            offsets = windows(tail, len(target.cells)) if has_value(tuple(tail)) else []
            if len(offsets) == 1:
                siblings[shape].add(offsets[0])
            tails.append((candidate, target, tail, shape))
        matched = []
        for candidate, target, tail, shape in tails:
            offsets = list(siblings[shape])
            placed = place(
                target,
                tail,
                header=match.headers.above(target.table.code, candidate.row, rows[candidate.row].grid),
                sibling_offset=offsets[0] if len(offsets) == 1 else None,
            )
            matched.append(MatchedRow(target, rows[candidate.row], placed, candidate.likeness))
        return tuple(matched)


def _last_label(row: StreamRow) -> int:
    """Index of the last cell that is a label, -1 where there is none."""
    for index in range(len(row.cells) - 1, -1, -1):
        if not looks_like_value(row.cells[index].text):
            return index
    return -1


def _weigh(target: Target, tail: Sequence[GridCell], likeness: float) -> float | None:
    """Weight of a row as a target, None where it cannot be: a label without any cell behind it is no row of values."""
    wanted = len(target.cells)
    if not wanted:
        return _HEADING_WEIGHT * likeness
    if not tail:
        return None
    if len(tail) == wanted:
        fit = _EXACT_COUNT
    elif len(tail) < wanted:
        fit = _FEWER_CELLS
    else:
        fit = _MORE_CELLS if windows(tail, wanted) else _TOO_MANY_VALUES
    fit += _PRINTED if any(cell.text.strip() for cell in tail) else 0.0
    fit += _TEXT_IN_TAIL * sum(1 for cell in tail[:wanted] if not looks_like_value(cell.text))
    return likeness + fit
