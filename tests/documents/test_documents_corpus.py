"""Every printed value of the corpus stands in some cell or block; titles and dates are those of the pages."""

import json
from pathlib import Path

import pytest

from gongkai.documents.read import read

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"

pytestmark = [pytest.mark.corpus, pytest.mark.skipif(not CORPUS.exists(), reason="no corpus beside the checkout")]


def truths(*formats: str) -> list[str]:
    paths = sorted(CORPUS.rglob("*.json")) if CORPUS.exists() else []
    return [str(path.relative_to(CORPUS)) for path in paths if path.with_suffix("").suffix[1:] in formats]


def load(name: str):
    truth = json.loads((CORPUS / name).read_text(encoding="utf-8"))
    path = (CORPUS / name).with_suffix("")
    return truth, read(path.read_bytes(), path.name)


@pytest.mark.parametrize("name", truths("docx", "html", "txt", "md"))
def test_every_printed_value_is_read(name):
    truth, document = load(name)
    assert document.format == truth["format"]
    assert not document.warnings
    if truth.get("style") == "html_attachment":
        assert {href for href, _ in document.attachments} >= set(truth["attachments"])
        return
    printed = {cell.text.strip() for grid in document.grids() for cell in grid.cells}
    printed |= {block.text.strip() for block in document.texts() if block.role != "furniture"}
    missing = [cell for cell in truth["cells"] if cell[3] is not None and cell[4].strip() not in printed]
    assert not missing
    counted = sum(1 for cell in truth["cells"] if cell[3] is not None)
    values = [c.text for grid in document.grids() for c in grid.cells] + [b.text for b in document.texts()]
    assert sum(any(char.isdigit() for char in text) for text in values) >= counted


@pytest.mark.parametrize("name", truths("html"))
def test_pages_state_title_and_date(name):
    truth, document = load(name)
    assert document.meta["title"] == truth["title"]
    if "published" in truth:
        assert document.meta["published"] == truth["published"]


@pytest.mark.parametrize("name", truths("docx", "html"))
def test_grids_are_whole(name):
    """No position is covered twice, and every row of table three ends in the same column."""
    _, document = load(name)
    for grid in document.grids():
        seen = set()
        for cell in grid.cells:
            area = {
                (row, col)
                for row in range(cell.row, cell.row + cell.row_span)
                for col in range(cell.col, cell.col + cell.col_span)
            }
            assert not area & seen
            seen |= area
        assert seen == {(row, col) for row in range(grid.n_rows) for col in range(grid.n_cols)}
