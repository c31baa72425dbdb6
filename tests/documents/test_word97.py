"""Word 97 files: text, tables with spans, what is not shown, limits, damage."""

import json
import random
from pathlib import Path

import pytest
from tests.documents.word97_making import P, compound_file, make_doc, row, title_property
from tests.work import work_of_at_most

from gongkai.documents.model import Document, Grid
from gongkai.documents.read import read
from gongkai.documents.word97 import read_doc
from gongkai.errors import DamagedDocumentError, DocumentError, EmptyDocumentError, LimitError, UnsupportedFormatError
from gongkai.settings import Limits

SAMPLE = Path(__file__).parents[3] / "shared" / "corpus" / "sample"

FIRST, COVERED = 0x60, 0x20


def read_made(paragraphs: list[P], **options) -> Document:
    return read_doc(make_doc(paragraphs, **options), Limits())


def shape(grid: Grid) -> list[list[tuple[int, int, int, str]]]:
    return [[(cell.col, cell.col_span, cell.row_span, cell.text) for cell in line] for line in grid.rows()]


def test_paragraphs_and_headings_in_order():
    document = read_made([P("一、总体情况", style=1), P("第一行\x0b第二行"), P("a\x1eb\x1fc")])
    assert [(block.text, block.role) for block in document.texts()] == [
        ("一、总体情况", "heading"),
        ("第一行\n第二行", "paragraph"),
        ("a-bc", "paragraph"),
    ]
    assert [block.path for block in document.texts()] == ["p[1]", "p[2]", "p[3]"]
    assert (document.format, document.method) == ("doc", "word97")


def test_pieces_of_both_widths_are_joined():
    document = read_made([P("2024 caf\xe9"), P("年报𠀀字")], narrow=10)
    assert [block.text for block in document.texts()] == ["2024 café", "年报𠀀字"]


def test_a_piece_may_begin_inside_a_paragraph():
    document = read_made([P("2024年"), P("末")], narrow=3)
    assert [block.text for block in document.texts()] == ["2024年", "末"]


def test_rows_stand_on_one_grid_by_their_borders():
    document = read_made(
        [
            *row([0, 6000, 8000, 10000], "事项", "自然人", "总计"),
            *row([0, 2000, 6000, 8000, 10000], "三、", "（一）", "1", "2", merges={0: FIRST}),
            *row([0, 2010, 5990, 8000, 10000], "", "（二）", "3", "4", merges={0: COVERED}),
            *row([0, 6000, 10000], "四、", "5"),
        ]
    )
    (grid,) = document.grids()
    assert shape(grid) == [
        [(0, 2, 1, "事项"), (2, 1, 1, "自然人"), (3, 1, 1, "总计")],
        [(0, 1, 2, "三、"), (1, 1, 1, "（一）"), (2, 1, 1, "1"), (3, 1, 1, "2")],
        [(1, 1, 1, "（二）"), (2, 1, 1, "3"), (3, 1, 1, "4")],
        [(0, 2, 1, "四、"), (2, 2, 1, "5")],
    ]
    assert grid.cells[-1].path == "table[1]/row[4]/cell[2]"


@pytest.mark.parametrize(("first", "further"), [(1, 2), (2, 1)])
def test_horizontal_merges_in_both_descriptions_of_the_format(first, further):
    merges = {0: first, 1: further, 2: further}
    document = read_made(row([0, 1000, 2000, 3000, 4000], "合并", "", "", "7", merges=merges))
    (grid,) = document.grids()
    assert shape(grid) == [[(0, 3, 1, "合并"), (3, 1, 1, "7")]]


def test_a_table_without_borders_is_placed_by_counting():
    document = read_made([*row(None, "甲", "1"), *row([0, 1000, 2000], "乙", "2")])
    (grid,) = document.grids()
    assert shape(grid) == [[(0, 1, 1, "甲"), (1, 1, 1, "1")], [(0, 1, 1, "乙"), (1, 1, 1, "2")]]


def test_a_row_that_states_another_number_of_cells_is_not_trusted():
    document = read_made([*row([0, 1000, 2000, 3000], "甲", "1")])
    (grid,) = document.grids()
    assert shape(grid) == [[(0, 1, 1, "甲"), (1, 1, 1, "1")]]


def test_blank_cells_are_cells_and_several_paragraphs_are_lines():
    cells = row([0, 1000, 2000, 3000], "一行", "", "3")
    cells.insert(1, P("一", "\r", cells[0].sprms))
    cells.insert(2, P("二", "\x07", cells[0].sprms))
    del cells[3]
    (grid,) = read_made(cells).grids()
    assert [cell.text for cell in grid.cells] == ["一行", "一\n二", "3"]


def test_an_inner_table_follows_its_outer_one():
    outer = row([0, 1000, 2000, 3000, 4000], "甲", "乙", "丙", "丁")
    inner = row([0, 500, 1000], "内", "9", depth=2)
    document = read_made([*outer, *inner, *outer])
    grids = list(document.grids())
    assert [(grid.nested, len(grid.cells)) for grid in grids] == [(False, 8), (True, 2)]
    assert [cell.text for cell in grids[1].cells] == ["内", "9"]


