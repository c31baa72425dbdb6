"""Findings of one report with the cells that are to blame, and with who is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from gongkai.quality.attribution import attribute
from gongkai.quality.explanation import Fault
from gongkai.quality.identities import Form, Key
from gongkai.quality.localise import localise
from gongkai.quality.model import Finding, Outcome, Reason
from gongkai.quality.rulebook import PREVIOUS
from gongkai.reports.model import Cell, Report


class Blame:
    """What a report's cells say of its failing rules.

    Args:
        report: The report as read.
        previous: Cells of the agency's report of the year before, None where it is not known.
        certain: True where the report as a whole was read beyond doubt.
        previous_certain: The same of the year before.
    """

    def __init__(
        self, report: Report, previous: Form | None = None, *, certain: bool, previous_certain: bool = False
    ) -> None:
        self._template = report.template
        self._form = {cell.key: cell for cell in report.cells}
        self._previous = previous
        self._certain = certain
        self._previous_certain = previous_certain

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """What localisation finds in the report."""
        return localise(self._template, self._form, self._previous)

    def on(self, finding: Finding) -> Finding:
        """Return a finding of the report with its guilty cells, and where it fails with who is to blame and why.

        What cannot be decided for want of a cell keeps its attribution; its guilty cell is the one to look for.
        """
        if finding.outcome is Outcome.PASS_IF_BLANK_IS_ZERO or finding.reason is Reason.NO_PREVIOUS_REPORT:
            return finding
        crosses = any(name.startswith(PREVIOUS) for name in finding.cells)
        cells = [key for name in finding.cells if (key := _key(name)) in self._form]
        fault = self._fault(finding, cells)
        guilty = [key for key in fault.guilty if key in cells] if fault else []
        told = replace(finding, guilty=tuple("/".join(key) for key in guilty))
        if finding.outcome is not Outcome.FAIL:
            return told
        basis = attribute(
            self._suspects(fault, guilty, cells),
            fault,
            certain=self._certain,
            previous_certain=self._previous_certain if crosses and not guilty else None,
        )
        return replace(told, attribution=basis.attribution, facts=basis.facts, basis_zh=basis.zh, basis_en=basis.en)

    def _fault(self, finding: Finding, cells: Sequence[Key]) -> Fault | None:
        """The fault that a finding is of; a rule without identity (the text, a negative number) shares its cell's."""
        for fault in self.faults:
            if finding.rule_id in fault.violated:
                return fault
        return next((fault for fault in self.faults if set(fault.guilty).intersection(cells[:1])), None)

    def _suspects(self, fault: Fault | None, guilty: Sequence[Key], cells: Sequence[Key]) -> list[Cell]:
        named = list(guilty)
        if not named and fault is not None:
            named = list({one.key: None for way in fault.explanations for one in way.corrections})
        return [self._form[key] for key in named or cells]


def _key(name: str) -> Key:
    """Split "table/row/column"; what names no cell of this report gives a key that no form has."""
    table, _, place = name.partition("/")
    row, _, column = place.rpartition("/")
    return table, row, column
