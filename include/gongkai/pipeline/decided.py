"""Which agency's report each decision of a year is about."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from gongkai.pipeline.decisions import Decision, with_undone
from gongkai.pipeline.settle import report_id_of


class Decided:
    """The decisions that touch a year: those made for it, and those on a document that is of it now.

    Args:
        year: The report year.
        decisions: All decisions, of whatever year.
        documents: The agencies that each document of the year, by sha256, is of; more than one only where portals list
            one document as the report of two.
    """

    def __init__(self, year: int, decisions: Sequence[Decision], documents: Mapping[str, Iterable[str]]) -> None:
        self.all = decisions
        self._of: dict[str | None, list[Decision]] = {}
        for one in decisions:
            agencies = documents.get(one.document_sha256)
            if agencies:
                named = (agency for agency in agencies if report_id_of(agency, year) == one.report_id)
                self._of.setdefault(next(named, min(agencies)), []).append(one)
            elif one.report_year == year:
                self._of.setdefault(None, []).append(one)

    def of(self, agency: str | None) -> Sequence[Decision]:
        """Return the decisions on the documents of an agency; for None those whose document the year does not have."""
        return self._of.get(agency, ())

    def print(self, agency: str) -> str:
        """Hash the decisions on the documents of an agency, and those that undo them; "" where there is none."""
        ids = {one.decision_id for one in self.of(agency)}
        if not ids:
            return ""
        return hashlib.sha256("\n".join(sorted(with_undone(self.all, ids))).encode()).hexdigest()[:16]
