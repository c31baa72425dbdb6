"""Settle a report year: what changed is settled anew, all else is copied from the partition of before.

The year is written group by group of agencies, so that memory does not grow with it. How it is divided, and how much of
it is copied, does not show in what is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from gongkai.contracts.tables import TableContract
from gongkai.lake.schema import table_of
from gongkai.lake.snapshot import Snapshot
from gongkai.pipeline.agencies import Directory
from gongkai.pipeline.decided import Decided
from gongkai.pipeline.due import Settler, due
from gongkai.pipeline.filing import Filed, agencies_of, by_agency, document_rows, file_documents, n_addresses
from gongkai.pipeline.group import Tally, Work
from gongkai.pipeline.quality_rows import decision_row
from gongkai.pipeline.reviewed import judge
from gongkai.pipeline.staleness import Settling
from gongkai.pipeline.year_note import AgencyNote, Note
from gongkai.quality.coverage import coverage_over
from gongkai.quality.standing import Status
from gongkai.quality.texts import text_coverage, unpacked
from gongkai.quality.validations import merged

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class SettledYear:
    """What settling a year gave.

    Attributes:
        counts: What `gongkai load` says of it.
        templates: Templates that its documents were read by, NO_TEMPLATE among them where one gave no report.
        changed: Whether its partition is another now.
        anew: Number of reports that were settled anew.
        filed: Its candidates, those that turned out to be of another year included.
        notes: What each agency was settled with.
    """

    counts: dict[str, int]
    templates: set[str]
    changed: bool
    anew: int
    filed: Sequence[Filed]
    notes: Sequence[AgencyNote]


def write_year(of: Settling, year: int, note: Note) -> SettledYear:
    """Settle and check the reports of a year, and write them; a year without any document gets no partition.

    Args:
        of: What it is settled from; candidates that were not extracted yet are left for a later call.
        year: The report year.
        note: What is known from the last time.

    Raises:
        RunError: A check is broken, or the two engines differ.
    """
    directory, snapshot, contracts = Directory(of.sources), of.lake.snapshot(), of.lake.tables
    filed = list(file_documents(of.candidates(year), of.extractions, directory, note.documents))
    documents = [one for one in filed if one.report_year == year]
    if not documents and year not in snapshot.years:
        return SettledYear(_counts(Tally(), []), set(), False, 0, filed, ())
    agencies, addresses = by_agency(documents), n_addresses(documents)
    decided = Decided(year, of.decisions, agencies_of(documents))
    settler = Settler(year, agencies, of.archive, of.extractions, directory)
    groups, overviews = due(year, agencies, addresses, settler, decided, note.agencies, snapshot)
    work, tally = Work(year, snapshot, contracts, settler, decided, overviews, addresses), Tally()
    rows = list(document_rows(year, documents))
    with of.lake.writing(year) as writer:
        for group in groups:
            for name, table in work.on(group, tally):
                writer.add(name, table)
        writer.add("documents", table_of(rows, contracts["documents"]))
        writer.add("decisions", _decisions(year, decided, tally, snapshot, contracts["decisions"]))
        writer.add("rule_coverage", table_of(_coverage_rows(year, tally), contracts["rule_coverage"]))
        commit = writer.commit()
    of.lake.keep_validations(year, {template: merged(parts) for template, parts in tally.validations.items()})
    templates = {one.template for one in documents}
    return SettledYear(_counts(tally, rows), templates, commit.changed, tally.anew, filed, tally.notes)


def _decisions(year: int, decided: Decided, tally: Tally, snapshot: Snapshot, contract: TableContract) -> pa.Table:
    """The decisions of a year: those on reports settled anew, those on no report, and those that stand."""
    on_none: Mapping[str, None] = {one.decision_id: None for one in decided.of(None)}
    rest = judge(year, decided.all, on_none).judged
    made = table_of([*tally.decisions, *(decision_row(year, one) for one in rest)], contract)
    if not tally.standing:
        return made
    table = snapshot.read(contract.name, [year])
    standing = pc.is_in(table["decision_id"], pa.array(sorted(tally.standing), pa.string()))
    return pa.concat_tables([made, table.filter(standing)])


def _coverage_rows(year: int, tally: Tally) -> Rows:
    told = text_coverage((one.template, unpacked(one.template, one.texts)) for one in tally.notes)
    return [
        {
            "report_year": year, "template": rule.template, "rule_id": rule.rule_id, "applicable": rule.applicable,
            "passed": rule.passed, "passed_if_blank_is_zero": rule.passed_if_blank_is_zero, "failed": rule.failed,
            "undecidable": rule.undecidable,
        }
        for rule in (*coverage_over(tally.coverage), *told)
    ]  # fmt: skip


def _counts(tally: Tally, documents: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    return {
        "reports": tally.statuses.total(),
        **{status.value: tally.statuses[status.value] for status in Status},
        "unread": sum(row["fate"] in ("failed", "not_a_report") for row in documents),
        "findings": tally.n_findings,
    }
