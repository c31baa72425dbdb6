"""Web pages that print a report in hard ways: each is read exactly, or flagged with no wrong value."""

from __future__ import annotations

import pytest

from gongkai.documents.read import read
from gongkai.errors import DocumentError
from gongkai.reports.build import build_report

from .hard_html import Look, body_of, forms_of, print_page, td
from .hard_html_looks import LOOKS
from .mutate import sample_entries
from .outcome import judge_reading

PAPERS = ["xiajiang-government-2024.pdf", "yunling-health-2024.html", "xiajiang-government-2019.html"]
"""Many different figures; blanks for zero; the form of 2019."""

FLAGGED = {"text in title only"}
"""What the page shows only on pointing at it is not printed: the cell is left open, never called blank."""


def paper(name):
    return sample_entries()[name].paper


@pytest.mark.parametrize("look", sorted(LOOKS))
def test_a_hard_page_is_exact_or_flagged(look):
    for name in PAPERS:
        report = build_report(read(print_page(paper(name), LOOKS[look]), "page.html"))
        outcome = judge_reading(report, paper(name).sheet)
        assert not outcome.wrong, (name, list(outcome.wrong.items())[:3])
        assert outcome.is_exact or look in FLAGGED, (name, len(outcome.missing))
        assert (report.identity.agency, report.identity.report_year) == (paper(name).agency, paper(name).report_year)


@pytest.mark.parametrize("by_table", [False, True], ids=["one after the other", "table by table"])
def test_two_reports_on_one_page_are_not_mixed(by_table):
    """本级 and 汇总 on one page: what they print differently is left open, and nothing is of the second."""
    first, second = paper(PAPERS[0]), paper("suqian-government-2024.docx")
    look = Look()
    if by_table:
        pairs = zip(forms_of(first), forms_of(second), strict=True)
        body = f"<h1>{first.title}</h1>" + "".join(
            f"<p>（本级）</p>{look.table(one, look.cell)}<p>（汇总）</p>{look.table(two, look.cell)}"
            for one, two in pairs
        )
    else:
        body = body_of(first, look) + body_of(second, look)
    report = build_report(read(f"<html><body><div id=zoom>{body}</div></body></html>".encode(), "page.html"))
    outcome = judge_reading(report, first.sheet)
    assert not outcome.wrong
    different = {key for key, cell in first.sheet.items() if cell.value != second.sheet[key].value}
    assert len(different & outcome.missing) > 0.95 * len(different)


def test_a_table_that_a_script_writes_is_not_there():
    """What is left of the page gives what it prints; the script's table is not guessed at."""
    name = PAPERS[0]

    def table(form, cell):
        markup = Look().table(form, cell)
        return f"<script>document.write({markup!r})</script>" if form.code == "applications" else markup

    report = build_report(read(print_page(paper(name), Look(table=table)), "page.html"))
    outcome = judge_reading(report, paper(name).sheet)
    assert not outcome.wrong
    assert {key[0] for key in outcome.missing} == {"applications"}


def test_a_page_whose_tables_are_all_written_by_scripts_is_refused():
    look = Look(table=lambda form, cell: f"<script>document.write({Look().table(form, cell)!r})</script>")
    with pytest.raises(DocumentError):
        build_report(read(print_page(paper(PAPERS[0]), look), "page.html"))


def test_a_struck_value_alone_is_left_open():
    def inner(cell):
        return f"<s>{cell.text}</s>" if cell.key and cell.key[1:] == ("received", "total") else cell.text

    report = build_report(read(print_page(paper(PAPERS[0]), Look(cell=td(inner))), "page.html"))
    outcome = judge_reading(report, paper(PAPERS[0]).sheet)
    assert not outcome.wrong
    assert outcome.missing == {("applications", "received", "total")}
