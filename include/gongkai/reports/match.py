"""One matcher for all formats and templates: the rows of a document against the rows of a template."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from gongkai.contracts.template import Layout, TemplateContract
from gongkai.documents.model import GridCell
from gongkai.reports.align import Candidate, align_tables
from gongkai.reports.assign import values_of, windows
from gongkai.reports.doubts import find_rivals, row_rules
from gongkai.reports.headers import Headers
from gongkai.reports.labels import normalise
from gongkai.reports.numbers import looks_like_value
from gongkai.reports.placing import MatchedRow, place_rows
from gongkai.reports.stream import StreamRow
from gongkai.reports.targets import Target, Targets
from gongkai.reports.vocabulary import HeaderCell, Vocabulary, header_cells

_HEADING_WEIGHT = 0.3
_EXACT_COUNT, _MORE_CELLS, _FEWER_CELLS, _TOO_MANY_VALUES = 0.10, 0.05, -0.25, -0.5
_PRINTED, _TEXT_IN_TAIL = 0.02, -0.05
_COLUMN_EVIDENCE = 0.5
_UNLABELLED = 0.9
_GAP_LIKENESS = 0.4
_SURE_LABEL, _CLOSE = 0.97, 0.15


@dataclass(frozen=True, slots=True)
class Match:
    """How a document fits a template.

    Attributes:
        matcher: The matcher of the template.
        stream: The rows of the document.
        chosen: The alignment, in template order.
        headers: Header cells of the template's columns.
        score: Total weight of the alignment and of column labels seen; comparable between templates.
        rivals: Rows outside the alignment that print a row of it once more.
    """

    matcher: TemplateMatcher
    stream: Sequence[StreamRow]
    chosen: tuple[Candidate, ...]
    headers: Headers
    score: float
    rivals: tuple[Candidate, ...] = ()

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
        matcher = self.matcher
        return place_rows(matcher.targets, matcher.row_rules, self.stream, self.headers, self.chosen, self.rivals)


@dataclass(frozen=True, slots=True)
class Labels:
    """The cells of a stream that print labels: the same for every template, so they are told once.

    Attributes:
        of_rows: For each row the positions of the cells that are no values, with their text.
        last: For each row the last of these positions, -1 where there is none.
        headers: The cells that may be headers of columns.
    """

    of_rows: tuple[tuple[tuple[int, str], ...], ...]
    last: tuple[int, ...]
    headers: tuple[HeaderCell, ...]


def labels_of(rows: Sequence[StreamRow]) -> Labels:
    """Tell which cells of a stream print labels."""
    of_rows = tuple(
        tuple((place, cell.text) for place, cell in enumerate(row.cells) if not looks_like_value(cell.text))
        for row in rows
    )
    return Labels(of_rows, tuple(found[-1][0] if found else -1 for found in of_rows), tuple(header_cells(rows)))


class TemplateMatcher:
    """Matches documents with one template; keeps what it learnt of labels for the next document."""

    def __init__(self, contract: TemplateContract) -> None:
        self.contract = contract
        self.targets = Targets(contract)
        self._vocabulary = Vocabulary(contract)
        self.row_rules = row_rules(contract, self.targets)

    def match(self, rows: Sequence[StreamRow], labels: Labels | None = None) -> Match:
        """Match the rows of a document with the template.

        Args:
            rows: The stream of the document (`stream_rows`).
            labels: Its labels, where they were told already.
        """
        labels = labels or labels_of(rows)
        headers = Headers(self._vocabulary, labels.headers)
        candidates = self._candidates(rows, labels, headers)
        aligned = align_tables(candidates, [target.table.code for target in self.targets.items])
        chosen = self._without_loose(self._fill_gaps(rows, _without_close(rows, aligned, candidates)), candidates)
        score = sum(candidate.weight for candidate in chosen) + _COLUMN_EVIDENCE * headers.n_labels
        return Match(self, rows, tuple(chosen), headers, score, find_rivals(self.targets, rows, candidates, chosen))

    def _candidates(self, rows: Sequence[StreamRow], labels: Labels, headers: Headers) -> list[Candidate]:
        found: list[Candidate] = []
        items, compare = self.targets.items, self.targets.compare
        single = [t for t in items if t.table.layout is Layout.SINGLE_ROW]
        for index, (row, printed, label) in enumerate(zip(rows, labels.of_rows, labels.last, strict=True)):
            best: dict[int, Candidate] = {}
            named = [(position, compare(text)) for position, text in printed]
            nearest = max((position for position, meant in named if meant), default=-1)
            for position, meant in named:
                for target_index, likeness in meant:
                    target = items[target_index]
                    if position < nearest and target.cells:
                        continue  # the label of a group: the values belong to the label that stands next to them
                    weight = _weigh(target, values_of(target, row.cells[position + 1 :]), likeness)
                    if weight is None or (target_index in best and best[target_index].weight >= weight):
                        continue
                    best[target_index] = Candidate(index, target_index, weight, likeness, position)
            for target in single:
                if (
                    len(row.cells) - label - 1 >= len(target.cells)
                    and headers.near(target.table.code, index)
                    and (label < 0 or (row.way == "flat" and headers.names(target.table.code, row.cells[label].text)))
                ):
                    tail = row.cells[label + 1 :]
                    weight = _weigh(target, tail, _UNLABELLED)
                    if weight is not None:
                        best[target.position] = Candidate(index, target.position, weight, 1.0, label)
            found += best.values()
        return found

    def _without_loose(self, chosen: list[Candidate], candidates: Sequence[Candidate]) -> list[Candidate]:
        """Leave out rows whose label names several targets, unless their neighbours say which.

        The legacy table prints （二）被依法纠错数 under 四, 五 and 六: where rows around it are damaged, order alone
        could take one for the other. A matched row next to it, as far away as the template says, pins it; where the
        document prints the label less often than the template, rows at both sides have to.
        """
        recurring = self.targets.recurring
        if not any(one.target in recurring for one in chosen):
            return list(chosen)
        printed: dict[int, set[int]] = defaultdict(set)
        for candidate in candidates:
            if candidate.target in recurring:
                printed[candidate.target].add(candidate.row)

        def pinned(index: int) -> bool:
            one = chosen[index]
            alike = recurring.get(one.target)
            if alike is None:
                return True
            beside = [chosen[place] for place in (index - 1, index + 1) if 0 <= place < len(chosen)]
            pins = sum(other.row - one.row == other.target - one.target for other in beside)
            rows = set[int]().union(*(printed[target] for target in alike))
            return pins == len(beside) if len(rows) < len(alike) else pins > 0

        return [one for index, one in enumerate(chosen) if pinned(index)]

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
            if any(
                (named := self.targets.compare(rows[index].cells[label].text))
                and target.position not in [position for position, _ in named]
                for target, (index, label) in zip(wanted, open_rows, strict=True)
            ):
                continue  # a row that names another target is that row once more, not a damaged label
            if min(likenesses) >= _GAP_LIKENESS:
                filled += [
                    Candidate(index, target.position, likeness, likeness, label)
                    for target, (index, label), likeness in zip(wanted, open_rows, likenesses, strict=True)
                ]
        return filled + chosen[-1:]


def _without_close(
    rows: Sequence[StreamRow], chosen: Sequence[Candidate], candidates: Sequence[Candidate]
) -> list[Candidate]:
    """Leave out rows with a damaged label where another row's label is about as close to the same target.

    行政处 and 行政处处罚曰 are both near 行政处罚: one of them was 行政强制.
    """
    taken = {one.row for one in chosen}
    damaged = {one.target: one for one in chosen if one.likeness < _SURE_LABEL and one.label >= 0}
    if not damaged:
        return list(chosen)
    close: set[int] = set()
    for other in candidates:
        one = damaged.get(other.target)
        if one is None or other.row in taken or other.likeness < one.likeness - _CLOSE or other.label < 0:
            continue
        if rows[other.row].way != "joined" and _label(rows, other) != _label(rows, one):
            close.add(other.target)
    return [one for one in chosen if one.target not in close]


def _label(rows: Sequence[StreamRow], candidate: Candidate) -> str:
    return normalise(rows[candidate.row].cells[candidate.label].text)


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
