"""What a finding says to its readers, in Chinese and English, with the labels of the contract."""

from __future__ import annotations

from decimal import Decimal

from gongkai.contracts.rules import Rule
from gongkai.contracts.template import TemplateContract
from gongkai.quality.model import Outcome, Reason

_ZH = {
    Reason.NO_PREVIOUS_REPORT: "没有可对照的上一年度报告",
    Reason.NOT_EXTRACTED: "所需数据未能提取，无法判断",
    Reason.TEXT: "所需单元格不是数字，无法判断",
    Reason.BLANK_TOTAL: "总数为空，各项之和为 {expected}",
    Reason.PARTS_ALL_BLANK: "印为 {printed}，但各分项均为空",
    Reason.BLANK_PARTS: "印为 {printed}，部分分项为空，空白按 0 计应为 {expected}",
    Reason.NEGATIVE: "印为 {printed}，为负数",
    Reason.NOT_WHOLE: "印为 {printed}，不是整数",
    Reason.OTHER_SCOPE: "印为 {printed}，文中称 {expected}，但只说本级，无法比较",
    Reason.NONE: "印为 {printed}，应为 {expected}",
}
_EN = {
    Reason.NO_PREVIOUS_REPORT: "no report of the year before to compare with",
    Reason.NOT_EXTRACTED: "a figure it needs was not extracted",
    Reason.TEXT: "a cell it needs holds no number",
    Reason.BLANK_TOTAL: "the total is blank, its parts give {expected}",
    Reason.PARTS_ALL_BLANK: "printed {printed}, but all parts are blank",
    Reason.BLANK_PARTS: "printed {printed}, expected {expected} with blank parts as 0",
    Reason.NEGATIVE: "printed {printed}, which is negative",
    Reason.NOT_WHOLE: "printed {printed}, which is not whole",
    Reason.OTHER_SCOPE: "printed {printed}, the text states {expected} of the office alone",
    Reason.NONE: "printed {printed}, expected {expected}",
}
_IF_BLANK_IS_ZERO = ("空白按 0 计则相符", "holds if blank is 0")


def plain(number: Decimal | None) -> str:
    """A number without trailing zeros or exponent; "" for none."""
    if number is None:
        return ""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def tell(
    contract: TemplateContract,
    rule: Rule,
    outcome: Outcome,
    reason: Reason,
    printed: Decimal | None,
    expected: Decimal | None,
) -> tuple[str, str]:
    """Put a verdict into words.

    Args:
        contract: The report's template, for labels.
        rule: The rule.
        outcome: Its outcome.
        reason: What lies behind the outcome.
        printed: Number in the judged cell.
        expected: Sum of the rule's terms.

    Returns:
        The Chinese and the English message. Nothing is escaped.
    """
    table = contract.table_by_code[rule.table]
    row, column = table.row_by_code[rule.row].label, table.column_by_code[rule.column].label
    numbers = {"printed": plain(printed), "expected": plain(expected)}
    zh, en = _ZH[reason].format(**numbers), _EN[reason].format(**numbers)
    if outcome is Outcome.PASS_IF_BLANK_IS_ZERO:
        zh, en = f"{zh}，{_IF_BLANK_IS_ZERO[0]}", f"{en}; {_IF_BLANK_IS_ZERO[1]}"
    return (
        f"{table.title}，{row}／{column}：{zh}（{rule.explain.zh}）",
        f"{rule.table}, {rule.row} ({row}) / {rule.column} ({column}): {en} ({rule.explain.en})",
    )
