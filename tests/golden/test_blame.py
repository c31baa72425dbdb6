"""One slip in a consistent report, in the document or in our reading of it: which rules fail, and whose fault it is.

In the document: it is printed with the slip, read, and checked. In the reading: the true document is read, the slip is
put into what the first reading gave, and a second reading is asked as the pipeline does it: of a PDF it is merged as
plain pdfplumber's is; of other formats it is compared as the same report in another format is.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

import pytest

from gongkai.pipeline.check import check_reports
from gongkai.pipeline.extract import extract_bytes
from gongkai.reports.confirm import confirm
from gongkai.reports.model import Agreement, Report, State
from gongkai.reports.second import Second, merge

from .blaming import Slip, report_of, slips
from .hard_looks import full
from .hard_pdf import Look, print_hard
from .mutate import printed_as

STYLES = ("docx_official", "html_table", "docx_soft", "html_flat", "html_bare", "html_word")


@dataclass
class Tally:
    """What came of many slips."""

    fired: Counter[bool] = field(default_factory=Counter)
    blamed: Counter[str] = field(default_factory=Counter)
    healed: int = 0
    named: int = 0

    def share(self, attribution: str) -> float:
        return self.blamed[attribution] / self.blamed.total()


def read(slip: Slip, style: str, *, true: bool) -> Report:
    paper = slip.paper if true else replace(slip.paper, sheet=slip.wrong)
    file, data = ("a.pdf", print_hard(paper, Look(full))) if style == "pdf" else printed_as(paper, style)
    report = extract_bytes(data, file).report
    assert report is not None, style
    return report


def says(report: Report, sheet) -> bool:
    """True where a report states what a sheet prints, blanks as 0: a reader may find that digits belong together."""
    values = {cell.key: cell.value or 0 for cell in report.cells if cell.state is not State.NOT_EXTRACTED}
    return all(values.get(key) == (printed.value or 0) for key, printed in sheet.items())


def failing(some, readings):
    """Check all readings at once, each with its year before: the failing findings of each."""
    reports = {}
    for number, (slip, report) in enumerate(zip(some, readings, strict=True)):
        who = replace(report.identity, agency=f"第{number}示例局", region_code=None)
        reports[str(number)] = replace(report, identity=who)
        if slip.before:
            before = report_of(slip.paper, slip.before)
            year = replace(who, report_year=who.report_year - 1)
            reports[f"before {number}"] = replace(before, identity=year)
    found = [{} for _ in some]
    for one in check_reports(reports).findings:
        if one.outcome == "fail" and one.report_key.isdecimal():
            found[int(one.report_key)][one.rule_id] = one
    return found


def tell(tally: Tally, slip: Slip, found) -> None:
    """Count whose fault the slip is said to be, and see that no innocent cell is named."""
    tally.blamed.update({one.attribution for one in found.values()})
    guilty = {tuple(name.split("/")) for one in found.values() for name in one.guilty}
    assert guilty <= slip.guilty, (slip.kind, guilty, slip.guilty)
    tally.named += bool(guilty)


def in_document(some, styles) -> Tally:
    tally = Tally()
    readings = [read(slip, styles[number % len(styles)], true=False) for number, slip in enumerate(some)]
    for slip, report, found in zip(some, readings, failing(some, readings), strict=True):
        if says(report, slip.paper.sheet):
            tally.healed += 1  # a split number whose halves the sums put together
            tally.fired[not found and slip.kind == "split"] += 1
            continue
        assert says(report, slip.wrong), (slip.kind, slip.guilty)  # nothing wrong, nothing left out
        tally.fired[set(found) == slip.broken] += 1
        if found:
            tell(tally, slip, found)
    return tally


def in_reading(some, styles) -> Tally:
    tally = Tally()
    firsts, boths = [], []
    for number, slip in enumerate(some):
        style = styles[number % len(styles)]
        true = read(slip, style, true=True)
        first = replace(true, cells=tuple(misread(cell, slip) for cell in true.cells))
        firsts.append(first)
        if style.startswith("pdf"):
            boths.append(merge(first, [Second(true, None, "pdfplumber")]))
        else:
            boths.append(confirm(first, [replace(true, document_sha256="f" * 64)]))
    once, twice = failing(some, firsts), failing(some, boths)
    for slip, first, both, found in zip(some, once, boths, twice, strict=True):
        tally.fired[set(first) == slip.broken] += 1
        differing = {cell.key for cell in both.cells if cell.agreement is Agreement.DIFFER}
        if found:
            tell(tally, slip, found)
        elif slip.broken:
            # the sums chose the second reading, or left the cell out: both say that the first was wrong
            tally.healed += 1
            tally.blamed["extraction" if differing == slip.guilty else "unknown"] += 1
    return tally


def misread(cell, slip):
    if cell.key not in slip.guilty:
        return cell
    wrong = slip.wrong[cell.key]
    return replace(cell, state=State(wrong.state), value=wrong.value, raw=wrong.raw)


def test_a_slip_in_the_document_is_the_publishers():
    tally = in_document(slips(14), STYLES)
    assert set(tally.fired) == {True}
    assert tally.share("publisher") >= 0.9


def test_a_slip_in_the_reading_is_ours():
    tally = in_reading(slips(14), ("docx_official", "html_table"))
    assert set(tally.fired) == {True}
    assert tally.share("extraction") == 1


@pytest.mark.slow
def test_200_slips_in_documents():
    tally = in_document(slips(200), (*STYLES, "pdf"))
    assert set(tally.fired) == {True}
    assert tally.share("publisher") >= 0.95, tally
    assert tally.named > 100, tally
    assert tally.fired.total() == 200
    assert any(rule.startswith("year_change:") for slip in slips(200) for rule in slip.broken)


@pytest.mark.slow
@pytest.mark.parametrize("shift", range(1, len(STYLES) + 1))
def test_every_kind_of_slip_in_every_style(shift):
    """Kinds and styles are as many, so that in the test above each kind is printed in one style only."""
    styles = (*STYLES, "pdf")
    tally = in_document(slips(70), styles[shift:] + styles[:shift])
    assert dict(tally.fired) == {True: 70}
    assert set(tally.blamed) <= {"publisher", "unknown"}  # of flattened text numbers may have moved in reading


@pytest.mark.slow
def test_200_slips_in_readings():
    tally = in_reading(slips(200), (*STYLES, "pdf"))
    assert set(tally.fired) == {True}
    assert tally.share("extraction") >= 0.95, tally