def test_a_layout_table_is_dissolved():
    inner = [P("标题", "\r", row(None, "x")[0].sprms), *row([0, 1, 2], "甲", "1", depth=2), *row(None, "末")]
    document = read_made(inner)
    assert [block.text for block in document.texts()] == ["标题", "末"]
    assert [[cell.text for cell in grid.cells] for grid in document.grids()] == [["甲", "1"]]


def test_field_codes_and_hidden_text_are_left_out():
    field = '见\x13HYPERLINK "http://\x13X\x14y\x15"\x14链接\x15处\x13PAGE\x15。'
    document = read_made([P(field), P("明藏明", hidden=[(1, 2)]), P("\x13未完")])
    assert [block.text for block in document.texts()] == ["见链接处。", "明明", "未完"]


def test_blank_paragraphs_are_kept_where_there_is_no_table():
    assert [block.text for block in read_made([P("甲"), P(""), P("1")]).texts()] == ["甲", "", "1"]
    assert [block.text for block in read_made([P("甲"), P(""), *row(None, "1")]).texts()] == ["甲"]


def test_read_tells_a_doc_by_its_content():
    assert read(make_doc([P("年报")]), "report.pdf").format == "doc"


@pytest.mark.parametrize(("encoding", "page"), [("gb18030", 936), ("utf-8", 65001)])
def test_title_of_the_property_set(encoding, page):
    title = "2024年年报".encode(encoding) + b"\0"
    assert read_made([P("a")], summary=title_property(title, page)).meta == {"title": "2024年年报"}


def test_properties_without_end_cost_nothing():
    """olefile's own reader took minutes and gigabytes for such a count (found by fuzzing)."""
    with work_of_at_most(2):
        document = read_made([P("a")], summary=title_property(b"x\0", 936, count=0xFFFFFFFF))
        assert document.blocks


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"flags": 0x0300}, UnsupportedFormatError),
        ({"version": 0x65}, UnsupportedFormatError),
        ({"flags": 0}, DamagedDocumentError),
        ({"length": 4000}, DamagedDocumentError),
    ],
)
def test_files_that_cannot_be_read_say_why(options, error):
    with pytest.raises(error):
        read_made([P("年报")], **options)


def test_a_file_without_text_is_empty():
    with pytest.raises(EmptyDocumentError):
        read_made([P(""), P("\x01")])


def test_a_compound_file_without_word_is_damaged():
    with pytest.raises(DamagedDocumentError):
        read_doc(compound_file({"Workbook": b"x"}), Limits())


def test_limits():
    with pytest.raises(LimitError):
        read_doc(make_doc([P("很长" * 50)]), Limits(text_chars=20))
    with pytest.raises(LimitError):
        read_doc(make_doc(row([0, 1000, 2000, 3000], "1", "2", "3") * 3), Limits(cells=5))


def damaged(data: bytes, chance: random.Random) -> bytes:
    if chance.random() < 0.3:
        return data[: chance.randrange(len(data))]
    out = bytearray(data)
    for _ in range(chance.choice((1, 4, 40))):
        out[chance.randrange(len(out))] = chance.randrange(256)
    return bytes(out)


def survives(data: bytes, cases: int) -> None:
    chance = random.Random(97)
    for number in range(cases):
        with work_of_at_most(5, f"case {number}"):
            try:
                document = read_doc(damaged(data, chance), Limits())
            except DocumentError as error:
                assert str(error)
            else:
                assert document.blocks


def test_damaged_files_give_a_reason():
    table = [*row([0, 2000, 4000], "甲", "1", merges={0: FIRST}), *row([0, 2000, 4000], "", "2", merges={0: COVERED})]
    survives(make_doc([P("标题\x13A\x14b\x15"), *table, P("末", hidden=[(0, 1)])], narrow=0), 600)


@pytest.mark.corpus
def test_damaged_samples_give_a_reason():
    survives((SAMPLE / "00010_doc.doc").read_bytes(), 120)


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["00010", "00023", "00036", "00049"])
def test_samples_have_every_printed_value_in_order(name):
    path = SAMPLE / f"{name}_doc.doc"
    truth = json.loads(Path(f"{path}.json").read_text(encoding="utf-8"))
    document = read_doc(path.read_bytes(), Limits())
    (grid,) = (grid for grid in document.grids() if grid.n_cols == 10)
    wanted: dict[str, list[str]] = {}
    for _, row_code, _, _, raw in (cell for cell in truth["cells"] if cell[0] == "applications"):
        wanted.setdefault(row_code, []).append(raw)
    found = [[cell.text for cell in line[-7:]] for line in grid.rows() if len(line) > 7]
    assert found == list(wanted.values())
    assert document.meta["title"] == truth["title"]
