"""One matcher for all formats and templates: the rows of a document against the rows of a template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gongkai.contracts.template import Layout, TemplateContract
from gongkai.documents.model import GridCell
from gongkai.reports.align import Candidate, align_tables
from gongkai.reports.assign import values_of, windows
from gongkai.reports.doubts import find_rivals, row_rules
from gongkai.reports.headers import Headers
from gongkai.reports.numbers import is_unit, looks_like_value
from gongkai.reports.placing import MatchedRow, place_rows
from gongkai.reports.settling import settle
from gongkai.reports.stream import StreamRow
from gongkai.reports.targets import Target, Targets
from gongkai.reports.unfolded import find_unfolded
from gongkai.reports.vocabulary import HeaderCell, Vocabulary, header_cells

_HEADING_WEIGHT = 0.3
_EXACT_COUNT, _MORE_CELLS, _FEWER_CELLS, _TOO_MANY_VALUES = 0.10, 0.05, -0.25, -0.5
_PRINTED, _TEXT_IN_TAIL = 0.02, -0.05
_COLUMN_EVIDENCE = 0.5
_UNLABELLED = 0.9
_SURE_WRAPPED = 0.9
"""Labels put together from several lines must fit well: the lines may belong to other rows."""


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
        found = place_rows(matcher.targets, matcher.row_rules, self.stream, self.headers, self.chosen, self.rivals)
        return (*found, *find_unfolded(matcher.contract, self.stream, self.headers, found))


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
    last = tuple(found[-1][0] if found else -1 for found in of_rows)
    worded = tuple(
        (*found, *((_own_label(found), alias) for alias in row.aliases)) if row.aliases else found
        for row, found in zip(rows, of_rows, strict=True)
    )
    return Labels(worded, last, tuple(header_cells(rows)))


def _own_label(printed: Sequence[tuple[int, str]]) -> int:
    """Where the label of a line stands: before its unit and values, -1 where they begin the line."""
    return printed[0][0] if printed and not is_unit(printed[0][1]) else -1


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
        chosen = settle(self.targets, rows, aligned, candidates)
        score = sum(candidate.weight for candidate in chosen) + _COLUMN_EVIDENCE * headers.n_labels
        return Match(self, rows, tuple(chosen), headers, score, find_rivals(self.targets, rows, candidates, chosen))

    def _candidates(self, rows: Sequence[StreamRow], labels: Labels, headers: Headers) -> list[Candidate]:
        found: list[Candidate] = []
        items, compare = self.targets.items, self.targets.compare
        single = [t for t in items if t.table.layout is Layout.SINGLE_ROW]
        for index, (row, printed, label) in enumerate(zip(rows, labels.of_rows, labels.last, strict=True)):
            best: dict[int, Candidate] = {}
            nearest, cells = -1, row.cells
            # From the right: the values belong to the label that stands next to them, not to that of its group.
            for position, text in reversed(printed):
                meant = compare(text)
                if not meant:
                    continue
                wrapped = text in row.aliases
                for target_index, likeness in meant:
                    if wrapped and likeness < _SURE_WRAPPED:
                        continue
                    target = items[target_index]
                    if position < nearest and target.cells:
                        continue
                    weight = _weigh(target, values_of(target, cells[position + 1 :]), likeness)
                    if weight is None or (target_index in best and best[target_index].weight > weight):
                        continue
                    best[target_index] = Candidate(index, target_index, weight, likeness, position, text)
                nearest = max(nearest, position)
            for target in single:
                if (
                    len(cells) - label - 1 >= len(target.cells)
                    and headers.near(target.table.code, index)
                    and (label < 0 or (row.is_flat and headers.names(target.table.code, cells[label].text)))
                ):
                    weight = _weigh(target, cells[label + 1 :], _UNLABELLED)
                    if weight is not None:
                        best[target.position] = Candidate(index, target.position, weight, 1.0, label)
            found += best.values()
        return found


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
