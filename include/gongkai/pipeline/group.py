"""The work on one group of agencies: some reports are settled anew, the rows of the others are copied."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from gongkai.contracts.tables import TableContract
from gongkai.lake.snapshot import Snapshot
from gongkai.pipeline.decided import Decided
from gongkai.pipeline.due import Group, Settler
from gongkai.pipeline.judging import HeldYear, verdicts
from gongkai.pipeline.quality_rows import decision_row
from gongkai.pipeline.report_rows import first_published
from gongkai.pipeline.report_tables import report_tables
from gongkai.pipeline.reviewed import judge
from gongkai.pipeline.settle import report_id_of
from gongkai.pipeline.telling import tell
from gongkai.pipeline.year_note import AgencyNote
from gongkai.quality.copied import Overviews
from gongkai.quality.model import RuleCoverage
from gongkai.quality.texts import packed


@dataclass(slots=True)
class Tally:
    """What the groups of a year add up to.

    Attributes:
        statuses: Reports by status.
        n_findings: Number of findings.
        anew: Number of reports settled anew.
        notes: What each agency was settled with.
        coverage: How far the rules over the tables reached, by group.
        validations: What Great Expectations gave, by template and group.
        decisions: Rows of the decisions on reports settled anew.
        standing: Ids of the decisions on the other reports, whose rows stand.
    """

    statuses: Counter[str] = field(default_factory=Counter)
    n_findings: int = 0
    anew: int = 0
    notes: list[AgencyNote] = field(default_factory=list)
    coverage: list[Sequence[RuleCoverage]] = field(default_factory=list)
    validations: dict[str, list[Mapping[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    decisions: list[dict[str, Any]] = field(default_factory=list)
    standing: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Work:
    """What the groups of a year are worked on with.

    Attributes:
        year: The report year.
        snapshot: The lake, with the year before, and with the year as it was.
        contracts: Its tables.
        settler: Settles agencies from their documents.
        decided: The decisions.
        overviews: What all agencies wrote, that year and the year before.
        addresses: Number of addresses by content.
    """

    year: int
    snapshot: Snapshot
    contracts: Mapping[str, TableContract]
    settler: Settler
    decided: Decided
    overviews: Overviews
    addresses: Counter[str]

    def on(self, group: Group, tally: Tally) -> Iterator[tuple[str, pa.Table]]:
        """Yield the rows of a group table by table, and add to the tally; rules are judged over all its reports."""
        settled = self.settler.settled(group.anew)
        by_agency = {one.agency_id: one for one in settled}
        subjects = {one.decision_id: by_agency[agency] for agency in group.anew for one in self.decided.of(agency)}
        reviewed = judge(self.year, self.decided.all, subjects)
        judged = verdicts(settled, reviewed, group.before, HeldYear(self.snapshot, self.year).of(group.kept))
        published = {one.report_id: first_published(one) for one in settled}
        told = tell(settled, {key: day for key, (day, _) in published.items()}, reviewed, judged, self.overviews)
        tally.anew += len(settled)
        tally.coverage.append(judged.result.coverage)
        for template, result in judged.result.validations.items():
            tally.validations[template].append(result)
        tally.decisions += [decision_row(self.year, one) for one in reviewed.judged]
        tally.standing |= {one.decision_id for agency in group.kept for one in self.decided.of(agency)}
        for agency, note in group.notes.items():
            if one := by_agency.get(agency):
                template = one.report.template
                texts = packed(template, told.outcomes[one.report_id])
                tally.notes.append(replace(note, template=template, texts=texts))
            else:
                tally.notes.append(note)
        tables = report_tables(settled, published, reviewed, judged, told, self.addresses, self.contracts)
        for name, made in tables.items():
            table = self._with_kept(name, made, group.kept)
            if name == "reports":
                tally.statuses.update(table["status"].to_pylist())
            elif name == "findings":
                tally.n_findings += table.num_rows
            yield name, table

    def _with_kept(self, name: str, made: pa.Table, kept: Sequence[str]) -> pa.Table:
        """Add to rows of reports settled anew those of the reports that stand."""
        if not kept:
            return made
        ids = [report_id_of(agency, self.year) for agency in kept]
        table = self.snapshot.between(name, self.year, ids[0], ids[-1])
        return pa.concat_tables([made, table.filter(pc.is_in(table["report_id"], pa.array(ids, pa.string())))])
