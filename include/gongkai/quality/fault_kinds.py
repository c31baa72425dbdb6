"""How a wrong number comes to be printed or read: the kinds of faults of a single cell, told by both numbers."""

from __future__ import annotations

from enum import StrEnum

from gongkai.quality.identities import Number


class FaultKind(StrEnum):
    """What happened to the cells that an explanation changes."""

    WRONG_DIGIT = "wrong_digit"
    SWAPPED_DIGITS = "swapped_digits"
    """Two neighbouring digits of one number."""
    DROPPED_DIGIT = "dropped_digit"
    ADDED_DIGIT = "added_digit"
    SIGN = "sign"
    BLANK_TOTAL = "blank_total"
    BLANK_VALUE = "blank_value"
    OTHER_VALUE = "other_value"
    """A number that differs in more than one digit."""
    SWAPPED_CELLS = "swapped_cells"
    """Two neighbouring cells hold each other's numbers."""
    MOVED_NUMBER = "moved_number"
    """A number stands in its neighbour's place, and its own is blank."""
    SHIFTED_CELLS = "shifted_cells"
    """Three or more cells of a line hold their neighbour's value."""
    SPLIT_NUMBER = "split_number"
    """The digits of one number stand in two cells."""
    NOT_EXTRACTED = "not_extracted"
    """The cell was lost by the reader; the value is what its identities leave it."""
    SEVERAL = "several"
    """More than one fault."""


def kind_of(printed: Number | None, proposed: Number, *, is_total: bool) -> FaultKind:
    """Tell the kind of a fault of one cell.

    Args:
        printed: Number in the cell, None where it is blank.
        proposed: The number that should be there.
        is_total: True where the cell sums others.
    """
    if printed is None:
        return FaultKind.BLANK_TOTAL if is_total else FaultKind.BLANK_VALUE
    if printed == -proposed:
        return FaultKind.SIGN
    said, meant = str(printed), str(proposed)
    if len(said) == len(meant):
        differing = [place for place, (one, other) in enumerate(zip(said, meant, strict=True)) if one != other]
        if len(differing) == 1:
            return FaultKind.WRONG_DIGIT
        if len(differing) == 2 and differing[1] == differing[0] + 1:
            first, second = differing
            if said[first] == meant[second] and said[second] == meant[first]:
                return FaultKind.SWAPPED_DIGITS
    if len(meant) == len(said) + 1 and _lacks_one(said, meant):
        return FaultKind.DROPPED_DIGIT
    if len(said) == len(meant) + 1 and _lacks_one(meant, said):
        return FaultKind.ADDED_DIGIT
    return FaultKind.OTHER_VALUE


def _lacks_one(shorter: str, longer: str) -> bool:
    return any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))
