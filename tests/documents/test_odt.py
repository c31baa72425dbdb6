"""OpenDocument text: white space, spans, repeats, what is not shown, and what is refused."""

import pytest
from tests.documents.making import outline, tables, texts, zipped

from gongkai.documents.read import read
from gongkai.errors import DamagedDocumentError, EmptyDocumentError, LimitError, UnsupportedFormatError
from gongkai.settings import Limits

SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "table", "style", "draw", "meta")
)
MIMETYPE = "application/vnd.oasis.opendocument.text"


def odt(body: str, styles: str = "", parts: dict[str, str] | None = None) -> bytes:
    content = (
        f"<office:document-content {SPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    return zipped({"mimetype": MIMETYPE, "content.xml": content} | (parts or {}))


def p(text: str, more: str = "") -> str:
    return f"<text:p {more}>{text}</text:p>"


def cell(text: str, more: str = "") -> str:
    return f"<table:table-cell {more}>{p(text)}</table:table-cell>"


def table(*rows: str) -> str:
    return f"<table:table>{''.join(f'<table:table-row>{row}</table:table-row>' for row in rows)}</table:table>"


COVERED = "<table:covered-table-cell/>"


def spans(document):
    return [(c.row, c.col, c.row_span, c.col_span, c.text) for grid in document.grids() for c in grid.cells]


def test_paragraphs_headings_and_white_space():
    body = (
        p("年度报告", 'text:style-name="P1"')
        + '<text:h text:outline-level="1">一、总体情况</text:h>'
        + p("收到\n   <text:span>3</text:span>件<text:s text:c='2'/>。<text:line-break/>完<text:tab/>")
    )
    style = '<style:style style:name="P1" style:parent-style-name="Title"/>'
    document = read(odt(body, style), "a.docx")
    assert document.format == "odt"
    assert [(b.text, b.role, b.path) for b in document.texts()] == [
        ("年度报告", "title", "p[1]"),
        ("一、总体情况", "heading", "p[2]"),
        ("收到 3件  。\n完\t", "paragraph", "p[3]"),
    ]


def test_what_is_not_shown_is_left_out():
    body = (
        "<text:tracked-changes><text:p>删去</text:p></text:tracked-changes>"
        + p("甲<text:span text:style-name='T1'>藏</text:span><text:note><text:p>注</text:p></text:note>乙")
        + p("隐", 'text:style-name="P9"')
        + f"<text:section text:display='none'>{p('节')}</text:section><office:annotation>{p('批')}</office:annotation>"
    )
    hidden = "".join(
        f'<style:style style:name="{name}"><style:text-properties text:display="none"/></style:style>'
        for name in ("T1", "P9")
    )
    assert texts(read(odt(body, hidden))) == ["甲乙", ""]


def test_spans_and_covered_cells():
    rows = (
        cell("项", 'table:number-rows-spanned="2"') + cell("数", 'table:number-columns-spanned="2"') + COVERED,
        COVERED + cell("1") + cell("2"),
    )
    document = read(odt(table(*rows)))
    assert spans(document) == [(0, 0, 2, 1, "项"), (0, 1, 1, 2, "数"), (1, 1, 1, 1, "1"), (1, 2, 1, 1, "2")]
    assert next(document.grids()).cells[3].path == "table[1]/row[2]/cell[3]"


def test_spans_never_cover_a_printed_cell():
    """A span that claims more than its covered cells (or the table) is cut; nothing is shifted."""
    rows = (
        cell("甲", 'table:number-columns-spanned="9" table:number-rows-spanned="9"') + cell("1"),
        cell("乙") + cell("2"),
    )
    assert spans(read(odt(table(*rows)))) == [
        (0, 0, 1, 1, "甲"),
        (0, 1, 1, 1, "1"),
        (1, 0, 1, 1, "乙"),
        (1, 1, 1, 1, "2"),
    ]


def test_repeats_are_cells_of_their_own():
    rows = f"{cell('0', 'table:number-columns-repeated=' + chr(34) + '3' + chr(34))}"
    body = (
        f"<table:table><table:table-header-rows><table:table-row>{rows}</table:table-row></table:table-header-rows>"
        f"<table:table-row table:number-rows-repeated='2'>"
        f"{cell('1')}{cell('2')}{cell('3')}</table:table-row></table:table>"
    )
    assert tables(read(odt(body))) == [[["0", "0", "0"], ["1", "2", "3"], ["1", "2", "3"]]]


@pytest.mark.parametrize("repeat", ["table:number-columns-repeated='1000000'", "table:number-columns-repeated='-3'"])
def test_repeats_are_bounded(repeat):
    grid = next(read(odt(table(cell("1", repeat) + cell("2")))).grids())
    assert grid.n_cols <= 1001


def test_many_repeated_rows_are_refused():
    row = f"<table:table-row table:number-rows-repeated='999999999'>{cell('1')}</table:table-row>"
    with pytest.raises(LimitError, match="table cells"):
        read(odt(f"<table:table>{row}</table:table>"))


def test_layout_tables_boxes_and_nested_tables():
    inner = table(*(cell("标") + cell("1") for _ in range(4)))
    frame = table(f"<table:table-cell>{p('前')}{inner}</table:table-cell>")
    box = p(f"<draw:frame><draw:text-box>{p('框')}</draw:text-box></draw:frame>")
    assert outline(read(odt(frame + box))) == ["前", [["标", "1"]] * 4, "框"]
    nested = table(
        *(cell("标") + cell("值") for _ in range(4)),
        f"<table:table-cell>{table(cell('内') + cell('外'))}</table:table-cell>",
    )
    assert [grid.nested for grid in read(odt(nested)).grids()] == [False, True]


def test_pictures_are_noticed():
    document = read(
        odt(p("文<draw:frame><draw:image/></draw:frame>") + table(cell("<draw:frame><draw:image/></draw:frame>")))
    )
    assert document.warnings == ("2 pictures, whose text is not read",)
    assert next(document.grids()).cells[0].confidence == 0.0


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (odt(""), EmptyDocumentError),
        (odt(p("文"), parts={"META-INF/manifest.xml": "<m><encryption-data/></m>"}), UnsupportedFormatError),
        (zipped({"mimetype": MIMETYPE, "content.xml": "<o/>"}), DamagedDocumentError),
        (zipped({"mimetype": MIMETYPE, "content.xml": "<o>"}), DamagedDocumentError),
        (
            zipped({"mimetype": MIMETYPE, "content.xml": '<!DOCTYPE o [<!ENTITY a "b">]><o>&a;</o>'}),
            DamagedDocumentError,
        ),
        (odt("<text:list>" * 300 + "</text:list>" * 300), LimitError),
    ],
)
def test_refused(data, error):
    with pytest.raises(error):
        read(data)


