"""Every printed value of the corpus PDFs stands in the right grid cell."""

import json
import re
from itertools import groupby
from pathlib import Path

import pytest

from gongkai.documents.model import Document, GridCell
from gongkai.documents.pdf import read_pdf
from gongkai.settings import Limits

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"

pytestmark = [pytest.mark.corpus, pytest.mark.skipif(not CORPUS.exists(), reason="no corpus beside the checkout")]


def truths() -> dict[str, Path]:
    """Map each text PDF to the file of its truth; attachments of a page share the truth of the page."""
    found = {}
    for path in sorted(CORPUS.rglob("*.json")) if CORPUS.exists() else []:
        truth = json.loads(path.read_text(encoding="utf-8"))
        if truth["file"].endswith(".pdf") and "scan" not in truth["file"]:
            found[str(path.with_suffix("").relative_to(CORPUS))] = path
        for name in truth.get("attachments", ()):
            if name.endswith(".pdf"):
                found[str((path.parent / name).relative_to(CORPUS))] = path
    return found


TRUTHS = truths()


def printed(cell: GridCell) -> str:
    return re.sub(r"\s", "", cell.text)


def value_rows(document: Document) -> list[tuple[str, list[GridCell]]]:
    """Return (label, all cells) of the rows of all grids."""
    return [(printed(row[0]), row) for grid in document.grids() for row in grid.rows() if row]


def wanted(truth: dict, table: str) -> list[list[str]]:
    cells = [cell for cell in truth["cells"] if cell[0] == table]
    return [
        [re.sub(r"\s", "", cell[4] or "") for cell in cells] for _, cells in groupby(cells, key=lambda cell: cell[1])
    ]


@pytest.fixture(scope="module", params=sorted(TRUTHS) or ["absent"])
def case(request):
    path = CORPUS / request.param
    return read_pdf(path.read_bytes(), Limits()), json.loads(TRUTHS[request.param].read_text(encoding="utf-8"))


def test_applications_rows_have_the_printed_values_in_order(case) -> None:
    document, truth = case
    rows = [
        (printed(row[-8]), [printed(cell) for cell in row[-7:]])
        for _, row in value_rows(document)
        if 8 <= len(row) <= 10 and printed(row[-8]) and not any("结果" in cell.text for cell in row[-7:])
    ]
    assert [values for _, values in rows] == wanted(truth, "applications")
    labels = [re.sub(r"^.*?[、.．)）]", "", label) for label, _ in rows]
    assert labels[0].startswith("本年新收")
    assert labels[1].startswith("上年结转")
    assert labels[-2].endswith(("总计", "合计"))
    assert labels[-1].startswith("结转下")
    assert all(label and not label.isdigit() for label in labels)


def test_review_row_has_the_printed_values(case) -> None:
    document, truth = case
    rows = [[printed(cell) for cell in row] for _, row in value_rows(document) if len(row) == 15]
    assert rows[-1] == [raw for group in wanted(truth, "review") for raw in group]


def test_proactive_rows_have_the_printed_values(case) -> None:
    document, truth = case
    rows = []
    for label, row in value_rows(document):
        if "第一项加第二项" in label:
            break
        if len(row) > 1 and label != "信息内容":
            rows.append([printed(cell) for cell in row[1:]])
    assert rows == wanted(truth, "proactive")


def test_cells_stay_inside_the_grid_and_do_not_overlap(case) -> None:
    document, _ = case
    for grid in document.grids():
        taken: set[tuple[int, int]] = set()
        for cell in grid.cells:
            covers = {
                (row, col)
                for row in range(cell.row, cell.row + cell.row_span)
                for col in range(cell.col, cell.col + cell.col_span)
            }
            assert not covers & taken
            taken |= covers
        assert taken == {(row, col) for row in range(grid.n_rows) for col in range(grid.n_cols)}


def test_headings_stand_alone_and_page_numbers_are_set_aside(case) -> None:
    document, truth = case
    texts = list(document.texts())
    body = [block for block in texts if block.role != "furniture"]
    headings = [block.text for block in body if re.match(r"[一二三四五六]、", block.text)]
    assert [text[0] for text in headings] == list("一二三四五六")
    assert all(len(text) < 40 for text in headings)
    assert not [block.text for block in body if re.fullmatch(r"\W*\d+\W*", block.text)]
    title = "".join(block.text for block in texts if block.role == "title")
    assert re.sub(r"\s", "", title) == re.sub(r"\s", "", truth["title"])


def test_sections_begin_as_the_truth_says(case) -> None:
    document, truth = case
    texts = [re.sub(r"\s", "", block.text) for block in document.texts()]
    for start in truth.get("sections", {}).values():
        assert any(text.startswith(re.sub(r"\s", "", start)) for text in texts), start


def test_scans_have_no_text_layer() -> None:
    document = read_pdf((CORPUS / "seeds" / "003_scan.pdf").read_bytes(), Limits())
    assert document.blocks == ()
    assert "page 1 has no text layer" in document.warnings
    assert "no text layer" in document.warnings
