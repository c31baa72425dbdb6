import pytest
from tests.work import work_of_at_most

from gongkai.documents.read import read

from .making import page, tables, texts


def cell(inner: str, head: str = "") -> str:
    ((row,),) = tables(read(page(f"<table><tr><td>数量</td><td>{inner}</td></tr></table>", head=head), "a.html"))
    return row[1]


def confidence(inner: str) -> float:
    rest = "<tr><td>数量</td><td>3</td></tr>" * 3
    grid = next(read(page(f"<table><tr><td>数量</td>{inner}</tr>{rest}</table>"), "a.html").grids())
    return grid.cells[1].confidence


@pytest.mark.parametrize(
    "inner",
    [
        "<span style='opacity:0'>7</span>12",
        "<span style='OPACITY: 0.0'>7</span>12",
        "<span style='font-size: 0'>7</span>12",
        "<span style='font-size:0pt;'>7</span>12",
        "<span style='position:absolute;top:-5000px'>7</span>12",
        "<span style='color: #FFFFFF;'>7</span>12",
        "<font color=white>7</font>12",
        "<strike>7</strike>12",
        "<span style='text-decoration:line-through'>7</span>12",
    ],
)
def test_what_cannot_be_seen_is_no_digit(inner):
    assert cell(inner) == "12"


@pytest.mark.parametrize(
    ("inner", "shown"),
    [
        ("<span style='opacity:0.9'>7</span>12", "712"),
        ("<span style='font-size:0.9em'>7</span>12", "712"),
        ("<span style='font-size:0'><b style='font-size:14px'>12</b></span>", "12"),
        ("<span style='color:#fff'>12</span>", "12"),
        ("<b style='background:navy'><span style='color:#fff'>1</span>2</b>", "12"),
        ("<span style='background-color:white'>1</span>2", "12"),
        ("<span style='text-indent:-7px'>1</span>2", "12"),
        ("<span style='border-color:white'>1</span>2", "12"),
    ],
)
def test_what_can_be_seen_stays(inner, shown):
    assert cell(inner) == shown


@pytest.mark.parametrize(
    ("inner", "shown"),
    [
        ("12<sup>1</sup>", "12¹"),
        ("12<sup><a href='#n1'>[10]</a></sup>件", "12¹⁰件"),
        ("12<span style='vertical-align:super'>注2</span>", "12²"),
        ("12<span style='vertical-align: sub'>3</span>", "12₃"),
        ("12<sup>件</sup>", "12件"),
    ],
)
def test_numbers_of_notes_are_raised(inner, shown):
    assert cell(inner) == shown


@pytest.mark.parametrize(
    ("sheet", "shown"),
    [
        (".x{display:none}", "12"),
        ("td span.x , p.y { color:red; visibility:hidden }", "12"),
        ("#n{display:none}", "12"),
        ("tr > .x{display:none}", "12"),
        ("nav .x{display:none}", "712"),
        ("<!-- .x{display:none !important} -->", "12"),
        ("/* .x{display:none} */", "712"),
        ("b.x{display:none}", "712"),
        (".x:hover{display:none}", "712"),
        ("@media (max-width:600px){.x{display:none}} .z{display:none}", "712"),
        (".x{display:none} .on .x{display:inline}", "712"),
        (".x{display:none", "12"),
    ],
)
def test_style_sheets_of_the_page_hide(sheet, shown):
    assert cell("<span class='a x' id='n'>7</span>12", f"<style>{sheet}</style>") == shown


def test_the_only_table_is_shown_by_a_script_if_the_style_sheet_hides_it():
    document = read(page("<div class=t><table><tr><td>a<td>1</table></div>", head="<style>.t{display:none}</style>"))
    assert tables(document) == [[["a", "1"]]]


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<td><s>12</s></td>", 0.0),
        ("<td style='text-decoration:line-through'>12</td>", 0.0),
        ("<td title='12'></td>", 0.0),
        ("<td><span title='12'></span></td>", 0.0),
        ("<td><table><tr><td>1<td>2</table></td>", 0.0),
        ("<td><s>1</s><s>2</s></td>", 0.0),
        ("<td><s>1<i hidden>2</i></s><i hidden>3</i></td>", 0.0),
        ("<td title='12'>12</td>", 1.0),
        ("<td></td>", 1.0),
    ],
)
def test_a_cell_that_says_otherwise_than_its_text_is_not_sure(inner, expected):
    assert confidence(inner) == expected


def test_form_fields_show_their_values():
    assert cell("<input value=12><input type=hidden value=7>") == "12"
    assert cell("<textarea>12</textarea><button>保存</button>") == "12"
    assert cell("<select><option>7<option selected>12</select>") == "12"
    assert cell("<select><option>12<option>7</select>") == "12"
    assert texts(read(page("<p>共<input value='12'>件</p>"))) == ["共12件"]


def test_a_frame_that_holds_its_page_is_read():
    document = read(page("<iframe srcdoc='&lt;table&gt;&lt;tr&gt;&lt;td&gt;a&lt;td&gt;1&lt;/table&gt;'></iframe>"))
    assert tables(document) == [[["a", "1"]]]


def test_sections_stand_where_a_browser_puts_them_and_end_spans():
    document = read(
        page(
            "<table><tfoot><tr><td>f</td><td>3</td></tr></tfoot>"
            "<tbody><tr><td rowspan=9>b</td><td>1</td></tr><tr><td>2</td></tr></tbody>"
            "<thead><tr><th>h</th><th>n</th></tr></thead></table>"
        )
    )
    (grid,) = document.grids()
    assert tables(document) == [[["h", "n"], ["b", "1"], ["2"], ["f", "3"]]]
    assert [(c.row_span, c.col) for c in grid.cells if c.text in ("b", "2", "f")] == [(2, 0), (1, 1), (1, 0)]


def test_a_frame_around_one_value_is_no_table():
    assert cell("<table><tr><td>12</td></tr></table>") == "12"


def test_markup_in_utf_16_needs_no_bom():
    for encoding in ("utf-16-le", "utf-16-be"):
        document = read("<html><body><p>公开</p></body></html>".encode(encoding))
        assert texts(document) == ["公开"]
        assert document.meta["encoding"] == "utf-16"


def test_very_many_struck_and_white_pieces_take_no_longer_than_others():
    struck, white = "<s>1</s>" * 20_000, "<font color=white>2</font>" * 20_000
    with work_of_at_most(5):
        assert cell(struck + white + "3") == "3"
        assert cell(struck).startswith("11")


@pytest.mark.parametrize("sheet", ["@media" * 40_000, "{" * 200_000, "a" * 200_000, ".x" * 100_000 + "{display:none}"])
def test_odd_style_sheets_take_no_time(sheet):
    with work_of_at_most(1):
        assert cell("<span class='x'>7</span>12", f"<style>{sheet}</style>") == "712"
