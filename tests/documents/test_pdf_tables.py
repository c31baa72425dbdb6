"""Tables from rules alone, without a PDF around them."""

import random

import pytest
from pdfplumber.table import edges_to_intersections, intersections_to_cells, merge_edges

from gongkai.documents.pdf_rules import Rules, join_rules
from gongkai.documents.pdf_tables import TableBox, find_tables
from gongkai.errors import LimitError


def tables(horizontal, vertical, most: int = 10_000) -> list[TableBox]:
    rules = Rules(join_rules(list(horizontal)), join_rules(list(vertical)))
    return find_tables(rules, most_cells=most, where="page 1")


def spans(table: TableBox) -> list[tuple[int, int, int, int]]:
    return [(cell.row, cell.col, cell.row_span, cell.col_span) for cell in table.cells]


def grid(xs, ys):
    return [(y, xs[0], xs[-1]) for y in ys], [(x, ys[0], ys[-1]) for x in xs]


def test_join_rules_joins_pieces_and_drops_specks() -> None:
    pieces = [(100.0, 10, 50), (100.4, 51, 90), (100.2, 95, 120), (200, 0, 2), (300, 0, 10), (300, 20, 30)]
    assert join_rules(pieces) == [
        (100.2, 10, 90),
        (100.2, 95, 120),
        (300, 0, 10),
        (300, 20, 30),
    ]


def test_dotted_rules_are_joined() -> None:
    assert join_rules([(50, x, x + 0.5) for x in range(0, 100, 2)]) == [(50, 0, 98.5)]


def test_rules_that_miss_each_other_a_little_still_meet() -> None:
    horizontal, vertical = grid([0, 100, 200], [0, 50, 100])
    wobbly = [(y + 0.8, x0 + 2, x1 - 2) for y, x0, x1 in horizontal]
    (table,) = tables(wobbly, vertical)
    assert spans(table) == [(0, 0, 1, 1), (0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 1, 1)]


def test_double_rules_are_one() -> None:
    horizontal, vertical = grid([0, 100, 200], [0, 50, 100])
    (table,) = tables([*horizontal, (2, 0, 200), (98, 0, 200)], [*vertical, (1.5, 0, 100)])
    assert (len(table.xs), len(table.ys), len(table.cells)) == (3, 3, 4)


def test_an_underline_inside_a_cell_changes_nothing() -> None:
    horizontal, vertical = grid([0, 100, 200], [0, 50, 100])
    (table,) = tables([*horizontal, (30, 0, 60)], vertical)
    assert spans(table) == [(0, 0, 1, 1), (0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 1, 1)]
    assert (table.xs, table.ys) == ([0, 100, 200], [0, 50, 100])


def test_lines_that_enclose_nothing_are_no_table() -> None:
    assert tables([(10, 0, 100), (50, 0, 100)], []) == []
    assert tables([(10, 0, 100)], [(50, 0, 100)]) == []
    assert tables([], [(0, 0, 100), (50, 0, 100)]) == []


def test_a_region_that_is_no_rectangle_is_cut_into_rows() -> None:
    horizontal, vertical = grid([0, 100, 200], [0, 50, 100])
    (table,) = tables([horizontal[0], (50, 100, 200), horizontal[2]], [vertical[0], (100, 0, 50), vertical[2]])
    assert table.ragged == 1
    assert spans(table) == [(0, 0, 1, 1), (0, 1, 1, 1), (1, 0, 1, 2)]


def test_an_open_corner_is_no_cell() -> None:
    horizontal, vertical = grid([0, 100, 200], [0, 50, 100])
    (table,) = tables([(0, 0, 100), horizontal[1], horizontal[2]], [vertical[0], vertical[1], (200, 50, 100)])
    assert spans(table) == [(0, 0, 1, 1), (1, 0, 1, 1), (1, 1, 1, 1)]
    assert table.split([(140, 20, 160, 30, "外"), (40, 20, 60, 30, "内")]) == (
        [[(40, 20, 60, 30, "内")], [], []],
        [(140, 20, 160, 30, "外")],
    )


