"""Tables and paragraphs of web pages, tidy and messy."""

import pytest
from tests.documents.making import outline, page, table, tables, texts

from gongkai.documents.html import read_html
from gongkai.settings import Limits

LIMITS = Limits()


def read(article, **kwargs):
    return read_html(page(article, **kwargs), LIMITS)


def test_blocks_in_order_with_paths_and_roles():
    document = read("<h3>二、</h3><p>　　文字&nbsp;一</p><table><tr><td>规章<td>1</table><p>后")
    assert outline(document) == ["二、", "　　文字\xa0一", [["规章", "1"]], "后"]
    assert [b.path for b in document.blocks] == ["p[1]", "p[2]", "table[1]", "p[3]"]
    assert texts(document, "heading") == ["二、"]
    assert (document.format, document.method, document.meta["encoding"]) == ("html", "html-lxml", "utf-8")


def test_spans_are_placed_on_a_grid():
    (grid,) = read(
        "<table><thead><tr><th rowspan=2 colspan='2'>勾稽<th colspan=3>申请人</tr></thead>"
        "<tbody><tr><td>自然人<td>企业<td>总计</tr><tr><td rowspan=0>结果<td>公开<td>1<td>&nbsp;<td>3</tr>"
        "<tr><td>部分<td>4<td><td>6</tr></tbody></table>"
    ).grids()
    assert (grid.n_rows, grid.n_cols) == (4, 5)
    assert table(grid) == [
        ["勾稽", "申请人"],
        ["自然人", "企业", "总计"],
        ["结果", "公开", "1", "\xa0", "3"],
        ["部分", "4", "", "6"],
    ]
    assert [(c.col, c.row_span, c.col_span) for c in grid.cells if c.text in ("勾稽", "自然人", "结果", "6")] == [
        (0, 2, 2), (2, 1, 1), (0, 2, 1), (4, 1, 1),
    ]  # fmt: skip
    assert grid.cells[-1].path == "table[1]/row[4]/cell[4]"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("社会<br>公益<br/>组织", "社会\n公益\n组织"),
        ("<p>社会</p><p>公益</p>", "社会\n公益"),
        ("<p>&nbsp;</p><p>7</p><p></p>", "7"),
        ("<p>&nbsp;</p>", "\xa0"),
        ("<div><span>1</span><span>2</span></div>", "12"),
        ("<p class=MsoNormal><span lang=EN-US>0<o:p></o:p></span></p>", "0"),
        ("本年新\n   收政府信息", "本年新收政府信息"),
        ("a\n b  c", "a b c"),
        ("<span style='display:none'>9</span>3<script>4</script><!-- 5 -->", "3"),
        ("<span style='mso-hide:all'>9</span><del>1</del>", "1"),
        ("", ""),
        ("　755　", "　755　"),
    ],
)
def test_text_of_a_cell(cell, text):
    (rows,) = tables(read(f"<table><tr><td>甲</td><td>{cell}</td></tr></table>"))
    assert rows == [["甲", text]]


def test_hidden_and_unprinted_parts_are_left_out():
    article = (
        "<p>甲</p><p style='DISPLAY: none'>乙</p><p hidden>丙</p><noscript>丁</noscript><style>戊</style>"
        "<template><p>己</p></template><p style='visibility:hidden'>庚</p><textarea>辛</textarea>"
        "<table><tr style='display:none'><td>壬<td>1</tr><tr><td>癸<td>2<td style='display:none'>3</tr></table>"
    )
    assert outline(read(article)) == ["甲", [["癸", "2"]]]


def test_an_article_hidden_until_a_script_shows_it_is_read():
    document = read("<p>一、总体情况</p>", zoom="id=zoom style='display:none'")
    assert outline(document) == ["一、总体情况"]


def test_blank_paragraphs_of_the_article_are_kept_as_possible_cells():
    article = "<p>规章</p><p>1</p><p></p><p>&nbsp;</p><p>　</p><p>3</p><p><img src=a.png></p>"
    assert outline(read(article)) == ["规章", "1", "", "", "", "3"]


