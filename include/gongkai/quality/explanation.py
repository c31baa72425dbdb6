"""What localisation says: faults, and the changes of cells that would explain them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from gongkai.quality.fault_kinds import FaultKind
from gongkai.quality.identities import Key


@dataclass(frozen=True, slots=True)
class Correction:
    """One cell of an explanation: the number in it, and the one that would satisfy all. None stands for a blank."""

    key: Key
    printed: Decimal | None
    proposed: Decimal | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """What would make the identities hold.

    Attributes:
        kind: What happened to the cells.
        corrections: The cells, in contract order.
        proof: Ids of the identities with these cells that hold with the proposed values.
    """

    kind: FaultKind
    corrections: tuple[Correction, ...]
    proof: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """Violated identities that belong together, and what explains them.

    Attributes:
        violated: Their ids; of a cell that was not extracted the identities that wait for it.
        explanations: All of the smallest size, the likeliest kind first; none where more than two faults met.
        is_unique: True where there is one explanation, and nothing outside the report explains it as well.
    """

    violated: tuple[str, ...]
    explanations: tuple[Explanation, ...]
    is_unique: bool

    @property
    def guilty(self) -> tuple[Key, ...]:
        """Cells that are to blame beyond doubt; none where the identities leave it open."""
        return tuple(one.key for one in self.explanations[0].corrections) if self.is_unique else ()
