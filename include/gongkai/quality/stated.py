"""Subtotals, lists and claims of the text: families `stated_sum`, `stated_parts` and `all_zero`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from gongkai.contracts.text_rules import TextFamily
from gongkai.quality.messages import plain
from gongkai.quality.model import Outcome, Reason
from gongkai.quality.narrative import agrees
from gongkai.quality.text_verdicts import PASSED, Place, Subject, TextVerdict, quote
from gongkai.quality.textbook import TextRule
from gongkai.reports.model import State
from gongkai.reports.numerals import NUMBER, read_number

_WIDE = str.maketrans("０１２３４５６７８９();:,", "0123456789（）；：，")
_SEPARATORS = "，、；"
_LONGEST = 2000
_DEEPEST = 4


def judge_sum(rule: TextRule, subject: Subject) -> TextVerdict | None:
    """Compare a subtotal that the text states with the sum of its rows in the table."""
    figures = [one for one in subject.says(rule.indicators) if not (subject.covers_area and one.scope == "office")]
    cells = [subject.cells[place] for place in rule.cells if place in subject.cells]
    if not figures or not cells:
        return None
    places = tuple(cell.key for cell in cells)
    stated = figures[0].value
    for state, reason in ((State.NOT_EXTRACTED, Reason.NOT_EXTRACTED), (State.TEXT, Reason.TEXT)):
        if any(cell.state is state for cell in cells):
            return _sum_verdict(subject, Outcome.UNDECIDABLE, None, stated, places, reason)
    total = sum((cell.value for cell in cells if cell.value is not None), Decimal(0))
    blank = all(cell.value is None for cell in cells)
    some = any(cell.value is None for cell in cells)
    if any(agrees(one, total) for one in figures):
        return (
            _sum_verdict(subject, Outcome.PASS_IF_BLANK_IS_ZERO, total, stated, places, Reason.BLANK_PARTS)
            if (some)
            else PASSED
        )
    if blank:
        return _sum_verdict(subject, Outcome.UNDECIDABLE, None, stated, places, Reason.PARTS_ALL_BLANK)
    verdict = _sum_verdict(subject, Outcome.FAIL, total, stated, places, Reason.BLANK_PARTS if some else Reason.NONE)
    sentences = "".join(quote(text) for text in dict.fromkeys(one.sentence for one in figures))
    return TextVerdict(
        verdict.outcome,
        total,
        stated,
        places,
        f"{verdict.zh}：{sentences}",
        f"{verdict.en}: {sentences}",
        verdict.reason,
    )


def _sum_verdict(
    subject: Subject,
    outcome: Outcome,
    total: Decimal | None,
    stated: Decimal,
    places: tuple[Place, ...],
    reason: Reason,
) -> TextVerdict:
    first, last = subject.label(places[0]), subject.label(places[-1])
    rows_zh = first[0] if len(places) == 1 else f"{first[0]} 至 {last[0]} 共 {len(places)} 项"
    rows_en = first[1] if len(places) == 1 else f"{first[1]} to {last[1]}, {len(places)} cells"
    sum_zh = f"合计 {plain(total)}" if total is not None else "不全是数字"
    sum_en = f"give {plain(total)}" if total is not None else "are not all numbers"
    return TextVerdict(
        outcome, total, stated, places,
        f"{rows_zh}：表中{sum_zh}，文中称 {plain(stated)}",
        f"{rows_en}: the table's cells {sum_en}, the text states {plain(stated)}",
        reason,
    )  # fmt: skip


def judge_all_zero(rule: TextRule, subject: Subject) -> TextVerdict | None:
    """Hold a table of nothing but zeros against a text that speaks of applications.

    Returns:
        None where the report has no text or no such table.
    """
    cells = [subject.cells[place] for place in rule.cells if place in subject.cells]
    if not cells or not any(chapter.text for chapter in subject.report.chapters):
        return None
    claims = [one for one in subject.says(rule.indicators) if one.value > 0]
    if not claims or any(cell.value for cell in cells):
        return PASSED
    claim = max(claims, key=lambda one: one.value)
    judged = (rule.rule.table, rule.rule.row, rule.rule.column)
    zh, en = subject.label(judged)
    said = (Decimal(0), claim.value, (judged,))
    if any(cell.state in (State.NOT_EXTRACTED, State.TEXT) for cell in cells):
        return TextVerdict(
            Outcome.UNDECIDABLE, None, claim.value, (judged,), f"{zh}：表中有未能提取的数字",
            f"{en}: some cells of the table were not extracted", Reason.NOT_EXTRACTED,
        )  # fmt: skip
    return TextVerdict(
        Outcome.FAIL, *said, f"{zh}：表中全为零，文中称 {plain(claim.value)}：{quote(claim.sentence)}",
        f"{en}: the table is all zeros, the text states {plain(claim.value)}: {quote(claim.sentence)}",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listing:
    """A total and its parts as one sentence lists them; `whole` where the list says that it is complete."""

    total: Decimal
    parts: tuple[Decimal, ...]
    whole: bool
    text: str

    @property
    def fits(self) -> bool:
        """True where the parts, or the first of them, add up to the total: what follows may be another division.

        A list that may leave something out only must not exceed its total.
        """
        sums = [sum(self.parts[: end + 1], Decimal(0)) for end in range(len(self.parts))]
        return self.total in sums or (not self.whole and sums[-1] < self.total)


def judge_parts(rule: TextRule, subject: Subject) -> TextVerdict | None:
    """Add up the parts that sentences list; None where no sentence lists any."""
    found = [one for chapter in subject.report.chapters for one in listings(chapter.text, rule.family)]
    if not found:
        return None
    wrong = [one for one in found if not one.fits]
    if not wrong:
        return PASSED
    first, more = wrong[0], len(wrong) - 1
    summed = sum(first.parts, Decimal(0))
    sum_text = "＋".join(map(plain, first.parts))
    return TextVerdict(
        Outcome.FAIL, first.total, summed,
        zh=f"文中称共 {plain(first.total)}，所列分项 {sum_text}＝{plain(summed)}：{quote(first.text)}"
        f"{f'（另有 {more} 处）' if more else ''}",
        en=f"the text states {plain(first.total)}, its parts {sum_text.replace('＋', '+')} give {plain(summed)}: "
        f"{quote(first.text)}{f' ({more} more)' if more else ''}",
    )  # fmt: skip


def listings(text: str, family: TextFamily) -> Iterator[Listing]:
    """Yield every total with two parts or more that a sentence lists behind it, those within brackets too."""
    flat = re.sub(r"[ \t\r\u3000\u00a0]+", "", text).translate(_WIDE)
    for sentence in re.split(r"[。！？\n]", flat):
        if any(sign.isdigit() for sign in sentence):
            yield from _of_sentence(sentence[:_LONGEST], family, 0)


def _of_sentence(sentence: str, family: TextFamily, depth: int) -> Iterator[Listing]:
    total_of, part_of = _patterns(family)
    outer, inner = _without_brackets(sentence)
    if depth < _DEEPEST:
        # a bracket divides the number before it
        for before, inside in inner:
            yield from _of_sentence(before + inside, family, depth + 1)
    for match in total_of.finditer(outer):
        total = read_number(match)
        if total is None or total.approximate:
            continue
        parts, clean = _parts(outer[match.end() :], part_of, match["unit"])
        whole = match["begin"] in family.patterns["whole"]
        if len(parts) >= 2 and (clean or not whole):
            yield Listing(total.value, tuple(parts), whole, sentence)


def _parts(rest: str, part_of: re.Pattern[str], unit: str) -> tuple[list[Decimal], bool]:
    """Numbers of the items of a list, and whether what follows it names no more of the same unit."""
    items = re.split(f"[{_SEPARATORS}]", rest)
    parts: list[Decimal] = []
    for at, item in enumerate(items):
        match = part_of.fullmatch(item)
        number = read_number(match) if match else None
        if match is None or number is None or number.approximate or match["unit"] != unit:
            more = any((found := part_of.fullmatch(one)) and found["unit"] == unit for one in items[at:])
            return parts, not more
        parts.append(number.value)
    return parts, True


def _without_brackets(sentence: str) -> tuple[str, list[tuple[str, str]]]:
    """The sentence without what stands in brackets; and each bracket with the number that stands before it."""
    if "（" not in sentence:
        return sentence, []
    outer, inner, depth, start = [], [], 0, 0
    for at, sign in enumerate(sentence):
        if sign == "（":
            depth += 1
            start = at if depth == 1 else start
        elif sign == "）" and depth:
            depth -= 1
            if depth == 0:
                number = re.search(r"\d+[^\d，；、（）]{1,4}$", sentence[:start])
                inner.append((number[0] if number else "", sentence[start + 1 : at]))
        elif depth == 0:
            outer.append(sign)
    return "".join(outer), inner


@cache
def _patterns_of(
    total: str, units: tuple[str, ...], begins: tuple[str, ...]
) -> tuple[re.Pattern[str], re.Pattern[str]]:
    unit, begin = ("|".join(sorted(map(re.escape, words), key=len, reverse=True)) for words in (units, begins))
    return (
        re.compile(total.replace("{n}", NUMBER).replace("{u}", unit).replace("{i}", begin)),
        re.compile(rf"[^\d]{{0,40}}?{NUMBER}(?P<unit>{unit})[^\d]{{0,6}}"),
    )


def _patterns(family: TextFamily) -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = family.patterns
    return _patterns_of(words["total"][0], words["unit"], (*words["whole"], *words["some"]))