def test_two_tables_close_to_each_other_keep_their_own_columns() -> None:
    first, second = grid([70, 200, 520], [0, 50]), grid([68, 199, 521], [60, 110])
    found = tables([*first[0], *second[0]], [*first[1], *second[1]])
    assert sorted(table.xs for table in found) == [[68, 199, 521], [70, 200, 520]]


@pytest.mark.parametrize("side", ["top", "bottom", "left", "right"])
def test_an_outer_rule_is_rebuilt(side: str) -> None:
    horizontal, vertical = grid([0, 100, 200], [0, 50, 100])
    drop = {"top": horizontal[0], "bottom": horizontal[2], "left": vertical[0], "right": vertical[2]}[side]
    (table,) = tables([rule for rule in horizontal if rule != drop], [rule for rule in vertical if rule != drop])
    assert (len(table.cells), table.rebuilt) == (4, (side,))


def test_one_rule_that_runs_on_is_no_missing_side() -> None:
    horizontal, vertical = grid([0, 100, 200], [0, 50, 100])
    (table,) = tables([*horizontal[:2], (100, 0, 400)], vertical)
    assert (table.xs, table.rebuilt) == ([0, 100, 200], ())


def test_too_many_cells_are_refused() -> None:
    with pytest.raises(LimitError, match="too many cells"):
        tables(*grid(range(0, 1000, 10), range(0, 1000, 10)), most=5000)


def plumbed(horizontal, vertical) -> list[tuple[float, float, float, float]]:
    """The cells that pdfplumber finds between the same rules."""
    edges = [{"orientation": "h", "top": y, "bottom": y, "x0": x0, "x1": x1} for y, x0, x1 in horizontal]
    edges += [{"orientation": "v", "x0": x, "x1": x, "top": y0, "bottom": y1} for x, y0, y1 in vertical]
    for edge in edges:
        edge.update(width=edge["x1"] - edge["x0"], height=edge["bottom"] - edge["top"], object_type="line")
    return intersections_to_cells(edges_to_intersections(merge_edges(edges, 3, 3, 3, 3), 3, 3))


@pytest.mark.parametrize("seed", range(30))
def test_complete_tables_have_the_cells_that_pdfplumber_finds(seed: int) -> None:
    chance = random.Random(seed)
    xs = [50 + 40 * index for index in range(chance.randint(2, 8))]
    ys = [60 + 20 * index for index in range(chance.randint(2, 12))]
    horizontal, vertical = merged_table(chance, xs, ys)
    found = tables(horizontal, vertical)
    assert len(found) == 1
    assert sorted(cell.box for cell in found[0].cells) == sorted(plumbed(horizontal, vertical))


def merged_table(chance: random.Random, xs, ys):
    """Rules, one piece a cell side, of a grid in which some cells are merged to random rectangles."""
    taken: set[tuple[int, int]] = set()
    horizontal, vertical = [], []
    for row in range(len(ys) - 1):
        for col in range(len(xs) - 1):
            if (row, col) in taken:
                continue
            wide = high = 1
            while chance.random() < 0.3 and col + wide < len(xs) - 1 and (row, col + wide) not in taken:
                wide += 1
            while (
                chance.random() < 0.3
                and row + high < len(ys) - 1
                and not any((row + high, c) in taken for c in range(col, col + wide))
            ):
                high += 1
            taken |= {(r, c) for r in range(row, row + high) for c in range(col, col + wide)}
            x0, x1, y0, y1 = xs[col], xs[col + wide], ys[row], ys[row + high]
            horizontal += [(y0, x0, x1), (y1, x0, x1)]
            vertical += [(x0, y0, y1), (x1, y0, y1)]
    return horizontal, vertical
