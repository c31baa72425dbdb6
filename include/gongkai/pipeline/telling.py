"""The rules over the text of the reports of a year, beside what agencies wrote the year before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from gongkai.lake.store import Lake
from gongkai.pipeline.check import blamed_texts, text_result
from gongkai.pipeline.judging import Judgement
from gongkai.pipeline.reviewed import Reviewed
from gongkai.pipeline.settle import Settled
from gongkai.pipeline.verdicts import Shown, shown, side_by_side
from gongkai.quality.copied import CHAPTER, Overviews, add_overview, overviews_of
from gongkai.quality.model import RuleCoverage
from gongkai.quality.texts import text_coverage
from gongkai.reports.model import Identity


@dataclass(frozen=True, slots=True)
class Told:
    """What the rules over the text say: findings by report, and coverage over what was read."""

    shown: Mapping[str, Sequence[Shown]]
    coverage: Sequence[RuleCoverage]


def tell_year(
    year: int,
    settled: Sequence[Settled],
    published: Mapping[str, date | None],
    reviewed: Reviewed,
    judged: Judgement,
    lake: Lake,
) -> Told:
    """Judge the texts of a year as read, and once more where corrections reach the tables they speak of.

    Args:
        year: The report year.
        settled: Its reports.
        published: The day each was first published, by report: corrections come later.
        reviewed: What was decided of them.
        judged: Who is to blame, by the tables.
        lake: Gives the texts of the year before.
    """
    dated = {
        one.report_id: replace(one.report, identity=replace(one.report.identity, published=published[one.report_id]))
        for one in settled
    }
    others = _overviews(year, settled, lake)
    read = text_result(dated, others)
    overlaid = {key: reviewed.of(key).overlay(report) for key, report in dated.items() if reviewed.of(key).corrections}
    after = text_result(overlaid, others).findings if overlaid else {}
    found: dict[str, list[Shown]] = {}
    for one in settled:
        key, review = one.report_id, reviewed.of(one.report_id)
        findings = list(blamed_texts(read.findings[key], judged.blames.of(key)))
        if key in after and judged.corrected is not None:
            again = blamed_texts(after[key], judged.corrected.of(key))
            found[key] = list(side_by_side(findings, again, review, one.report))
        else:
            found[key] = shown(findings, review)
    return Told(found, text_coverage((dated[key].template, outcomes) for key, outcomes in read.outcomes.items()))


def _overviews(year: int, settled: Sequence[Settled], lake: Lake) -> Overviews:
    """What agencies wrote this year, and the year before as the lake holds it."""
    import pyarrow.compute as pc

    found = overviews_of({one.report_id: one.report for one in settled})
    if year - 1 not in lake.years():
        return found
    names = ["report_id", "agency_name", "title", "region_code"]
    reports = {row["report_id"]: row for row in lake.read("reports", [year - 1], names).to_pylist()}
    texts = lake.read("narratives", [year - 1], ["report_id", "chapter_code", "topic_no", "text"])
    chosen = pc.and_(pc.equal(texts["chapter_code"], CHAPTER), pc.equal(texts["topic_no"], 0))
    for row in texts.filter(chosen).to_pylist():
        before = reports[row["report_id"]]
        identity = Identity(
            before["agency_name"], "", year - 1, before["title"], None, {}, region_code=before["region_code"]
        )
        add_overview(found, identity, [row["text"]])
    return found
