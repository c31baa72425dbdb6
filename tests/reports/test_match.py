"""The matcher under noise: damaged labels, lost rows, lost blanks; nothing may ever be put into a wrong cell."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from gongkai.documents.model import Document, Grid, GridCell, TextBlock
from gongkai.documents.read import read
from gongkai.reports.build import build_report
from gongkai.reports.model import State
from gongkai.reports.numbers import looks_like_value
from gongkai.settings import ROOT

DOCUMENTS = ROOT / "include" / "samples" / "documents"
NOISE = "的一是不了人在有本年公开情况数量其他总计申请政府信息理由结转合处"


def sample(name: str) -> Document:
    path = DOCUMENTS / name
    return read(path.read_bytes(), path.name)


def noisy(text: str, rate: float, rng: random.Random) -> str:
    """Drop, replace or insert Chinese characters at a rate, as bad typing and OCR do."""
    kept = []
    for char in text:
        if "一" <= char <= "鿿" and rng.random() < rate:
            kept.append(rng.choice(["", rng.choice(NOISE), char + rng.choice(NOISE)]))
        else:
            kept.append(char)
    return "".join(kept)


def damaged(document: Document, rate: float, seed: int) -> Document:
    rng = random.Random(seed)
    blocks = []
    for block in document.blocks:
        if isinstance(block, Grid):
            cells = tuple(
                cell if looks_like_value(cell.text) else replace(cell, text=noisy(cell.text, rate, rng))
                for cell in block.cells
            )
            blocks.append(replace(block, cells=cells))
        elif len(block.text) > 60 or looks_like_value(block.text) or "信息公开" in block.text:
            blocks.append(block)
        else:
            blocks.append(replace(block, text=noisy(block.text, rate, rng)))
    return replace(document, blocks=tuple(blocks))


def places(report):
    return {(c.table, c.row, c.column): (c.path, c.page, c.bbox) for c in report.cells if c.state is State.NUMBER}


SAMPLES = sorted(path.name for path in DOCUMENTS.iterdir() if path.suffix in (".docx", ".html", ".pdf"))[
    ::3
]  # a third of them: every format and template is among them


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("rate", [0.1, 0.3])
def test_damaged_labels_never_move_a_value(name, rate):
    document = sample(name)
    whole = places(build_report(document))
    found = 0
    for seed in range(3):
        got = places(build_report(damaged(document, rate, seed)))
        assert got.items() <= whole.items()
        found += len(got)
    assert found >= (0.8 if rate == 0.1 else 0.5) * 3 * len(whole)


@pytest.mark.parametrize("name", SAMPLES[:6])
def test_lost_rows_leave_the_others_where_they_are(name):
    document = sample(name)
    whole = places(build_report(document))
    rng = random.Random(7)
    for _ in range(4):
        blocks = []
        for block in document.blocks:
            if isinstance(block, Grid) and block.n_rows > 8:
                gone = set(rng.sample(range(3, block.n_rows), block.n_rows // 4))
                blocks.append(replace(block, cells=tuple(cell for cell in block.cells if cell.row not in gone)))
            else:
                blocks.append(block)
        got = places(build_report(replace(document, blocks=tuple(blocks))))
        assert got.items() <= whole.items()
        assert len(got) > len(whole) / 3


def flattened(document: Document, *, blanks: bool) -> Document:
    """Every cell a paragraph of its own; without `blanks` empty cells are left out, as some exports do."""
    blocks: list[TextBlock | Grid] = []
    for block in document.blocks:
        if isinstance(block, Grid):
            blocks += [TextBlock(cell.text, cell.path) for cell in block.cells if blanks or cell.text.strip()]
        else:
            blocks.append(block)
    return replace(document, blocks=tuple(blocks))


@pytest.mark.parametrize(
    "name", ["yunling-government-2021.docx", "yunling-government-2018.docx", "wuhai-industry-2020.html"]
)
def test_a_flattened_table_reads_like_the_table(name):
    document = sample(name)
    if not any(True for _ in document.grids()):
        pytest.skip("already flat")
    whole = {(c.table, c.row, c.column): (c.state, c.value) for c in build_report(document).cells}
    flat = {
        (c.table, c.row, c.column): (c.state, c.value) for c in build_report(flattened(document, blanks=True)).cells
    }
    assert {k: v for k, v in flat.items() if v[0] is not State.NOT_EXTRACTED}.items() <= whole.items()
    assert sum(v[0] is not State.NOT_EXTRACTED for v in flat.values()) >= 0.9 * len(whole)


@pytest.mark.parametrize("name", SAMPLES)
def test_blanks_left_out_never_shift_a_value(name):
    document = sample(name)
    whole = {(c.table, c.row, c.column): c.value for c in build_report(document).cells}
    for cell in build_report(flattened(document, blanks=False)).cells:
        if cell.state is State.NUMBER:
            assert whole[(cell.table, cell.row, cell.column)] == cell.value


def grid(page: int, *rows: list[str]) -> Grid:
    cells = tuple(
        GridCell(r, c, 1, 1, text, f"page[{page}]/table[1]/row[{r + 1}]/cell[{c + 1}]", page)
        for r, row in enumerate(rows) for c, text in enumerate(row)
    )  # fmt: skip
    return Grid(len(rows), max(len(row) for row in rows), cells, page=page)


def test_a_row_cut_by_a_page_break_is_joined():
    title = TextBlock("云岭县教育局2023年政府信息公开工作年度报告")
    first = grid(
        1,
        ["", "自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"],
        ["一、本年新收政府信息公开申请数量", *"1200003"],
        ["二、上年结转政府信息公开申请数量", *"0000000"],
        ["（一）予以公开", *"1000001"],
        ["2.其他法律行政法规", "", "", "", "", "", "", ""],
    )
    second = grid(2, ["禁止公开", *"0200002"], ["四、结转下年度继续办理", *"0000000"])
    report = build_report(Document("pdf", "0" * 64, (title, first, TextBlock("- 1 -", role="furniture"), second)))
    row = {c.column: (c.value, c.page) for c in report.cells if c.row == "refused.law_prohibited"}
    assert row["business"] == (2, 2) and row["total"] == (2, 2) and row["research"] == (0, 2)


def test_halves_that_both_print_values_are_not_joined():
    title = TextBlock("云岭县教育局2023年政府信息公开工作年度报告")
    first = grid(
        1,
        ["一、本年新收政府信息公开申请数量", *"1200003"],
        ["（一）予以公开", *"1000001"],
        ["4.保护第三方", *"1000001"],
    )
    second = grid(2, ["合法权益", *"0200002"], ["四、结转下年度继续办理", *"0000000"])
    report = build_report(Document("pdf", "0" * 64, (title, first, second)))
    assert all(cell.value != 2 or cell.row != "refused.third_party" for cell in report.cells)


def test_real_header_and_rows_of_the_same_name_are_told_apart():
    # 其他 heads a column, names a row, and 总计 occurs four times: position decides.
    report = build_report(sample("yunling-government-2021.docx"))
    other = [cell for cell in report.cells if cell.row == "other.other"]
    assert len(other) == 7 and all(cell.state is not State.NOT_EXTRACTED for cell in other)


@pytest.mark.corpus
def test_every_document_of_the_corpus_is_exact(shared, tmp_path):
    """Precision 100 %; exact wherever the format has a reader (scans are judged by their own test)."""
    import json
    import sys

    sys.path.insert(0, str(shared / "tools"))
    try:
        from score import load_truth, score
    finally:
        sys.path.pop(0)
    from gongkai.pipeline.cell_rows import cell_rows
    from gongkai.pipeline.extract import extract_file

    for folder in ("seeds", "real", "sample"):
        truth = load_truth(shared / "corpus" / folder)
        files = [path for path in sorted((shared / "corpus" / folder).iterdir()) if path.suffix != ".json"]
        rows = [
            json.loads(json.dumps(row, default=float))
            for path in files
            if "scan" not in path.name
            for row in cell_rows(path.name, extract_file(path))
        ]
        documents, _ = score(truth, rows)
        wanted = [one for one in documents if "scan" not in one["file"]]
        assert [one["file"] for one in wanted if not one["exact"]] == []
        assert len(wanted) == sum("scan" not in name for name in truth)


def test_the_samples_cover_every_format_and_template():
    assert {Path(name).suffix for name in SAMPLES} == {".docx", ".html", ".pdf"}
    assert {build_report(sample(name)).template for name in SAMPLES} == {"legacy", "2019", "2021"}
