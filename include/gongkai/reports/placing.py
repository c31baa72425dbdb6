"""Places the values of the rows that a document was found to hold; rows of one table decide for each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from gongkai.contracts.rules import Rule
from gongkai.contracts.template import Layout, TemplateContract
from gongkai.documents.model import GridCell
from gongkai.reports.align import Candidate
from gongkai.reports.assign import Placed, place, values_of, windows
from gongkai.reports.doubts import adds_up, is_weak, without_contradicted
from gongkai.reports.evidence import Evidence, weigh_row
from gongkai.reports.headers import Headers
from gongkai.reports.joining import join_rows
from gongkai.reports.pieces import Row, may_be_split
from gongkai.reports.stream import StreamRow, has_value
from gongkai.reports.targets import Target, Targets

_WEAK = "the label is too common and the row does not add up"
_NO_VALUES = Placed((), 0)
_MANY = 3
"""So many rows that would add up in another order only are no slips of the publisher."""
_MISPLACED = "the columns are in doubt: the rows do not add up in this order, but would in another"


@dataclass(frozen=True, slots=True)
class MatchedRow:
    """A target with the stream row it was found in and its placed cells."""

    target: Target
    row: StreamRow
    placed: Placed
    likeness: float


@dataclass(frozen=True, slots=True)
class _Found:
    """A chosen row, the cells behind its label, and the rows that are shaped alike."""

    candidate: Candidate
    target: Target
    row: StreamRow
    tail: list[GridCell]

    @property
    def piece(self) -> tuple[int, str]:
        """The grid and the table: the part of a printed table that one page holds."""
        return self.row.grid, self.target.table.code

    @property
    def label(self) -> str:
        """The label as printed, "" where the row has none."""
        return self.row.cells[self.candidate.label].text if self.candidate.label >= 0 else ""

    def is_left_of(self, header: Mapping[str, GridCell]) -> bool:
        """Tell whether the label ends before the header's columns begin; else they are counted in another way.

        Seen where the head of a table stands alone on its page, so that its grid has other columns.
        """
        if self.candidate.label < 0:
            return True
        label = self.row.cells[self.candidate.label]
        end = label.col + label.col_span
        return all(end <= head.col for head in header.values())

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Grid, column of the label, number of cells, number of columns wanted."""
        label, row = self.candidate.label, self.row
        edge = row.cells[label].col if label >= 0 and row.way == "grid" else -1
        return row.grid, edge, len(self.tail), len(self.target.cells)


def place_rows(
    targets: Targets,
    rules: Mapping[int, tuple[Rule, ...]],
    stream: Sequence[StreamRow],
    headers: Headers,
    chosen: Sequence[Candidate],
    rivals: Sequence[Candidate],
) -> tuple[MatchedRow, ...]:
    """Place the cells of each chosen row into its columns.

    Args:
        targets: The targets of the template.
        rules: For each target the identities that look at its row alone.
        stream: The rows of the document.
        headers: Header cells of the template's columns.
        chosen: The alignment.
        rivals: Rows that print a chosen row once more.
    """
    found = [
        _Found(one, target, stream[one.row], values_of(target, stream[one.row].cells[one.label + 1 :]))
        for one in chosen
        for target in (targets.items[one.target],)
    ]
    offsets = _offsets(found)
    edges, ragged = _edges(found, headers)
    again: dict[int, list[Candidate]] = defaultdict(list)
    for rival in rivals:
        again[rival.target].append(rival)
    placed_rows: list[Placed] = []
    unproved: set[int] = set()
    for index, one in enumerate(found):
        target, row, tail = one.target, one.row, one.tail
        if not target.cells:
            placed_rows.append(_NO_VALUES)
            continue
        header = headers.above(target.table.code, one.candidate.row, row.grid)
        sure = offsets.get(one.shape, ()) if offsets else ()
        piece = one.piece
        placed = place(
            target,
            tail,
            header=header if one.is_left_of(header) else {},
            sibling_offset=next(iter(sure)) if len(sure) == 1 else None,
            order=partial(headers.order, target, one.candidate.row, row.grid, label=one.label),
            edge=edges.get(piece, 0),
            ragged=piece in ragged,
        )
        if row.grid >= 0:
            doubtful = not header and not headers.is_above(target, one.candidate.row, row.grid, placed.cells)
        else:
            doubtful = _ends_blank(placed)  # the next line's blank label may be its last
        if tail and (doubtful or piece in ragged or not _is_plain(placed)):
            unproved.add(index)
        placed_rows.append(placed)
    said = {
        index: weigh_row(rules[one.target.position], one.target, placed)
        for index, (one, placed) in enumerate(zip(found, placed_rows, strict=True))
        if rules[one.target.position]
    }
    _join(targets.contract, rules, found, placed_rows, said)
    for index in _misplaced(found, placed_rows, unproved, said):
        placed_rows[index] = _open(found[index].target, _MISPLACED)
    for index, one in enumerate(found):
        target = one.target
        if target.position in again:
            placed_rows[index] = without_contradicted(
                stream, headers, target, placed_rows[index], again[target.position]
            )
        if is_weak(target, one.candidate) and not adds_up(rules[target.position], target, placed_rows[index]):
            placed_rows[index] = _open(target, _WEAK)
    return tuple(
        MatchedRow(one.target, one.row, placed, one.candidate.likeness)
        for one, placed in zip(found, placed_rows, strict=True)
    )


