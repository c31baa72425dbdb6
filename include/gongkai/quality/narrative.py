"""Figures of the text against the cells that they speak of: family `narrative`, always a warning.

The text is not part of the form's sums: a figure that differs is most often an old text, a slip, or a figure of the
office alone. So it is judged apart from the rules of the templates and never changes the status of a report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from gongkai.contracts.template import TemplateContract
from gongkai.quality.messages import plain
from gongkai.quality.model import Finding, Outcome, Reason
from gongkai.reports.model import Cell, Report, State, StatedFigure

FAMILY = "narrative"
_TEN = Decimal(10)


def check_narrative(
    report_key: str, report: Report, contract: TemplateContract, *, certain: bool, covers_area: bool = False
) -> list[Finding]:
    """Compare the stated figures of a report with its cells.

    Several sentences may speak of one cell; they give one finding, which names them. A cell passes where one figure of
    its scope agrees: the others then speak of a part.

    Args:
        report_key: Key of the report.
        report: The report.
        contract: Its template.
        certain: True where the reading is beyond doubt: a difference is then the publisher's.
        covers_area: True for governments, whose tables cover the whole area: a figure of the office alone cannot be
            compared with them.

    Returns:
        Findings other than a plain pass, in the order of the cells: FAIL where the text gives another number,
        UNDECIDABLE where the cell or the scope leaves it open, PASS_IF_BLANK_IS_ZERO for 0 beside a blank cell.
    """
    stated: dict[tuple[str, str, str], list[StatedFigure]] = {}
    for figure in report.figures:
        if figure.table:
            stated.setdefault((figure.table, figure.row, figure.column), []).append(figure)
    return [
        finding
        for cell in report.cells
        if (figures := stated.get((cell.table, cell.row, cell.column)))
        for finding in _judged(report_key, cell, figures, contract, certain, covers_area)
    ]


def _judged(
    key: str, cell: Cell, figures: Sequence[StatedFigure], contract: TemplateContract, certain: bool, covers_area: bool
) -> Iterator[Finding]:
    comparable = [one for one in figures if not (covers_area and one.scope == "office")]
    first = (comparable or figures)[0]
    outcome, reason = Outcome.FAIL, Reason.NONE
    if cell.state is State.NOT_EXTRACTED:
        outcome, reason = Outcome.UNDECIDABLE, Reason.NOT_EXTRACTED
    elif cell.state is State.TEXT or (cell.value is None and cell.state is State.NUMBER):
        outcome, reason = Outcome.UNDECIDABLE, Reason.TEXT
    elif cell.value is None:
        zero = any(one.value == 0 for one in figures)
        outcome = Outcome.PASS_IF_BLANK_IS_ZERO if zero else Outcome.UNDECIDABLE
        reason = Reason.BLANK_TOTAL
    elif any(agrees(one, cell.value) for one in figures):
        return
    elif not comparable:
        outcome, reason = Outcome.UNDECIDABLE, Reason.OTHER_SCOPE
    zh, en = _told(cell, figures, first.value, contract, reason)
    yield Finding(
        report_key=key,
        rule_id=f"{FAMILY}:{cell.table}/{cell.row}/{cell.column}",
        family=FAMILY,
        table=cell.table,
        row=cell.row,
        column=cell.column,
        outcome=outcome,
        severity="warning",
        printed=cell.value,
        expected=first.value,
        attribution="publisher" if certain and outcome is Outcome.FAIL else
        "extraction" if reason is Reason.NOT_EXTRACTED else "unknown",
        cells=(f"{cell.table}/{cell.row}/{cell.column}",),
        reason=reason,
        message_zh=zh,
        message_en=en,
    )  # fmt: skip


def agrees(figure: StatedFigure, printed: Decimal) -> bool:
    """Tell whether a stated figure and a printed one say the same; a rounded one (5500余) within its last digit."""
    if figure.kind != "approximate":
        return figure.value == printed
    step = Decimal(1)
    while figure.value and figure.value % (step * _TEN) == 0:
        step *= _TEN
    return abs(printed - figure.value) < max(step, Decimal(1))


def _told(
    cell: Cell, figures: Sequence[StatedFigure], stated: Decimal, contract: TemplateContract, reason: Reason
) -> tuple[str, str]:
    table = contract.table_by_code[cell.table]
    row, column = table.row_by_code[cell.row].label, table.column_by_code[cell.column].label
    sentences = "”“".join(dict.fromkeys(one.sentence for one in figures))
    printed_zh = f"印为 {plain(cell.value)}" if cell.value is not None else "没有数字"
    printed_en = f"prints {plain(cell.value)}" if cell.value is not None else "holds no number"
    other = reason is Reason.OTHER_SCOPE
    zh = f"{table.title}，{row}／{column}：表中{printed_zh}，文中称 {plain(stated)}"
    en = f"{cell.table}, {cell.row} ({row}) / {cell.column} ({column}): the table {printed_en}, the text states "
    return (
        f"{zh}{'（文中只说本级，无法比较）' if other else ''}：“{sentences}”",
        f"{en}{plain(stated)}{' of the office alone' if other else ''}: “{sentences}”",
    )
