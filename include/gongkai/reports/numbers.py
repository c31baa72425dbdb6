"""The one parser of printed values: text of a cell to state, number and note."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple

from gongkai.contracts.template import Strict
from gongkai.contracts.yaml import load_model
from gongkai.reports.labels import squeeze
from gongkai.reports.model import State
from gongkai.settings import get_settings

_LONGEST_VALUE = 60
_NOTE_MARKS = re.compile(r"(?<=[^\s¹²³⁰⁴-⁹₀-₉①-⑳])\s*[¹²³⁰⁴-⁹₀-₉①-⑳]+\s*$")
_NOTE_MARK = re.compile("[¹²³⁰⁴-⁹₀-₉①-⑳]")
_MOST_DIGITS = 18
_NUMBERING = r"\d.,、一二三四五六七八九十第项条款"
"""What a bracket holds that numbers a label, （一）: such a bracket before a number is no note."""


class ValueForms(Strict):
    """data_contracts/reading/values.yml: the words, signs and units that values are printed with."""

    not_applicable: frozenset[str]
    zero: frozenset[str]
    increase: tuple[str, ...]
    decrease: tuple[str, ...]
    money: dict[str, int]
    counters: frozenset[str]

    def pattern(self) -> re.Pattern[str]:
        """A pattern of one printed number with sign, unit and note, over squeezed text."""

        def either(words: object) -> str:
            return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))  # type: ignore[call-overload]

        return re.compile(
            rf"(?:[(〔【](?P<before>[^()〔〕【】]*[^()〔〕【】{_NUMBERING}][^()〔〕【】]*)[)〕】])?"
            rf"(?:(?P<plus>{either(self.increase)})|(?P<minus>{either(self.decrease)}))?"
            r"(?P<digits>\d{1,3}(?:,\d{3})+|\d+)(?P<fraction>\.\d+)?"
            rf"(?P<unit>{either([*self.money, *self.counters])})?"
            r"(?P<note>[(〔【].*)?"
        )


@cache
def forms() -> tuple[ValueForms, re.Pattern[str]]:
    """Return the printed forms of values and the pattern of a number, read once."""
    loaded = load_model(get_settings().contracts / "reading" / "values.yml", ValueForms)
    return loaded, loaded.pattern()


class Value(NamedTuple):
    """What a cell says; `number` is in the unit asked for and None unless the state is NUMBER."""

    state: State
    number: Decimal | None = None
    note: str | None = None


_BLANK = Value(State.BLANK)
_NOT_APPLICABLE = Value(State.NOT_APPLICABLE)
_TEXT = Value(State.TEXT)
_ZERO = Value(State.NUMBER, Decimal(0))


@lru_cache(maxsize=65536)
def parse_value(text: str, unit: str = "") -> Value:
    """Read a printed value.

    Digits may be full-width, have thousands separators, a sign or 增/减 before them, a unit behind them, and a note in
    brackets behind or before them, not both: （其中修订16件）22. A numbering in brackets before them is no note. White
    space inside is dropped: a narrow cell breaks a number over lines. Money is converted to `unit`.

    Args:
        text: The cell as printed.
        unit: Unit of the column, "元" or "万元" for money; a value printed in another unit of money is converted.

    Returns:
        State and number. BLANK for nothing at all, NOT_APPLICABLE for "/", "—", 无 and their like, TEXT for the rest.
    """
    known, number_form = forms()
    if _NOTE_MARK.search(text):  # 12① and 12² are twelve with a note; NFKC would make digits of the marks
        text = _NOTE_MARKS.sub("", text)
        if _NOTE_MARK.search(text):
            return _TEXT
    squeezed = squeeze(text)
    if not squeezed:
        return _BLANK
    if squeezed in known.not_applicable:
        return _NOT_APPLICABLE
    if squeezed in known.zero:
        return _ZERO
    match = number_form.fullmatch(squeezed) if len(squeezed) <= _LONGEST_VALUE else None
    if match is None or len(match["digits"].replace(",", "")) > _MOST_DIGITS:
        return _TEXT
    if match["before"] and match["note"]:
        return _TEXT
    number = Decimal(match["digits"].replace(",", "") + (match["fraction"] or ""))
    if match["minus"]:
        number = -number
    printed = match["unit"]
    if printed in known.money and unit in known.money and printed != unit:
        number = number * known.money[printed] / known.money[unit]
    note = match["note"].strip("()〔〕【】") if match["note"] else match["before"]
    return Value(State.NUMBER, number, note or None)


@lru_cache(maxsize=65536)
def looks_like_value(text: str) -> bool:
    """Tell whether a cell's text can be a value rather than a label: a number, a blank, or a "not applicable"."""
    return parse_value(text).state is not State.TEXT


@lru_cache(maxsize=4096)
def is_unit(text: str) -> bool:
    """Tell whether a cell holds nothing but a unit, as the second column of the legacy table does."""
    known, _ = forms()
    squeezed = squeeze(text).strip("()")
    return squeezed in known.counters or squeezed in known.money
