"""Regions of a grid that rules enclose, as rectangles: the cells of a table."""

from __future__ import annotations

from collections.abc import Iterator

Edges = list[bytearray]
"""For each grid line which of its intervals is ruled (1) and which is not (0)."""

Region = list[tuple[int, int]]
"""Grid positions (row, column) that no rule separates."""


def enclosed_regions(h_edges: Edges, v_edges: Edges) -> Iterator[Region]:
    """Yield the regions that rules close on all sides, in order of their first position.

    Args:
        h_edges: One line per row border from the top; an interval per column.
        v_edges: One line per column border from the left; an interval per row.
    """
    rows, cols = len(h_edges) - 1, len(v_edges) - 1
    seen = [bytearray(cols) for _ in range(rows)]
    for row in range(rows):
        above, below, seen_row = h_edges[row], h_edges[row + 1], seen[row]
        for col in range(cols):
            if seen_row[col]:
                continue
            if above[col] and below[col] and v_edges[col][row] and v_edges[col + 1][row]:
                yield [(row, col)]
            else:
                region, is_open = _region(row, col, seen, h_edges, v_edges)
                if not is_open:
                    yield region


def _region(row: int, col: int, seen: list[bytearray], h_edges: Edges, v_edges: Edges) -> tuple[Region, bool]:
    rows, cols = len(seen), len(seen[0])
    seen[row][col] = 1
    region, is_open = [(row, col)], False
    for r, c in region:  # grows while it is walked
        for is_ruled, nr, nc in (
            (h_edges[r][c], r - 1, c),
            (h_edges[r + 1][c], r + 1, c),
            (v_edges[c][r], r, c - 1),
            (v_edges[c + 1][r], r, c + 1),
        ):
            if is_ruled:
                continue
            if not (0 <= nr < rows and 0 <= nc < cols):
                is_open = True
            elif not seen[nr][nc]:
                seen[nr][nc] = 1
                region.append((nr, nc))
    return region, is_open


def _extent(region: Region) -> int:
    rows, cols = [r for r, _ in region], [c for _, c in region]
    return (max(rows) - min(rows) + 1) * (max(cols) - min(cols) + 1)


def rectangles(region: Region) -> list[Region]:
    """Return the region as it is if it is a rectangle, else cut into bands of rows of equal extent."""
    if len(region) == 1 or len(region) == _extent(region):
        return [region]
    lines: dict[int, list[int]] = {}
    for row, col in sorted(region):
        lines.setdefault(row, []).append(col)
    parts: list[Region] = []
    previous: list[int] = []
    for row, cols in lines.items():
        if cols != previous or cols[-1] - cols[0] + 1 != len(cols):
            runs = _runs(cols)
            parts.extend([(row, col) for col in run] for run in runs)
            previous = cols if len(runs) == 1 else []
        else:
            parts[-1].extend((row, col) for col in cols)
    return parts


def _runs(numbers: list[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs
