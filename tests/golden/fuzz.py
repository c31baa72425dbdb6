"""Damage to documents, reproducible by seed: what bad typing, converters and page breaks do to tables.

Every operation takes a Document and a source of chance and gives a Document. Cells keep their paths, so that a value
put into a wrong cell shows, even where it is the same number.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace

from gongkai.documents.model import Block, Document, Grid, GridCell, TextBlock
from gongkai.reports.numbers import looks_like_value

NOISE = "的一是不了人在有本年公开情况数量其他总计申请政府信息理由结转合处末囗曰巳"
FOREIGN = (
    "一般公共预算财政拨款", "政府性基金预算", "基本支出", "项目支出", "社会保障和就业支出", "卫生健康支出",
    "住房保障支出", "人员经费", "公用经费", "因公出国（境）费", "公务接待费", "公务用车购置", "门户网站发布",
    "微信公众号", "政务微博", "报刊广播电视", "政策解读", "回应关切", "建议提案办理", "在职人员", "离退休人员",
    "机构设置", "合计", "小计", "总计", "其中：本级", "平均每月",
)  # fmt: skip
Operation = Callable[[Document, random.Random], Document]


def noisy(text: str, rate: float, rng: random.Random) -> str:
    """Drop, replace or insert Chinese characters at a rate."""
    kept = []
    for char in text:
        if "一" <= char <= "鿿" and rng.random() < rate:
            kept.append(rng.choice(["", rng.choice(NOISE), char + rng.choice(NOISE)]))
        else:
            kept.append(char)
    return "".join(kept)


def label_noise(document: Document, rng: random.Random) -> Document:
    """Slips in the labels of all tables, in up to 30 % of the characters."""
    rate = rng.choice([0.02, 0.05, 0.1, 0.2, 0.3])

    def slip(text: str) -> str:
        keeps = looks_like_value(text) or len(text) > 60 or "信息公开工作年度报告" in text
        return text if keeps else noisy(text, rate, rng)

    blocks: list[Block] = []
    for block in document.blocks:
        if isinstance(block, Grid):
            blocks.append(replace(block, cells=tuple(replace(cell, text=slip(cell.text)) for cell in block.cells)))
        else:
            blocks.append(replace(block, text=slip(block.text)))
    return replace(document, blocks=tuple(blocks))


def drop_rows(document: Document, rng: random.Random) -> Document:
    """Lose some rows of every table; spans shrink as a converter leaves them."""
    share = rng.choice([0.03, 0.1, 0.3])

    def drop(grid: Grid) -> Grid:
        return _from_rows(grid, [row for row in _rows(grid) if rng.random() >= share])

    return _each_grid(document, drop)


def duplicate_rows(document: Document, rng: random.Random) -> Document:
    """Print some rows twice, as page breaks with overlapping pictures do."""

    def double(grid: Grid) -> Grid:
        rows: list[list[GridCell]] = []
        for row in _rows(grid):
            rows += [row] * rng.choice([1, 1, 1, 1, 2])
        return _from_rows(grid, rows)

    return _each_grid(document, double)


def foreign_rows(document: Document, rng: random.Random) -> Document:
    """Rows of other tables between the rows, and other tables full of numbers between the tables."""

    def mix(grid: Grid) -> Grid:
        rows: list[list[GridCell]] = []
        for row in _rows(grid):
            rows.append(row)
            if rng.random() < 0.07:
                rows.append(_foreign_row(rng, rng.choice([1, 3, grid.n_cols - 3, grid.n_cols])))
        return _from_rows(grid, rows)

    mixed = _each_grid(document, mix)
    blocks = list(mixed.blocks)
    for _ in range(rng.choice([0, 1, 2])):
        width = rng.choice([1, 2, 3, 7, 9, 15])
        table = _from_rows(Grid(0, width + 1, ()), [_foreign_row(rng, width) for _ in range(rng.randint(1, 12))])
        blocks.insert(rng.randint(0, len(blocks)), table)
    return replace(mixed, blocks=tuple(blocks))


def moved_columns(document: Document, rng: random.Random) -> Document:
    """Columns change places together with their headers, in all pieces of a table alike.

    Only columns under the same spanning headers change places: a total that is moved out from under its group would be
    another total.
    """
    key = rng.random()

    def move(grid: Grid) -> Grid:
        over: dict[int, set[tuple[int, int]]] = {}
        labels = {0}
        for cell in grid.cells:
            columns = range(cell.col, cell.col + cell.col_span)
            if cell.text.strip() and not looks_like_value(cell.text) and (cell.row_span > 1 and cell.row > 0):
                labels.update(columns)
            if cell.col_span > 1:
                for col in columns:
                    over.setdefault(col, set()).add((cell.col, cell.col_span))
        values = {cell.col for cell in grid.cells if cell.col_span == 1 and looks_like_value(cell.text)}
        groups: dict[tuple[tuple[int, int], ...], list[int]] = {}
        for col in sorted(values - labels):
            groups.setdefault(tuple(sorted(over.get(col, ()))), []).append(col)
        to: dict[int, int] = {}
        for spans, columns in groups.items():
            order = columns[:]
            random.Random(f"{key}/{len(columns)}/{len(spans)}").shuffle(order)
            to |= dict(zip(columns, order, strict=True))
        cells = [replace(cell, col=to.get(cell.col, cell.col)) if cell.col_span == 1 else cell for cell in grid.cells]
        return replace(grid, cells=tuple(sorted(cells, key=lambda cell: (cell.row, cell.col))))

    grids = [block for block in document.blocks if isinstance(block, Grid)]
    headed = [
        any(cell.col_span > 1 for cell in grid.cells if cell.row == 0)
        and not any(cell.text.strip() and looks_like_value(cell.text) for cell in grid.cells if cell.row == 0)
        for grid in grids
    ]
    # A piece without header on the next page could not be told from one whose columns did not move.
    if not all(headed):
        return document
    return _each_grid(document, move)


def flattened(document: Document, rng: random.Random) -> Document:
    """One paragraph a cell, no table left; blanks stay as empty paragraphs."""
    return _flat(document, lambda cell: True)


def flattened_without_blanks(document: Document, rng: random.Random) -> Document:
    """One paragraph a cell, and blank cells left out: which value is whose can no longer be counted."""
    return _flat(document, lambda cell: bool(cell.text.strip()))


def blanks_lost(document: Document, rng: random.Random) -> Document:
    """Some blank cells of the tables are missing, the cells behind them stand one column further left."""

    def lose(grid: Grid) -> Grid:
        rows = []
        for row in _rows(grid):
            kept: list[GridCell] = []
            shift = 0
            for cell in row:
                if not cell.text.strip() and rng.random() < 0.5:
                    shift += cell.col_span
                else:
                    kept.append(replace(cell, col=cell.col - shift))
            rows.append(kept)
        return _from_rows(grid, rows)

    return _each_grid(document, lose)


def cut_short(document: Document, rng: random.Random) -> Document:
    """The file ends early, inside a table as well."""
    keep = rng.randint(1, len(document.blocks))
    blocks = list(document.blocks[:keep])
    if isinstance(blocks[-1], Grid) and blocks[-1].cells:
        grid = blocks[-1]
        cells = grid.cells[: rng.randint(1, len(grid.cells))]
        blocks[-1] = replace(grid, cells=cells, n_rows=max(cell.row for cell in cells) + 1)
    return replace(document, blocks=tuple(blocks))


def tables_reordered(document: Document, rng: random.Random) -> Document:
    """The tables stand in another order."""
    places = [index for index, block in enumerate(document.blocks) if isinstance(block, Grid)]
    order = places[:]
    rng.shuffle(order)
    blocks = list(document.blocks)
    for place, source in zip(places, order, strict=True):
        blocks[place] = document.blocks[source]
    return replace(document, blocks=tuple(blocks))


def split_tables(document: Document, rng: random.Random) -> Document:
    """Tables fall into pieces between any two rows, as page breaks cut them."""
    blocks: list[Block] = []
    for block in document.blocks:
        if not isinstance(block, Grid):
            blocks.append(block)
            continue
        piece: list[list[GridCell]] = []
        for row in _rows(block):
            piece.append(row)
            if rng.random() < 0.08:
                blocks.append(_from_rows(block, piece))
                piece = []
        blocks.append(_from_rows(block, piece))
    return replace(document, blocks=tuple(blocks))


def one_table(document: Document, rng: random.Random) -> Document:
    """All tables are one."""
    rows: list[list[GridCell]] = []
    grids = [block for block in document.blocks if isinstance(block, Grid)]
    for grid in grids:
        rows += _rows(grid)
    if not grids:
        return document
    first = next(index for index, block in enumerate(document.blocks) if isinstance(block, Grid))
    whole = _from_rows(replace(grids[0], n_cols=max(grid.n_cols for grid in grids)), rows)
    texts = [block for block in document.blocks if not isinstance(block, Grid)]
    return replace(document, blocks=(*texts[:first], whole, *texts[first:]))


def extra_blanks(document: Document, rng: random.Random) -> Document:
    """A blank column at the right, blank rows between."""

    def add(grid: Grid) -> Grid:
        rows: list[list[GridCell]] = []
        for row in _rows(grid):
            last = max((cell.col + cell.col_span for cell in row), default=0)
            rows.append([*row, GridCell(0, last, 1, 1, "", f"extra[{len(rows)}]")])
            if rng.random() < 0.1:
                rows.append([GridCell(0, col, 1, 1, "", "extra") for col in range(grid.n_cols)])
        return _from_rows(grid, rows)

    return _each_grid(document, add)


OPERATIONS: dict[str, Operation] = {
    one.__name__: one
    for one in (
        label_noise, drop_rows, duplicate_rows, foreign_rows, moved_columns, flattened, flattened_without_blanks,
        blanks_lost, cut_short, tables_reordered, split_tables, one_table, extra_blanks,
    )
}  # fmt: skip


def damage(document: Document, seed: int) -> tuple[Document, tuple[str, ...]]:
    """Damage a document in one to three ways chosen by the seed.

    Returns:
        The damaged document and the names of what was done to it, in order.
    """
    rng = random.Random(seed)
    names = tuple(rng.sample(sorted(OPERATIONS), rng.choice([1, 1, 2, 3])))
    if {"moved_columns", "drop_rows"} <= set(names):
        names = tuple(name for name in names if name != "moved_columns")  # without its header no move can be told
    for name in names:
        document = OPERATIONS[name](document, rng)
    return document, names


def flip_bits(data: bytes, seed: int) -> bytes:
    """Change some bytes anywhere, or cut the file short."""
    rng = random.Random(seed)
    if rng.random() < 0.2:
        return data[: rng.randint(0, len(data) - 1)]
    changed = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 8, 64])):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _rows(grid: Grid) -> list[list[GridCell]]:
    return list(grid.rows())


def _from_rows(grid: Grid, rows: Iterable[list[GridCell]]) -> Grid:
    kept = list(rows)
    cells = tuple(replace(cell, row=index) for index, row in enumerate(kept) for cell in row)
    return replace(grid, cells=cells, n_rows=len(kept))


def _each_grid(document: Document, change: Callable[[Grid], Grid]) -> Document:
    return replace(
        document, blocks=tuple(change(block) if isinstance(block, Grid) else block for block in document.blocks)
    )


def _flat(document: Document, keep: Callable[[GridCell], bool]) -> Document:
    blocks: list[Block] = []
    for block in document.blocks:
        if isinstance(block, Grid):
            blocks += [TextBlock(cell.text, cell.path, cell.page, cell.bbox) for cell in block.cells if keep(cell)]
        else:
            blocks.append(block)
    return replace(document, blocks=tuple(blocks))


def _foreign_row(rng: random.Random, width: int) -> list[GridCell]:
    values = [str(rng.choice([0, 0, rng.randint(1, 9999)])) for _ in range(max(width, 1))]
    return [
        GridCell(0, col, 1, 1, text, f"foreign[{col}]")
        for col, text in enumerate([rng.choice(FOREIGN), *values])
    ]  # fmt: skip


def as_txt(document: Document) -> bytes:
    """One cell or paragraph a line."""
    lines: list[str] = []
    for block in document.blocks:
        texts = [cell.text for cell in block.cells] if isinstance(block, Grid) else [block.text]
        lines += [text.replace("\n", "") for text in texts]
    return "\n".join(lines).encode()


def as_md(document: Document) -> bytes:
    """Tables with pipes; a spanned position repeats nothing."""
    lines: list[str] = []
    for block in document.blocks:
        if isinstance(block, Grid):
            for number, row in enumerate(_rows(block)):
                line = ["" for _ in range(block.n_cols)]
                for cell in row:
                    line[cell.col] = cell.text.replace("\n", "")
                lines.append("| " + " | ".join(line) + " |")
                if not number:
                    lines.append("|" + " --- |" * block.n_cols)
            lines.append("")
        else:
            lines += [block.text.replace("\n", ""), ""]
    return "\n".join(lines).encode()


def as_doc(document: Document) -> bytes:
    """A Word 97 file with the same paragraphs and rows."""
    from tests.documents.word97_making import P, make_doc, row

    parts: list[P] = []
    for block in document.blocks:
        if isinstance(block, Grid):
            for cells in _rows(block):
                edges = (
                    [500 * cell.col for cell in cells] + [500 * (cells[-1].col + cells[-1].col_span)] if cells else []
                )
                parts += row(edges, *(cell.text.replace("\n", "") for cell in cells)) if cells else []
            parts.append(P(""))
        else:
            parts.append(P(block.text.replace("\n", "\x0b")))
    return make_doc(parts)
