"""Small tables on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_WIDEST = 10_000


def print_table(rows: Sequence[Mapping[str, Any]], title: str) -> None:
    """Print rows as a table; "none" where there are none."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    if not rows:
        console.print(f"{escape(title)}: none")
        return
    table = Table(title=escape(title), title_justify="left")
    for name, value in rows[0].items():
        # folded, not cut, in a terminal: ids are there to be typed
        table.add_column(name, justify="right" if isinstance(value, int | float) else "left", overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else escape(str(value)) for value in row.values()))
    if not console.is_terminal:  # a file or a pipe has no width to fit
        console.width = max(
            console.width, console.measure(table, options=console.options.update_width(_WIDEST)).maximum
        )
    console.print(table)


def text_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], widest: int = 120) -> list[str]:
    """Return rows as lines of plain text with aligned columns, for logs; a cell is cut at `widest` characters."""
    head = dict(zip(columns, columns, strict=True))
    cells = [[" ".join(str(row.get(name, "")).split())[:widest] for name in columns] for row in (head, *rows)]
    is_number = [any(isinstance(row.get(name), int | float) for row in rows) for name in columns]
    widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
    return [
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(line, widths, is_number, strict=True)
        ).rstrip()
        for line in cells
    ]
