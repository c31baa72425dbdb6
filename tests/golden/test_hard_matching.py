"""Tables in layouts that the form does not have: each is exact, or flagged with no wrong value."""

from __future__ import annotations

import pytest

from gongkai.documents.read import read
from gongkai.reports.build import build_report
from gongkai.reports.model import State

from .layouts import (
    Box,
    apart,
    as_docx,
    as_html,
    as_html_paragraphs,
    as_txt,
    headed,
    paper_of,
    place_of,
    review_lines,
    review_tables,
    review_turned,
    row_of,
    tables,
    with_values,
)
from .outcome import judge_reading

NAMES = ["suqian-government-2024.docx", "yunling-government-2024.html", "yunling-education-2019.docx"]
GRIDS = [(as_html, "a.html"), (as_docx, "a.docx")]
FLAT = [(as_txt, "a.txt"), (as_html_paragraphs, "b.html")]
REVIEW = "四、政府信息公开行政复议、行政诉讼情况"


def year_of(name):
    return paper_of(name).report_year


def judged(parts, paper, writer, file):
    report = build_report(read(writer(parts, paper.report_year), file))
    return judge_reading(report, paper.sheet), report


def with_review(paper, *parts):
    """The report with table four printed as other parts."""
    found = headed({code: lines for code, lines in tables(paper).items() if code != "review"})
    place = found.index("五、存在的主要问题及改进情况")
    return [*found[:place], REVIEW, *parts, *found[place:]]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("writer", "file"), [*GRIDS, *FLAT], ids=["html", "docx", "txt", "html paragraphs"])
@pytest.mark.parametrize("layout", [review_lines, review_turned, review_tables])
def test_table_four_in_another_layout(name, layout, writer, file):
    paper = paper_of(name)
    found = layout(paper)
    parts = found if layout is review_tables else [found]
    outcome, _ = judged(with_review(paper, *parts), paper, writer, file)
    assert outcome.is_exact, outcome


@pytest.mark.parametrize(("writer", "file"), GRIDS, ids=["html", "docx"])
def test_eight_tables(writer, file):
    paper = paper_of(NAMES[0])
    found = tables(paper)
    parts = [
        "二、主动公开政府信息情况",
        *apart(found["proactive"], "第二十条"),
        "三、收到和处理政府信息公开申请情况",
        found["applications"],
        REVIEW,
        *review_tables(paper),
    ]
    assert sum(not isinstance(part, str) for part in parts) == 8
    outcome, _ = judged(parts, paper, writer, file)
    assert outcome.is_exact, outcome


@pytest.mark.parametrize(("writer", "file"), GRIDS, ids=["html", "docx"])
@pytest.mark.parametrize("layout", [review_lines, review_turned])
def test_all_tables_in_one(writer, file, layout):
    paper = paper_of(NAMES[0])
    found = tables(paper)
    outcome, _ = judged([found["proactive"] + found["applications"] + layout(paper)], paper, writer, file)
    assert outcome.is_exact, outcome


@pytest.mark.parametrize(("writer", "file"), GRIDS, ids=["html", "docx"])
def test_three_small_tables_follow_their_headers(writer, file):
    """Columns that stand in another order under a header that says so."""
    paper = paper_of(NAMES[0])
    parts = review_tables(paper)
    for part in parts:
        for line in part[1:]:
            line[:] = [line[-1], *line[:-1]]
    outcome, _ = judged(with_review(paper, *parts), paper, writer, file)
    assert outcome.is_exact, outcome


def test_lines_without_a_header_are_left_open():
    paper = paper_of(NAMES[0])
    outcome, report = judged(with_review(paper, review_lines(paper)[1:]), paper, as_html, "a.html")
    assert not outcome.wrong and len(outcome.missing) == 15
    assert all(cell.note for cell in report.cells if cell.state is State.NOT_EXTRACTED)


def test_a_line_printed_twice_with_other_values_is_left_open():
    paper = paper_of(NAMES[0])
    lines = review_lines(paper)
    again = [*lines[1]]
    again[-1] = Box("99999")
    outcome, _ = judged(with_review(paper, [*lines, again]), paper, as_html, "a.html")
    assert not outcome.wrong
    assert {key[1] for key in outcome.missing} == {"review"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("writer", "file"), GRIDS, ids=["html", "docx"])
