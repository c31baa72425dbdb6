"""Word documents as Word shows them."""

import pytest
from tests.documents.making import MERGE, MERGED, SPAN, docx, outline, p, table, tables, tbl, tc, texts, tr, zipped

from gongkai.documents.docx import read_docx
from gongkai.documents.model import Grid
from gongkai.errors import EmptyDocumentError
from gongkai.settings import Limits

LIMITS = Limits()


def read(body, parts=None):
    return read_docx(docx(body, parts), LIMITS)


def only_grid(body) -> Grid:
    (grid,) = read(body).grids()
    return grid


def test_paragraphs_and_tables_keep_their_order():
    document = read(p("一、总体情况") + p("") + tbl(tr("规章", "1")) + p("后文"))
    assert outline(document) == ["一、总体情况", [["规章", "1"]], "后文"]
    assert [block.path for block in document.blocks] == ["p[1]", "table[1]", "p[3]"]
    assert document.format == "docx"
    assert document.method == "docx-xml"
    assert len(document.sha256) == 64


def test_blank_paragraphs_stay_only_where_no_table_is():
    assert outline(read(p("规章") + p("1") + p(" ") + p("3"))) == ["规章", "1", "", "3"]


def test_spans_place_cells_and_covered_cells_are_not_blank_cells():
    grid = only_grid(
        tbl(
            tr(tc("勾稽关系", SPAN.format(2) + MERGE), tc("申请人情况", SPAN.format(3))),
            tr(tc("", SPAN.format(2) + MERGED), "自然人", "商业企业", "总计"),
            tr(tc("办理结果", MERGE), "予以公开", "1", "", "3"),
            tr(tc("", MERGED), "部分公开", "4", "5", "6"),
        )
    )
    assert (grid.n_rows, grid.n_cols) == (4, 5)
    assert table(grid) == [
        ["勾稽关系", "申请人情况"],
        ["自然人", "商业企业", "总计"],
        ["办理结果", "予以公开", "1", "", "3"],
        ["部分公开", "4", "5", "6"],
    ]
    head = grid.cells[0]
    assert (head.row, head.col, head.row_span, head.col_span) == (0, 0, 2, 2)
    result = next(cell for cell in grid.cells if cell.text == "办理结果")
    assert (result.row_span, result.col_span) == (2, 1)
    six = grid.cells[-1]
    assert (six.row, six.col, six.path) == (3, 4, "table[1]/row[4]/cell[5]")


def test_a_table_that_begins_inside_a_merge_keeps_the_merge_as_one_cell():
    grid = only_grid(tbl(tr(tc("", MERGED), "甲", "1"), tr(tc("", MERGED), "乙", "2")))
    assert [(cell.col, cell.row_span, cell.text) for cell in grid.cells] == [
        (0, 2, ""), (1, 1, "甲"), (2, 1, "1"), (1, 1, "乙"), (2, 1, "2"),
    ]  # fmt: skip


def test_hmerge_and_grid_before():
    before = '<w:trPr><w:gridBefore w:val="2"/></w:trPr>'
    grid = only_grid(
        tbl(
            tr(tc("甲", '<w:hMerge w:val="restart"/>'), tc("", "<w:hMerge/>"), "乙"),
            tr("丙", properties=before),
        )
    )
    assert [(c.row, c.col, c.col_span, c.text) for c in grid.cells] == [
        (0, 0, 2, "甲"),
        (0, 2, 1, "乙"),
        (1, 2, 1, "丙"),
    ]


def test_breaks_tabs_hyphens_and_paragraphs_in_cells():
    run = (
        "<w:p><w:r><w:t>结果</w:t><w:br/><w:t>维持</w:t><w:tab/><w:t>1</w:t><w:noBreakHyphen/><w:t>2</w:t></w:r></w:p>"
    )
    page_break = '<w:p><w:r><w:br w:type="page"/><w:t>页</w:t></w:r></w:p>'
    grid = only_grid(tbl(tr(tc(run), tc(p("社会") + p("") + p("公益")), tc(page_break), tc(p("\u3000")))))
    assert table(grid) == [["结果\n维持\t1-2", "社会\n公益", "页", "\u3000"]]


def test_tracked_changes_hidden_text_and_field_codes():
    body = (
        "<w:p><w:r><w:t>共</w:t></w:r><w:del><w:r><w:delText>12</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>21</w:t></w:r></w:ins>"
        "<w:moveFrom><w:r><w:t>移走</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>移来</w:t></w:r></w:moveTo>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r>"
        '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>件</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>PAGE</w:instrText></w:r></w:p>'
    )
    deleted_row = tr("旧", "9", properties="<w:trPr><w:del/></w:trPr>")
    table_body = tbl(tr("新", "1"), deleted_row, tr(tc("删", "<w:cellDel/>"), "甲", "2"))
    assert outline(read(body + table_body)) == ["共21移来件", [["新", "1"], ["甲", "2"]]]