def test_limits_hold():
    with pytest.raises(LimitError, match="characters"):
        read(odt(p("文" * 50)), limits=Limits(text_chars=20))
    with pytest.raises(LimitError, match="unpacks"):
        read(odt(p("文" * 5000)), limits=Limits(part_bytes=3000))


STYLES = "".join(
    f'<style:style style:name="{name}" style:parent-style-name="{parent}"><style:text-properties {said}/></style:style>'
    for name, parent, said in (
        ("hid", "", 'text:display="none"'),
        ("hid2", "hid", ""),
        ("off", "", 'style:text-line-through-style="solid"'),
        ("on", "", 'style:text-line-through-style="none"'),
        ("up", "", 'style:text-position="super 58%"'),
        ("down", "", 'style:text-position="-33% 58%"'),
        ("flat", "", 'style:text-position="0% 100%"'),
    )
)


@pytest.mark.parametrize("named", [False, True], ids=["automatic", "named"])
@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("<text:span text:style-name='hid'>7</text:span>12", "12"),
        ("<text:span text:style-name='hid2'>7</text:span>12", "12"),
        ("<text:span text:style-name='off'>7</text:span>12", "12"),
        ("<text:span text:style-name='on'>1</text:span>2", "12"),
        ("12<text:span text:style-name='up'>[1]</text:span>", "12¹"),
        ("12<text:span text:style-name='down'>1</text:span>", "12₁"),
        ("1<text:span text:style-name='flat'>2</text:span>", "12"),
        ("<text:span text:style-name='off'>12</text:span>", "12"),
    ],
)
def test_text_that_is_hidden_struck_or_raised(content, shown, named):
    part = f"<office:document-styles {SPACES}>{STYLES}</office:document-styles>"
    body = table(cell("数量") + cell(content))
    document = read(odt(body, "" if named else STYLES, {"styles.xml": part} if named else None))
    assert tables(document) == [[["数量", shown]]]
    (grid,) = document.grids()
    is_struck = content.endswith("</text:span>") and "off" in content
    assert grid.cells[1].confidence == (0.0 if is_struck else 1.0)


def test_a_frame_around_one_value_is_no_table_and_a_table_in_a_blank_cell_is_no_blank():
    def holding(inner):
        return f"<table:table-cell>{inner}</table:table-cell>"

    rows = [cell(f"行{n}") + cell(str(n)) for n in range(3)]
    framed = read(odt(table(*rows, cell("甲") + holding(table(cell("5"))))))
    assert tables(framed)[0][-1] == ["甲", "5"]
    outer, _ = read(odt(table(*rows, cell("甲") + holding(table(cell("5") + cell("6")))))).grids()
    assert [c.confidence for c in outer.cells if c.text == ""] == [0.0]
