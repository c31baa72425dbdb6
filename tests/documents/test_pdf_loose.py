"""Tables without rules: columns by the consensus of values, labels of several lines, and doubt instead of guesses."""

from reportlab.pdfgen.canvas import Canvas

from gongkai.documents.pdf_loose_grid import CONFIDENCE, DOUBTFUL
from gongkai.documents.pdf_unicode import plain

from .test_pdf import line, read, table, text, texts

COLUMNS = (260, 320, 380, 440)
HEADER = ["信息内容", "自然人", "商业企业", "总计"]


def rows_of(c: Canvas, rows: list[list[str]], top: float = 100, pitch: float = 24) -> None:
    for index, (label, *values) in enumerate(rows):
        for number, part in enumerate(label.split("\n")):
            text(c, 70, top + pitch * index + 14 * number - 7 * label.count("\n"), part)
        for x, value in zip(COLUMNS, values, strict=False):
            text(c, x, top + pitch * index, value)


def test_a_blank_cell_stays_blank_and_nothing_is_shifted() -> None:
    rows = [HEADER, ["一、新收", "3", "", "3"], ["二、结转", "", "", "1"], ["三、办结", "3", "", "4"]]
    (grid,) = read(lambda c: rows_of(c, rows)).grids()
    assert texts(grid) == rows
    assert {cell.confidence for cell in grid.cells} == {CONFIDENCE}


def test_values_stand_on_the_middle_of_a_label_of_two_lines() -> None:
    rows = [
        HEADER,
        ["一、新收", "3", "0", "3"],
        ["（二）部分公开，只计\n这一情形", "1", "0", "1"],
        ["三、办结", "4", "0", "4"],
    ]
    (grid,) = read(lambda c: rows_of(c, rows, pitch=40)).grids()
    assert texts(grid) == rows


def test_a_row_without_values_is_a_row_of_blanks() -> None:
    rows = [HEADER, ["一、新收", "3", "0", "3"], ["二、结转", "", "", ""], ["三、办结", "4", "0", "4"]]
    (grid,) = read(lambda c: rows_of(c, rows)).grids()
    assert texts(grid) == rows


def test_a_value_between_two_columns_makes_its_row_doubtful() -> None:
    rows = [HEADER, ["一、新收", "3", "0", "3"], ["二、结转", "1", "0", "1"], ["三、办结", "4", "", "4"]]
    (grid,) = read(lambda c: (rows_of(c, rows), text(c, 371, 172, "9"))).grids()
    doubted = {cell.row for cell in grid.cells if cell.confidence == DOUBTFUL}
    assert doubted == {3}


def test_a_value_that_reaches_into_two_columns_makes_its_row_doubtful() -> None:
    rows = [HEADER, ["一、新收", "33333333333", "", "3"], ["二、结转", "1", "0", "1"], ["三、办结", "4", "0", "4"]]
    (grid,) = read(lambda c: rows_of(c, rows)).grids()
    assert {cell.row for cell in grid.cells if cell.confidence == DOUBTFUL} == {1}


def test_a_number_that_goes_on_in_the_line_below_is_doubted() -> None:
    rows = [HEADER, ["一、新收", "3", "0", "3"], ["二、结转", "12345", "0", "1"], ["三、办结", "4", "0", "4"]]
    (grid,) = read(lambda c: (rows_of(c, rows), text(c, 260, 160, "6", 10))).grids()
    assert next(cell for cell in grid.cells if cell.text == "12345").confidence == DOUBTFUL


def test_columns_are_carried_over_a_page_break_that_repeats_no_header() -> None:
    first = [HEADER, ["一、新收", "3", "0", "3"], ["二、结转", "1", "0", "1"], ["三、办结", "4", "0", "4"]]
    second = [["四、其他", "1", "", "1"], ["五、结转", "2", "", "2"], ["六、总计", "3", "", "3"]]
    one, two = read(lambda c: rows_of(c, first), lambda c: rows_of(c, second, top=60)).grids()
    assert texts(one) == first
    assert texts(two) == second


def test_a_line_of_prose_is_no_row() -> None:
    document = read(
        lambda c: (text(c, 70, 100, "2024年收到申请 12 件，办结 11 件。"), text(c, 70, 130, "其中 3 件结转。"))
    )
    assert list(document.grids()) == []


def test_columns_inside_a_frame_alone_are_found() -> None:
    rows = [HEADER, ["一、新收", "3", "0", "3"], ["二、结转", "1", "0", "1"], ["三、办结", "4", "0", "4"]]
    (grid,) = read(lambda c: (rows_of(c, rows), c.rect(60, 600, 440, 150))).grids()
    assert texts(grid) == rows


def test_a_ruled_table_beside_one_without_rules_keeps_its_confidence() -> None:
    rows = [HEADER, ["一、新收", "3", "0", "3"], ["二、结转", "1", "0", "1"], ["三、办结", "4", "0", "4"]]
    ruled = [["规章", "1", "11"], ["行政规范性文件", "8", "66"]]
    one, two = read(
        lambda c: (table(c, [70, 200, 300, 400], [300, 320, 340], ruled), rows_of(c, rows), line(c, 70, 200, 71, 200))
    ).grids()
    assert (texts(one), texts(two)) == (rows, ruled)
    assert {cell.confidence for cell in two.cells} == {1.0}


def test_radicals_are_the_characters_they_look_like() -> None:
    assert plain("⼈⺠政府⽉⻓ 12") == "人民政府月长 12"
    assert len(plain("⼀⼆")) == 2
