"""Two readings of one report made one: where they agree, where they differ, and what the form's sums prove then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gongkai.contracts.load import load_templates
from gongkai.reports.labels import squeeze
from gongkai.reports.model import Agreement, Cell, Report, State
from gongkai.reports.sums import Key, Sum, Verdict, cells_by_key, choose, judge, proves, sums_by_cell

_MOST_CONFIDENCE = 0.97
"""What two looks at the same print are worth at most; the same as in gongkai.documents.scan_cells."""


@dataclass(frozen=True, slots=True)
class Second:
    """Another reading of a report.

    Attributes:
        report: What it gave, on the same template.
        pages: Pages that were read again; None for the whole document. Cells of other pages were not read twice.
        method: How, e.g. "pdfplumber".
    """

    report: Report
    pages: frozenset[int] | None
    method: str

    def is_asked(self, cell: Cell) -> bool:
        """Tell whether a cell of the first reading was read again."""
        return self.pages is None or cell.page is None or cell.page in self.pages

    def statements(self) -> dict[Key, Cell]:
        """Return the cells found on the pages that were read again."""
        return {
            key: cell
            for key, cell in cells_by_key(self.report).items()
            if cell.state is not State.NOT_EXTRACTED and (self.pages is None or cell.page in self.pages)
        }


def merge(first: Report, seconds: Sequence[Second]) -> Report:
    """Put readings of one report together, and say of each cell that was read again whether they agree.

    A value that two readings give alike stands, whatever the sums say: a wrong sum read twice is printed wrong. Where
    they differ, the values stand that alone make every sum hold in which they are; a value that only a later reading
    finds stands where every sum that it is in holds. What is not proved is not_extracted, with a note that names what
    was read. A blank that only recognition finds proves nothing: print too faint to be seen looks the same.

    Args:
        first: The first reading.
        seconds: Others, in the order in which they are asked; one that agrees with an earlier one ends it.
    """
    sums = sums_by_cell(first.template)
    settled: dict[Key, Cell] = {}
    contested: dict[Key, list[Cell]] = {}
    lone: dict[Key, Cell] = {}
    asked = [(second, second.statements()) for second in seconds]
    form = list(_form(first, [statements for _, statements in asked]))
    for one in form:
        found = _asked_until_agreed(one, asked)
        distinct = _distinct(found)
        if one.state is not State.NOT_EXTRACTED and len(found) == 1:
            silent = next((second for second, _ in asked if second.is_asked(one)), None)
            settled[one.key] = (
                replace(one, agreement=Agreement.ONLY_FIRST, second_method=silent.method) if silent else one
            )
        elif not found:
            settled[one.key] = one
        elif len(distinct) > 1:
            contested[one.key] = found
        elif len(found) > 1:
            settled[one.key] = agreed(*found[:2])
        else:
            lone[one.key] = found[0]
    rivals = {key: _distinct(found) for key, found in contested.items()}
    proved = choose(rivals, settled | lone, sums)
    by_key = {one.key: one for one in form}
    open_ = {key: replace(by_key[key], state=State.NOT_EXTRACTED, value=None) for key in contested}
    final = settled | lone | open_ | proved
    for key in contested.keys() - proved.keys():
        majority = _majority(contested[key], final, sums.get(key, ()))
        if majority is not None:
            proved[key] = majority
    final |= proved
    for key, candidates in rivals.items():
        settled[key] = _differing(by_key[key], candidates, proved.get(key))
    for key, cell in lone.items():
        is_proved = _may_stand_alone(cell) and proves(sums.get(key, ()), final)
        settled[key] = _alone(by_key[key], cell, first.method, is_proved=is_proved)
    cells = tuple(settled[one.key] for one in form)
    methods = ", ".join(dict.fromkeys(second.method for second in seconds))
    return replace(first, cells=cells, warnings=(*first.warnings, f"read a second time ({methods}): {_told(cells)}"))


def _form(first: Report, others: Sequence[Mapping[Key, Cell]]) -> Iterator[Cell]:
    """Every cell of the form as all readings together show it printed, as the first found it or as not found."""
    contract = load_templates()[first.template]
    cells = cells_by_key(first)
    found = {key for key, cell in cells.items() if cell.state is not State.NOT_EXTRACTED}
    for other in others:
        # What stands for other rows is told by the first reading, where it saw any of them.
        found |= {key for key in other if not _excluded(key, found, first.template)}
    for table in contract.tables:
        seen = frozenset(row for code, row, _ in found if code == table.code)
        for row in contract.form(seen, table.code):
            for column in table.columns_of(row):
                key = (table.code, row.code, column.code)
                missing = Cell(*key, State.NOT_EXTRACTED, note="the row was not found", method=first.method)
                yield cells.get(key, missing)


def _excluded(key: Key, found: set[Key], template: str) -> bool:
    rows = {row for table, row, _ in found if table == key[0]}
    lines = load_templates()[template].table_by_code[key[0]].rows
    own = next(row for row in lines if row.code == key[1])
    if own.instead_of:
        return bool(rows.intersection(own.instead_of))
    return any(key[1] in row.instead_of and row.code in rows for row in lines)


def _asked_until_agreed(one: Cell, asked: Sequence[tuple[Second, Mapping[Key, Cell]]]) -> list[Cell]:
    """What the readings say of a cell, the first first; once two say the same nobody else is asked."""
    found = [] if one.state is State.NOT_EXTRACTED else [one]
    for second, statements in asked:
        if second.is_asked(one) and (other := statements.get(one.key)) is not None:
            found.append(other)
            if len(found) > 1 and len(_distinct(found)) == 1:
                break
    return found


def _distinct(cells: Sequence[Cell]) -> list[Cell]:
    kept: list[Cell] = []
    for cell in cells:
        if not any(is_same(cell, other) for other in kept):
            kept.append(cell)
    return kept


def is_same(one: Cell, other: Cell) -> bool:
    """Tell whether two readings say the same: state and number, or the words where a number belongs."""
    if one.state is not other.state or one.value != other.value:
        return False
    return one.state is not State.TEXT or squeeze(one.raw or "") == squeeze(other.raw or "")


def is_recognised(method: str) -> bool:
    """Tell whether characters were recognised rather than read from the file."""
    return "-ocr" in method


def agreed(one: Cell, other: Cell) -> Cell:
    """Return a cell that another reading says the same of; recognised characters gain confidence by it."""
    confidence = one.confidence
    if is_recognised(one.method) or is_recognised(other.method):
        both = round(1 - (1 - one.confidence) * (1 - other.confidence), 3)
        confidence = max(one.confidence, min(both, _MOST_CONFIDENCE))
    return replace(one, confidence=confidence, agreement=Agreement.AGREE, second_method=other.method)


def _majority(found: Sequence[Cell], others: Mapping[Key, Cell], sums: Sequence[Sum]) -> Cell | None:
    """The reading of a cell that two of three give, where some sum holds with it and none with the other.

    It need not make all of them hold: a column whose printed sum is wrong proves no value in it.
    """
    rivals = _distinct(found)
    if len(rivals) != 2 or len(found) != 3:
        return None
    holding = [sum(judge(one, dict(others) | {rival.key: rival}) is Verdict.HOLDS for one in sums) for rival in rivals]
    chosen = 0 if sum(is_same(one, rivals[0]) for one in found) == 2 else 1
    return rivals[chosen] if holding[chosen] and not holding[1 - chosen] else None


def _may_stand_alone(cell: Cell) -> bool:
    if cell.state is State.TEXT:
        return False
    return cell.state is not State.BLANK or not is_recognised(cell.method)


def _differing(one: Cell, candidates: Sequence[Cell], chosen: Cell | None) -> Cell:
    if chosen is None:
        said = ", ".join(f"{shown(cell)} ({cell.method})" for cell in candidates)
        return replace(
            one, state=State.NOT_EXTRACTED, value=None, raw=None, note=f"two readings differ: {said}", confidence=0.0,
            agreement=Agreement.DIFFER, second_method=candidates[1].method, second_raw=candidates[1].raw or "",
        )  # fmt: skip
    other = next(cell for cell in candidates if cell is not chosen)
    return replace(
        chosen, agreement=Agreement.DIFFER, second_method=other.method, second_raw=other.raw or "",
        note=joined(chosen.note, f"read as {shown(other)} by {other.method}; the sums hold with {shown(chosen)}"),
    )  # fmt: skip


def _alone(one: Cell, cell: Cell, first_method: str, *, is_proved: bool) -> Cell:
    """A cell that only a later reading found: itself where the sums prove it, else the first one, saying so."""
    if is_proved:
        return replace(cell, agreement=Agreement.ONLY_SECOND, second_method=first_method)
    return replace(
        one, raw=None, note=joined(one.note, f"read as {shown(cell)} by {cell.method} alone, which no sum proves"),
        agreement=Agreement.ONLY_SECOND, second_method=cell.method, second_raw=cell.raw or "",
    )  # fmt: skip


def shown(cell: Cell) -> str:
    """Return what a reading of a cell says, for notes."""
    return repr((cell.raw or "").strip())


def joined(note: str | None, more: str) -> str:
    """Return a note with more said."""
    return f"{note}; {more}" if note else more


def _told(cells: Sequence[Cell]) -> str:
    counts = Counter(cell.agreement for cell in cells if cell.agreement is not None)
    words = {
        Agreement.AGREE: "agree", Agreement.DIFFER: "differ", Agreement.ONLY_FIRST: "found the first time only",
        Agreement.ONLY_SECOND: "found the second time only",
    }  # fmt: skip
    return ", ".join(f"{counts[one]} cells {told}" for one, told in words.items() if counts[one]) or "nothing found"
