"""One report published in several formats: what the other documents print of each cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gongkai.reports.model import Agreement, Cell, Report, State
from gongkai.reports.second import agreed, is_same, joined, shown
from gongkai.reports.sums import Key, cells_by_key


def confirm(report: Report, others: Sequence[Report]) -> Report:
    """Say of each cell whether the same report in other formats says the same; no value is changed or filled in.

    They are other documents, so what they print is no text of this one: a cell that differs stays as it is printed
    here and is marked, one that is missing here stays missing, with a note that says what is printed there.

    Args:
        report: The report as one document gives it.
        others: The same report as other documents give it; those on another template are left out.
    """
    beside = [
        {key: _of(cell, other) for key, cell in cells_by_key(other).items() if cell.state is not State.NOT_EXTRACTED}
        for other in others
        if other.template == report.template
    ]
    if not beside:
        return report
    return replace(report, cells=tuple(_confirmed(cell, beside) for cell in report.cells))


def _of(cell: Cell, report: Report) -> Cell:
    return replace(cell, method=f"{cell.method} of {report.document_sha256[:12]}")


def _confirmed(cell: Cell, beside: Sequence[Mapping[Key, Cell]]) -> Cell:
    found = [cells[cell.key] for cells in beside if cell.key in cells]
    if cell.state is State.NOT_EXTRACTED:
        return _elsewhere(cell, found[0]) if found and cell.agreement is None else cell
    against = next((other for other in found if not is_same(cell, other)), None)
    if against is not None:
        return replace(cell, agreement=Agreement.DIFFER, second_method=against.method, second_raw=against.raw or "")
    if cell.agreement in (Agreement.AGREE, Agreement.DIFFER) or not found:
        return cell
    return agreed(replace(cell, second_raw=None), found[0])


def _elsewhere(cell: Cell, other: Cell) -> Cell:
    return replace(
        cell, raw=None, note=joined(cell.note, f"printed as {shown(other)} in another format ({other.method})"),
        agreement=Agreement.ONLY_SECOND, second_method=other.method, second_raw=other.raw or "",
    )  # fmt: skip
