"""The rules over the text of the reports of a year, beside what agencies wrote the year before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from gongkai.lake.snapshot import Snapshot
from gongkai.pipeline.check import blamed_texts, text_result
from gongkai.pipeline.judging import Judgement
from gongkai.pipeline.reviewed import Reviewed
from gongkai.pipeline.settle import Settled
from gongkai.pipeline.verdicts import Shown, shown, side_by_side
from gongkai.quality.copied import CHAPTER, Overviews, Wrote, digest
from gongkai.quality.model import Outcome

_OF_REPORT = ["report_id", "agency_id", "agency_name", "title"]
_OF_TEXT = ["report_id", "chapter_no", "chapter_code", "topic_no", "text"]


@dataclass(frozen=True, slots=True)
class Told:
    """What the rules over the text say: findings by report, and outcomes by report and rule over what was read."""

    shown: Mapping[str, Sequence[Shown]]
    outcomes: Mapping[str, Mapping[str, Outcome]]


def tell(
    settled: Sequence[Settled],
    published: Mapping[str, date | None],
    reviewed: Reviewed,
    judged: Judgement,
    others: Overviews,
) -> Told:
    """Judge the texts of reports as read, and once more where corrections reach the tables they speak of.

    Args:
        settled: The reports, of one year.
        published: The day each was first published, by report: corrections come later.
        reviewed: What was decided of them.
        judged: Who is to blame, by the tables.
        others: What all agencies wrote, that year and the year before.
    """
    dated = {
        one.report_id: replace(one.report, identity=replace(one.report.identity, published=published[one.report_id]))
        for one in settled
    }
    wrote = {one.report_id: one.wrote for one in settled}
    read = text_result(dated, others, wrote)
    overlaid = {key: reviewed.of(key).overlay(report) for key, report in dated.items() if reviewed.of(key).corrections}
    after = text_result(overlaid, others, wrote).findings if overlaid else {}
    found: dict[str, list[Shown]] = {}
    for one in settled:
        key, review = one.report_id, reviewed.of(one.report_id)
        findings = list(blamed_texts(read.findings[key], judged.blames.of(key)))
        if key in after and judged.corrected is not None:
            again = blamed_texts(after[key], judged.corrected.of(key))
            found[key] = list(side_by_side(findings, again, review, one.report))
        else:
            found[key] = shown(findings, review)
    return Told(found, read.outcomes)


def add_overviews(found: Overviews, snapshot: Snapshot, year: int) -> None:
    """Take in what agencies wrote in a year that the lake holds; nothing where it does not."""
    import pyarrow.compute as pc

    reports = {row["report_id"]: row for row in snapshot.read("reports", [year], _OF_REPORT).to_pylist()}
    texts: dict[str, list[tuple[int, str]]] = {}
    for batch in snapshot.batches("narratives", [year], _OF_TEXT):
        chosen = pc.and_(pc.equal(batch["chapter_code"], CHAPTER), pc.equal(batch["topic_no"], 0))
        for row in batch.filter(chosen).to_pylist():
            texts.setdefault(row["report_id"], []).append((row["chapter_no"], row["text"]))
    for report_id, chapters in texts.items():
        said, text = reports[report_id], "\n".join(text for _, text in sorted(chapters))
        wrote = Wrote(said["agency_id"], year, said["agency_name"])
        if text:
            found.add(wrote, digest(wrote, said["title"], text))
