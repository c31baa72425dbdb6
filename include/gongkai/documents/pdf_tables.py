"""Tables from ruling lines: connected rules make a table, its closed regions make the cells.

The same cells as pdfplumber's `merge_edges` and `intersections_to_cells` find in tables with complete rules (checked in
tests/documents/test_pdf_tables.py), in a fraction of their time, and with what those leave out: outer rules that a page
break swallowed, tables of one cell, spans.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from gongkai.documents.pdf_chars import Char
from gongkai.documents.pdf_regions import Edges, Region, enclosed_regions, rectangles
from gongkai.documents.pdf_rules import Rule, Rules
from gongkai.errors import LimitError

TOLERANCE = 3.0
"""Points that rules may miss each other by and still meet; positions closer than this are one."""

MOST_RULES = 4000
"""Rules of one direction on a page beyond which it is a drawing, not a table."""

_LOW_STRIP = 6.0
_TORN = 0.12
_FIGURES = frozenset("0123456789０１２３４５６７８９.,")


@dataclass(slots=True)
class CellBox:
    """One closed region: rows and columns it covers (from 0) and its box on the page."""

    row: int
    col: int
    row_span: int
    col_span: int
    box: tuple[float, float, float, float]


@dataclass(slots=True)
class TableBox:
    """A table found on a page.

    Attributes:
        xs: Column borders from left to right, points.
        ys: Row borders from top to bottom, points.
        cells: Closed regions ordered by row and column.
        owner: Index into `cells` for each row and column of the grid, -1 where no cell is.
        rebuilt: Sides whose rule was rebuilt: "top", "bottom", "left", "right".
        ragged: Number of regions that were no rectangles and were cut into rows.
        torn: Cells between which a number is torn, as indexes into `cells`.
    """

    xs: list[float]
    ys: list[float]
    cells: list[CellBox] = field(default_factory=list)
    owner: list[list[int]] = field(default_factory=list)
    rebuilt: tuple[str, ...] = ()
    ragged: int = 0
    torn: set[int] = field(default_factory=set)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The box of the whole table."""
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]

    def split(self, chars: list[Char]) -> tuple[list[list[Char]], list[Char]]:
        """Return the characters of each cell, by their centre, and those outside of all cells.

        Cells between which a number is torn are noted in `torn`.
        """
        inside: list[list[Char]] = [[] for _ in self.cells]
        outside: list[Char] = []
        x0, top, x1, bottom = self.box
        xs, ys, owner = self.xs, self.ys, self.owner
        into, cell, a, b, c, d = outside, -1, 0.0, 0.0, 0.0, 0.0  # most characters stand in the cell of the one before
        for char in chars:
            left, upper, right, lower, _ = char
            x, y = (left + right) / 2, (upper + lower) / 2
            if not (a <= x < c and b <= y < d):
                before, from_ = cell, into[-1] if into else None
                into, cell, a, b, c, d = outside, -1, 0.0, 0.0, 0.0, 0.0
                if x0 <= x < x1 and top <= y < bottom:
                    cell = owner[bisect_right(ys, y) - 1][bisect_right(xs, x) - 1]
                    if cell >= 0:
                        into, (a, b, c, d) = inside[cell], self.cells[cell].box
                if before >= 0 and from_ is not None and _is_torn(from_, char):
                    self.torn.update((before, cell))
            into.append(char)
        return inside, outside


def _is_torn(before: Char, after: Char) -> bool:
    """Tell whether two characters written one after the other are figures of one number."""
    first, second = (before, after) if before[0] <= after[0] else (after, before)
    size = after[3] - after[1]
    return (
        before[4] in _FIGURES
        and after[4] in _FIGURES
        and abs(before[1] - after[1]) < _TORN * size
        and abs(second[0] - first[2]) < _TORN * size
    )