def test_one_div_a_cell():
    assert outline(read("<div>规章</div><div>1</div><div></div><div>&nbsp;</div><div>4</div>")) == [
        "规章",
        "1",
        "",
        "",
        "4",
    ]
    assert outline(read("<p>甲</p><div style='clear:both'></div><div class=x></div><p>乙</p>")) == ["甲", "乙"]


def test_one_span_a_cell():
    values = "".join(f"<span>{v}</span>" for v in ("规章", "1", "2", "3", "4", "&nbsp;", "行政规范性文件", "0", "5"))
    expected = ["规章", "1", "2", "3", "4", "", "行政规范性文件", "0", "5"]
    assert outline(read(f"<p>{values}</p>")) == expected
    assert outline(read("<div>" + values.replace("</span>", "</span>\n  ") + "</div>")) == expected


def test_spans_of_running_text_stay_together():
    words = ("20", "24", "年，收到", "申请", "31", "19", "件", "。", "其中", "自然人", "3", "001")
    runs = "".join(f"<span>{word}</span>" for word in words)
    assert outline(read(f"<p>{runs}</p>")) == ["2024年，收到申请3119件。其中自然人3001"]


def test_many_lines_of_one_paragraph_are_blocks_of_their_own():
    assert outline(read("<p>标题<br>第二行</p>")) == ["标题\n第二行"]
    assert outline(read("规章<br>1<br>2<br>3<br>许可<br>4<br>")) == ["规章", "1", "2", "3", "许可", "4"]


def test_page_exported_by_word():
    cell = (
        "<td width=80 style='width:48.05pt;border:solid windowtext 1.0pt;mso-border-alt:solid windowtext .5pt'>"
        "<p class=MsoNormal align=center style='text-align:center'><span\n"
        "style='font-size:10.5pt;mso-bidi-font-family:\n宋体'>"
        "{}</span><span lang=EN-US><o:p></o:p></span></p></td>"
    )
    article = (
        "<!--[if gte mso 9]><xml><w:WordDocument/></xml><![endif]--><?xml:namespace prefix = o />"
        "<div class=WordSection1 style='layout-grid:15.6pt'><p class=MsoNormal><a name='_GoBack'></a>"
        "<span style='mso-spacerun:yes'>&nbsp; </span>二、主动公开政府\n信息情况<o:p/></p>"
        "<table class=MsoNormalTable border=1 style='mso-yfti-tbllook:1184'>"
        f"<tr style='mso-yfti-irow:0'>{cell.format('规章')}{cell.format('<span lang=EN>1</span><span>2</span>')}</tr>"
        f"<tr>{cell.format('行政规<br>范性文件')}{cell.format('<![if !supportEmptyParas]>&nbsp;<![endif]>')}</tr>"
        "<![if !supportMisalignedColumns]><tr height=0><td width=80></td><td width=80></td></tr><![endif]>"
        "</table><p class=MsoNormal><span lang=EN-US><o:p>&nbsp;</o:p></span></p></div>"
    )
    assert outline(read(article)) == [
        "\xa0 二、主动公开政府信息情况",
        [["规章", "12"], ["行政规\n范性文件", "\xa0"], ["", ""]],
        "",
    ]


DATA = "<table>" + "".join(f"<tr><td>行{n}<td>{n}<td>{n + 1}</tr>" for n in range(6)) + "</table>"
DATA_ROWS = [[f"行{n}", str(n), str(n + 1)] for n in range(6)]


def test_layout_tables_around_everything_are_dissolved():
    inside = (
        f"<table width=100%><tr><td>报告标题</td></tr><tr><td><p>一、</p>{DATA}<p>三、</p>{DATA}后文</td></tr></table>"
    )
    wrapped = f"<table><tr><td width=20></td><td>{inside}</td><td></td></tr></table>"
    for article in (inside, wrapped):
        found = [item for item in outline(read(article)) if item]
        assert found == ["报告标题", "一、", DATA_ROWS, "三、", DATA_ROWS, "后文"]
        assert not any(grid.nested for grid in read(article).grids())


