"""Word 97 files that print a sample paper in hard ways."""

from __future__ import annotations

from collections.abc import Callable

from tests.documents.word97_making import (
    DELETED,
    DOUBLE_STRIKE,
    RAISED,
    STRIKE,
    VANISH,
    P,
    cell,
    make_doc,
    row_end,
    sprm,
)  # fmt: skip

from samples.making.forms import FormCell, FormTable, lay_out
from samples.making.paper import Paper

Look = Callable[[FormCell], list[P]]
COVERED, FIRST = 0x20, 0x60
WIDTH = 500


def plain(one: FormCell) -> list[P]:
    return [cell(one.text)]


def on_values(change: Callable[[str], P]) -> Look:
    """Change cells that hold a number of digits."""
    return lambda one: [change(one.text)] if one.key and one.text.isdigit() else plain(one)


def marked(before: str, text: str, after: str, code: int, value: int = 1) -> P:
    """A cell with marked characters before or behind its text."""
    at = (0, len(before)) if before else (len(text), len(text) + len(after))
    return cell(before + text + after, runs=[(*at, sprm(code, value))])


def field_of(text: str) -> P:
    """A field whose code holds another field."""
    return cell(f"\x13 =SUM(ABOVE) \x13 PAGE \x145\x15 \x14{text}\x15")


def inner_table(one: FormCell) -> list[P]:
    """Every third value in a table of its own inside its cell."""
    if not one.key or (one.row + one.col) % 3 or not one.text:
        return plain(one)
    return [cell(one.text, 2), row_end([0, WIDTH], depth=2), cell("")]


def print_doc(paper: Paper, look: Look) -> bytes:
    """The whole file; merged cells are marked as Word marks them."""
    parts = [P(paper.title), *map(P, paper.preface)]
    for chapter in paper.chapters:
        parts.append(P(chapter.heading))
        parts += map(P, chapter.paragraphs)
        if chapter.table:
            parts += _table(lay_out(paper.template, chapter.table, paper.sheet), look)
            parts.append(P(""))
    return make_doc(parts)


def _table(form: FormTable, look: Look) -> list[P]:
    covering = {(row, one.col): one for one in form.cells for row in range(one.row, one.row + one.row_span)}
    parts: list[P] = []
    for row in range(form.n_rows):
        here = [covering[at] for at in sorted(covering) if at[0] == row]
        merges = {}
        for index, one in enumerate(here):
            parts += look(one) if one.row == row else [cell("")]
            if one.row_span > 1:
                merges[index] = FIRST if one.row == row else COVERED
        edges = [WIDTH * one.col for one in here] + [WIDTH * (here[-1].col + here[-1].col_span)]
        parts.append(row_end(edges, merges))
    return parts


LOOKS: dict[str, Look] = {
    "plain": plain,
    "hidden": on_values(lambda text: marked("7", text, "", VANISH)),
    "deleted": on_values(lambda text: marked("7", text, "", DELETED)),
    "struck out": on_values(lambda text: marked("7", text, "", STRIKE)),
    "struck out twice": on_values(lambda text: marked("7", text, "", DOUBLE_STRIKE)),
    "raised": on_values(lambda text: marked("", text, "2", RAISED)),
    "raised in brackets": on_values(lambda text: marked("", text, "[12]", RAISED)),
    "lowered": on_values(lambda text: marked("", text, "2", RAISED, 2)),
    "fields in fields": on_values(field_of),
    "tables in cells": inner_table,
}
"""Ways of printing, by name."""