def test_headers_broken_inside_their_cells(name, writer, file):
    paper = paper_of(name)
    found = tables(paper)
    for lines in found.values():
        for line in lines:
            line[:] = [
                Box(f"{b.text[: len(b.text) // 2]}\n{b.text[len(b.text) // 2 :]}", b.cols, b.rows, b.key)
                if not b.key and 2 < len(b.text) < 9
                else b
                for b in line
            ]
    outcome, _ = judged(headed(found), paper, writer, file)
    assert outcome.is_exact, outcome


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("writer", "file"), GRIDS, ids=["html", "docx"])
def test_headers_broken_over_two_grid_rows(name, writer, file):
    paper = paper_of(name)
    found = tables(paper)
    for code, at in (("applications", 2), ("review", 2)):
        line = found[code][at]
        cut = [max(2, len(box.text) - 1) if len(box.text) < 5 else len(box.text) // 2 for box in line]
        lower = [Box(box.text[where:], box.cols) for box, where in zip(line, cut, strict=True)]
        upper = [Box(box.text[:where], box.cols) for box, where in zip(line, cut, strict=True)]
        found[code][at : at + 1] = [upper, lower]
        for above in found[code][:at]:
            above[:] = [Box(b.text, b.cols, b.rows + 1 if b.rows > 1 else 1) for b in above]
    outcome, _ = judged(headed(found), paper, writer, file)
    assert not outcome.wrong, outcome
    assert not {key for key in outcome.missing if key[0] == "applications"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("writer", "file"), GRIDS, ids=["html", "docx"])
@pytest.mark.parametrize("where", ["right", "left", "before the total"])
def test_blank_columns_and_rows(name, writer, file, where):
    paper = paper_of(name)
    found = tables(paper)
    for code in ("applications", "review"):
        lines = found[code]
        height = len(lines)
        for index, line in enumerate(lines):
            if where == "right":
                line.append(Box(""))
            elif where == "left" and not index:
                line.insert(0, Box("", rows=height))
            elif where == "before the total" and code == "applications":
                total = index if index < 2 else len(line)
                place = {0: None, 1: 2}.get(index, total - 1 if index > 2 else total)
                if place is None:
                    line[-1] = Box(line[-1].text, line[-1].cols + 1)
                else:
                    line.insert(place, Box("", rows=2 if index == 1 else 1)) if index != 2 else None
        lines.append([Box("") for _ in range(sum(box.cols for box in lines[0]))])
    outcome, _ = judged(headed(found), paper, writer, file)
    assert outcome.is_exact, outcome


@pytest.mark.parametrize(("writer", "file"), [*GRIDS, *FLAT], ids=["html", "docx", "txt", "html paragraphs"])
@pytest.mark.parametrize(
    ("printed", "note"),
    [
        ("22（其中修订16件）", "其中修订16件"),
        ("22(其中修订16件)", "其中修订16件"),
        ("22件（含自然失效29件）", "含自然失效29件"),
        ("（其中修订16件）22", "其中修订16件"),
        ("(含自然失效29件) 22件", "含自然失效29件"),
    ],
)
def test_annotated_cells(writer, file, printed, note):
    key = ("proactive", "normative_documents", "issued")
    paper = with_values(paper_of(NAMES[0]), {key: "22"})
    found = tables(paper)
    row = row_of(found["proactive"], "normative_documents")
    row[place_of(row, "issued")] = Box(printed)
    outcome, report = judged(headed(found), paper, writer, file)
    assert outcome.is_exact, outcome
    cell = next(c for c in report.cells if (c.table, c.row, c.column) == key)
    assert cell.value == 22 and cell.note == note and cell.raw == printed


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("writer", "file"), [*GRIDS, *FLAT], ids=["html", "docx", "txt", "html paragraphs"])
def test_slips_in_labels(name, writer, file):
    """Slips of typists and of character recognition, one in every long label."""
    slips = {"废": "度", "未": "末", "维": "准", "征": "证", "护": "户", "属": "厉", "掌": "常", "补": "朴", "访": "仿"}
    paper = paper_of(name)
    found = tables(paper)
    for lines in found.values():
        for line in lines:
            for place, box in enumerate(line):
                slip = next((char for char in box.text if char in slips), None)
                if not box.key and slip and len(box.text) > 3:
                    line[place] = Box(box.text.replace(slip, slips[slip], 1), box.cols, box.rows)
    outcome, _ = judged(headed(found), paper, writer, file)
    assert outcome.is_exact, outcome


@pytest.mark.parametrize(("writer", "file"), FLAT, ids=["txt", "html paragraphs"])
def test_blanks_left_out_of_flattened_text_are_flagged(writer, file):
    paper = paper_of(NAMES[1])
    keys = [key for key, printed in paper.sheet.items() if key[0] == "applications" and printed.raw == "0"]
    paper = with_values(paper, dict.fromkeys(keys[::2], ""))
    data = writer(headed(tables(paper)), paper.report_year, blanks=False)
    report = build_report(read(data, file))
    outcome = judge_reading(report, paper.sheet)
    assert not outcome.wrong
    assert outcome.missing
    notes = {cell.note for cell in report.cells if cell.state is State.NOT_EXTRACTED}
    assert all(notes) and any("cells" in note and "for 7 columns" in note for note in notes)