def test_a_layout_table_around_the_container_only_serves_the_layout():
    html = (
        f"<html><body><table><tr><td>导航</td><td><div id=zoom><p>一、</p>{DATA}</div></td></tr></table></body></html>"
    )
    document = read_html(html.encode(), LIMITS)
    assert outline(document) == ["一、", DATA_ROWS]
    assert texts(document, "furniture") == ["导航"]


def test_everything_in_one_table():
    long = "公开工作" * 60
    article = (
        f"<table><tr><td colspan=3>一、总体情况</td></tr><tr><td colspan=3><p>{long}</p></td></tr>"
        "<tr><td rowspan=2>第一项</td><td>规章</td><td>1</td></tr><tr><td>许可</td><td>2</td></tr>"
        "<tr><td colspan=3>六、其他</td></tr></table>"
    )
    assert outline(read(article)) == ["一、总体情况", long, [["第一项", "规章", "1"], ["许可", "2"]], "六、其他"]


def test_small_table_in_a_data_cell_follows_its_parent():
    rows = "".join(f"<tr><td>行{n}<td>{n}</tr>" for n in range(4))
    document = read(f"<table>{rows}<tr><td>许可<td>附<table><tr><td>5<td>6</table></td></tr></table>")
    outer, nested = document.grids()
    assert table(outer)[-1] == ["许可", "附"]
    assert (table(nested), nested.nested, outer.nested) == ([["5", "6"]], True, False)


def test_forms_and_text_between_rows_do_not_hide_rows():
    article = (
        "<table><form><tr><td>规章<td>1</tr></form><caption>题</caption><tr><form><td>许可<td>2</form></tr></table>"
    )
    assert outline(read(article)) == ["题", [["规章", "1"], ["许可", "2"]]]


def test_absurd_spans():
    rows = "<tr><td colspan=100000 rowspan=100000>甲<td>乙</tr><tr><td>丙</tr><tr><td colspan=-1 rowspan=x>丁</tr>"
    (grid,) = read(f"<table>{rows}</table>").grids()
    assert [cell.text for cell in grid.cells] == ["甲", "乙", "丙", "丁"]
    assert grid.n_rows == 3
    (grid,) = read("<table><tr><td colspan=100>题</tr><tr><td>规章<td>1</table>").grids()
    assert (grid.n_cols, grid.cells[0].col_span) == (2, 2)


def test_a_picture_is_no_blank_cell():
    document = read("<table><tr><td>规章<td><img src='1.png'><td></table>")
    (grid,) = document.grids()
    assert [cell.confidence for cell in grid.cells] == [1.0, 0.0, 1.0]
    assert document.warnings == ("1 pictures in the article, whose text is not read",)


@pytest.mark.parametrize(
    ("encoding", "declared", "warned"),
    [("utf-8", "gb2312", True), ("gb18030", "utf-8", True), ("gb18030", "gb2312", False), ("utf-8", "utf-8", False)],
)
def test_the_bytes_decide_the_encoding(encoding, declared, warned):
    html = f"<html><head><meta charset={declared}></head><body><div id=zoom><p>政府信息公开𠀀</p></div></body></html>"
    document = read_html(html.encode(encoding), LIMITS)
    assert texts(document) == ["政府信息公开𠀀"]
    assert document.meta["encoding"] == encoding
    assert bool(document.warnings) is warned


def test_a_cell_that_holds_a_whole_flattened_page_is_flow():
    values = [f"行{n}" if n % 4 == 0 else str(n) for n in range(48)]
    page_cell = "".join(f"<p>{value}</p>" for value in values)
    article = f"<table><tr><td width=9></td><td>{page_cell}</td><td></td></tr></table>"
    assert [text for text in outline(read(article)) if text] == values


def test_lines_of_preformatted_text_are_blocks():
    assert outline(read("<pre>规章\n1\n2\n3\n许可\n4\n</pre>")) == ["规章", "1", "2", "3", "许可", "4"]


def test_spans_of_a_flattened_legacy_table():
    lines = [part for n in range(20) for part in (f"（{n}）主动公开政府信息数", "条", str(n))]
    narrative = ["本局认真贯彻条例，做好各项工作。", "下一步，继续努力。"]
    article = "".join(f"<span>{text}</span>" for text in narrative + lines)
    assert outline(read(article)) == narrative + lines