def find_tables(rules: Rules, *, most_cells: int, where: str) -> list[TableBox]:
    """Return the tables that the rules of one page form, from the innermost (smallest) to the outermost.

    Args:
        rules: Joined rules of the page, at most `MOST_RULES` of each direction.
        most_cells: Limit of grid positions of one table.
        where: Names the page in errors.

    Raises:
        LimitError: a table has more than `most_cells` grid positions.
    """
    tables = []
    for horizontal, vertical in [*_components(rules.horizontal, rules.vertical), *_strips(rules)]:
        layout = _layout(horizontal, vertical)
        if layout is None:
            continue
        table, h_edges, v_edges = layout
        positions = (len(table.xs) - 1) * (len(table.ys) - 1)
        if positions > most_cells:
            raise LimitError(
                "a table has too many cells", where=where, found=positions, expected=f"at most {most_cells}"
            )
        _fill_cells(table, h_edges, v_edges)
        if table.cells:
            tables.append(_compact(table))
    return sorted(tables, key=lambda table: (table.xs[-1] - table.xs[0]) * (table.ys[-1] - table.ys[0]))


def _components(horizontal: list[Rule], vertical: list[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Group rules that cross or touch each other; rules that meet none of the other direction are left out."""
    parent = list(range(len(horizontal) + len(vertical)))

    def root(item: int) -> int:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    heights = [rule[0] for rule in horizontal]
    for index, (x, top, bottom) in enumerate(vertical, start=len(horizontal)):
        for other in range(bisect_right(heights, top - TOLERANCE), bisect_right(heights, bottom + TOLERANCE)):
            _, start, end = horizontal[other]
            if start - TOLERANCE <= x <= end + TOLERANCE:
                parent[root(other)] = root(index)
    groups: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for index, rule in enumerate(horizontal):
        groups.setdefault(root(index), ([], []))[0].append(rule)
    for index, rule in enumerate(vertical, start=len(horizontal)):
        groups.setdefault(root(index), ([], []))[1].append(rule)
    return [group for group in groups.values() if group[0] and group[1]]


def _strips(rules: Rules) -> list[tuple[list[Rule], list[Rule]]]:
    """Return groups of three or more vertical rules that end alike and meet no horizontal rule.

    Such is the middle of a row that is cut by the page break above and below; its rules at top and bottom are rebuilt.
    """
    lone: dict[tuple[int, int], list[Rule]] = {}
    for rule in rules.vertical:
        x, top, bottom = rule
        if bottom - top >= 2 * _LOW_STRIP and not any(
            top - TOLERANCE <= y <= bottom + TOLERANCE and start - TOLERANCE <= x <= end + TOLERANCE
            for y, start, end in rules.horizontal
        ):
            lone.setdefault((round(top / TOLERANCE), round(bottom / TOLERANCE)), []).append(rule)
    return [([], group) for group in lone.values() if len(group) >= 3]


def _layout(horizontal: list[Rule], vertical: list[Rule]) -> tuple[TableBox, Edges, Edges] | None:
    """Return the grid of a group of rules and which of its edges are ruled; None where it encloses nothing."""
    rebuilt = []
    for side, across, along in (
        ("top", horizontal, vertical),
        ("bottom", horizontal, vertical),
        ("left", vertical, horizontal),
        ("right", vertical, horizontal),
    ):
        rule = _missing_rule(across, along, last=side in ("bottom", "right"))
        if rule:
            across.append(rule)
            rebuilt.append(side)
    xs, ys = _positions(vertical), _positions(horizontal)
    if len(xs) < 2 or len(ys) < 2:
        return None
    table = TableBox(xs, ys, rebuilt=tuple(rebuilt))
    return table, _edges(horizontal, ys, xs), _edges(vertical, xs, ys)


def _missing_rule(across: list[Rule], along: list[Rule], *, last: bool) -> Rule | None:
    """Return the outer rule that a page break swallowed.

    It stood where two or more rules end alike beyond the last one that crosses them. Seen in corpus/real/szfgs2024.pdf,
    pages 4 and 5, and in tables drawn without left and right borders.
    """
    if not along:
        return None
    if across:
        limit = max((rule[0] if last else -rule[0]) for rule in across)
    else:
        limit = min((rule[1] if last else -rule[2]) for rule in along)
    ends = sorted(((rule[2] if last else -rule[1]), rule[0]) for rule in along)
    beyond = [end for end in ends if end[0] > limit + TOLERANCE]
    alike = [end for end in beyond if end[0] >= beyond[-1][0] - TOLERANCE] if beyond else []
    if len(alike) < 2:
        return None
    position = alike[-1][0] if last else -alike[-1][0]
    return (position, min(end[1] for end in alike), max(end[1] for end in alike))


def _positions(rules: Iterable[Rule]) -> list[float]:
    """Return the positions of rules, those within the tolerance of their first taken together."""
    groups: list[list[float]] = []
    for position in sorted(rule[0] for rule in rules):
        if groups and position - groups[-1][0] <= TOLERANCE:
            groups[-1].append(position)
        else:
            groups.append([position])
    return [sum(group) / len(group) for group in groups]


def _edges(rules: Iterable[Rule], positions: Sequence[float], stops: Sequence[float]) -> Edges:
    """Return for each position which of the intervals between neighbouring stops a rule covers."""
    edges = [bytearray(len(stops) - 1) for _ in positions]
    for position, start, end in rules:
        line = edges[_nearest(positions, position)]
        first, last = _nearest(stops, start), _nearest(stops, end)
        if stops[first] < start - TOLERANCE:
            first += 1
        if stops[last] > end + TOLERANCE:
            last -= 1
        for index in range(first, last):
            line[index] = 1
    return edges


def _nearest(values: Sequence[float], wanted: float) -> int:
    index = bisect_right(values, wanted)
    if index == len(values) or (index and wanted - values[index - 1] <= values[index] - wanted):
        return index - 1
    return index


def _fill_cells(table: TableBox, h_edges: Edges, v_edges: Edges) -> None:
    """Make a cell of each region that rules enclose; regions open to the outside are no cells."""
    table.owner = [[-1] * (len(table.xs) - 1) for _ in range(len(table.ys) - 1)]
    for region in enclosed_regions(h_edges, v_edges):
        parts = rectangles(region)
        table.ragged += len(parts) > 1
        for part in parts:
            _add_cell(table, part)
    if any(later < earlier for earlier, later in pairwise((cell.row, cell.col) for cell in table.cells)):
        _sort_cells(table)


def _sort_cells(table: TableBox) -> None:
    order = sorted(range(len(table.cells)), key=lambda index: (table.cells[index].row, table.cells[index].col))
    new = {old: index for index, old in enumerate(order)}
    table.cells = [table.cells[index] for index in order]
    table.owner = [[new.get(index, -1) for index in line] for line in table.owner]


def _add_cell(table: TableBox, part: Region) -> None:
    row, col = min(part)
    last_row, last_col = max(part)
    for r, c in part:
        table.owner[r][c] = len(table.cells)
    box = (table.xs[col], table.ys[row], table.xs[last_col + 1], table.ys[last_row + 1])
    table.cells.append(CellBox(row, col, last_row - row + 1, last_col - col + 1, box))


def _compact(table: TableBox) -> TableBox:
    """Return the table without grid lines that bound no cell (a stray rule inside a cell makes such)."""
    rows = _kept(table.cells, lambda cell: (cell.row, cell.row + cell.row_span))
    cols = _kept(table.cells, lambda cell: (cell.col, cell.col + cell.col_span))
    if len(rows) == len(table.ys) and len(cols) == len(table.xs):
        return table
    row_of, col_of = {old: new for new, old in enumerate(rows)}, {old: new for new, old in enumerate(cols)}
    cells = [
        CellBox(
            row_of[cell.row],
            col_of[cell.col],
            row_of[cell.row + cell.row_span] - row_of[cell.row],
            col_of[cell.col + cell.col_span] - col_of[cell.col],
            cell.box,
        )
        for cell in table.cells
    ]
    owner = [[table.owner[row][col] for col in cols[:-1]] for row in rows[:-1]]
    xs, ys = [table.xs[col] for col in cols], [table.ys[row] for row in rows]
    return TableBox(xs, ys, cells, owner, table.rebuilt, table.ragged)


def _kept(cells: list[CellBox], borders: Callable[[CellBox], tuple[int, int]]) -> list[int]:
    return sorted({border for cell in cells for border in borders(cell)})
