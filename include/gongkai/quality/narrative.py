"""Figures of the text against the cells that they speak of: family `narrative`.

The text is not part of the form's sums: a figure that differs is most often an old text, a slip, or a figure of the
office alone. So it is a warning and never changes the status of a report.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from gongkai.quality.messages import plain
from gongkai.quality.model import Outcome, Reason
from gongkai.quality.text_verdicts import PASSED, Place, Subject, TextVerdict, quote
from gongkai.quality.textbook import TextRule
from gongkai.reports.model import State, StatedFigure

_TEN = Decimal(10)


def judge(rule: TextRule, subject: Subject) -> TextVerdict | None:
    """Compare what the text states of one cell with the cell.

    Several sentences may speak of one cell; they give one verdict, which names them. A cell passes where one figure of
    its scope agrees: the others then speak of a part.

    Returns:
        None where the text does not speak of the cell. UNDECIDABLE where the cell or the scope leaves it open: a figure
        of the office alone says nothing of a table that covers the whole area. PASS_IF_BLANK_IS_ZERO for 0 beside a
        blank cell.
    """
    (place,) = rule.cells
    figures, cell = subject.stated.get(place), subject.cells.get(place)
    if not figures or cell is None:
        return None
    comparable = [one for one in figures if not (subject.covers_area and one.scope == "office")]
    outcome, reason = Outcome.FAIL, Reason.NONE
    if cell.state is State.NOT_EXTRACTED:
        outcome, reason = Outcome.UNDECIDABLE, Reason.NOT_EXTRACTED
    elif cell.state is State.TEXT:
        outcome, reason = Outcome.UNDECIDABLE, Reason.TEXT
    elif cell.value is None:
        zero = any(one.value == 0 for one in figures)
        outcome = Outcome.PASS_IF_BLANK_IS_ZERO if zero else Outcome.UNDECIDABLE
        reason = Reason.BLANK_TOTAL
    elif any(agrees(one, cell.value) for one in figures):
        return PASSED
    elif not comparable:
        outcome, reason = Outcome.UNDECIDABLE, Reason.OTHER_SCOPE
    stated = (comparable or figures)[0].value
    zh, en = told(subject, place, cell.value, figures, stated, office=reason is Reason.OTHER_SCOPE)
    return TextVerdict(outcome, cell.value, stated, (place,), zh, en, reason)


def agrees(figure: StatedFigure, printed: Decimal) -> bool:
    """Tell whether a stated figure and a printed one say the same; a rounded one (5500余) within its last digit."""
    if figure.kind != "approximate":
        return figure.value == printed
    step = Decimal(1)
    while figure.value and figure.value % (step * _TEN) == 0:
        step *= _TEN
    return abs(printed - figure.value) < max(step, Decimal(1))


def told(
    subject: Subject,
    place: Place,
    printed: Decimal | None,
    figures: Iterable[StatedFigure],
    stated: Decimal,
    *,
    office: bool = False,
) -> tuple[str, str]:
    """Put a difference between a cell and the text into words, Chinese and English, with the sentences."""
    zh, en = subject.label(place)
    sentences = "".join(quote(text) for text in dict.fromkeys(one.sentence for one in figures))
    printed_zh = f"印为 {plain(printed)}" if printed is not None else "没有数字"
    printed_en = f"prints {plain(printed)}" if printed is not None else "holds no number"
    whose = " of the office alone" if office else ""
    return (
        f"{zh}：表中{printed_zh}，文中称 {plain(stated)}{'（文中只说本级，无法比较）' if office else ''}：{sentences}",
        f"{en}: the table {printed_en}, the text states {plain(stated)}{whose}: {sentences}",
    )