def _join(
    contract: TemplateContract,
    rules: Mapping[int, tuple[Rule, ...]],
    found: Sequence[_Found],
    placed_rows: list[Placed],
    said: dict[int, list[Evidence]],
) -> None:
    """Put numbers together that lie in pieces; rows that were looked at for it are weighed no more."""
    rows: dict[int, Row] = {}
    for index, (one, placed) in enumerate(zip(found, placed_rows, strict=True)):
        wanted = len(one.target.cells)
        is_open = len(one.tail) > wanted and None in placed.cells
        fails = any(word in (Evidence.FAILS, Evidence.MISFITS) for word in said.get(index, ()))
        if (is_open or (fails and _is_plain(placed))) and may_be_split(one.tail, wanted):
            rows[index] = Row(one.target, one.tail, rules[one.target.position], None if is_open else placed)
    if not rows:
        return
    others = [(one.target, placed_rows[index]) for index, one in enumerate(found) if index not in rows]
    for index, placed in zip(rows, join_rows(contract, list(rows.values()), others), strict=True):
        if placed is not placed_rows[index]:
            placed_rows[index] = placed
            said.pop(index, None)


def _misplaced(
    found: Sequence[_Found],
    placed_rows: Sequence[Placed],
    unproved: Container[int],
    said: Mapping[int, Sequence[Evidence]],
) -> Iterator[int]:
    """Yield the rows whose identities speak for another order of the columns.

    One such row in a table that stands as the form has it is the publisher's error and stays as printed. Where the
    order is not proved it is left out; and where most rows of a piece speak against its order all of them are.
    """
    pieces: dict[tuple[int, str], list[tuple[int, int, int]]] = defaultdict(list)
    for index, words in said.items():
        fits, misfits = words.count(Evidence.CONFIRMS), words.count(Evidence.MISFITS)
        if not fits and misfits + words.count(Evidence.FAILS) > 1 and _ends_blank(placed_rows[index]):
            yield index  # rows side by side, not one of whose sums holds: a blank is missing and another was gained
        pieces[found[index].piece].append((index, fits, misfits))
    for rows in pieces.values():
        fits = sum(one for _, one, _ in rows)
        misfits = sum(one for _, _, one in rows)
        doubtful = [index for index, _, _ in rows if index in unproved]
        if misfits > fits and (misfits >= _MANY or doubtful):
            yield from [index for index, _, _ in rows] if misfits >= _MANY else doubtful
        else:
            yield from (index for index, _, misfit in rows if misfit and index in unproved)


def _ends_blank(placed: Placed) -> bool:
    last = placed.cells[-1] if placed.cells else None
    return last is not None and not last.text.strip()


def _open(target: Target, note: str) -> Placed:
    return Placed((None,) * len(target.cells), None, note)


def _is_plain(placed: Placed) -> bool:
    """Tell whether the values stand side by side in the order of the form."""
    if placed.offset is None:
        return False
    return all(one is None or two is None or one.col < two.col for one, two in pairwise(placed.cells))


def _offsets(found: Sequence[_Found]) -> dict[tuple[int, int, int, int], set[int]]:
    """For each shape the offsets that are certain in a row of that shape."""
    offsets: dict[tuple[int, int, int, int], set[int]] = defaultdict(set)
    for one in found:
        if len(one.tail) > len(one.target.cells) and has_value(one.tail):
            possible = windows(one.tail, len(one.target.cells))
            if len(possible) == 1:
                offsets[one.shape].add(possible[0])
    return offsets


def _edges(found: Sequence[_Found], headers: Headers) -> tuple[dict[tuple[int, str], int], set[tuple[int, str]]]:
    """The column behind the longest row of each piece of a table; the pieces whose rows end at different columns."""
    edges: dict[tuple[int, str], int] = defaultdict(int)
    ends: dict[tuple[int, str], set[int]] = defaultdict(set)
    for one in found:
        if one.row.grid < 0 or not one.tail:
            continue
        piece, last, in_rows = one.piece, one.tail[-1], one.target.table.layout is Layout.ROWS
        end = last.col + last.col_span
        edges[piece] = max(edges[piece], end)
        if not in_rows:
            edges[piece] = max(edges[piece], headers.edge(one.target, one.candidate.row, one.row.grid))
        elif end not in ends[piece] and len(one.target.cells) > 1 and has_value(one.tail):
            ends[piece].add(end)
    return edges, {piece for piece, columns in ends.items() if len(columns) > 1}
