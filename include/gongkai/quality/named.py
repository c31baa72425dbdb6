"""Years and agencies that a text names as its own: families `other_year` and `other_agency`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

from gongkai.quality.model import Outcome
from gongkai.quality.text_verdicts import PASSED, Subject, TextVerdict, quote
from gongkai.quality.textbook import TextRule
from gongkai.reports.agency import Placing, expand, locate
from gongkai.reports.identity import normalise_agency

_WIDE = str.maketrans("０１２３４５６７８９(),;:", "0123456789（），；：")
_BLANKS = re.compile(r"[ \t\r\u3000\u00a0]+")


@cache
def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(map(re.compile, patterns))


def _paragraphs(text: str) -> Iterator[str]:
    for line in _BLANKS.sub("", text).translate(_WIDE).split("\n"):
        if line:
            yield line


def judge_year(rule: TextRule, subject: Subject) -> TextVerdict | None:
    """Compare the years that a text names as the one it reports on with the report's year.

    The period of the statistics decides alone. Without one the years that paragraphs begin with do, and fail only where
    none is the report's: a paragraph may well look back.

    Returns:
        None where the text names no year so.
    """
    year, words = subject.report.identity.report_year, rule.family.patterns
    lines = list(_paragraphs(subject.text(words["chapters"])))
    periods = [
        (int(found["year"]), line)
        for line in lines
        for pattern in _compiled(words["period"])
        for found in pattern.finditer(line)
    ]
    openings = [
        (int(found["year"]), line)
        for line in lines
        for pattern in _compiled(words["opening"])
        if (found := pattern.search(line))
    ]
    if not periods and not openings:
        return None
    other = [(named, line) for named, line in periods or openings if named != year]
    if not other or (not periods and len(other) < len(openings)):
        return PASSED
    named, line = other[0]
    return TextVerdict(
        Outcome.FAIL,
        Decimal(named),
        Decimal(year),
        zh=f"文中所述年度为 {named} 年，报告年度为 {year} 年：{quote(line)}",
        en=f"the text reports on {named}, the report is that of {year}: {quote(line)}",
    )


def judge_agency(rule: TextRule, subject: Subject) -> TextVerdict | None:
    """Compare the agency that a text names as its author with the report's agency.

    A government's report is written by one of its offices, and an organ may be named in full or in short; so an author
    is another one only where its region is another, or where both are organs of one region and neither name holds the
    other.

    Returns:
        None where the text names no author.
    """
    identity, words = subject.report.identity, rule.family.patterns
    text = "\n".join(_paragraphs(subject.text(words["chapters"])))
    for pattern in _compiled(words["author"]):
        for found in pattern.finditer(text):
            author = _organ(found["agency"], words["office"])
            if not any(one.search(author) for one in _compiled(words["organ"])) or not identity.agency:
                continue
            if not _is_other(author, identity.agency, identity.region_code, government=subject.covers_area):
                return PASSED
            return TextVerdict(
                Outcome.FAIL,
                zh=f"文中称由{author}编制，报告机关为{identity.agency}：{quote(found[0])}",
                en=f"the text names {author} as its author, the report is that of {identity.agency}: {quote(found[0])}",
            )
    return None


def _organ(name: str, offices: tuple[str, ...]) -> str:
    """The organ whose office a name is: 审计局办公室 is 审计局."""
    for pattern in _compiled(offices):
        shorter = pattern.sub("", name)
        if shorter != name and len(shorter) > 2:
            return normalise_agency(shorter)
    return normalise_agency(name)


def _is_other(author: str, agency: str, code: str | None, *, government: bool) -> bool:
    near = (code,) if code else ()
    one, other = locate(author, near), locate(agency, near)
    if one.placing is Placing.RELATIVE:
        # 教育局, 区财政局: the region goes without saying
        return not government and not agency.endswith(expand(re.sub("^[省市县区镇乡]", "", author)))
    if Placing.KNOWN in (one.placing, other.placing) and one.code and other.code and one.code != other.code:
        return True
    if government:
        return False
    return not (author.endswith(other.organ) or agency.endswith(one.organ) or author in agency or agency in author)
