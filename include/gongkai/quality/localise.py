"""Localisation: the fewest cells that explain every violated identity of a report and break none that holds.

An error in a cell leaves the same residual, times a coefficient, in every identity that the cell is in. So a cell is a
candidate where every violated identity contains it, demands the same change, and no identity that holds contains it.
Nothing is guessed: where the identities cannot tell two cells apart, both are named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from gongkai.quality.explanation import Correction, Explanation, Fault
from gongkai.quality.fault_kinds import FaultKind, kind_of
from gongkai.quality.hypotheses import Change, of_neighbours, of_one_cell, of_two_cells
from gongkai.quality.identities import Form, Key, Number, Residuals, incidence
from gongkai.reports.model import State

Found = list[tuple[FaultKind | None, Change]]
"""Changes that explain, with their kind; None for one of a single cell, whose kind its numbers tell."""

_MOST_STEPS = 400
"""More first halves of a double fault than this are not tried: then the identities prove little anyway."""

_LIKELY = tuple(FaultKind)
"""Kinds from the most telling to the least, for the order of explanations."""


def localise(template: str, form: Form, previous: Form | None = None) -> tuple[Fault, ...]:
    """Find the cells that are to blame for the violated identities of a report.

    Args:
        template: Code of its template.
        form: Its cells.
        previous: Cells of the agency's report of the year before, None where it is not known. They are evidence: an
            identity across years decides between cells, but where only such are violated either year may be wrong.

    Returns:
        A fault for each group of identities that one explanation serves, in contract order; cells that were not
        extracted and that identities determine come last.
    """
    return tuple(_Search(Residuals(incidence(template), form, previous)).faults())


class _Search:
    def __init__(self, of: Residuals) -> None:
        self._of = of
        self._matrix = of.matrix
        self._own = {number: one for number, one in of.known.items() if self._is_own(number)}
        self._across = {number: one for number, one in of.known.items() if not self._is_own(number)}

    def faults(self) -> Iterator[Fault]:
        violated = [number for number, residual in self._own.items() if residual]
        across = [number for number, residual in self._across.items() if residual]
        for group, found in self._explained(violated):
            cells = {key for number in group for key in self._matrix.cells(number)}
            beside = [one for one in across if cells.intersection(self._matrix.cells(one))]
            best, explained = self._consistent(found, beside)
            across = [one for one in across if one not in explained]
            yield self._fault(sorted({*group, *explained}), best, is_unique=len(best) == 1)
        for number in across:
            singles = (change for change in of_one_cell(self._of, self._across, number))
            kept = [one for one in singles if self._repairs(self._own, one, 0) and self._repairs(self._across, one, 0)]
            yield self._fault([number], self._distinct((None, one) for one in kept), is_unique=False)
        yield from self._lost()

    def _explained(self, violated: Sequence[int]) -> list[tuple[list[int], Found]]:
        """Groups of violated identities with the smallest explanations of each, as few groups as explain themselves."""
        if not violated:
            return []
        whole = self._single(self._own, violated)
        if whole:
            return [(list(violated), whole)]
        told: list[tuple[list[int], Found]] = []
        rest: list[list[int]] = []
        for group in self._groups(violated):
            found = self._single(self._without(violated, group), group)
            if found:
                told.append((group, found))
            else:
                rest.append(group)
        # What no cell explains may have one fault in common, though the identities share no cell.
        together = sorted(number for group in rest for number in group)
        own = self._without(violated, together)
        if rest and (found := self._double(own, together) or self._filled(own, together)):
            told.append((together, found))
        elif len(rest) > 1:
            told += [(group, self._double(self._without(violated, group), group)) for group in rest]
        elif rest:
            told.append((together, []))
        return sorted(told, key=lambda one: one[0])

    def _without(self, violated: Sequence[int], group: Sequence[int]) -> dict[int, Number]:
        """Residuals within the report, those of other groups left out."""
        others = set(violated).difference(group)
        return {number: residual for number, residual in self._own.items() if number not in others}

    def _single(self, residuals: dict[int, Number], violated: Sequence[int]) -> Found:
        """Every change of one cell, or by one slip between neighbours, after which all identities hold."""
        must = _bits(violated)
        pivot = min(violated, key=lambda number: len(self._matrix.cells(number)))
        cells = ((None, one) for one in of_one_cell(self._of, residuals, pivot))
        return self._distinct(
            (kind, one) for kind, one in (*cells, *of_neighbours(self._of, must)) if self._repairs(residuals, one, must)
        )

    def _double(self, residuals: dict[int, Number], violated: Sequence[int]) -> Found:
        """Every pair of faults: one that repairs an identity, and a cell that repairs what is left."""
        found: Found = []
        for change in self._first_halves(residuals, violated):
            left = self._after(residuals, change)
            broken = [number for number, residual in left.items() if residual]
            must = _bits(broken)
            pivot = min(broken, key=lambda number: len(self._matrix.cells(number)))
            found += [
                (FaultKind.SEVERAL, change | other)
                for other in of_one_cell(self._of, left, pivot)
                if not change.keys() & other.keys() and self._repairs(left, other, must)
            ]
        return self._distinct(found)

    def _first_halves(self, residuals: dict[int, Number], violated: Sequence[int]) -> list[Change]:
        halves: dict[frozenset[tuple[Key, Number | None]], Change] = {}
        for number in violated:
            for change in of_one_cell(self._of, residuals, number):
                halves[frozenset(change.items())] = change
        for number in violated:
            for _, change in of_two_cells(self._of, 1 << number):
                if self._residual(residuals, change, number) == 0:
                    halves[frozenset(change.items())] = change
        kept = []
        for change in halves.values():
            n_left = sum(bool(residual) for residual in self._after(residuals, change).values())
            if 0 < n_left <= len(violated):
                kept.append(change)
        return kept if len(kept) <= _MOST_STEPS else []

    def _filled(self, residuals: dict[int, Number], violated: Sequence[int]) -> Found:
        """Fill in blank totals, inner sums first, where that alone makes every identity hold."""
        left, change = dict(residuals), Change()
        for _ in violated:
            blanks = [
                number
                for number in violated
                if left[number] and self._of.form[self._matrix.identities[number].target].state is not State.NUMBER
            ]
            if not blanks:
                break
            for number in blanks:
                target = self._matrix.identities[number].target
                if left[number] and target not in change:
                    change[target] = -left[number]
                    left = self._after(residuals, change)
        if not change or any(left.values()) or not all(self._admits(change)):
            return []
        # A blank that a single identity fills is filled by belief; with two, one proves the other.
        if any(sum(number in left for number, _ in self._matrix.coefficients[key]) < 2 for key in change):
            return []
        return [(FaultKind.BLANK_TOTAL, change)]

    def _lost(self) -> Iterator[Fault]:
        """Cells that were not extracted and that the identities determine, all alike."""
        asked: dict[Key, list[int]] = {}
        for number, (key, _) in self._of.one_lost.items():
            asked.setdefault(key, []).append(number)
        for key, numbers in asked.items():
            factors = dict(self._matrix.coefficients[key])
            values = {-factors[number] * self._of.one_lost[number][1] for number in numbers}
            if len(values) == 1 and self._matrix.admits(key, value := values.pop()):
                ids = tuple(self._id(number) for number in numbers)
                told = Explanation(FaultKind.NOT_EXTRACTED, (Correction(key, None, Decimal(value)),), ids)
                yield Fault(ids, (told,), len(numbers) > 1)

    def _consistent(self, found: Found, across: Sequence[int]) -> tuple[Found, list[int]]:
        """Those that the identities across years confirm, where there are any; and which of these they repair."""
        must = _bits(across)
        full = [one for one in found if self._repairs(self._across, one[1], must)]
        if full and across:
            return full, list(across)
        calm = [one for one in found if self._repairs(self._across, one[1], 0)]
        return (full or calm or found), []

    def _groups(self, violated: Sequence[int]) -> list[list[int]]:
        """Identities that share cells of the form belong together, directly or through others."""
        cells = {n: {key for key in self._matrix.cells(n) if key in self._of.form} for n in violated}
        groups: list[list[int]] = []
        for number in violated:
            near = [group for group in groups if any(cells[number] & cells[other] for other in group)]
            groups = [group for group in groups if group not in near]
            groups.append(sorted([number, *(one for group in near for one in group)]))
        return sorted(groups)

    def _repairs(self, residuals: dict[int, Number], change: Change, must: int) -> bool:
        """Tell whether every identity that a change touches holds after it, and it touches all that it must."""
        touched = 0
        for key in change:
            touched |= self._matrix.masks.get(key, 0)
        if must & ~touched or not all(self._admits(change)):
            return False
        moved: dict[int, Number] = {}
        for key, value in change.items():
            difference = (value or 0) - self._of.values[key]
            for number, factor in self._matrix.coefficients.get(key, ()):
                moved[number] = moved.get(number, 0) + factor * difference
        return all(
            residuals[number] + by == 0
            for number, by in moved.items()
            if number in residuals and (residuals[number] or by)
        ) and bool(touched)

    def _admits(self, change: Change) -> Iterator[bool]:
        return (self._matrix.admits(key, value or 0) for key, value in change.items())

    def _after(self, residuals: dict[int, Number], change: Change) -> dict[int, Number]:
        left = dict(residuals)
        for key, value in change.items():
            difference = (value or 0) - self._of.values[key]
            for number, factor in self._matrix.coefficients.get(key, ()):
                if number in left:
                    left[number] += factor * difference
        return left

    def _residual(self, residuals: dict[int, Number], change: Change, number: int) -> Number:
        residual = residuals[number]
        for key, value in change.items():
            factor = dict(self._matrix.coefficients.get(key, ())).get(number, 0)
            residual += factor * ((value or 0) - self._of.values[key])
        return residual

    def _distinct(self, found: Iterable[tuple[FaultKind | None, Change]]) -> Found:
        """Each assignment of numbers once; the first way to come to it names it."""
        kept: dict[frozenset[tuple[Key, Number]], tuple[FaultKind | None, Change]] = {}
        for kind, change in found:
            real = {key: value for key, value in change.items() if (value or 0) != self._of.values[key]}
            kept.setdefault(frozenset((key, value or 0) for key, value in real.items()), (kind, real))
        return list(kept.values())

    def _fault(
        self, violated: Sequence[int], found: Sequence[tuple[FaultKind | None, Change]], *, is_unique: bool
    ) -> Fault:
        explanations = [self._explanation(kind, change) for kind, change in found]
        explanations.sort(key=lambda one: _LIKELY.index(one.kind))
        return Fault(tuple(self._id(number) for number in violated), tuple(explanations), is_unique)

    def _explanation(self, kind: FaultKind | None, change: Change) -> Explanation:
        form, values = self._of.form, self._of.values
        if kind is None:
            ((key, proposed),) = change.items()
            printed = values[key] if form[key].state is State.NUMBER else None
            kind = kind_of(printed, proposed or 0, is_total=any(one.target == key for one in self._matrix.identities))
        touched = {number for key in change for number, _ in self._matrix.coefficients.get(key, ())}
        known = self._own | self._across
        left = self._after(known, change)
        proof = tuple(self._id(number) for number in sorted(touched) if number in known and not left[number])
        corrections = tuple(
            Correction(key, form[key].value, None if change[key] is None else Decimal(change[key] or 0))
            for key in self._matrix.kinds
            if key in change
        )
        return Explanation(kind, corrections, proof)

    def _is_own(self, number: int) -> bool:
        return bool(self._matrix.own >> number & 1)

    def _id(self, number: int) -> str:
        return self._matrix.identities[number].rule.id


def _bits(numbers: Iterable[int]) -> int:
    return sum(1 << number for number in numbers)