def test_wrappers_are_transparent():
    repeated_row = f"<w:sdt><w:sdtContent>{tr('规章', '7')}</w:sdtContent></w:sdt>"
    body = (
        f"<w:sdt><w:sdtPr/><w:sdtContent>{p('控件')}{tbl(repeated_row)}</w:sdtContent></w:sdt>"
        f"<w:customXml>{p('自定义')}</w:customXml>"
        "<w:p><w:hyperlink><w:r><w:t>链</w:t></w:r></w:hyperlink><w:smartTag><w:r><w:t>接</w:t></w:r></w:smartTag>"
        "<w:fldSimple><w:r><w:t>域</w:t></w:r></w:fldSimple></w:p>"
    )
    assert outline(read(body)) == ["控件", [["规章", "7"]], "自定义", "链接域"]


def test_text_boxes_follow_their_paragraph_and_their_fallback_is_not_read_twice():
    box = (
        f"<w:r><mc:AlternateContent><mc:Choice><w:drawing><wps:txbx><w:txbxContent>{p('框内')}"
        f"{tbl(tr('许可', '3'))}</w:txbxContent></wps:txbx></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox><w:txbxContent>{p('框内')}</w:txbxContent></v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )
    assert outline(read(f"<w:p>{box}<w:r><w:t>段落</w:t></w:r></w:p>" + p("下一段"))) == [
        "段落", "框内", [["许可", "3"]], "下一段",
    ]  # fmt: skip


def test_small_table_in_a_data_cell_follows_its_parent():
    inner = tbl(tr("5", "6"))
    rows = [tr("规章", "1", "2"), tr("许可", tc(p("附") + inner + p("")), "4")]
    document = read(tbl(*rows))
    outer, nested = document.grids()
    assert table(outer) == [["规章", "1", "2"], ["许可", "附", "4"]]
    assert (table(nested), nested.nested, outer.nested) == ([["5", "6"]], True, False)


def test_layout_table_is_dissolved():
    inner = tbl(*(tr(f"行{n}", str(n), str(n + 1)) for n in range(5)))
    layout = tbl(
        tr(tc("报告标题", SPAN.format(2))),
        tr("栏目", tc(p("一、总体情况") + inner + p("后文"))),
        tr("甲", "乙"),
    )
    expected = [[f"行{n}", str(n), str(n + 1)] for n in range(5)]
    assert outline(read(layout)) == ["报告标题", "栏目", "一、总体情况", expected, "后文", [["甲", "乙"]]]


def test_frame_with_running_text_is_dissolved():
    long = "公开" * 150
    assert outline(read(tbl(tr(tc(p(long) + p("二、"))), tr("规章", "1")))) == [long, "二、", [["规章", "1"]]]


def test_a_cell_that_holds_a_whole_flattened_page_is_flow():
    values = [f"行{n}" if n % 4 == 0 else str(n) for n in range(48)]
    layout = tbl(tr("栏目", tc("".join(map(p, values)))), tr("规章", "1"))
    assert outline(read(layout)) == ["栏目", *values, [["规章", "1"]]]


def test_headings_by_style_name_chain_and_outline_level():
    styles = (
        '<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        '<w:style w:styleId="1"><w:name w:val="heading 1"/></w:style>'
        '<w:style w:styleId="a3"><w:name w:val="Title"/></w:style>'
        '<w:style w:styleId="x"><w:name w:val="本局标题"/><w:basedOn w:val="1"/></w:style>'
        '<w:style w:styleId="n"><w:name w:val="Normal"/></w:style></w:styles>'
    )
    style = '<w:pStyle w:val="{}"/>'
    body = "".join(p(s, style.format(s)) for s in ("1", "a3", "x", "n")) + p("纲", '<w:outlineLvl w:val="0"/>')
    document = read(body, {"word/styles.xml": styles})
    assert [block.role for block in document.texts()] == ["heading", "title", "heading", "paragraph", "heading"]


def test_meta_from_the_properties():
    core = (
        '<cp:coreProperties xmlns:cp="urn:x" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<dc:title>某局2024年年报</dc:title></cp:coreProperties>"
    )
    assert read(p("文"), {"docProps/core.xml": core}).meta == {"title": "某局2024年年报"}
    assert read(p("文"), {"docProps/core.xml": "<broken"}).meta == {}


def test_pictures_are_counted_and_never_pass_for_a_blank_cell():
    picture = "<w:p><w:r><w:drawing><a:blip/></w:drawing></w:r></w:p>"
    document = read(picture + tbl(tr("规章", tc(picture), "")))
    (grid,) = document.grids()
    assert [cell.confidence for cell in grid.cells] == [1.0, 0.0, 1.0]
    assert document.warnings == ("2 pictures, whose text is not read",)


def test_strict_open_xml_and_numbered_main_part():
    strict = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    xml = f'<w:document xmlns:w="{strict}"><w:body>{p("甲")}</w:body></w:document>'
    assert texts(read_docx(zipped({"word/document2.xml": xml}), LIMITS)) == ["甲"]


def test_no_text_is_refused():
    with pytest.raises(EmptyDocumentError):
        read(p("") + p("  "))


def test_absurd_spans_do_not_grow_the_grid():
    (cells,) = tables(read(tbl(tr(tc("甲", SPAN.format(10**8)), "1"))))
    assert cells == [["甲", "1"]]
